"""Keeps the index of a run's journal beside it while it grows, so that looking at the run later is quick."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.journal_index import JournalIndex

EVERY = 200
"""Records. A few milliseconds of work at a time."""
A_MOMENT_S, AT_THE_END_S = 0.02, 0.5


class IndexKeeper:
    """It reads the journal as anybody would. A run never fails because of it, and never waits for long: an
    index that is far behind (the journal came without one) is left to whoever looks at the run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index: JournalIndex | None = None
        self._given_up = False

    def grew(self, seq: int) -> None:
        """Record `seq` is in the journal."""
        if seq % EVERY == 0:
            self._read_on(A_MOMENT_S)

    def close(self) -> None:
        """Keeps the state at the journal's end. It keeps nothing after that."""
        self._read_on(AT_THE_END_S, to_the_end=True)
        self._given_up = True

    def _read_on(self, budget_s: float, *, to_the_end: bool = False) -> None:
        if self._given_up:
            return
        from core.journal import JournalFault
        from core.journal_index import FAULTS, open_index

        try:
            index = self._index = self._index or open_index(self._folder)
            is_behind = index.read_on(budget_s)
            if to_the_end and not is_behind:
                index.turn_page()
            if to_the_end:
                index.close()
        except (*FAULTS, JournalFault):
            self._given_up = True
