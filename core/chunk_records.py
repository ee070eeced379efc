"""Which records of a run are about one chunk, and the stream that they make of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from core import events as ev
from core.fold import fold
from core.run_state import Entry


def records_of_chunk(records: Iterable[ev.Record], chunk: int) -> tuple[ev.Record, ...]:
    """Those of its (latest) conversation, and later ones that are about it.

    A question that is settled here and was asked elsewhere brings its own records along.
    """
    found: list[ev.Record] = []
    asked: dict[str, list[ev.Record]] = {}
    inside = False
    for record in records:
        event = record.event
        if isinstance(event, ev.ConversationStarted):
            inside = event.chunk == chunk
            if inside:
                found = []
        if request_id := request_of(event):
            asked.setdefault(request_id, []).append(record)
        if inside or (found and chunk_of(event, lambda id: _asked_in(asked, id)) == chunk):
            found.append(record)
    by_seq = {record.seq: record for record in found}
    for record in found:
        by_seq |= {other.seq: other for other in asked.get(request_of(record.event), ())}
    return tuple(by_seq[seq] for seq in sorted(by_seq))


def chunk_of(event: ev.Event, asked_in: Callable[[str], int | None]) -> int | None:
    """The chunk whose stream an event belongs to, where it says so itself, or its question does."""
    if isinstance(event, ev.DecisionResolved | ev.ElaborationRequested):
        return asked_in(event.request_id)
    named = getattr(event, "chunk", None)
    return named if isinstance(named, int) else None


def request_of(event: ev.Event) -> str:
    """The id of the decision that an event is about; "" for others."""
    match event:
        case ev.DecisionRequested():
            return event.request.id
        case ev.DecisionResolved() | ev.DecisionRetiered() | ev.DecisionOverturned():
            return event.request_id
        case ev.ElaborationRequested() | ev.DecisionElaborated():
            return event.request_id
        case _:
            return ""


def stream_of(records: Iterable[ev.Record], chunk: int) -> Sequence[Entry]:
    """The chunk's whole stream, of the records that `records_of_chunk` gives."""
    found = fold(list(records)).chunk_numbered(chunk)
    return found.entries if found is not None else ()


def _asked_in(asked: dict[str, list[ev.Record]], request_id: str) -> int | None:
    first = asked[request_id][0].event if request_id in asked else None
    return first.chunk if isinstance(first, ev.DecisionRequested) else None
