"""The rows of one hunk, unified or split, each made when it is asked for: nothing walks over all lines."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from core.diff import DiffLine, Hunk
from core.diff_words import surplus_first
from core.hunk import HunkLines, Stretch, stretches
from tui.review.places import Side
from tui.review.rows import TAB_CELLS, DiffRow, Section, SplitRow, UnifiedRow, least_room


class HunkRows:
    """Rows count from 0. A row may take several of the screen's: `above` says how many stand over it."""

    def __init__(self, section: Section, hunk: Hunk, *, split: bool) -> None:
        self.section = section
        self.hunk = hunk
        self._split = split
        self._stretches = stretches(hunk)
        lengths = ((max(s.removed, s.added, s.same) if split else s.length) for s in self._stretches)
        self._ends = list(accumulate(lengths))
        self._surplus_first: dict[int, bool] = {}
        self._measured_for = 0
        self._high: list[int] = []
        self._extra: list[int] = []

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def row(self, index: int) -> DiffRow:
        place = bisect_right(self._ends, index)
        at = index - self._first(place)
        return self._split_row(place, at) if self._split else self._unified_row(place, at)

    def changes(self) -> Iterator[int]:
        """The first row of each run of changed lines."""
        for place, stretch in enumerate(self._stretches):
            if not stretch.same:
                yield self._first(place)

    def row_of(self, side: Side, number: int) -> int | None:
        """The row with line `number`; None where the hunk has none."""
        place = bisect_right(self._stretches, number, key=lambda s: s.old if side == "old" else s.new) - 1
        if place < 0:
            return None
        stretch = self._stretches[place]
        first, count = _side(stretch, side)
        at = number - first
        if not 0 <= at < count + stretch.same:
            return None
        if not stretch.same:
            at = self._pair_of(place, side, at) if self._split else at + stretch.removed * (side == "new")
        return self._first(place) + at

    def unended(self) -> list[int]:
        """The rows with a line that has no line break, as only the last one of a file may be."""
        hunk = self.hunk
        ends: tuple[tuple[Side, int], ...] = (
            ("old", hunk.old_start + hunk.old_count - 1),
            ("new", hunk.new_start + hunk.new_count - 1),
        )
        found = {index for side, number in ends if (index := self.row_of(side, number)) is not None}
        return sorted(index for index in found if not self.row(index).ends)

    def _first(self, place: int) -> int:
        """The first row of a stretch."""
        return self._ends[place - 1] if place else 0

    # --- rows ---------------------------------------------------------------------------

    def _unified_row(self, place: int, at: int) -> UnifiedRow:
        stretch = self._stretches[place]
        line, other = self.hunk.lines[stretch.start + at], None
        if not stretch.same:
            side, n = _in_change(stretch, at)
            old, new = self._pair(place, self._pair_of(place, side, n))
            other = new if side == "old" else old
        return UnifiedRow(self.section, self.hunk, line, other, self.section.width)

    def _split_row(self, place: int, at: int) -> SplitRow:
        stretch = self._stretches[place]
        if stretch.same:
            line = self.hunk.lines[stretch.start + at]
            return SplitRow(self.section, self.hunk, line, line, self.section.width)
        return SplitRow(self.section, self.hunk, *self._pair(place, at), self.section.width)

    def _pair(self, place: int, at: int) -> tuple[DiffLine | None, DiffLine | None]:
        """What stands beside each other in a change: what went, what came in its place; or one alone."""
        stretch, lines = self._stretches[place], self.hunk.lines
        old, new = at - self._lead(place, "old"), at - self._lead(place, "new")
        return (
            lines[stretch.start + old] if 0 <= old < stretch.removed else None,
            lines[stretch.start + stretch.removed + new] if 0 <= new < stretch.added else None,
        )

    def _pair_of(self, place: int, side: Side, n: int) -> int:
        """The pair with the nth line of a side."""
        return n + self._lead(place, side)

    def _lead(self, place: int, side: Side) -> int:
        """How many pairs of a change stand before the first one that has a line on this side."""
        stretch = self._stretches[place]
        surplus = max(stretch.removed, stretch.added) - _side(stretch, side)[1]
        return surplus if surplus and self._begins_with_surplus(place) else 0

    def _begins_with_surplus(self, place: int) -> bool:
        known = self._surplus_first.get(place)
        if known is None:
            known = self._surplus_first[place] = self._is_surplus_first(self._stretches[place])
        return known

    def _is_surplus_first(self, stretch: Stretch) -> bool:
        if not stretch.removed or not stretch.added:
            return False
        lines, middle = self.hunk.lines, stretch.start + stretch.removed
        removed = (lines[stretch.start], lines[middle - 1])
        return surplus_first(removed, (lines[middle], lines[middle + stretch.added - 1]))

    # --- layout -------------------------------------------------------------------------

    def above(self, index: int, width: int) -> int:
        """The rows of the screen over row `index`, as wide as that."""
        if width != self._measured_for:
            self._measure(width)
        place = bisect_left(self._high, index)
        return index + (self._extra[place - 1] if place else 0)

    def _measure(self, width: int) -> None:
        """Only what may be too long for one row of the screen is looked at."""
        self._measured_for = width
        counts = ((index, self.row(index).count(width) - 1) for index in sorted(self._long(width)))
        high = [(index, extra) for index, extra in counts if extra]
        self._high = [index for index, _ in high]
        self._extra = list(accumulate(extra for _, extra in high))

    def _long(self, width: int) -> Iterable[int]:
        lines = self.hunk.lines
        if not isinstance(lines, HunkLines):
            return range(len(self))
        wide = lines.wider_than(least_room(width, self.section.width, split=self._split), TAB_CELLS)
        return wide if not self._split else {self._row_of_line(index) for index in wide}

    def _row_of_line(self, index: int) -> int:
        """The split row with a line of the hunk."""
        place = bisect_right(self._stretches, index, key=lambda s: s.start) - 1
        stretch = self._stretches[place]
        at = index - stretch.start
        return self._first(place) + (at if stretch.same else self._pair_of(place, *_in_change(stretch, at)))


def _side(stretch: Stretch, side: Side) -> tuple[int, int]:
    """The number of its first line on a side, and how many changed ones it has there."""
    return (stretch.old, stretch.removed) if side == "old" else (stretch.new, stretch.added)


def _in_change(stretch: Stretch, at: int) -> tuple[Side, int]:
    """Which of the lines of a side the line `at` of a change is."""
    return ("old", at) if at < stretch.removed else ("new", at - stretch.removed)
