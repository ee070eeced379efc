"""The gap between two columns: dragging it resizes the outer one."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


class Splitter(Widget):
    """One cell wide. `column` is the column that it resizes."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Splitter {
        width: 1;
        height: 1fr;
        background: $background;
        &:hover { background: $primary 40%; }
        &.dragged { background: $primary; }
    }
    """

    class Dragged(Message):
        """`by` in cells to the right; `done` when the button was let go."""

        def __init__(self, column: str, by: int, *, done: bool) -> None:
            super().__init__()
            self.column = column
            self.by = by
            self.done = done

    def __init__(self, column: str) -> None:
        super().__init__(id=f"{column}-splitter", classes="splitter")
        self._column = column
        self._at: int | None = None

    def render(self) -> Content:
        return Content("")

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._at = event.screen_x
        self.add_class("dragged")
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._at is not None and event.screen_x != self._at:
            self.post_message(self.Dragged(self._column, event.screen_x - self._at, done=False))
            self._at = event.screen_x

    def on_mouse_up(self) -> None:
        self._at = None
        self.remove_class("dragged")
        self.release_mouse()
        self.post_message(self.Dragged(self._column, 0, done=True))
