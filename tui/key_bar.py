"""The foot of the screen: the keys that work now, each of them clickable."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.keys import KeyHint
from tui.safe_text import fit, row


class KeyBar(Widget):
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar { height: 1; width: 1fr; background: $panel; }
    """

    class Pressed(Message):
        """A hint was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._hints: tuple[KeyHint, ...] = ()

    @property
    def hints(self) -> tuple[KeyHint, ...]:
        return self._hints

    def show(self, hints: Sequence[KeyHint]) -> None:
        if tuple(hints) != self._hints:
            self._hints = tuple(hints)
            self.refresh()

    def render(self) -> Content:
        return fit(row(*(part for hint in self._hints for part in _parts(hint))), self.size.width)

    def on_click(self, event: events.Click) -> None:
        edge = 0
        for hint in self._hints:
            edge += sum(row(part).cell_length for part in _parts(hint))
            if event.x < edge:
                if hint.action:
                    self.post_message(self.Pressed(hint.action))
                return


def _parts(hint: KeyHint) -> tuple[tuple[str, str], tuple[str, str]]:
    return (f" {hint.key}", "$text-primary bold"), (f" {hint.label} ", "$foreground 85%")
