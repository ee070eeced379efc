"""The prompts at the foot of the screen: what they share, and the short ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from core.commands import AnswerInput, Command
from core.events import InputRequested
from core.run_state import ChunkState, RunState
from tui.dock import prompt_lines
from tui.dock.decision_form import OPTION
from tui.keys import PromptKind
from tui.line import Line
from tui.lines_view import LinesView
from tui.marks import NOW


class Prompt(Vertical):
    """A title that stays and lines beneath it. Subclasses fill them from the state.

    `TAKES_FOCUS`: it is answered by keys of its own, so it has the focus when it comes up.
    """

    KIND: ClassVar[PromptKind] = ""
    TAKES_FOCUS: ClassVar[bool] = False
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

    class Stepped(Message):
        """It is at another stage: other keys work."""

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
        """Nothing while it is being mounted: the dock gives it the focus then."""
        if self.children:
            self.body.focus()

    def choose(self) -> None:
        """What enter does, for a click on the key bar."""
        if self.children:
            self.body.action_choose()

    def keep_typing_in_sight(self) -> None:
        """On a small terminal: what is typed stands at the foot of the prompt."""
        self.call_after_refresh(self.scroll_end, animate=False, immediate=True)

    def pick(self, number: int) -> None:
        """What a digit does."""

    def back(self) -> bool:
        """One step back. False when there was none."""
        return False


class ReviewBar(Prompt):
    """Whether the chunk can be trusted, in one line, and the worker's summary. Its keys are the screen's."""

    KIND: ClassVar[PromptKind] = "review"

    def show(self, chunk: ChunkState, state: RunState, comments: int, index: int, count: int) -> None:
        title = prompt_lines.review_title(chunk, index, count)
        self.fill(title, prompt_lines.review_lines(chunk, state, comments))


class InputPrompt(Prompt):
    """A question of the engine itself, with its options."""

    KIND: ClassVar[PromptKind] = "input"
    TAKES_FOCUS: ClassVar[bool] = True

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

    KIND: ClassVar[PromptKind] = "ended"
    DEFAULT_CSS = """
    EndedBar { border-left: outer $primary; }
    """

    def show(self, state: RunState) -> None:
        self.fill(prompt_lines.ended_title(state), prompt_lines.ended_lines(state))
