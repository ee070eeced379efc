"""Lines laid out at a width: which rows each takes, and which of them a cursor may stand on. No widget."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from tui.line import Laid


class LineRows:
    """`lines` as they are, and where each begins and ends at `width`. Rows count from 0."""

    def __init__(self) -> None:
        self._lines: list[Laid] = []
        self._ends: list[int] = []
        self.width = 0

    @property
    def lines(self) -> Sequence[Laid]:
        return self._lines

    def replace_from(self, index: int, lines: Iterable[Laid]) -> None:
        del self._lines[index:]
        del self._ends[index:]
        self._lines.extend(lines)
        self._measure(index)

    def set_width(self, width: int) -> None:
        self.width = width
        self._ends.clear()
        self._measure(0)

    def _measure(self, start: int) -> None:
        total = self._ends[start - 1] if start else 0
        for line in self._lines[start:]:
            total += line.count(self.width)
            self._ends.append(total)

    @property
    def height(self) -> int:
        return self._ends[-1] if self._ends else 0

    def top(self, index: int) -> int:
        """The first row of a line."""
        return self._ends[index - 1] if index else 0

    def end(self, index: int) -> int:
        """The row after the last one of a line."""
        return self._ends[index]

    def index_at(self, row: int) -> int:
        """The line that has `row`; one after the last line beneath them all."""
        return bisect_right(self._ends, row)

    def index_of(self, key: str) -> int | None:
        return next((i for i, line in enumerate(self.lines) if line.key == key), None)

    def next_keyed(self, start: int, by: int) -> int:
        """The next line with a key in the direction of `by`; `start` where there is none."""
        index = start + by
        while 0 <= index < len(self.lines):
            if self.lines[index].key:
                return index
            index += by
        return start

    def nearest_keyed(self, row: int) -> int | None:
        """The line with a key at `row` or the next one above it, else the first one beneath it."""
        if not self.lines:
            return None
        index = min(max(self.index_at(row), 0), len(self.lines) - 1)
        above = (i for i in range(index, -1, -1) if self.lines[i].key)
        beneath = (i for i in range(index, len(self.lines)) if self.lines[i].key)
        return next(above, next(beneath, None))
