"""The foot of the screen: the keys that work now, each of them clickable."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.keys import HELP, KeyHint
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
        return fit(row(*(part for hint in self._fitting() for part in _parts(hint))), self.size.width)

    def _fitting(self) -> list[KeyHint]:
        """Those that fit whole, the first ones first; the way to all others, help, stays."""
        room = self.size.width - sum(_width(h) for h in self._hints if h == HELP)
        hints = self._hints
        if sum(_width(h) for h in hints[: _last_short(hints) + 1]) > room:
            hints = tuple(h._replace(label=h.short or h.label) for h in hints)
        fitting: list[KeyHint] = []
        for hint in hints:
            if hint != HELP:
                room -= _width(hint)
            if hint == HELP or room >= 0:
                fitting.append(hint)
        return fitting

    def on_click(self, event: events.Click) -> None:
        edge = 0
        for hint in self._fitting():
            edge += _width(hint)
            if event.x < edge:
                if hint.action:
                    self.post_message(self.Pressed(hint.action))
                return


def _last_short(hints: Sequence[KeyHint]) -> int:
    """Where the last hint is that can be said in short: those up to it should fit."""
    return max((i for i, hint in enumerate(hints) if hint.short), default=-1)


def _width(hint: KeyHint) -> int:
    return row(*_parts(hint)).cell_length


def _parts(hint: KeyHint) -> tuple[tuple[str, str], tuple[str, str]]:
    return (f" {hint.key}", "$text-primary bold"), (f" {hint.label} ", "$foreground 85%")
