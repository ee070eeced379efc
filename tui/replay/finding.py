"""Looking through the records of a recording, however many there are: never on the event loop."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from threading import Event as Flag

from core.events import DecisionRequested, DecisionResolved, InputResolved, Record, ReviewResolved
from core.recording import Recording
from core.run_state import DecisionState

BLOCK = 256
SLICE_S, PAUSE_S = 0.004, 0.001
BEFORE, AFTER = 20, 200

Wanted = Callable[[Record], bool]
Answer = DecisionResolved | ReviewResolved | InputResolved


def first_after(
    recording: Recording, seq: int, wanted: Wanted, stop: Flag, *, last: int | None = None
) -> Record | None:
    """The next record behind `seq`, up to `last`, that is wanted. None also when `stop` is set meanwhile."""
    for record in _giving_way(recording.records(seq + 1, last)):
        if stop.is_set():
            return None
        if wanted(record):
            return record
    return None


def last_before(
    recording: Recording, seq: int, wanted: Wanted, stop: Flag, *, first: int = 1
) -> Record | None:
    """As `first_after`, towards the beginning; a block of records is held at a time."""
    for end in range(seq - 1, first - 1, -BLOCK):
        block = list(recording.records(max(first, end - BLOCK + 1), end))
        for record in _giving_way(reversed(block)):
            if stop.is_set():
                return None
            if wanted(record):
                return record
    return None


def _giving_way(records: Iterable[Record]) -> Iterator[Record]:
    """A thread that only computes would keep the keys waiting."""
    since = time.monotonic()
    for record in records:
        yield record
        if time.monotonic() - since > SLICE_S:
            time.sleep(PAUSE_S)
            since = time.monotonic()


def around(recording: Recording, seq: int, by: int, wanted: Wanted, stop: Flag) -> Record | None:
    """The next one from `seq` on (`by` 1) or back (-1), and where there is none, from the other end on."""
    if by > 0:
        found = first_after(recording, seq, wanted, stop)
        return found or first_after(recording, 0, wanted, stop, last=seq)
    found = last_before(recording, seq, wanted, stop)
    return found or last_before(recording, recording.length + 1, wanted, stop, first=seq)


def where_raised(recording: Recording, decision: DecisionState) -> Record | None:
    """The record that asks a decision's question: at its time, or anywhere before or behind that."""
    request_id = decision.request.id
    return around(
        recording,
        recording.seq_at(decision.at) + 1,
        -1,
        lambda record: isinstance(record.event, DecisionRequested) and record.event.request.id == request_id,
        Flag(),
    )


def answers(request_id: str) -> Wanted:
    return lambda record: isinstance(record.event, Answer) and record.event.request_id == request_id


def answer_words(record: Record) -> str:
    """`user: Created item`: how a question, a review or an input was answered."""
    event = record.event
    if isinstance(event, DecisionResolved):
        note = f" ({event.answer.note})" if event.answer.note else ""
        return f"{event.answer.decided_by}: {event.answer.decision}{note}"
    if isinstance(event, ReviewResolved):
        said = f", {event.comment}" if event.comment else ""
        return f"{event.by}: {event.verdict.replace('_', ' ')}{said}"
    return f"{event.by}: {event.option}" if isinstance(event, InputResolved) else ""


# --- texts ------------------------------------------------------------------------------


def holds(needle: str) -> Wanted:
    """Whether any text of a record has `needle`, in whichever case."""
    wanted = _pattern(needle)
    return lambda record: any(wanted.search(text) for text in texts(record.event))


def _pattern(needle: str) -> re.Pattern[str]:
    return re.compile(re.escape(needle), re.IGNORECASE)


def texts(thing: object) -> Iterator[str]:
    """Every text within an event, outermost first."""
    if isinstance(thing, str):
        yield thing
    elif is_dataclass(thing):
        for field in fields(thing):
            if field.name != "type":
                yield from texts(getattr(thing, field.name))
    elif isinstance(thing, dict):
        for key, inner in thing.items():
            yield from texts(key)
            yield from texts(inner)
    elif isinstance(thing, list | tuple):
        for inner in thing:
            yield from texts(inner)


def excerpt(record: Record, needle: str) -> str:
    """The text around the first place of `needle`, in one line."""
    wanted = _pattern(needle)
    found = next((f for f in map(wanted.search, texts(record.event)) if f), None)
    if found is None:
        return ""
    first = max(0, found.start() - BEFORE)
    cut = " ".join(found.string[first : found.end() + AFTER].split())
    return f"…{cut}" if first else cut
