"""Reads the place of a recording that is to be shown: in a thread, one at a time, the latest wins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from core.events import Record
from core.history import History
from core.recorded_view import RecordedView
from core.run_state import ChunkState, RunState
from tui.header import last_chunk
from tui.replay.marks import MarkIndex


@dataclass(frozen=True, slots=True)
class Place:
    """What is shown at record `seq`. `chunk` is the one that is looked at, with its whole stream; `length`
    and `ends`, the time of the last record, are what could be shown when it was read."""

    seq: int
    length: int
    state: RunState
    record: Record | None
    chunk: ChunkState | None
    started: datetime | None
    ends: datetime | None


class Seeker:
    """`wanted` is the record that the reader is going to, and `pinned` the chunk that they look at.

    A recording is read here and nowhere else while the reader moves, so no two threads do it at once.
    """

    def __init__(self, view: RecordedView, marks: MarkIndex, show: Callable[[Place], None]) -> None:
        self.wanted = view.seq
        self.pinned: int | None = None
        self._view = view
        self._recording = view.recording
        self._marks = marks
        self._show = show
        self._shown: tuple[object, ...] = ()
        self._reading = False
        self._times: tuple[datetime | None, datetime | None] = (None, None)
        self._times_for = 0
        self._whole: tuple[ChunkState, ChunkState] | None = None

    @property
    def _target(self) -> tuple[object, ...]:
        return (self.wanted, self.pinned, self._recording.length)

    @property
    def settled(self) -> bool:
        return not self._reading and self._shown == self._target

    async def read_on(self) -> None:
        """Shows what is wanted, and again what is wanted by then, until there is nothing new."""
        if self._reading:
            return
        self._reading = True
        try:
            while self._shown != (target := self._target):
                place = await asyncio.to_thread(self._read, self.wanted, self.pinned)
                self._shown = target
                self._show(place)
        finally:
            self._reading = False

    def _read(self, seq: int, pinned: int | None) -> Place:
        length = self._recording.length
        if length != self._times_for:
            self._marks.take(self._recording.marks())
            self._times = self._first_and_last(length)
            self._times_for = length
        state = self._view.go_to(seq)
        record = self._recording.record(self._view.seq) if self._view.seq else None
        chunk = state.chunk_numbered(pinned) if pinned is not None else None
        started, ends = self._times
        return Place(
            seq=self._view.seq,
            length=length,
            state=state,
            record=record,
            chunk=self._with_its_stream(chunk or last_chunk(state), state),
            started=started,
            ends=ends,
        )

    def _first_and_last(self, length: int) -> tuple[datetime | None, datetime | None]:
        if not length or not self._recording.timed:
            return None, None
        return self._recording.record(1).at, self._recording.record(length).at

    def _with_its_stream(self, chunk: ChunkState | None, state: RunState) -> ChunkState | None:
        """The state holds the stream of its last chunk only. The same chunk gives the same object."""
        timed = self._recording.timed
        if chunk is None or (chunk is state.chunk and timed):
            return chunk
        if self._whole is None or self._whole[0] is not chunk:
            entries = self._view.entries(chunk.number)
            said = entries if timed else [replace(entry, duration_s=None) for entry in entries]
            self._whole = (chunk, replace(chunk, entries=History(said)))
        return self._whole[1]
