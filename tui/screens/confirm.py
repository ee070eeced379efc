"""One more question before something that can't be taken back: `y` does it, anything else does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.dock.guard import Guard
from tui.line import Line
from tui.lines_view import LinesView
from tui.safe_text import row


class Confirm(ModalScreen[bool]):
    """Guarded like a prompt: keys that come in the moment it appears do nothing."""

    DEFAULT_CSS = """
    Confirm { align: center middle; background: $background 60%; }
    Confirm > Vertical {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        border: heavy $warning; border-title-color: $text-warning; border-title-style: bold;
        padding: 0 1; background: $surface;
        & > LinesView { height: auto; max-height: 14; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", show=False),
        Binding("n,escape,q", "answer(False)", "No", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[str], yes: str, no: str, guard: Guard) -> None:
        super().__init__()
        self._heading = title
        self._lines = lines
        self._yes, self._no = yes, no
        self._guard = guard

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = row(self._heading)
            yield LinesView(id="confirm-lines")

    def on_mount(self) -> None:
        self._guard.appeared()
        keys = row((" y ", "$text-warning bold"), self._yes, ("    n ", "$text-primary bold"), self._no)
        self.query_one(LinesView).show(
            [*(Line(row(text)) for text in self._lines), Line(row("")), Line(keys)]
        )

    def admits(self, event: events.Key) -> bool:
        return self._guard.key_came(event)

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
