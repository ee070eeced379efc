"""A recorded journal as the screen sees a run: it stands still, at any record of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from core.absorption import Absorption, absorbed_earlier
from core.authorship import TheirLines, their_lines
from core.blobs import Blobs
from core.chunk_records import records_of_chunk, stream_of
from core.chunk_view import chunk_contents, chunk_diff, log_entry
from core.commands import Command, CommandRefused
from core.decisions.configuration import built_in_config
from core.diff import FileDiff
from core.events import Delta, Event, Record, RunFinished
from core.fold import fold
from core.journal import read
from core.review_rounds import CommentOutcome, comment_outcomes
from core.run_state import Entry, RunState
from core.undo_plan import UndoPlan
from core.what_if import WhatIf, what_if

JOURNALS = Path(__file__).resolve().parent / "journals"


class RecordedRun:
    """The run in `tests/journals/<name>`, up to and including the nth event of the type `until`.

    With `live` it looks as it did then, keys and all, but stands still.
    """

    def __init__(
        self, name: str, until: type[Event] | None = None, *, nth: int = 1, live: bool = False
    ) -> None:
        self.live = live
        self.root = JOURNALS / name
        self._blobs = Blobs(self.root / "blobs")
        header, every = read(self.root)
        self.run_id = header.run_id
        self.records = every[: _end(every, until, nth)]
        self._state = fold(self.records)

    @property
    def state(self) -> RunState:
        return self._state

    async def watch(self) -> AsyncIterator[Record | Delta]:
        nothing: tuple[Record, ...] = ()
        for record in nothing:
            yield record

    def submit(self, command: Command) -> None:
        raise CommandRefused("this run is a recording")

    def entries(self, chunk: int) -> Sequence[Entry]:
        return stream_of(records_of_chunk(self.records, chunk), chunk)

    def diff(self, chunk: int) -> tuple[FileDiff, ...]:
        return chunk_diff(self._state, chunk, self._blobs.get)

    def contents(self, chunk: int, path: str) -> tuple[bytes | None, bytes | None]:
        return chunk_contents(self._state, chunk, path, self._blobs.get)

    def comment_outcomes(self, chunk: int) -> tuple[CommentOutcome, ...]:
        found = self._state.chunk_numbered(chunk)
        return comment_outcomes(found, self._blobs.get) if found is not None else ()

    def their_lines(self, chunk: int, path: str) -> TheirLines:
        found = self._state.chunk_numbered(chunk)
        return their_lines(found, path, self._blobs.get) if found is not None else TheirLines()

    def log_entry(self, chunk: int) -> str:
        return log_entry(self.records, chunk, self._blobs.get)

    def undo_plan(self) -> UndoPlan:
        raise CommandRefused("this run is a recording")

    def what_if(self) -> WhatIf:
        return what_if(self.records, self._blobs.get, built_in_config())

    def would_absorb(self, request_id: str, choice: str, pattern: str) -> Absorption:
        asked = self._state.decision(request_id)
        return absorbed_earlier(self.root, tuple(self.records), asked, choice, pattern)

    async def drive(self) -> RunFinished:
        await asyncio.Event().wait()
        raise AssertionError("a recording stands still")


def _end(records: list[Record], until: type[Event] | None, nth: int) -> int:
    if until is None:
        return len(records)
    found = [record.seq for record in records if isinstance(record.event, until)]
    return found[nth - 1]
