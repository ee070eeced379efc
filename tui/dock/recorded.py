"""What waited for the supervisor, in a recording: shown as it was, with how it was answered. Read only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from textual.content import Content

from core.run_state import DecisionState, RunState
from tui.dock import prompt_lines
from tui.dock.batch_lines import batch_lines, batch_title
from tui.dock.decision_lines import answer_lines, decision_title, elaboration_lines, question_lines
from tui.dock.decision_prompt import Absorb
from tui.dock.dock import Dock
from tui.dock.fronts import BATCH
from tui.dock.guard import Guard
from tui.dock.prompt import Prompt
from tui.line import Line
from tui.marks import OK, OPEN
from tui.safe_text import row

ANSWERED, UNANSWERED = "answered", "not answered in this recording"
LOOKING = "looking for how it was answered …"


class RecordedPrompt(Prompt):
    """A request as it was put. Its lines have no keys: nothing in it can be chosen. It takes no focus."""

    def show_was(self, title: Content, lines: Iterable[Line]) -> None:
        self.fill(title, (replace(line, key="") for line in lines))


class RecordedDock(Dock):
    """`after_the_end` says what can be done with the run now, in one line; "" where nothing can. It leaves
    the board its room: nobody has to answer."""

    DEFAULT_CSS = """
    RecordedDock { max-height: 40%; }
    """

    def __init__(self, guard: Guard, absorb: Absorb, after_the_end: Callable[[], str]) -> None:
        super().__init__(guard, absorb)
        self._after_the_end = after_the_end
        self._answers: dict[str, str] = {}

    def unanswered(self) -> str:
        """The id of the request in front, if nobody has told yet how it was answered."""
        request_id = self.pending.request_id if self.pending is not None else ""
        return "" if request_id in self._answers else request_id

    def tell(self, request_id: str, how: str) -> None:
        self._answers[request_id] = how
        self._fill()

    def _build(self, state: RunState) -> Prompt | None:
        return RecordedPrompt() if state.outcome is not None or self.pending is not None else None

    def _fill(self) -> None:
        prompt = self.prompt
        if not isinstance(prompt, RecordedPrompt) or not prompt.is_mounted or not prompt.children:
            return
        if self._state.outcome is not None:
            prompt.show_was(prompt_lines.ended_title(self._state), self._ended_lines())
        elif self.pending is not None:
            title, lines = self._request()
            how = self._answers.get(self.pending.request_id, LOOKING)
            mark = OK if how.startswith(ANSWERED) else OPEN
            prompt.show_was(title, [Line(row((f"{mark.sign} {how}", mark.style)), hang=2), *lines])

    def _ended_lines(self) -> Iterator[Line]:
        state = self._state
        if state.reason:
            yield Line(row(state.reason))
        for blocker in state.blockers:
            yield Line(row((f"Blocked: {blocker.reason}", "$text-error")), hang=9)
        if words := self._after_the_end():
            yield Line(row((words, "$text-muted")), hang=2)

    def _request(self) -> tuple[Content, list[Line]]:
        assert self.pending is not None, "asked only while something waits"
        state, request_id = self._state, self.pending.request_id
        keys = self._front_keys()
        index, count = keys.index(self._front_key) if self._front_key in keys else 0, len(keys)
        if self._key.startswith(BATCH):
            decisions = self._members.of(self.pending.batch, state)
            return batch_title(decisions, index, count), list(batch_lines(decisions))
        if self.pending.kind == "decision" and (decision := state.decision(request_id)) is not None:
            return decision_title(decision, index, count), _decision_lines(decision, state)
        if (chunk := self.reviewed_chunk()) is not None:
            title = prompt_lines.review_title(chunk, index, count)
            return title, list(prompt_lines.review_lines(chunk, state, 0))
        asked = next((i for i in state.inputs if i.request_id == request_id), None)
        if asked is None:
            return row((f"? {self.pending.title}", "$text-accent bold")), []
        return prompt_lines.input_title(asked, index, count), list(prompt_lines.input_lines(asked))


def _decision_lines(decision: DecisionState, state: RunState) -> list[Line]:
    """The whole question: what would happen stands among its lines, since nothing is asked of the reader."""
    subject = decision.request.subject
    exactly = [] if subject is None else [Line(row(("Exactly what would happen:", "bold")))]
    exactly += [
        Line(row("  ", (text, "$text-error")), hang=2) for text in (subject or "").split("\n") if text
    ]
    return [
        *question_lines(decision),
        *elaboration_lines(decision.elaborations, None),
        *exactly,
        *answer_lines(decision, state),
    ]
