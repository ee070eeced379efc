"""One line in which a text is sought in the diff."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tui.safe_text import row
from tui.typed_line import TypedLine


class SearchLine(Horizontal):
    """`text` is what is sought; how many lines have it is said at its right."""

    DEFAULT_CSS = """
    SearchLine {
        height: 1; width: 1fr; background: $surface;
        & > #search-sign { width: 3; color: $text-primary; text-style: bold; }
        & > TypedLine { width: 1fr; }
        & > #search-count { width: auto; padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "go(1)", show=False),
        Binding("up", "go(-1)", show=False),
    ]

    class Typed(Message):
        """The text is another one."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Go(Message):
        """To the next line that has the text, or the previous one."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(self) -> None:
        super().__init__(id="search")

    def compose(self) -> ComposeResult:
        yield Static(Content(""), id="search-sign", markup=False)
        yield TypedLine(id="search-text")
        yield Static(Content(""), id="search-count", markup=False)

    def on_mount(self) -> None:
        self.query_one("#search-sign", Static).update(row(" / "))

    @property
    def typed(self) -> TypedLine:
        return self.query_one(TypedLine)

    def say(self, at: int, count: int) -> None:
        """`at` counts from 1; 0: the reader is at none of them."""
        if not self.typed.value:
            said = ("text of the diff, folded files too", "$text-muted")
        elif not count:
            said = ("not found", "$text-warning")
        else:
            lines = f"{count:,} line{'s' * (count != 1)}"
            said = (f"{at:,} of {lines}" if at else lines, "$text-muted")
        self.query_one("#search-count", Static).update(row(said))

    def action_go(self, by: int) -> None:
        self.post_message(self.Go(by))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go(1)
