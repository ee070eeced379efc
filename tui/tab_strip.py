"""A row of tabs, one line high, by key and mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.safe_text import fit, row


class TabStrip(Widget, can_focus=True):
    """Shows `(key, label)` pairs, one of them chosen. Left and right choose the next one."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TabStrip { height: 1; width: 1fr; background: transparent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Previous tab", show=False),
        Binding("right,l", "step(1)", "Next tab", show=False),
    ]

    class Chosen(Message):
        def __init__(self, strip: TabStrip, key: str) -> None:
            super().__init__()
            self.strip = strip
            self.key = key

        @property
        def control(self) -> TabStrip:
            return self.strip

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._tabs: tuple[tuple[str, str], ...] = ()
        self._chosen = ""

    @property
    def chosen(self) -> str:
        return self._chosen

    def show(self, tabs: Sequence[tuple[str, str]], chosen: str) -> None:
        if (tuple(tabs), chosen) != (self._tabs, self._chosen):
            self._tabs, self._chosen = tuple(tabs), chosen
            self.refresh()

    def render(self) -> Content:
        return fit(row(*(self._label(key, label) for key, label in self._tabs)), self.size.width)

    def _label(self, key: str, label: str) -> tuple[str, str]:
        if key != self._chosen:
            return (f" {label} ", "$text-muted")
        return (f" {label} ", "$background on $primary bold" if self.has_focus else "bold on $primary 30%")

    def action_step(self, by: int) -> None:
        keys = [key for key, _ in self._tabs]
        if self._chosen in keys:
            self.post_message(self.Chosen(self, keys[(keys.index(self._chosen) + by) % len(keys)]))

    def on_click(self, event: events.Click) -> None:
        edge = 0
        for key, label in self._tabs:
            edge += row(f" {label} ").cell_length
            if event.x < edge:
                self.post_message(self.Chosen(self, key))
                return
