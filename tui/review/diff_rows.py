"""The rows of a whole diff: hunks, which make theirs when they are asked for, and the lines between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, overload

from tui.line import Laid
from tui.line_rows import LineRows
from tui.review.hunk_rows import HunkRows
from tui.review.places import Place, place_of


@dataclass(slots=True, eq=False)
class Part:
    """The rows of a hunk from `start` to before `stop`; what stands at its lines divides a hunk."""

    hunk: HunkRows
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def line(self, index: int) -> Laid:
        return self.hunk.row(self.start + index)

    def above(self, index: int, width: int) -> int:
        """The rows of the screen over line `index`."""
        return self.hunk.above(self.start + index, width) - self.hunk.above(self.start, width)

    def index_at(self, row: int, width: int) -> int:
        return bisect_right(range(1, len(self)), row, key=lambda index: self.above(index, width))

    def index_of(self, place: Place) -> int | None:
        if place.line is None or self.hunk.section.file.path != place.path:
            return None
        found = self.hunk.row_of(place.side, place.line)
        return found - self.start if found is not None and self.start <= found < self.stop else None


Item: TypeAlias = "Laid | Part"


class ItemLines(Sequence[Laid]):
    """All lines, those of the parts among them."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.starts = [0]
        for item in items:
            self.starts.append(self.starts[-1] + (len(item) if isinstance(item, Part) else 1))

    def __len__(self) -> int:
        return self.starts[-1]

    @overload
    def __getitem__(self, index: int) -> Laid: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Laid]: ...

    def __getitem__(self, index: int | slice) -> Laid | Sequence[Laid]:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        place, at = self.locate(index % len(self))
        item = self.items[place]
        return item.line(at) if isinstance(item, Part) else item

    def locate(self, index: int) -> tuple[int, int]:
        """The item that a line is in, and where in it."""
        place = bisect_right(self.starts, index) - 1
        return place, index - self.starts[place]

    def index_of(self, key: str) -> int | None:
        place = place_of(key)
        for item, start in zip(self.items, self.starts, strict=False):
            if not isinstance(item, Part):
                if item.key == key:
                    return start
            elif place is not None and (at := item.index_of(place)) is not None:
                return start + at
        return None

    def before(self, index: int) -> Iterator[Item]:
        """The items of the lines before `index`."""
        for item, start in zip(self.items, self.starts, strict=False):
            if start >= index:
                return
            if isinstance(item, Part):
                yield Part(item.hunk, item.start, min(item.stop, item.start + index - start))
            else:
                yield item


class DiffRows(LineRows):
    """As LineRows, of items: only what may be higher than one row is looked at to measure them."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = ItemLines(())
        self._tops = [0]

    @property
    def lines(self) -> ItemLines:
        return self._shown

    def show(self, lines: ItemLines) -> None:
        self._shown = lines
        self._measure(0)

    def replace_from(self, index: int, lines: Iterable[Laid]) -> None:
        self.show(ItemLines([*self._shown.before(index), *lines]))

    def _measure(self, start: int) -> None:
        self._tops = [0]
        for item in self._shown.items:
            rows = item.above(len(item), self.width) if isinstance(item, Part) else item.count(self.width)
            self._tops.append(self._tops[-1] + rows)

    @property
    def height(self) -> int:
        return self._tops[-1]

    def top(self, index: int) -> int:
        place, at = self._shown.locate(index)
        item = self._shown.items[place] if at else None
        return self._tops[place] + (item.above(at, self.width) if isinstance(item, Part) else 0)

    def end(self, index: int) -> int:
        return self.top(index + 1)

    def index_at(self, row: int) -> int:
        if row >= self.height:
            return len(self._shown)
        place = bisect_right(self._tops, max(row, 0)) - 1
        item, start = self._shown.items[place], self._shown.starts[place]
        return start + item.index_at(row - self._tops[place], self.width) if isinstance(item, Part) else start

    def index_of(self, key: str) -> int | None:
        return self._shown.index_of(key)
