"""The plan: each step, how it stands, what it covers, and the chunk that did it. A step opens its chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.content import Content

from core.events import BlockerRaised
from core.run_state import StepState
from tui.line import Line
from tui.marks import BAD, STEP_MARKS
from tui.panels.base import Panel, Shown
from tui.safe_text import row

STEP_KEY = "step:"
NAMED_CHUNKS = 12


class PlanPanel(Panel):
    KEY: ClassVar[str] = "plan"
    NAME: ClassVar[str] = "Plan"

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._current = ""

    def slice(self, shown: Shown) -> tuple[object, ...]:
        chunk = shown.chunk.number if shown.pinned and shown.chunk else 0
        return (shown.state.steps, shown.state.blockers, shown.state.plan, chunk)

    def title(self, shown: Shown) -> Content:
        return row(f"Plan {self.badge(shown)}")

    def badge(self, shown: Shown) -> str:
        return f"{shown.state.steps_done}/{len(shown.state.steps)}"

    def draw(self, shown: Shown) -> None:
        """The step that the run is at comes into sight, unless the reader is in the panel."""
        super().draw(shown)
        current = next((s.step.id for s in shown.state.steps if s.status in ("current", "blocked")), "")
        if current != self._current and not self.has_focus_within:
            self._current = current
            self.call_after_refresh(self.body.select, f"{STEP_KEY}{current}")

    def lines(self, shown: Shown) -> Iterator[Line]:
        for blocker in shown.state.blockers:
            yield blocker_line(blocker)
        if not shown.state.steps:
            yield Line(row(("The plan has no steps.", "$text-muted")))
        for step in shown.state.steps:
            yield from step_lines(step, shown)


def blocker_line(blocker: BlockerRaised) -> Line:
    where = f" (chunk {blocker.chunk})" if blocker.chunk else ""
    return Line(row((f"{BAD.sign} ", BAD.style), (f"{blocker.reason}{where}", BAD.style)), hang=2)


def _chunks_words(chunks: Sequence[int]) -> str:
    if len(chunks) > NAMED_CHUNKS:
        return f"{len(chunks):,} chunks, the latest {chunks[-1]}"
    return "chunk " + ", ".join(str(n) for n in chunks) if chunks else ""


def step_lines(state: StepState, shown: Shown) -> Iterator[Line]:
    step, mark = state.step, STEP_MARKS[state.status]
    title_style = {"current": "bold", "done": "$foreground 75%", "blocked": "$text-error"}.get(
        state.status, ""
    )
    opened = shown.pinned and shown.chunk is not None and shown.chunk.number in state.chunks
    yield Line(
        row((f"{mark.sign} ", mark.style), (f"{step.id} ", "$text-muted"), (step.title, title_style)),
        key=f"{STEP_KEY}{step.id}",
        hang=len(step.id) + 3,
        fill="on $primary 20%" if opened else "",
    )
    covered = " ".join(step.criteria)
    done_by = _chunks_words(state.chunks)
    if covered or done_by:
        note = " · ".join(part for part in (covered, done_by) if part)
        yield Line(row((f"{' ' * (len(step.id) + 3)}{note}", "$text-muted")), hang=len(step.id) + 3)
