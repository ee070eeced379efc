"""The rows of a diff: one line of it, or the two sides beside each other. Laid out only when in sight."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rich.cells import cell_len
from textual.content import Content

from core.diff_words import Stretches, changed_words
from core.untrusted import visible
from tui.line import Line, folded_count, hanging, row_count, wrapped
from tui.marks import WARN, Mark
from tui.review.colours import FileColours, Painted
from tui.review.pieces import pieces
from tui.review.places import Place, Side, place_key
from tui.safe_text import Part, row

if TYPE_CHECKING:
    from core.authorship import TheirLines
    from core.diff import DiffLine, FileDiff, Hunk

TAB_CELLS = 4


class Look(NamedTuple):
    """`fill` colours the whole row, `word` what of it changed; the sign says all that they say."""

    sign: str
    style: str
    fill: str
    word: str


LOOKS = {
    "+": Look("+", "$text-success", "on $diff-added", "bold on $success 40%"),
    "-": Look("-", "$text-error", "on $diff-removed", "bold on $error 40%"),
    " ": Look(" ", "", "", ""),
}
NOTHING = Look(" ", "", "on $surface", "")
SOUGHT = "reverse"
THEIRS = Mark("◆", "$text-warning")


@dataclass(slots=True, eq=False)
class Section:
    """A file of the diff. `theirs` are the lines that were edited outside the run, if it was. `colours` come
    later, off the event loop; `mark` says how far its review is; `sought` is what the reader looks for.
    `width`: cells of a line number."""

    file: FileDiff
    theirs: TheirLines | None = None
    colours: FileColours | None = None
    mark: Mark | None = None
    sought: re.Pattern[str] | None = None
    width: int = field(init=False)

    def __post_init__(self) -> None:
        last = self.file.hunks[-1] if self.file.hunks else None
        numbers = (last.old_start + last.old_count, last.new_start + last.new_count) if last else ()
        self.width = max(3, len(str(max(numbers, default=0))))

    def is_theirs(self, line: DiffLine) -> bool:
        if self.theirs is None or line.kind == " ":
            return False
        return line.new_no in self.theirs.written if line.kind == "+" else line.old_no in self.theirs.removed

    def painted(self, side: Side, number: int | None) -> Painted:
        return self.colours.of(side, number) if self.colours is not None and number is not None else ()


@dataclass(slots=True, eq=False)
class HeadRow:
    """The file: its path, what becomes of it, its counts."""

    section: Section

    @property
    def key(self) -> str:
        return place_key(Place(self.section.file.path))

    @property
    def fill(self) -> str:
        return "on $panel"

    def count(self, width: int) -> int:
        return row_count(self._line(), width)

    def rows(self, width: int) -> list[Content]:
        return wrapped(self._line(), width)

    def _line(self) -> Line:
        file, mark = self.section.file, self.section.mark
        parts: list[Part] = [
            (f" {mark.sign} ", mark.style) if mark is not None else " ",
            (f"{file.path} ", "bold"),
            (f" {file.action}", "$text-muted"),
            (f"  +{file.added}", "$text-success"),
            (f" -{file.removed}", "$text-error"),
        ]
        if file.mode_changed:
            parts.append((f"  mode {file.mode_before:o} → {file.mode_after:o}", "$text-warning"))
        if self.section.theirs is not None:
            parts.append((f"  {_outside(self.section.theirs)}", THEIRS.style))
        return Line(row(*parts), hang=3, fold=True)


@dataclass(slots=True, eq=False)
class UnifiedRow:
    """One line of a hunk. `other` is the line that it became, or was."""

    section: Section
    hunk: Hunk
    line: DiffLine
    other: DiffLine | None
    width: int

    @property
    def lines(self) -> tuple[DiffLine, ...]:
        return (self.line,)

    @property
    def changed(self) -> bool:
        return self.line.kind != " "

    @property
    def ends(self) -> bool:
        """Whether it has a line break, as all lines have but perhaps the last one."""
        return self.line.ends

    @property
    def place(self) -> Place:
        return line_place(self.section, self.line)

    @property
    def key(self) -> str:
        return place_key(self.place)

    @property
    def fill(self) -> str:
        return LOOKS[self.line.kind].fill

    def count(self, width: int) -> int:
        return _count(self.line.text, 2 * self.width + 4, width)

    def rows(self, width: int) -> list[Content]:
        line, look = self.line, LOOKS[self.line.kind]
        numbers = f"{_number(line.old_no, self.width)} {_number(line.new_no, self.width)}"
        text = _text(self.section, line, self.other)
        head: list[Part] = [
            (numbers, "$text-muted"),
            _whose(self.section, line),
            (f"{look.sign} ", look.style),
        ]
        return wrapped(Line(row(*head, *text), hang=2 * self.width + 4, fold=True), width)


@dataclass(slots=True, eq=False)
class SplitRow:
    """A line before, and what it is after; None on the side where there is none."""

    section: Section
    hunk: Hunk
    old: DiffLine | None
    new: DiffLine | None
    width: int

    @property
    def line(self) -> DiffLine:
        line = self.new or self.old
        assert line is not None, "a row has a side"
        return line

    @property
    def lines(self) -> tuple[DiffLine, ...]:
        return tuple(line for line in (self.new, self.old) if line is not None)

    @property
    def changed(self) -> bool:
        return self.old is not self.new

    @property
    def ends(self) -> bool:
        return all(line.ends for line in self.lines)

    @property
    def place(self) -> Place:
        return line_place(self.section, self.line)

    @property
    def key(self) -> str:
        return place_key(self.place)

    @property
    def fill(self) -> str:
        return ""

    def count(self, width: int) -> int:
        left, right = halves(width)
        sides = ((self.old, left), (self.new, right))
        return max(_count(line.text, self.width + 3, cells) for line, cells in sides if line is not None)

    def rows(self, width: int) -> list[Content]:
        left, right = halves(width)
        before = self._side("old", self.old, self.new, left)
        after = self._side("new", self.new, self.old, right)
        empty_left, empty_right = (_padded(row(""), cells, NOTHING.fill) for cells in (left, right))
        bar = row(("│", "$border-blurred"))
        return [
            (a or empty_left).append(bar).append(b or empty_right)
            for a, b in zip_longest(before, after, fillvalue=None)
        ]

    def _side(self, side: Side, line: DiffLine | None, other: DiffLine | None, cells: int) -> list[Content]:
        if line is None:
            return []
        look = LOOKS[line.kind]
        number = line.old_no if side == "old" else line.new_no
        text = _text(self.section, line, other, side)
        head: list[Part] = [
            (_number(number, self.width), "$text-muted"),
            _whose(self.section, line),
            (f"{look.sign} ", look.style),
        ]
        rows = wrapped(Line(row(*head, *text), hang=self.width + 3, fold=True), cells)
        return [_padded(content, cells, look.fill) for content in rows]


DiffRow: TypeAlias = "UnifiedRow | SplitRow"


def halves(width: int) -> tuple[int, int]:
    """The cells of the two sides, with one between them."""
    left = max(1, (width - 1) // 2)
    return left, max(1, width - 1 - left)


def line_place(section: Section, line: DiffLine) -> Place:
    """On the side of the lines as they are now, where it is there."""
    if line.new_no is not None:
        return Place(section.file.path, line.new_no)
    return Place(section.file.path, line.old_no, "old")


def least_room(width: int, number: int, *, split: bool) -> int:
    """Cells for a line's text in one row, on the side that has fewer. `number` as Section.width."""
    return min(halves(width)) - number - 3 if split else width - 2 * number - 4


