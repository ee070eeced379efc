"""The prompts at the foot of the screen: a decision, a review, a question, the end of the run."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from core.commands import AnswerInput, Command
from core.events import InputRequested
from core.run_state import ChunkState, DecisionState, RunState
from tui.dock import prompt_lines
from tui.dock.decision_form import CONFIRM_WORD, OPTION, DecisionForm
from tui.line import Line
from tui.lines_view import LinesView
from tui.marks import NOW
from tui.safe_text import row, safe


class Prompt(Vertical):
    """A title that stays and lines beneath it. Subclasses fill them from the state."""

    DEFAULT_CSS = """
    Prompt {
        height: auto;
        max-height: 100%;
        overflow-y: auto;
        scrollbar-size: 0 0;
        padding: 0 1;
        border-left: outer $accent;
        background: $surface;
        & > Static { height: auto; max-height: 2; width: 1fr; text-overflow: ellipsis; }
        & > LinesView { height: auto; max-height: 55vh; min-height: 1; }
    }
    """

    class Answered(Message):
        """The reader chose; the screen submits `command`."""

        def __init__(self, command: Command) -> None:
            super().__init__()
            self.command = command

    def compose(self) -> ComposeResult:
        yield Static(Content(""), id="prompt-title", markup=False)
        yield LinesView(id="prompt-lines", mark=NOW.sign)

    @property
    def body(self) -> LinesView:
        return self.query_one("#prompt-lines", LinesView)

    def fill(self, title: Content, lines: Iterable[Line]) -> None:
        self.query_one("#prompt-title", Static).update(title)
        self.body.show(lines)

    def focus_body(self) -> None:
        self.body.focus()

    def choose(self) -> None:
        """What enter does, for a click on the key bar."""
        self.body.action_choose()


class DecisionPrompt(Prompt):
    """Shows a DecisionForm and feeds it. Digits choose a row, enter takes it."""

    DEFAULT_CSS = """
    DecisionPrompt.deliberate { border-left: outer $error; }
    DecisionPrompt #subject {
        height: auto; max-height: 8; border: round $error; padding: 0 1; margin: 0;
        border-title-color: $text-error;
        & > LinesView { height: auto; max-height: 6; }
    }
    DecisionPrompt Input { height: 1; border: none; padding: 0 1; background: $boost; }
    DecisionPrompt #problem { color: $text-error; height: auto; }
    DecisionPrompt .hidden { display: none; }
    """

    def __init__(self, decision: DecisionState) -> None:
        super().__init__()
        self.form = DecisionForm(decision)
        self.set_class(self.form.deliberate, "deliberate")

    def compose(self) -> ComposeResult:
        yield from super().compose()
        if self.form.decision.request.subject is not None:
            with Vertical(id="subject"):
                yield LinesView(id="subject-lines")
        yield Static(Content(""), id="asked", classes="hidden", markup=False)
        yield Input(id="typed", classes="hidden", compact=True)
        yield Static(Content(""), id="problem", classes="hidden", markup=False)

    def on_mount(self) -> None:
        subject = self.form.decision.request.subject
        if subject is not None:
            self.query_one("#subject").border_title = row("exactly what would happen")
            lines = (Line(safe(text)) for text in subject.split("\n"))
            self.query_one("#subject-lines", LinesView).show(lines)

    def show(self, state: RunState, index: int, count: int) -> None:
        fresh = not self.body.lines
        title = prompt_lines.decision_title(self.form.decision, index, count)
        self.fill(title, prompt_lines.decision_lines(self.form, state))
        if fresh:
            self.body.place_cursor(self.form.first_key)

    def pick(self, number: int) -> None:
        """Puts the cursor on row `number`, as shown; enter takes it."""
        key = self.form.key_at(number)
        if key is not None and self.form.stage == "choosing":
            self.body.select(key)

    @on(LinesView.Chosen, "#prompt-lines")
    def _chosen(self, event: LinesView.Chosen) -> None:
        event.stop()
        self._go(self.form.choose(event.key))

    @on(Input.Submitted, "#typed")
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        form = self.form
        self._go(form.write(event.value) if form.stage == "writing" else form.type_word(event.value))

    def back(self) -> bool:
        """From writing or confirming to choosing. False when it stood there already."""
        if self.form.stage == "choosing":
            return False
        self._go(self.form.back())
        return True

    def _go(self, form: DecisionForm) -> None:
        entered = form.stage != self.form.stage
        self.form = form
        typed = self.query_one("#typed", Input)
        asks = form.stage in ("writing", "confirming")
        self.set_class(asks, "asking")
        self.query_one("#asked", Static).update(self._asked())
        self.query_one("#problem", Static).update(row(form.problem))
        self.query_one("#asked").set_class(not asks, "hidden")
        typed.set_class(not asks, "hidden")
        self.query_one("#problem").set_class(not form.problem, "hidden")
        if entered:
            typed.value = ""
            typed.placeholder = f"type {CONFIRM_WORD}" if form.stage == "confirming" else ""
            if asks:
                typed.focus()
            else:
                self.focus_body()
        if form.command is not None:
            self.post_message(self.Answered(form.command))

    def _asked(self) -> Content:
        if self.form.stage == "writing":
            return row(("Your answer:", "bold"))
        return row(
            ("You chose: ", "bold"),
            self.form.chosen_label,
            ("   Type the word ", "bold"),
            (f" {CONFIRM_WORD} ", "$background on $error bold"),
            (" and press enter.", "bold"),
        )


class ReviewBar(Prompt):
    """Whether the chunk can be trusted, in one line, and the worker's summary. Its keys are the screen's."""

    def show(self, chunk: ChunkState, state: RunState, comments: int, index: int, count: int) -> None:
        title = prompt_lines.review_title(chunk, index, count)
        self.fill(title, prompt_lines.review_lines(chunk, state, comments))


class InputPrompt(Prompt):
    """A question of the engine itself, with its options."""

    def __init__(self, request: InputRequested) -> None:
        super().__init__()
        self.request = request

    def show(self, index: int, count: int) -> None:
        self.fill(
            prompt_lines.input_title(self.request, index, count), prompt_lines.input_lines(self.request)
        )

    def pick(self, number: int) -> None:
        if 1 <= number <= len(self.request.options):
            self.body.select(f"{OPTION}{self.request.options[number - 1][0]}")

    @on(LinesView.Chosen)
    def _chosen(self, event: LinesView.Chosen) -> None:
        event.stop()
        option = event.key.removeprefix(OPTION)
        self.post_message(self.Answered(AnswerInput(request_id=self.request.request_id, option=option)))


class EndedBar(Prompt):
    """The run is over: how, where the files are, what next."""

    DEFAULT_CSS = """
    EndedBar { border-left: outer $primary; }
    """

    def show(self, state: RunState) -> None:
        self.fill(prompt_lines.ended_title(state), prompt_lines.ended_lines(state))
