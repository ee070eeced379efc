"""What stands above the diff: what the chunk is for, what was decided in it, what was asked before. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from core.review_rounds import last_requested
from core.run_state import ChunkState, RunState
from tui.line import Line
from tui.marks import WARN
from tui.review.notes import decision_line
from tui.safe_text import Part, row

LABEL = 11


def about_lines(chunk: ChunkState, state: RunState) -> Iterator[Line]:
    """What it is for; the worker's summary; why there was no check; decisions; what the last review asked."""
    opening, summary = chunk.opening, chunk.summary
    if opening is not None:
        yield from _labelled("Objective", opening.objective)
        steps = {step.step.id: step.step.title for step in state.steps}
        yield from _labelled("Steps", *(f"{s}  {steps.get(s, '')}".rstrip() for s in opening.steps))
        texts = _criteria(state)
        yield from _labelled("Criteria", *(f"{c}  {texts.get(c, '')}".rstrip() for c in opening.criteria))
    if summary is not None:
        yield from _labelled("Summary", summary.summary)
        yield from _labelled("Reused", *summary.reused)
        yield from _labelled("New", *summary.new)
        yield from _labelled("Why new", summary.why_new)
        yield from _labelled("Notes", summary.notes)
    result = chunk.attempts[-1].result if chunk.attempts else None
    if result is not None and result.environment_fault:
        yield Line(row(_label("Check"), (f"{WARN.sign} {result.environment_fault}", WARN.style)), hang=LABEL)
    label = "Decisions"
    for request_id in chunk.decisions:
        decision = state.decision(request_id)
        if decision is not None:
            yield Line(row(_label(label), decision_line(decision).content), hang=LABEL + 2)
            label = ""
    asked = last_requested(chunk)
    if asked is not None:
        count = len(asked.comments)
        with_comments = f" with {count} comment{'s' * (count != 1)}" if count else ""
        said = f": {asked.comment}" if asked.comment else ""
        yield from _labelled("Last round", f"changes requested by {asked.by}{with_comments}{said}")


def _label(label: str) -> Part:
    return (f"{label:<{LABEL}}", "$text-muted")


def _labelled(label: str, *texts: str) -> Iterator[Line]:
    """The label before the first line; nothing where there is no text."""
    for text in texts:
        for part in text.strip().split("\n"):
            if part.strip():
                yield Line(row(_label(label), part), hang=LABEL)
                label = ""


def _criteria(state: RunState) -> dict[str, str]:
    """The text of each acceptance criterion, the story's own where both have one."""
    found = (*(state.plan.acceptance_criteria if state.plan else ()),)
    found += state.story.acceptance_criteria if state.story else ()
    return {criterion.id: criterion.text for criterion in found}
