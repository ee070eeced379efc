"""Keeps the index of a run's journal beside it while it grows, so that looking at the run later is quick."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.journal_index import JournalIndex

EVERY = 200
"""Records. A few milliseconds of work at a time."""
A_MOMENT_S, AT_THE_END_S = 0.02, 0.5


class IndexKeeper:
    """It reads the journal as anybody would, in a thread of its own. A run never fails because of it, and its
    process never waits for long: an index that is far behind (the journal came without one) is left to
    whoever looks at the run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index: JournalIndex | None = None
        self._worker: ThreadPoolExecutor | None = None
        self._closed = False
        self._given_up = False

    def grew(self, seq: int) -> None:
        """Record `seq` is in the journal."""
        if seq % EVERY == 0 and not self._closed:
            self._thread.submit(self._read_on)

    def close(self) -> None:
        """The state at the journal's end is kept too, by the time that the process is gone."""
        if not self._closed:
            self._closed = True
            self._thread.submit(self._end)
            self._thread.shutdown(wait=False)

    @property
    def _thread(self) -> ThreadPoolExecutor:
        self._worker = self._worker or ThreadPoolExecutor(1, "journal index")
        return self._worker

    def _read_on(self, budget_s: float = A_MOMENT_S) -> None:
        from core.journal import JournalFault
        from core.journal_index import FAULTS, open_index

        if self._given_up:
            return
        try:
            self._index = self._index or open_index(self._folder)
            self._index.read_on(budget_s)
        except (*FAULTS, JournalFault):
            self._given_up = True

    def _end(self) -> None:
        self._read_on(AT_THE_END_S)
        if self._index is None or self._given_up:
            return
        if self._index.indexed == 1:
            self._index.turn_page()
        self._index.close()
