"""One logical line of a LinesView, and the rows that it takes at a width. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rich.cells import chop_cells
from textual.content import Content


class Laid(Protocol):
    """What a LinesView shows: it lays itself out at a width when asked. `key` and `fill` are as in Line."""

    @property
    def key(self) -> str: ...

    @property
    def fill(self) -> str: ...

    def count(self, width: int) -> int:
        """How many rows it takes; cheap, since it is asked of every line."""
        ...

    def rows(self, width: int) -> list[Content]:
        """Those rows, none wider than `width` cells; asked only of the lines in sight."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """`key` makes it selectable; `hang` indents the rows that it wraps to.

    `fill` is a style for the whole width. A line with `wrap` off is cut with an ellipsis. `fold` breaks
    at any character, as code wants it, and costs nothing to measure.
    """

    content: Content
    key: str = ""
    hang: int = 0
    fill: str = ""
    wrap: bool = True
    fold: bool = False

    def count(self, width: int) -> int:
        return row_count(self, width)

    def rows(self, width: int) -> list[Content]:
        return wrapped(self, width)


def same_line(a: Laid, b: Laid) -> bool:
    """Equal to the eye: text, styles and all."""
    if not isinstance(a, Line) or not isinstance(b, Line):
        return a is b
    if (a.key, a.hang, a.fill, a.wrap, a.fold) != (b.key, b.hang, b.fill, b.wrap, b.fold):
        return False
    return a.content.is_same(b.content)


def row_count(line: Line, width: int) -> int:
    cells = line.content.cell_length
    if not line.wrap or width <= 0 or cells <= width:
        return 1
    if line.fold and line.content.plain.isascii():
        return folded_count(cells, width, hanging(line.hang, width))
    return len(wrapped(line, width))


def folded_count(cells: int, width: int, hang: int) -> int:
    """The rows of `cells` single-width characters that are broken anywhere; `hang` cells are lost on each but
    the first."""
    if cells <= width or width <= 0:
        return 1
    return 1 - (cells - width) // -(width - hang)


def wrapped(line: Line, width: int) -> list[Content]:
    """The rows of `line`, none wider than `width` cells."""
    content = line.content
    if not line.wrap:
        return [content.truncate(width, ellipsis=True)]
    if content.cell_length <= width:
        return [content]
    hang = hanging(line.hang, width)
    first = _first_row(content, width, fold=line.fold)
    if first.cell_length <= hang + 1:
        # A mark alone on its row, since what follows is one long word: better to break the word.
        first = _first_row(content, width, fold=True)
    rest = content[len(first.plain) :]
    if not line.fold:
        rest = rest[len(rest.plain) - len(rest.plain.lstrip(" ")) :]
    if not rest:
        return [first]
    rows = _folded(rest, width - hang) if line.fold else rest.wrap(width - hang)
    return [first, *(Content(" " * hang).append(row) for row in rows)]


def hanging(hang: int, width: int) -> int:
    """A hanging indent that would leave less than half of the width is none."""
    return hang if hang < width // 2 else 0


def _first_row(content: Content, width: int, *, fold: bool) -> Content:
    return _folded(content, width)[0] if fold else content.wrap(width)[0]


def _folded(content: Content, width: int) -> list[Content]:
    offsets: list[int] = []
    for piece in chop_cells(content.plain, width)[:-1]:
        offsets.append((offsets[-1] if offsets else 0) + len(piece))
    return list(content.divide(offsets)) if offsets else [content]
