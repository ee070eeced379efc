"""What the review bar, the engine's question and the end say. Pure: state in, lines out."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from core.events import InputRequested
from core.run_state import ChunkState, RunState
from tui.dock.decision_form import OPTION
from tui.dock.decision_lines import position_words
from tui.line import Line
from tui.marks import BAD, OK, WARN
from tui.panels.check import attempt_mark
from tui.safe_text import Part, row

INPUT_NAMES = {
    "environment": "The check can't run",
    "conflict": "Your edit and the worker's meet",
    "unknown_effect": "Unknown effect",
    "budget": "Budget reached",
    "model": "The model can't be reached",
    "attempts": "Two fixes have failed",
    "commit": "A commit has to wait",
}


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
