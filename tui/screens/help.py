"""Every key and what it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.keys import HELP_ENTRIES, HelpEntry
from tui.line import Line
from tui.lines_view import LinesView
from tui.safe_text import row

KEY_WIDTH = 18


class HelpScreen(ModalScreen[None]):
    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen > Vertical {
        width: 84; max-width: 100%; height: auto; max-height: 100%;
        border: heavy $primary; border-title-color: $text-primary; border-title-style: bold;
        padding: 0 1; background: $surface;
        & > LinesView { height: auto; max-height: 40; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "close", "Close", show=False),
    ]

    def __init__(self, entries: Sequence[HelpEntry] = HELP_ENTRIES) -> None:
        super().__init__()
        self._entries = entries

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = row("Keys - esc closes")
            yield LinesView(id="help-lines")

    def on_mount(self) -> None:
        self.query_one(LinesView).show(
            Line(row((f"{entry.keys:<{KEY_WIDTH}}", "$text-primary bold"), entry.what), hang=KEY_WIDTH)
            for entry in self._entries
        )
        self.query_one(LinesView).focus()

    def action_close(self) -> None:
        self.dismiss(None)
