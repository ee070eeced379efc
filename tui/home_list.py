"""The list of home: rows come and go, and the cursor stays on its row, at its place on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.strip import Strip

from tui.line import Laid
from tui.lines_view import LinesView


class HomeList(LinesView):
    """`touched`: somebody moved the cursor. Until then it stands on the first row, whichever that is."""

    def __init__(self) -> None:
        super().__init__(mark="▸", id="home-list")
        self.touched = False

    def show_rows(self, lines: Sequence[Laid]) -> None:
        place = self._cursor_place()
        self.show(lines)
        first = next((line.key for line in lines if line.key), "")
        if not self.touched and first:
            self.place_cursor(first)
            return
        now = self._cursor_place()
        if place is None or now is None:
            return
        shown = self.scrollable_content_region.height
        # At the top what comes in above is to be seen, as long as the cursor's row is.
        stays = self.scroll_offset.y == 0 and now < shown
        if not stays and 0 <= place < shown:
            self.scroll_to(y=self.scroll_offset.y + now - place, animate=False, immediate=True, force=True)

    def _cursor_place(self) -> int | None:
        """The screen row of the cursor, counted from the top of the view; may be outside of it."""
        return None if self._cursor is None else self._rows.top(self._cursor) - self.scroll_offset.y

    def _with_cursor(self, strip: Strip, *, first_row: bool) -> Strip:
        """A pill keeps its colours: its text would not be read on the cursor's."""
        plain = self.visual_style.rich_style.bgcolor
        drawn = super()._with_cursor(strip, first_row=first_row)
        start = self._mark if first_row else ""
        below = Strip.join([Strip([Segment(start)]), strip.crop(len(start))])
        segments = [
            old if old.style is not None and old.style.bgcolor not in (None, plain) else new
            for old, new in zip(below, drawn, strict=True)
        ]
        return Strip(segments, strip.cell_length)

    def on_key(self, event: events.Key) -> None:
        self.touched = True

    def on_click(self, event: events.Click) -> None:
        self.touched = True
        super().on_click(event)
