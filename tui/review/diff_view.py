"""The diffs of all files in one scroller: LinesView, with hunks, files, a selection and syntax colours."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.style import Style

from tui.line import Laid
from tui.lines_view import LinesView
from tui.marks import NOW
from tui.review.build import Built
from tui.review.diff_rows import DiffRows
from tui.review.places import FOLD_KEY, place_key
from tui.review.rows import DiffRow, HeadRow, Section, SplitRow, UnifiedRow, line_place

CONTEXT_ABOVE = 4
"""Rows above a change that is jumped to: what it stands in."""


class DiffView(LinesView):
    COMPONENT_CLASSES: ClassVar[set[str]] = {"diff--selected"}
    DEFAULT_CSS = """
    DiffView > .diff--selected { background: $accent 25%; }
    """

    class FileSeen(Message):
        """The last line of a file was drawn; of a folded one nothing was."""

        def __init__(self, section: Section) -> None:
            super().__init__()
            self.section = section

    class ColoursWanted(Message):
        """A line of the file is in sight for the first time."""

        def __init__(self, section: Section) -> None:
            super().__init__()
            self.section = section

    def __init__(self) -> None:
        super().__init__(id="review-diff", mark=NOW.sign)
        self._rows: DiffRows = DiffRows()
        self._built = Built()
        self._sections: Sequence[Section] = ()
        self._last_lines: dict[int, Section] = {}
        self._told: set[Section] = set()
        self._asked: set[Section] = set()
        self._anchor: int | None = None

    # --- content ------------------------------------------------------------------------

    def show_built(self, built: Built, sections: Sequence[Section]) -> None:
        """Replaces everything. The cursor stays on its line, and the line where it is on the screen."""
        was = self.row
        above = self._rows.top(self._cursor) - self.scroll_offset.y if self._cursor is not None else 0
        lines = built.lines
        self._built, self._sections = built, sections
        self._told &= set(sections)
        self._asked &= set(sections)
        self._last_lines = {
            last: section
            for section, (_, last) in zip(sections, built.files, strict=True)
            if not lines[last].key.startswith(FOLD_KEY)
        }
        self._anchor = None
        self._strips.clear()
        self._rows.show(lines)
        self._seen = 0
        again = self._place_of(was) if was is not None else None
        self._cursor = again if again is not None else self._rows.nearest_keyed(0)
        self._laid_out()
        if again is not None:
            y = self._rows.top(again) - above
            self.scroll_to(y=y, animate=False, immediate=True, force=True)

    def _place_of(self, was: Laid) -> int | None:
        """Where the same line of the diff is now, in whichever view; else the line with its key."""
        if isinstance(was, UnifiedRow | SplitRow):
            lines = self._rows.lines
            places = (place_key(line_place(was.section, line)) for line in was.lines)
            found = [(index, lines[index]) for key in places if (index := lines.index_of(key)) is not None]
            for index, laid in found:
                if isinstance(laid, UnifiedRow | SplitRow) and set(laid.lines) & set(was.lines):
                    return index
        return self._rows.index_of(was.key) if was.key else None

    def draw_anew(self) -> None:
        """Every row looks otherwise now."""
        self._strips.clear()
        self.refresh()

    def redraw(self, section: Section | None = None) -> None:
        """The rows of a file look otherwise now; without one the heads of all files do."""
        for other, (first, last) in zip(self._sections, self._built.files, strict=True):
            for index in range(first, last + 1 if other is section else first + 1):
                self._strips.discard(index)
        self.refresh()

    # --- where the reader is ------------------------------------------------------------

    @property
    def row(self) -> Laid | None:
        """What the cursor is on."""
        return self._rows.lines[self._cursor] if self._cursor is not None else None

    @property
    def row_or_above(self) -> DiffRow | HeadRow | None:
        """The line of the diff, or head of a file, that the cursor is on or beneath; None above them all."""
        lines, at = self._rows.lines, self._cursor if self._cursor is not None else -1
        above = (lines[index] for index in range(at, -1, -1))
        return next((laid for laid in above if isinstance(laid, UnifiedRow | SplitRow | HeadRow)), None)

    @property
    def file_index(self) -> int:
        """The file that the cursor is in; the first one above them all."""
        starts = [first for first, _ in self._built.files]
        return max(0, bisect_right(starts, self._cursor or 0) - 1)

    @property
    def section(self) -> Section | None:
        return self._sections[self.file_index] if self._sections else None

    @property
    def selecting(self) -> bool:
        return self._anchor is not None

    @property
    def selected(self) -> list[DiffRow]:
        """The lines of the selection, or the one under the cursor; none of it but lines of one file."""
        low, high = self._span()
        rows = [laid for laid in self._rows.lines[low : high + 1] if isinstance(laid, UnifiedRow | SplitRow)]
        return [laid for laid in rows if laid.section is rows[0].section]

    def _span(self) -> tuple[int, int]:
        """The first and the last line of the selection, kept within the file where it began."""
        if self._cursor is None:
            return 0, -1
        if self._anchor is None:
            return self._cursor, self._cursor
        starts = [first for first, _ in self._built.files]
        first, last = self._built.files[bisect_right(starts, self._anchor) - 1]
        cursor = min(max(self._cursor, first), last)
        return min(self._anchor, cursor), max(self._anchor, cursor)

    def select_lines(self) -> bool:
        """Begins a selection at the cursor. False where there is no line of the diff."""
        if not isinstance(self.row, UnifiedRow | SplitRow):
            return False
        self._anchor = self._cursor
        self.refresh()
        return True

    def drop_selection(self) -> None:
        self._anchor = None
        self.refresh()

    # --- moving -------------------------------------------------------------------------

    def next_change(self, by: int) -> None:
        changes, at = self._built.changes, self._cursor if self._cursor is not None else -1
        index = bisect_right(changes, at) if by > 0 else bisect_left(changes, at) - 1
        if 0 <= index < len(changes):
            self._jump(changes[index], CONTEXT_ABOVE)

    def next_file(self, by: int) -> None:
        starts, at = [first for first, _ in self._built.files], self._cursor or 0
        index = bisect_right(starts, at) if by > 0 else bisect_left(starts, at) - 1
        if 0 <= index < len(starts):
            self._jump(starts[index], 0)

    def go_to_file(self, path: str) -> None:
        for section, (first, _) in zip(self._sections, self._built.files, strict=True):
            if section.file.path == path:
                self._jump(first, 0)

    def show_cursor(self) -> None:
        """Brings it into sight, where the view has become lower."""
        if self._cursor is not None:
            self._move_to(self._cursor)

    def show_with_cursor(self, key: str) -> None:
        """Brings the lines with `key`, beneath the cursor's, into sight; with it where there is room."""
        first = self._rows.index_of(key)
        if first is None:
            return
        last = first
        while last + 1 < len(self._rows.lines) and self._rows.lines[last + 1].key == key:
            last += 1
        above = self._cursor if self._cursor is not None and self._cursor <= first else first
        room, end = self.scrollable_content_region.height, self._rows.end(last)
        top = self._rows.top(above if end - self._rows.top(above) <= room else first)
        self.scroll_to_region(Region(0, top, 1, min(end - top, room)), animate=False, force=True)

    def _jump(self, index: int, above: int) -> None:
        y = max(0, self._rows.top(index) - above)
        self.scroll_to(y=y, animate=False, immediate=True, force=True)
        self._place(index)

    # --- drawing ------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        at = y + self.scroll_offset.y
        if at >= self._rows.height or not self._rows.width:
            return strip
        index = self._rows.index_at(at)
        section = self._last_lines.get(index)
        if section is not None and section not in self._told and at == self._rows.end(index) - 1:
            self._saw(section)
        low, high = self._span()
        if self._anchor is not None and low <= index <= high and index != self._cursor:
            look = self.get_component_rich_style("diff--selected")
            style = RichStyle(bgcolor=look.bgcolor)
            strip = Strip(Segment.apply_style(strip, post_style=style), strip.cell_length)
        return strip

    def _saw(self, section: Section) -> None:
        """A line beneath a dialog was not seen."""
        if self.app.screen is self.screen:
            self._told.add(section)
            self.post_message(self.FileSeen(section))

    def _strips_of(self, index: int, base: Style) -> list[Strip]:
        laid = self._rows.lines[index]
        if isinstance(laid, UnifiedRow | SplitRow) and laid.section not in self._asked:
            self._asked.add(laid.section)
            self.post_message(self.ColoursWanted(laid.section))
        return super()._strips_of(index, base)
