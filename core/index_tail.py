"""The end of a journal that is not a page of its index yet: it is folded record by record."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

from core import events as ev
from core.chunk_records import chunk_of, request_of
from core.fold import apply
from core.history import History
from core.page_store import Page, PageRows
from core.recording import Mark
from core.run_state import RunState
from core.timeline import mark_of

PAGE_RECORDS = 500
PAGE_BYTES = 1024 * 1024
"""A seek folds one page at most: so many records take less than 20 ms."""
NEVER = 2**62


class Tail:
    """Begins with the state and the marks after record `seq`, which ends at the offset `end`."""

    def __init__(self, seq: int, end: int, state: RunState, marks: History[Mark]) -> None:
        self.first = seq + 1
        self.last = seq
        self.start = self.end = end
        self.state = state
        self.marks = marks
        self.crc = 0
        self.earliest = NEVER
        self.conversations: list[tuple[int, int]] = []
        self.touches: list[tuple[int, int]] = []
        self.questions: list[tuple[str, int]] = []

    @property
    def is_full(self) -> bool:
        return self.last - self.first + 1 >= PAGE_RECORDS or self.end - self.start >= PAGE_BYTES

    def take(self, record: ev.Record, line: bytes) -> None:
        """The next record, and the line that it is in the journal."""
        self._note(record)
        self.state = apply(self.state, record)
        mark = mark_of(record)
        if mark is not None:
            self.marks = self.marks.with_last(mark)
        self.last = record.seq
        self.end += len(line)
        self.crc = zlib.crc32(line, self.crc)
        self.earliest = min(self.earliest, microseconds(record.at))

    def _note(self, record: ev.Record) -> None:
        """Where it is to be found, if it is about a chunk that is not the conversation's."""
        event = record.event
        if isinstance(event, ev.ConversationStarted):
            self.conversations.append((record.seq, event.chunk))
            return
        if request_id := request_of(event):
            self.questions.append((request_id, record.seq))
        chunk, current = chunk_of(event, self._asked_in), self.state.chunk
        if chunk is not None and (current is None or current.number != chunk):
            self.touches.append((chunk, record.seq))

    def _asked_in(self, request_id: str) -> int | None:
        asked = self.state.decision(request_id)
        return asked.chunk if asked is not None else None

    def page(self) -> tuple[Page, PageRows]:
        """What the index keeps of it, beside the state after it."""
        page = Page(
            first=self.first,
            last=self.last,
            start=self.start,
            end=self.end,
            crc=self.crc,
            earliest=self.earliest,
        )
        rows = PageRows(
            conversations=tuple(self.conversations),
            touches=tuple(self.touches),
            questions=tuple(self.questions),
        )
        return page, rows


def microseconds(at: datetime) -> int:
    """Since 1970, exactly. A time without a zone is UTC."""
    since = (at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
