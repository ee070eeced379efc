"""The marks of a recording, sorted by what they stand for. Every question about them costs little, however
many there are; no widget."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from core.recording import Mark as RecordingMark
from tui.marks import BAD, OK, Mark

Group: TypeAlias = Literal["failure", "decision", "review", "chunk", "check", "end"]

SIGNS: dict[Group, Mark] = {
    "failure": BAD,
    "decision": Mark("?", "$text-accent"),
    "review": Mark("■", "$text-secondary"),
    "chunk": Mark("◆", "$text-primary"),
    "check": OK,
    "end": Mark("●", "$foreground"),
}
"""What needs the eye first comes first: where several fall into one cell, the first of them is drawn."""
LEGEND: dict[Group, str] = {
    "chunk": "chunk",
    "decision": "decision",
    "failure": "failed",
    "check": "check passed",
    "review": "review",
    "end": "end",
}


def group_of(mark: RecordingMark) -> Group:
    """Whatever went wrong is a failure, of whichever kind; a review that asks for changes went right."""
    return "failure" if not mark.ok and mark.kind != "review" else mark.kind


class MarkIndex:
    """The marks taken so far. `take` may run in a thread while the screen reads: it only appends."""

    def __init__(self) -> None:
        self._taken = 0
        self._seqs: dict[Group, list[int]] = {group: [] for group in SIGNS}
        self._starts: list[int] = []
        self._numbers: list[int] = []
        self.completed = False

    def take(self, marks: Sequence[RecordingMark]) -> None:
        """Those that are new in `marks`, which only ever grows."""
        for i in range(self._taken, len(marks)):
            mark = marks[i]
            self._seqs[group_of(mark)].append(mark.seq)
            if mark.kind == "chunk" and mark.chunk not in self._numbers[-1:]:
                self._starts.append(mark.seq)
                self._numbers.append(mark.chunk)
            self.completed = mark.kind == "end" and mark.ok
        self._taken = max(self._taken, len(marks))

    def after(self, group: Group, seq: int) -> int | None:
        return _after(self._seqs[group], seq)

    def before(self, group: Group, seq: int) -> int | None:
        return _before(self._seqs[group], seq)

    # --- chunks -------------------------------------------------------------------------

    def chunk_after(self, seq: int) -> int | None:
        """Where the next chunk begins."""
        return _after(self._starts, seq)

    def chunk_before(self, seq: int) -> int | None:
        """Where the chunk of `seq` begins; at its beginning, where the one before does."""
        return _before(self._starts, seq)

    def chunk_start(self, number: int) -> int | None:
        return self._starts[self._numbers.index(number)] if number in self._numbers else None

    # --- the timeline -------------------------------------------------------------------

    def cells(self, width: int, length: int) -> list[Group | None]:
        """What each of `width` cells of a timeline over `length` records shows."""
        return [self._in(*span_of(cell, width, length)) for cell in range(width)]

    def _in(self, first: int, last: int) -> Group | None:
        """The first group, in the order of SIGNS, that has a mark in `first` to `last`."""
        found = (g for g, seqs in self._seqs.items() if bisect_left(seqs, first) < bisect_right(seqs, last))
        return next(found, None)

    def groups(self) -> Iterable[Group]:
        """Those that there are any marks of, in the order of the legend."""
        return (group for group in LEGEND if self._seqs[group])


def _after(seqs: Sequence[int], seq: int) -> int | None:
    index = bisect_right(seqs, seq)
    return seqs[index] if index < len(seqs) else None


def _before(seqs: Sequence[int], seq: int) -> int | None:
    index = bisect_left(seqs, seq)
    return seqs[index - 1] if index else None


# --- records and cells ------------------------------------------------------------------


def cell_of(seq: int, width: int, length: int) -> int:
    """The cell of record `seq`, 0 to `width` - 1: the first record in the first one, the last in the last."""
    if length < 2 or width < 2:
        return 0
    return (min(max(seq, 1), length) - 1) * (width - 1) // (length - 1)


def span_of(cell: int, width: int, length: int) -> tuple[int, int]:
    """The first and the last record of a cell; an empty span (last < first) where it has none."""
    if length < 2 or width < 2:
        return (1, length) if cell == 0 else (1, 0)
    last = -(-(cell + 1) * (length - 1) // (width - 1))
    return seq_of(cell, width, length), min(last, length)


def seq_of(cell: int, width: int, length: int) -> int:
    """The record that a click on a cell goes to: the first of the cell, or the next one."""
    if length < 2 or width < 2:
        return min(1, length)
    return 1 + -(-cell * (length - 1) // (width - 1))
