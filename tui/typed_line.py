"""One line that a person types: a free answer, a word, a reason, a pattern."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from core.visible import visible


class TypedLine(Input):
    DEFAULT_CSS = """
    TypedLine { height: 1; border: none; padding: 0 1; background: $boost; }
    """

    def __init__(self, *, id: str, classes: str = "") -> None:
        super().__init__(id=id, classes=classes, compact=True, select_on_focus=False)

    def _on_paste(self, event: events.Paste) -> None:
        """What is pasted may hold control characters: they are made visible before they reach the screen."""
        event.text = visible(event.text, keep_newlines=True)
        super()._on_paste(event)
        event.prevent_default()

    def begin(self, value: str = "", placeholder: str = "") -> None:
        self.value = value
        self.placeholder = placeholder
        self.cursor_position = len(value)
        self.focus()