def _outside(theirs: TheirLines) -> str:
    """The legend of the mark in the gutter; where no line is left that has it, that the file was edited."""
    if theirs.written or theirs.removed:
        return f"{THEIRS.sign} lines edited outside the run"
    return f"{WARN.sign} edited outside the run too"


def _whose(section: Section, line: DiffLine) -> Part:
    return (THEIRS.sign, THEIRS.style) if section.is_theirs(line) else " "


def _number(number: int | None, width: int) -> str:
    return f"{number or '':>{width}}"


def _count(text: str, gutter: int, width: int) -> int:
    """As `wrapped` would have it. ASCII is counted, not laid out: each control character takes one cell."""
    if text.isascii():
        cells = gutter + len(text) + (TAB_CELLS - 1) * text.count("\t")
        return folded_count(cells, width, hanging(gutter, width))
    shown = visible(text, keep_newlines=False)
    if width <= 0 or gutter + cell_len(shown) <= width:
        return 1
    return len(wrapped(Line(row(" " * gutter, shown), hang=gutter, fold=True), width))


def _padded(content: Content, cells: int, fill: str) -> Content:
    return content.pad_right(max(0, cells - content.cell_length)).stylize_before(fill)


def _text(section: Section, line: DiffLine, other: DiffLine | None, side: Side | None = None) -> list[Part]:
    """The line's text: syntax colours, and what of it changed over them."""
    words: Stretches = ()
    if other is not None and other is not line:
        old, new = (line, other) if line.kind == "-" else (other, line)
        words = changed_words(old.text, new.text)[line.kind == "+"]
    if side is None:
        side = "old" if line.kind == "-" else "new"
    colours = section.painted(side, line.old_no if side == "old" else line.new_no)
    look = LOOKS[line.kind].word
    found = section.sought.finditer(line.text) if section.sought is not None else ()
    emphasis = [(start, end, look) for start, end in words]
    return list(pieces(line.text, colours, emphasis, [(*match.span(), SOUGHT) for match in found]))
