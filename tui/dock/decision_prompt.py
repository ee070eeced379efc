"""The prompt of one decision: shows a DecisionForm and feeds it what is chosen and typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from core.run_state import DecisionState, RunState
from core.untrusted import visible
from tui.dock.decision_form import (
    CONFIRM_WORD,
    ELABORATE_QUESTION,
    TYPED,
    DecisionForm,
    PreferenceKind,
)
from tui.dock.decision_lines import (
    answer_lines,
    asked_words,
    decision_title,
    elaboration_lines,
    preview_words,
    question_lines,
    tier_lines,
)
from tui.dock.prompt import Prompt
from tui.keys import PromptKind
from tui.line import Line
from tui.lines_view import LinesView
from tui.safe_text import row, safe
from tui.typed_line import TypedLine

if TYPE_CHECKING:
    from core.absorption import Absorption

Absorb: TypeAlias = "Callable[[str, str, str], Absorption]"
"""(request id, choice, pattern) to what a preference would have saved; slow, never on the event loop."""


class DecisionPrompt(Prompt):
    """Digits choose a row, enter takes it. `t`, `e`, `l`, `w` open a stage of their own, esc leaves it."""

    KIND: ClassVar[PromptKind] = "decision"
    TAKES_FOCUS: ClassVar[bool] = True
    DEFAULT_CSS = """
    DecisionPrompt.deliberate { border-left: outer $error; }
    DecisionPrompt > #prompt-title { max-height: 3; }
    DecisionPrompt #subject {
        height: auto; max-height: 8; border: round $error; padding: 0 1; margin: 0;
        border-title-color: $text-error;
        & > LinesView { height: auto; max-height: 100%; }
        &:focus-within { border: heavy $error; }
    }
    DecisionPrompt #preview { max-height: 3; }
    DecisionPrompt #problem { color: $text-error; height: auto; }
    DecisionPrompt .hidden { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "screen.retier", show=False),
        Binding("e", "screen.elaborate", show=False),
        Binding("l", "screen.lock", show=False),
        Binding("w", "screen.learn", show=False),
        Binding("pagedown", "page_subject(1)", show=False, priority=True),
        Binding("pageup", "page_subject(-1)", show=False, priority=True),
    ]

    def __init__(self, decision: DecisionState, absorb: Absorb) -> None:
        super().__init__()
        self.form = DecisionForm(decision)
        self._absorb = absorb
        self._preview: tuple[str, Absorption] | None = None
        self._state = RunState()
        self._latest_said = 0
        self._now: datetime | None = None

    def compose(self) -> ComposeResult:
        yield from super().compose()
        if self.form.decision.request.subject is not None:
            with Vertical(id="subject"):
                yield LinesView(id="subject-lines")
        yield Static(Content(""), id="asked", classes="hidden", markup=False)
        yield TypedLine(id="typed", classes="hidden")
        yield Static(Content(""), id="preview", classes="hidden", markup=False)
        yield Static(Content(""), id="problem", classes="hidden", markup=False)

    def on_mount(self) -> None:
        subject = self.form.decision.request.subject
        if subject is not None:
            self.query_one("#subject").border_title = row("exactly what would happen")
            lines = (Line(safe(text), fold=True) for text in subject.split("\n"))
            self.query_one("#subject-lines", LinesView).show(lines)

    # --- showing ------------------------------------------------------------------------

    def show(self, state: RunState, index: int, count: int) -> None:
        """Brings it up to the state: another tier, what the worker said. The step at hand is kept."""
        fresh, before = not self.body.lines, self.form.decision
        self._state = state
        self.form = self.form.updated(state.decision(before.request.id) or before)
        self.set_class(self.form.deliberate, "deliberate")
        title = decision_title(self.form.decision, index, count)
        self.query_one("#prompt-title", Static).update(title)
        self._draw()
        if fresh:
            self.body.place_cursor(self.form.first_key)
        elif before.elaborations[-1:] != self.form.decision.elaborations[-1:]:
            self.call_after_refresh(self._bring_elaboration)

    def _draw(self) -> None:
        form, said = self.form, self.form.decision.elaborations
        if form.stage == "retiering":
            self.body.show(tier_lines(form))
            return
        question = [*question_lines(form.decision), *elaboration_lines(said[:-1], None)]
        self._latest_said = len(question)
        latest = elaboration_lines(said[-1:], self._waits_s())
        self.body.show([*question, *latest, *answer_lines(form.decision, self._state)])

    def _bring_elaboration(self) -> None:
        """What the worker was asked last, and said, comes into sight; the options are beneath it."""
        if self.form.stage == "choosing":
            self.body.bring(self._latest_said)

    def tick(self, now: datetime | None) -> None:
        """The seconds for which the worker is being asked."""
        self._now = now
        if self.form.under_way and self.children:
            self._draw()

    def _waits_s(self) -> int | None:
        activity = self._state.activity
        if self._now is None or activity is None or not self.form.under_way:
            return None
        return max(0, int((self._now - activity.since).total_seconds()))

    # --- choosing -----------------------------------------------------------------------

    def pick(self, number: int) -> None:
        """Puts the cursor on row `number`, as shown; enter takes it."""
        key = self.form.key_at(number)
        if key is not None and self.form.stage in ("choosing", "retiering"):
            self.scroll_to_widget(self.body, animate=False, immediate=True)
            self.body.select(key)

    @on(LinesView.Chosen, "#prompt-lines")
    def _chosen(self, event: LinesView.Chosen) -> None:
        event.stop()
        self._go(self.form.choose(event.key))

    def retier(self) -> None:
        self._go(self.form.retiering())

    def elaborate(self) -> None:
        self._go(self.form.elaborating())

    def prefer(self, kind: PreferenceKind) -> None:
        self._go(self.form.preferring(kind, self.body.cursor_key))

    def back(self) -> bool:
        """One step back, to choosing. False when it stood there already."""
        subject = self.query("#subject-lines:focus")
        if self.form.stage == "choosing" and not subject:
            return False
        self._go(self.form.back())
        self.focus_body()
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self.query("#subject-lines")) if action == "page_subject" else True

    def action_page_subject(self, by: int) -> None:
        """What would happen is read without leaving the answer."""
        subject = self.query_one("#subject-lines", LinesView)
        self.scroll_to_widget(self.query_one("#subject"), animate=False, immediate=True)
        subject.action_page(by)

    # --- typing -------------------------------------------------------------------------

    @on(TypedLine.Submitted, "#typed")
    def _typed(self, event: TypedLine.Submitted) -> None:
        event.stop()
        form, text = self.form, event.value
        if form.stage == "writing":
            self._go(form.write(text))
        elif form.stage == "elaborating":
            self._go(form.elaborate(text))
        elif form.stage == "preferring":
            self._go(form.prefer(text, self._preview_of(text)))
        else:
            self._go(form.type_word(text, self._unseen()))

    def _unseen(self) -> int:
        return sum(view.unseen for view in self.query("#subject-lines").results(LinesView))

    @on(TypedLine.Changed, "#typed")
    def _changed(self, event: TypedLine.Changed) -> None:
        event.stop()
        if self.form.stage == "preferring" and self._preview_of(event.value) is None:
            self._show_preview(None)
            self.run_worker(self._look(event.value), group="preview", exclusive=True)

    async def _look(self, pattern: str) -> None:
        """Off the event loop; the latest pattern wins."""
        choice = self.form.chosen_label
        preview = await asyncio.to_thread(self._absorb, self.form.decision.request.id, choice, pattern)
        self._preview = (pattern, preview)
        if self.form.stage == "preferring":
            self._show_preview(preview)

    def _preview_of(self, pattern: str) -> Absorption | None:
        return self._preview[1] if self._preview is not None and self._preview[0] == pattern else None

    def _show_preview(self, preview: Absorption | None) -> None:
        self.query_one("#preview", Static).update(row(preview_words(preview)))

    # --- the next step ------------------------------------------------------------------

    def _go(self, form: DecisionForm) -> None:
        before, self.form = self.form, replace(form, command=None)
        asks = form.stage in TYPED
        self.set_class(asks, "asking")
        self.query_one("#asked", Static).update(row(asked_words(form)))
        self.query_one("#problem", Static).update(row(form.problem))
        for name, shown in (
            ("#asked", asks),
            ("#typed", asks),
            ("#preview", form.stage == "preferring"),
            ("#problem", bool(form.problem)),
        ):
            self.query_one(name).set_class(not shown, "hidden")
        if form.stage != before.stage:
            self._entered(before)
        if asks:
            self.keep_typing_in_sight()
        if form.command is not None:
            self.post_message(self.Answered(form.command))

    def _entered(self, before: DecisionForm) -> None:
        stage, typed = self.form.stage, self.query_one("#typed", TypedLine)
        if "retiering" in (stage, before.stage):
            self._draw()
            self.body.place_cursor(self.form.first_key)
        self._preview = None
        if stage == "preferring":
            typed.begin(self._first_pattern())
        elif stage in TYPED:
            hints = {"confirming": f"type {CONFIRM_WORD}", "elaborating": ELABORATE_QUESTION}
            typed.begin(placeholder=hints.get(stage, ""))
        else:
            self.focus_body()
        self.post_message(self.Stepped())

    def _first_pattern(self) -> str:
        from core.absorption import suggested_pattern

        return visible(suggested_pattern(self.form.decision.request), keep_newlines=False)
