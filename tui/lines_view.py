"""A virtualised list of lines: the body of every panel, the stream, the diff and the log.

Lines wrap at the view's width and wrap again when it changes. Only the rows on screen are rendered, so
20,000 lines cost what a screenful costs. It follows the end until the reader scrolls up. The scroller has
no border; its frame belongs to the widget around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual

from tui.line import Laid, same_line
from tui.line_rows import LineRows

KEPT_STRIPS = 1024


class LinesView(ScrollView, can_focus=True):
    """Shows Lines. Where some have keys, a cursor moves over them: enter or a click chooses one."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor"}
    DEFAULT_CSS = """
    LinesView {
        height: 1fr;
        width: 1fr;
        scrollbar-size: 0 1;
        scrollbar-gutter: stable;
        overflow-x: hidden;
        overflow-y: auto;
        background: transparent;
        & > .lines--cursor { background: $primary 15%; }
        &:focus > .lines--cursor { background: $primary 35%; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "edge(-1)", "Top", show=False),
        Binding("end,G", "edge(1)", "End", show=False),
        Binding("enter", "choose", "Open", show=False),
    ]

    class Chosen(Message):
        """Enter or a click on a line with a key."""

        def __init__(self, view: LinesView, key: str) -> None:
            super().__init__()
            self.view = view
            self.key = key

        @property
        def control(self) -> LinesView:
            return self.view

    class Moved(Message):
        """The cursor is on another line."""

        def __init__(self, view: LinesView) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> LinesView:
            return self.view

    def __init__(self, *, follow: bool = False, mark: str = "", id: str | None = None) -> None:
        """`mark` is one cell that stands in place of the first one of the cursor's line."""
        super().__init__(id=id)
        self._mark = mark
        self._rows = LineRows()
        self._seen = 0
        self._strips: LRUCache[int, list[Strip]] = LRUCache(KEPT_STRIPS)
        self._follow = follow
        self._following = follow
        self._laid_out_for = Size(0, 0)
        self._cursor: int | None = None

    # --- content ------------------------------------------------------------------------

    @property
    def lines(self) -> Sequence[Laid]:
        return self._rows.lines

    @property
    def cursor_key(self) -> str:
        return self._rows.lines[self._cursor].key if self._cursor is not None else ""

    @property
    def unseen(self) -> int:
        """How many lines, beneath the lowest one that was ever drawn whole, nobody can have seen yet."""
        return len(self._rows.lines) - self._seen

    def show(self, lines: Iterable[Laid]) -> None:
        """Replaces all lines. Equal lines at the beginning are kept as they are laid out."""
        new = list(lines)
        kept = 0
        for old_line, new_line in zip(self._rows.lines, new, strict=False):
            if old_line is not new_line and not same_line(old_line, new_line):
                break
            kept += 1
        self.replace_from(kept, new[kept:])

    def append(self, lines: Iterable[Laid]) -> None:
        self.replace_from(len(self._rows.lines), lines)

    def replace_from(self, index: int, lines: Iterable[Laid]) -> None:
        """Puts `lines` in the place of all lines from `index` on."""
        key = self.cursor_key
        for i in range(index, len(self._rows.lines)):
            self._strips.discard(i)
        self._rows.replace_from(index, lines)
        self._seen = min(self._seen, index)
        self._cursor = self._find(key)
        self._laid_out()

    @property
    def is_at_end(self) -> bool:
        return self.scroll_offset.y >= self.virtual_size.height - self.scrollable_content_region.height

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self.scrollable_content_region.size == self._laid_out_for:
            self._following = self._follow and self.is_at_end

    def _find(self, key: str) -> int | None:
        """The line with `key`, else the first one that has any."""
        index = self._rows.index_of(key) if key else None
        return index if index is not None else self._rows.nearest_keyed(0)

    # --- layout -------------------------------------------------------------------------

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """For `height: auto`: the rows that all lines take at `width`, the scrollbar's gutter left out."""
        return sum(line.count(width - self.scrollbar_size_vertical) for line in self._rows.lines)

    def _laid_out(self) -> None:
        if self.styles.is_auto_height:
            self.refresh(layout=True)
        self.virtual_size = Size(self._rows.width, self._rows.height)
        if self._following:
            self.scroll_end(animate=False, immediate=True, force=True, x_axis=False)
        self.refresh()

    def on_resize(self) -> None:
        """A scroll between the new size and this is the layout's, not the reader's: it goes on following."""
        self._laid_out_for = self.scrollable_content_region.size
        width = self._laid_out_for.width
        if width != self._rows.width:
            self._strips.clear()
            self._rows.set_width(width)
        self._laid_out()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    # --- rendering ----------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        width = self.size.width
        base = self.visual_style
        if at >= self._rows.height or not self._rows.width:  # not laid out yet
            return Strip.blank(width, base.rich_style)
        index = self._rows.index_at(at)
        top = self._rows.top(index)
        strips = self._strips_of(index, base)
        if at == self._rows.end(index) - 1:
            self._seen = max(self._seen, index + 1)
        strip = strips[at - top] if at - top < len(strips) else Strip.blank(width, base.rich_style)
        if index == self._cursor:
            strip = self._with_cursor(strip, first_row=at == top)
        return strip

    def _with_cursor(self, strip: Strip, *, first_row: bool) -> Strip:
        """The cursor's row: its colour over the line's own, and a mark where the view wants one."""
        if not self.has_focus and not self._mark:
            return strip
        look = self.get_component_rich_style("lines--cursor")
        style = RichStyle(bgcolor=look.bgcolor, bold=look.bold)
        if self._mark and first_row:
            strip = Strip.join([Strip([Segment(self._mark, self.rich_style)]), strip.crop(1)])
        return Strip(Segment.apply_style(strip, post_style=style), strip.cell_length)

    def _strips_of(self, index: int, base: Style) -> list[Strip]:
        strips = self._strips.get(index)
        if strips is None:
            line = self._rows.lines[index]
            style = base + self.app.stylesheet.parse_style(line.fill) if line.fill else base
            strips = [self._strip(c, style) for c in line.rows(self._rows.width)]
            self._strips[index] = strips
        return strips

    def _strip(self, content: Content, style: Style) -> Strip:
        width = self.size.width
        drawn = Visual.to_strips(self, content, max(width, 1), 1, style, apply_selection=False)
        strip = drawn[0] if drawn else Strip.blank(width, style.rich_style)
        return strip.adjust_cell_length(width, style.rich_style)

    # --- moving -------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """To the next line that can be chosen; where there is none it scrolls: all of it can be read."""
        index = self._rows.next_keyed(self._cursor, by) if self._cursor is not None else None
        if index is None or index == self._cursor:
            self.scroll_relative(y=by, animate=False)
        else:
            self._move_to(index)

    def action_page(self, by: int) -> None:
        """A screenful on; the cursor comes along where there is a line for it, and else stays behind."""
        shown = self.scrollable_content_region.height
        step = by * max(1, shown - 1)
        wanted = self._rows.top(self._cursor) + step if self._cursor is not None else 0
        self.scroll_relative(y=step, animate=False, immediate=True)
        if self._cursor is None:
            return
        first = self.scroll_offset.y
        last = first + shown - 1
        index = self._rows.nearest_keyed(min(max(wanted, first), last))
        if index is not None and first <= self._rows.top(index) <= last:
            self._move_to(index)

    def action_edge(self, by: int) -> None:
        if by < 0:
            self.scroll_home(animate=False, immediate=True)
        else:
            self.scroll_end(animate=False, immediate=True)
        index = self._rows.nearest_keyed(0 if by < 0 else self._rows.height)
        if self._cursor is not None and index is not None:
            self._place(index)

    def select(self, key: str) -> None:
        """Puts the cursor on the line with `key`, if there is one."""
        index = self._rows.index_of(key)
        if index is not None:
            self._move_to(index)

    def place_cursor(self, key: str) -> None:
        """As `select`, without scrolling: the beginning stays in sight."""
        index = self._rows.index_of(key)
        if index is not None:
            self._place(index)

    def bring(self, index: int) -> None:
        """Scrolls so that a line is at the top, or as near to it as there are lines beneath it."""
        self.scroll_to(y=self._rows.top(index), animate=False, immediate=True, force=True)

    def _place(self, index: int) -> None:
        self._cursor = index
        self.refresh()
        self.post_message(self.Moved(self))

    def _move_to(self, index: int) -> None:
        top = self._rows.top(index)
        region = Region(0, top, max(1, self._rows.width), self._rows.end(index) - top)
        self.scroll_to_region(region, animate=False, force=True)
        self._place(index)

    def action_choose(self) -> None:
        """What is out of sight is brought into it first: nobody chooses what they have not seen."""
        if self._cursor is None or not self.cursor_key:
            return
        top, shown = self._rows.top(self._cursor), self.scrollable_content_region.height
        if not self.scroll_offset.y <= top < self.scroll_offset.y + shown:
            self._move_to(self._cursor)
        else:
            self.post_message(self.Chosen(self, self.cursor_key))

    def on_click(self, event: events.Click) -> None:
        at = event.y + self.scroll_offset.y
        if at >= self._rows.height:
            return
        index = self._rows.index_at(at)
        if self._rows.lines[index].key:
            self._move_to(index)
            self.action_choose()

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        return bool(self.cursor_key) if action == "choose" else True
