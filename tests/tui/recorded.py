"""A recording held in memory, and the replay screen over one: driven by keys, read as text."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from textual.pilot import Pilot

from core.blobs import BlobFault, Blobs
from core.chunk_records import records_of_chunk, stream_of
from core.chunk_view import log_entry
from core.events import Record
from core.fold import fold
from core.journal import read
from core.recording import Mark
from core.run_state import Entry, RunState
from core.timeline import mark_of
from tests.recorded_run import JOURNALS
from tests.tui.journal_of_a_run import SteppedClock
from tests.tui.on_screen import WIDE, Size
from tui.replay_app import ReplayApp
from tui.screens.replay import ReplayScreen

IN_THREADS = ("seek", "answers", "search", "go-to", "diff", "ledger", "what-if", "colours")


class HeldRecording:
    """`damage`, `indexed` and `timed` are what the test says; `shown` is how many of the records there are by
    now, and a seek waits while `open` is not set."""

    def __init__(
        self,
        history: list[Record],
        *,
        blobs: Callable[[str], bytes] | None = None,
        timed: bool = True,
        damage: str = "",
    ) -> None:
        self.run_id = history[0].run_id
        self.title = self.run_id
        self.root = Path("workspace")
        self.timed = timed
        self.damage = damage
        self.indexed = 1.0
        self.shown = len(history)
        self.open = threading.Event()
        self.open.set()
        self.sought: list[int] = []
        self._history = history
        self._blobs = blobs

    @property
    def length(self) -> int:
        return self.shown

    def record(self, seq: int) -> Record:
        if not 1 <= seq <= self.shown:
            raise IndexError(seq)
        return self._history[seq - 1]

    def records(self, first: int = 1, last: int | None = None) -> Iterator[Record]:
        yield from self._history[max(first, 1) - 1 : self.shown if last is None else min(last, self.shown)]

    def state_at(self, seq: int) -> RunState:
        self.open.wait()
        self.sought.append(seq)
        return fold(self._history[:seq])

    def entries(self, chunk: int, seq: int) -> Sequence[Entry]:
        return stream_of(self.chunk_records(chunk, seq), chunk)

    def chunk_records(self, chunk: int, seq: int) -> Sequence[Record]:
        first = self._history[:1]
        return (*first, *(r for r in records_of_chunk(self._history[:seq], chunk) if r.seq > 1))

    def log_entry(self, chunk: int, seq: int) -> str:
        return log_entry(self._history[:seq], chunk, self.blob)

    def marks(self) -> Sequence[Mark]:
        found = (mark_of(record) for record in self._history[: self.shown])
        return [mark for mark in found if mark is not None]

    def seq_at(self, when: datetime) -> int:
        return bisect_right(self._history[: self.shown], when, key=lambda record: record.at)

    def blob(self, sha: str) -> bytes:
        if self._blobs is None:
            raise BlobFault(f"blob {sha[:12]} cannot be read: no such file")
        return self._blobs(sha)

    def close(self) -> None:
        pass


def of_journal(name: str) -> HeldRecording:
    """The run in `tests/journals/<name>`."""
    _, history = read(JOURNALS / name)
    return HeldRecording(history, blobs=Blobs(JOURNALS / name / "blobs").get)


class Replaying:
    def __init__(
        self, recording: HeldRecording, clock: SteppedClock, app: ReplayApp, pilot: Pilot[None]
    ) -> None:
        self.recording = recording
        self.clock = clock
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> ReplayScreen:
        return next(s for s in self.app.screen_stack if isinstance(s, ReplayScreen))

    @property
    def seq(self) -> int:
        """The record that is shown."""
        assert self.screen.place is not None
        return self.screen.place.seq

    @property
    def event(self) -> str:
        """What kind of record that is."""
        return self.recording.record(self.seq).event.type

    def text(self) -> str:
        """All cells of the screen, a line a row."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text[:width] for strip in lines[:height])

    async def settle(self) -> None:
        """All that was asked for has come from its thread."""
        await settle(self.app, self.pilot)

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.clock.advance(1.0)
            await self.pilot.press(key)
            await self.settle()


async def settle(app: ReplayApp, pilot: Pilot[None]) -> None:
    await pilot.pause()
    while busy := [w for w in app.workers if w.group in IN_THREADS and not w.is_finished]:
        for worker in busy:
            await worker.wait()
        await pilot.pause()
    for _ in range(3):
        await pilot.pause()


@asynccontextmanager
async def replaying(recording: HeldRecording, size: Size = WIDE) -> AsyncIterator[Replaying]:
    clock = SteppedClock()
    app = ReplayApp(recording, clock=clock.clock)
    async with app.run_test(size=size, notifications=True) as pilot:
        shown = Replaying(recording, clock, app, pilot)
        await shown.settle()
        yield shown
