"""Which records of a run are about one chunk, and the stream that they make of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core import events as ev
from core.fold import fold
from core.run_state import Entry


def records_of_chunk(records: Iterable[ev.Record], chunk: int) -> tuple[ev.Record, ...]:
    """Those of its (latest) conversation, and later ones that name it or settle a question of its.

    A question that is answered or overturned here and was asked elsewhere brings its own records along.
    """
    conversation: list[ev.Record] = []
    asked: dict[str, list[ev.Record]] = {}
    inside = False
    for record in records:
        event = record.event
        if isinstance(event, ev.ConversationStarted):
            inside = event.chunk == chunk
            if inside:
                conversation = []
        _note_question(asked, record)
        if inside or (conversation and chunk_of(event, asked) == chunk):
            conversation.append(record)
    found = {record.seq: record for record in conversation}
    for record in conversation:
        found |= {other.seq: other for other in asked.get(request_of(record.event), ())}
    return tuple(found[seq] for seq in sorted(found))


def chunk_of(event: ev.Event, asked: dict[str, list[ev.Record]]) -> int | None:
    """The chunk that an event names, or that its question was asked in."""
    named = getattr(event, "chunk", None)
    if named is not None or request_of(event) not in asked:
        return named if isinstance(named, int) else None
    first = asked[request_of(event)][0].event
    return first.chunk if isinstance(first, ev.DecisionRequested) else None


def request_of(event: ev.Event) -> str:
    """The id of the decision that an event is about; "" for others."""
    if isinstance(event, ev.DecisionRequested):
        return event.request.id
    if isinstance(event, ev.DecisionResolved | ev.DecisionOverturned):
        return event.request_id
    return ""


def stream_of(records: Iterable[ev.Record], chunk: int) -> Sequence[Entry]:
    """The chunk's whole stream, of the records that `records_of_chunk` gives."""
    found = fold(list(records)).chunk_numbered(chunk)
    return found.entries if found is not None else ()


def _note_question(asked: dict[str, list[ev.Record]], record: ev.Record) -> None:
    request_id = request_of(record.event)
    if isinstance(record.event, ev.DecisionRequested):
        asked.setdefault(request_id, [record])
    elif request_id in asked:
        asked[request_id].append(record)
