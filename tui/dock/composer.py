"""Where the supervisor writes: a message to the worker, a review's comment, a comment on a line."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from core.untrusted import visible
from tui.keys import ComposerKind
from tui.safe_text import row


class ComposerArea(TextArea):
    """Sends with enter what is usually one line (a message), with ctrl+s everything."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j", "new_line", "New line", show=False),
        Binding("ctrl+s", "send", "Send", show=False),
    ]

    class Sent(Message):
        pass

    def __init__(self) -> None:
        super().__init__(id="composer-area", compact=True, tab_behavior="focus")
        self.sends_on_enter = False

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter" and self.sends_on_enter:
            event.stop()
            event.prevent_default()
            self.post_message(self.Sent())
            return
        await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        """What is pasted may hold control characters: they are made visible before they reach the screen."""
        event.text = visible(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        await super()._on_paste(event)
        event.prevent_default()

    def action_new_line(self) -> None:
        self.insert("\n")

    def action_send(self) -> None:
        self.post_message(self.Sent())


class Composer(Vertical):
    """Keeps one draft a kind and subject: closing it loses nothing. `drafts` may outlive it."""

    DEFAULT_CSS = """
    Composer {
        height: auto; padding: 0 1; border-left: outer $primary; background: $surface;
        & > Static { height: 1; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
        & > TextArea { height: auto; min-height: 1; max-height: 6; border: none; padding: 0; }
    }
    """

    class Done(Message):
        """Text was sent. `subject` is what it is about, as given to `open`."""

        def __init__(self, kind: ComposerKind, text: str, subject: str) -> None:
            super().__init__()
            self.kind = kind
            self.text = text
            self.subject = subject

    def __init__(self, drafts: dict[tuple[str, str], str] | None = None) -> None:
        super().__init__(id="composer")
        self.kind: ComposerKind = ""
        self.subject = ""
        self._drafts = drafts if drafts is not None else {}

    def compose(self) -> ComposeResult:
        yield Static(Content(""), id="composer-title", markup=False)
        yield ComposerArea()

    @property
    def area(self) -> ComposerArea:
        return self.query_one(ComposerArea)

    def open(self, kind: ComposerKind, title: Content, subject: str = "") -> None:
        self._keep_draft()
        self.kind, self.subject = kind, subject
        self.query_one("#composer-title", Static).update(title)
        self.area.sends_on_enter = kind == "message"
        self.area.text = self._drafts.get((kind, subject), "")
        self.area.move_cursor(self.area.document.end)
        self.area.focus()

    def close(self) -> None:
        """Keeps the draft."""
        self._keep_draft()
        self.kind = ""

    def forget_draft(self) -> None:
        self._drafts.pop((self.kind, self.subject), None)
        self.area.text = ""

    def _keep_draft(self) -> None:
        if self.kind:
            self._drafts[self.kind, self.subject] = self.area.text

    def on_composer_area_sent(self, event: ComposerArea.Sent) -> None:
        event.stop()
        self.post_message(self.Done(self.kind, self.area.text.strip(), self.subject))


def composer_title(kind: ComposerKind, chunk: int, place: str, comments: int) -> Content:
    """What is being written and to whom."""
    if kind == "message":
        return row(
            ("» Message to the worker", "$text-primary bold"), ("  delivered at its next turn", "$text-muted")
        )
    if kind == "comment":
        return row(
            (f"» Comment on {place}", "$text-primary bold"), ("  sent with c, as one review", "$text-muted")
        )
    if kind == "approve":
        return row(
            (f"» Approve chunk {chunk} with a note", "$text-primary bold"),
            ("  for the log and the worker", "$text-muted"),
        )
    if kind == "waive":
        return row((f"» Waive {place}", "$text-primary bold"), ("  why: the log records it", "$text-muted"))
    with_lines = f"  with {comments} on lines" if comments else ""
    return row((f"» Changes to chunk {chunk}", "$text-primary bold"), (with_lines, "$text-muted"))
