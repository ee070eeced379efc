"""Queued decisions as one list: approve all, review one, reject one (SPEC 5, batch)."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from core.run_state import DecisionState
from tui.dock.batch_lines import QUEUED, batch_lines, batch_title, is_open, recommended_label
from tui.dock.decision_form import answer_to
from tui.dock.prompt import Prompt
from tui.keys import PromptKind
from tui.lines_view import LinesView
from tui.safe_text import row
from tui.typed_line import TypedLine


class BatchPrompt(Prompt):
    """`decisions` are all that the list was put with, those decided meanwhile too."""

    KIND: ClassVar[PromptKind] = "batch"
    TAKES_FOCUS: ClassVar[bool] = True
    DEFAULT_CSS = """
    BatchPrompt #problem { color: $text-error; }
    BatchPrompt .hidden { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("A", "screen.approve_all", show=False),
        Binding("R", "screen.reject", show=False),
    ]

    class Opened(Message):
        """One of the list is to be looked at by itself."""

        def __init__(self, request_id: str) -> None:
            super().__init__()
            self.request_id = request_id

    def __init__(self) -> None:
        super().__init__()
        self.decisions: tuple[DecisionState, ...] = ()
        self.stage: Literal["choosing", "rejecting"] = "choosing"
        self._rejected = ""

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Static(Content(""), id="asked", classes="hidden", markup=False)
        yield TypedLine(id="typed", classes="hidden")
        yield Static(Content(""), id="problem", classes="hidden", markup=False)

    def show(self, decisions: tuple[DecisionState, ...], index: int, count: int) -> None:
        fresh = not self.body.lines
        self.decisions = decisions
        self.fill(batch_title(decisions, index, count), batch_lines(decisions))
        if fresh:
            first = next((d for d in decisions if is_open(d)), decisions[0])
            self.body.place_cursor(f"{QUEUED}{first.request.id}")
        if self.stage == "rejecting" and not self._open(self._rejected):
            self._step("choosing")

    def _open(self, request_id: str) -> DecisionState | None:
        return next((d for d in self.decisions if d.request.id == request_id and is_open(d)), None)

    @property
    def selected(self) -> DecisionState | None:
        """The open decision under the cursor."""
        return self._open(self.body.cursor_key.removeprefix(QUEUED))

    def pick(self, number: int) -> None:
        if self.stage == "choosing" and 1 <= number <= len(self.decisions):
            self.body.select(f"{QUEUED}{self.decisions[number - 1].request.id}")

    @on(LinesView.Chosen, "#prompt-lines")
    def _chosen(self, event: LinesView.Chosen) -> None:
        event.stop()
        request_id = event.key.removeprefix(QUEUED)
        if self._open(request_id):
            self.post_message(self.Opened(request_id))

    def reject(self) -> None:
        """Asks for what the worker is told instead."""
        selected = self.selected
        if selected is not None:
            self._rejected = selected.request.id
            asked = row((f"Reject: {selected.request.title}. ", "bold"), "What should the worker do instead?")
            self.query_one("#asked", Static).update(row(asked))
            self._step("rejecting")

    def back(self) -> bool:
        if self.stage == "choosing":
            return False
        self._step("choosing")
        return True

    @on(TypedLine.Submitted, "#typed")
    def _typed(self, event: TypedLine.Submitted) -> None:
        event.stop()
        decision, note = self._open(self._rejected), event.value.strip()
        if decision is not None and note:
            self._step("choosing")
            label = recommended_label(decision)
            text = f"Not: {label}" if label else "None of what was proposed"
            command = answer_to(decision.request, None, text, note=note, rejected=True)
            self.post_message(self.Answered(command))
            return
        self.query_one("#problem", Static).update(
            row("Write a note first: the worker has to know what to do.")
        )
        self.query_one("#problem").remove_class("hidden")

    def _step(self, stage: Literal["choosing", "rejecting"]) -> None:
        self.stage = stage
        asks = stage == "rejecting"
        self.set_class(asks, "asking")
        self.query_one("#asked").set_class(not asks, "hidden")
        self.query_one("#typed").set_class(not asks, "hidden")
        self.query_one("#problem").add_class("hidden")
        if asks:
            self.query_one("#typed", TypedLine).begin()
            self.keep_typing_in_sight()
        else:
            self.focus_body()
        self.post_message(self.Stepped())
