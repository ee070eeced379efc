"""What the prompts say. Pure: state in, lines out."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from core.domain import Option
from core.events import InputRequested
from core.run_state import ChunkState, DecisionState, RunState
from tui.dock.decision_form import FREE, OPTION, DecisionForm
from tui.line import Line
from tui.marks import BAD, OK, WARN
from tui.panels.check import attempt_mark
from tui.safe_text import Part, row

TIER_NAMES = {
    1: "clarification",
    2: "preference",
    3: "ambiguous scope",
    4: "DESTRUCTIVE",
    5: "external dependency",
}
INPUT_NAMES = {
    "environment": "The check can't run",
    "conflict": "Your edit and the worker's meet",
    "unknown_effect": "Unknown effect",
    "budget": "Budget reached",
    "model": "The model can't be reached",
}


def position_words(index: int, count: int) -> str:
    return f"  {index + 1} of {count}" if count > 1 else ""


def decision_title(decision: DecisionState, index: int, count: int) -> Content:
    """`Decision - Tier 2 preference - escalated: <why>`."""
    tier = decision.policy.tier
    name = f"Tier {tier} {TIER_NAMES.get(tier, '')}" if tier is not None else "Unclassified"
    why = decision.policy.reasons[0] if decision.policy.reasons else decision.policy.basis
    style = "$text-error bold" if tier == 4 else "$text-accent bold"
    return row(
        (f"? Decision - {name}", style),
        (position_words(index, count), "$text-muted"),
        (f" - escalated: {why}", "$text-muted"),
    )


def decision_lines(form: DecisionForm, state: RunState) -> Iterator[Line]:
    request, policy = form.decision.request, form.decision.policy
    yield Line(row((request.title, "bold")))
    for reason in policy.reasons[1:]:
        yield Line(row((f"- {reason}", "$text-muted")), hang=2)
    for text in request.context.strip().split("\n"):
        if text.strip():
            yield Line(row(text))
    if request.rationale:
        yield Line(row(("Why: ", "$text-muted"), request.rationale), hang=5)
    label_width = max(
        (len(o.label) + 14 * (o.id == request.recommendation) for o in request.options), default=0
    )
    for option in request.options:
        yield _option_line(
            option, recommended=option.id == request.recommendation, width=min(label_width, 44)
        )
    number = len(request.options) + 1
    yield Line(row((f" {number}  ", "$text-primary bold"), ("Something else...", "italic")), key=FREE, hang=4)
    blocks = blocks_words(form.decision, state)
    if blocks:
        yield Line(row(("Blocks: ", "$text-muted"), blocks), hang=8)


def _option_line(option: Option, *, recommended: bool, width: int) -> Line:
    label = f"{option.label} (recommended)" if recommended else option.label
    parts: list[Part] = [(f" {option.id}  ", "$text-primary bold"), (f"{label:<{width}}", "bold")]
    if option.pros:
        parts += [("  + ", "$text-success"), option.pros]
    if option.cons:
        parts += [("  - ", "$text-error"), option.cons]
    return Line(row(*parts), key=f"{OPTION}{option.id}", hang=4)


def blocks_words(decision: DecisionState, state: RunState) -> str:
    titles = {s.step.id: s.step.title for s in state.steps}
    return ", ".join(f"step {b} {titles.get(b, '')}".strip() for b in decision.request.blocks)


def review_title(chunk: ChunkState, index: int, count: int) -> Content:
    again = f", round {len(chunk.reviews)}" if len(chunk.reviews) > 1 else ""
    return row(
        (f"? Review - chunk {chunk.number}: {chunk.name}{again}", "$text-accent bold"),
        (position_words(index, count), "$text-muted"),
    )


def review_lines(chunk: ChunkState, state: RunState, comments: int) -> Iterator[Line]:
    """What can be trusted so far: files, findings, check, decisions of the chunk."""
    files = chunk.review.files if chunk.review else ()
    added, removed = sum(f.added for f in files), sum(f.removed for f in files)
    parts: list[Part] = [
        (f"{len(files)} file{'s' * (len(files) != 1)} ", "bold"),
        (f"+{added} ", "$text-success"),
        (f"-{removed}", "$text-error"),
        (" │ ", "$text-muted"),
        *_check_words(chunk),
        (" │ ", "$text-muted"),
        *_findings_words(chunk),
        (" │ ", "$text-muted"),
        f"{len(chunk.decisions)} decision{'s' * (len(chunk.decisions) != 1)}",
    ]
    if comments:
        parts += [(" │ ", "$text-muted"), (f"{comments} of your comments not sent yet", "$text-accent")]
    yield Line(row(*parts))
    if chunk.summary is not None and chunk.summary.summary.strip():
        yield Line(row(chunk.summary.summary.strip()))
    if chunk.summary is not None and chunk.summary.notes.strip():
        yield Line(row(("Notes: ", "$text-muted"), chunk.summary.notes.strip()), hang=7)


def _check_words(chunk: ChunkState) -> list[Part]:
    if not chunk.attempts:
        return [("check not run", WARN.style)]
    latest = chunk.attempts[-1]
    mark = attempt_mark(latest)
    if mark is OK:
        fixes = f" after {latest.label}" if latest.attempt else ""
        return [(f"{OK.sign} check passed{fixes}", OK.style)]
    errors = len(latest.result.errors) if latest.result is not None else 0
    return [
        (f"{mark.sign} check: {errors} errors" if mark is BAD else f"{mark.sign} check not made", mark.style)
    ]


def _findings_words(chunk: ChunkState) -> list[Part]:
    count = len(chunk.findings)
    if not count:
        return [(f"{OK.sign} no findings", OK.style)]
    mark = BAD if any(f.severity == "block" for f in chunk.findings) else WARN
    return [(f"{mark.sign} {count} finding{'s' * (count != 1)}", mark.style)]


def input_title(request: InputRequested, index: int, count: int) -> Content:
    return row(
        (f"? {INPUT_NAMES[request.kind]}", "$text-accent bold"), (position_words(index, count), "$text-muted")
    )


def input_lines(request: InputRequested) -> Iterator[Line]:
    yield Line(row((request.title, "bold")))
    for text in request.detail.strip().split("\n"):
        if text.strip():
            yield Line(row(text))
    for i, (option, label) in enumerate(request.options, start=1):
        yield Line(row((f" {i}  ", "$text-primary bold"), label), key=f"{OPTION}{option}", hang=4)


def ended_title(state: RunState) -> Content:
    look = {"complete": OK, "blocked": BAD, "failed": BAD}.get(state.outcome or "", WARN)
    return row((f"{look.sign} {state.pill}", f"{look.style} bold"))


def ended_lines(state: RunState) -> Iterator[Line]:
    """How it ended, where the files are, what to do next."""
    if state.reason:
        yield Line(row(state.reason))
    if state.story is not None:
        folder = state.story.implementation
        log_file = state.worker.log_file if state.worker is not None else "BACKEND-LOG.md"
        yield Line(row(("Log: ", "$text-muted"), f"{folder}/{log_file}"), hang=5, fold=True)
        if state.blockers:
            yield Line(row(("Blockers: ", "$text-muted"), f"{folder}/BLOCKERS.md"), hang=10, fold=True)
    command = "journal show" if state.outcome == "complete" else "resume"
    first = "mend what BLOCKERS.md says, then " if state.blockers else ""
    yield Line(
        row(("Next: ", "$text-muted"), first, (f"signoff {command} {state.run_id}", "bold"), "   q quits"),
        hang=6,
    )
