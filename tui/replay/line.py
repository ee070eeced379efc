"""The line above the keys in which a reader types where to go, or what to look for."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tui.replay.going import EXPECTED
from tui.replay.keys import Typing
from tui.safe_text import row
from tui.typed_line import TypedLine

ASKED: dict[Typing, tuple[str, str]] = {
    "go": ("Go to:", EXPECTED),
    "search": ("Search:", "a text in any record from here on"),
    "": ("", ""),
}


class ReplayLine(Horizontal):
    """`typing` is what it is open for; "" while it is closed."""

    DEFAULT_CSS = """
    ReplayLine { height: 1; background: $surface; }
    ReplayLine > Static { width: auto; padding: 0 1; color: $text-primary; text-style: bold; }
    ReplayLine > TypedLine { width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__(id="replay-line")
        self.typing: Typing = ""
        self.display = False

    def compose(self) -> ComposeResult:
        yield Static(Content(""), id="replay-asked", markup=False)
        yield TypedLine(id="replay-typed")

    def open(self, typing: Typing, text: str = "") -> None:
        self.typing = typing
        asked, expected = ASKED[typing]
        self.display = True
        self.query_one("#replay-asked", Static).update(row(asked))
        typed = self.query_one(TypedLine)
        typed.begin(text, expected)
        # At once: whoever types fast has the next key on its way.
        self.screen.set_focus(typed)

    def close(self) -> None:
        self.typing = ""
        self.display = False
