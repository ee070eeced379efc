"""A recorded journal as the screen sees a run: it stands still, at any record of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from core.blobs import Blobs
from core.chunk_view import chunk_diff, log_entry
from core.commands import Command, CommandRefused
from core.diff import FileDiff
from core.events import Delta, Event, Record, RunFinished
from core.fold import fold
from core.journal import read
from core.run_state import RunState

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

    def diff(self, chunk: int) -> tuple[FileDiff, ...]:
        return chunk_diff(self._state, chunk, self._blobs.get)

    def log_entry(self, chunk: int) -> str:
        return log_entry(self.records, chunk, self._blobs.get)

    async def drive(self) -> RunFinished:
        await asyncio.Event().wait()
        raise AssertionError("a recording stands still")


def _end(records: list[Record], until: type[Event] | None, nth: int) -> int:
    if until is None:
        return len(records)
    found = [record.seq for record in records if isinstance(record.event, until)]
    return found[nth - 1]
