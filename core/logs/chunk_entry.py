"""The text of a chunk's log entry and of everything that is appended beneath it (SPEC 9). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from core.domain import (
    CheckResult,
    ChunkOpening,
    ChunkSummary,
    CommandRun,
    DecisionRequest,
    Diagnostic,
    FileChange,
    Finding,
    PolicyOutcome,
    ReviewComment,
)
from core.events import (
    CheckFinished,
    ChunkClosed,
    ChunkCommitted,
    ChunkReverted,
    ChunkUndone,
    DecisionOverturned,
    DecisionResolved,
    FileChanged,
    FindingWaived,
    ReviewResolved,
)
from core.logs.log_text import bounded, code, disarm, item, items, labelled, one_line, path_text

MOST_OUTPUT_LINES = 20
ACTION_NOTES = {"create": " (CREATE)", "modify": "", "delete": " (DELETE)"}


def entry(opening: ChunkOpening, closed: ChunkClosed) -> list[str]:
    """The whole entry, with every label in the seed's order and spelling."""
    said = closed.summary
    return [
        f"## Chunk {closed.chunk} — {one_line(opening.name) or 'unnamed'}",
        f"- Objective (maps to story requirement/AC): {objective(opening)}",
        *files("Files changed", closed.files),
        *labelled("Summary of changes", said.summary),
        "- Reuse compliance:",
        *items("Reused", said.reused, 2),
        *items("New", said.new, 2),
        *labelled("Why new was necessary", said.why_new, 2),
        "- Ports & adapters note:",
        *labelled("What stayed in core", said.core_note, 2),
        *labelled("What stayed in adapters", said.adapters_note, 2),
        *commands("Commands run (if any)", closed.commands),
        *labelled("Notes / Risks", _notes(said)),
    ]


def objective(opening: ChunkOpening) -> str:
    """`Add the item model (Step 1; AC-1, AC-3)`."""
    steps = ", ".join(one_line(step) for step in opening.steps)
    criteria = ", ".join(one_line(criterion) for criterion in opening.criteria)
    word = "Step" if len(opening.steps) == 1 else "Steps"
    covered = "; ".join(part for part in (f"{word} {steps}" if steps else "", criteria) if part)
    text = one_line(opening.objective) or "None"
    return f"{text} ({covered})" if covered else text


def _notes(said: ChunkSummary) -> str:
    """Notes, what is left open, and what of the knowledge base the chunk rests on, as the seed cites it."""
    steps = ", ".join(one_line(step) for step in said.steps_left_open)
    left = f"Steps left open: {steps}" if steps else ""
    cited = (f"Per KB entry {one_line(each.entry)}: {one_line(each.summary)}" for each in said.cited)
    return "\n".join(part for part in (said.notes, left, *cited) if part.strip())


def files(label: str, changes: Sequence[FileChange], indent: int = 0) -> list[str]:
    pad = " " * indent
    if not changes:
        return [f"{pad}- {label}: None"]
    return [f"{pad}- {label}:", *(f"{pad}  - {_file(change)}" for change in changes)]


def _file(change: FileChange) -> str:
    return disarm(path_text(change.path)) + ACTION_NOTES[change.action]


def net_change(first: FileChange, last: FileChange) -> FileChange:
    """Two changes of a file, the second on top of the first, as one."""
    action: Literal["create", "modify", "delete"] = "modify"
    if first.before is None or last.after is None:
        action = "create" if first.before is None else "delete"
    return FileChange(path=last.path, action=action, before=first.before, after=last.after)


def reverted(event: ChunkReverted) -> list[str]:
    return files(f"Reverted (by {one_line(event.by)})", event.files)


def undone(event: ChunkUndone) -> list[str]:
    """`- Undone: by user, 2 files put back`, and the files that the engineer kept."""
    count = "1 file" if len(event.files) == 1 else f"{len(event.files)} files"
    kept = [f"  - Kept as it was: {disarm(path_text(path))}" for path in event.kept]
    return [f"- Undone: by {one_line(event.by)}, {count} put back", *kept]


def committed(event: ChunkCommitted) -> list[str]:
    """`- Commit: 0123456789ab on main`."""
    branch = f"on {one_line(event.branch)}" if event.branch else "on a detached head"
    return [f"- Commit: {event.commit[:12]} {branch}"]


def commands(label: str, runs: Sequence[CommandRun], indent: int = 0) -> list[str]:
    pad = " " * indent
    if not runs:
        return [f"{pad}- {label}: None"]
    return [f"{pad}- {label}:", *(f"{pad}  - {code(run.shown)} — {one_line(run.result)}" for run in runs)]


def later_round(
    title: str,
    closed: ChunkClosed,
    answered: Iterable[str],
    changed: Sequence[FileChange],
    runs: Sequence[CommandRun],
) -> list[str]:
    """A later closing: a fix attempt, changes after a review. `answered` are the errors it set out to fix."""
    errors = list(answered)
    return [
        f"- {title}:",
        *(items("Answered", errors, 2) if errors else []),
        *files("Changed", changed, 2),
        *(commands("Ran", runs, 2) if runs else []),
        *labelled("What was done", closed.summary.summary, 2),
        *(line for each in closed.summary.answers for line in item(f"{each.comment}: {each.text}", 2)),
    ]


def check(event: CheckFinished, output: Sequence[str]) -> list[str]:
    """A check's result; `output` is the checker's text, shown where none of it was understood."""
    result = event.result
    if not result.commands and result.environment_fault is None:
        return ["- Check: no check applies to this chunk"]
    command = code(result.shown_command)
    if result.environment_fault is not None:
        fault = one_line(result.environment_fault)
        return [f"- Check: {command} — could not be made: {fault} (environment; not a fix attempt)"]
    if result.ok:
        return [f"- Check: {command} — passed"]
    lines = errors_shown(result) or bounded(output[-MOST_OUTPUT_LINES:])
    return [
        f"- Check: {command} — failed: {_failure(event)}",
        *(line for text in lines for line in item(text, 2)),
    ]


def _failure(event: CheckFinished) -> str:
    count = len(event.result.errors)
    if not count:
        results = ", ".join(one_line(run.result) for run in event.result.commands if run.exit_code != 0)
        return f"{results}; no error in its output was understood"
    shown = "1 error" if count == 1 else f"{count} errors"
    if event.attempt == 0:
        return shown
    return f"{shown} ({event.fixed} fixed, {event.new} new, {event.remaining} remaining)"


def errors_shown(result: CheckResult) -> list[str]:
    """The errors, one line each, at most 20 and how many more."""
    return bounded(_diagnostic(error) for error in result.errors)


def _diagnostic(error: Diagnostic) -> str:
    what = f"{error.code} {error.message}" if error.code else error.message
    return one_line(f"{error.place}: {what}" if error.place else what)


def rules(findings: Sequence[Finding]) -> list[str]:
    if not findings:
        return ["- Rules: the earlier findings are gone"]
    return ["- Rules:", *(line for text in findings_shown(findings) for line in item(text, 2))]


def findings_shown(findings: Iterable[Finding]) -> list[str]:
    """The findings, one line each, at most 20 and how many more."""
    return bounded(map(_finding, findings))


def _finding(finding: Finding) -> str:
    place = finding.path if finding.line is None else f"{finding.path}:{finding.line}"
    return one_line(f"{place}: {finding.message} ({finding.rule}, {finding.severity})")


def decision(request: DecisionRequest, policy: PolicyOutcome, resolved: DecisionResolved) -> list[str]:
    """`- Decision: title — choice (auto-accepted, tier 1, matrix; AUTO-001)`."""
    answer = resolved.answer
    tier = "unclassified" if policy.tier is None else f"tier {policy.tier}"
    how = {
        "auto": f"auto-accepted, {tier}, {policy.basis}",
        "covered": f"settled before, {policy.basis}",
        "defer": f"deferred, {tier}, {policy.basis}",
        "escalate": f"by {answer.decided_by}, {tier}",
    }[policy.outcome]
    recorded = f"; {resolved.recorded_as}" if resolved.recorded_as else ""
    return [
        f"- Decision: {one_line(request.title)} — {one_line(answer.decision)} ({one_line(how + recorded)})"
    ]


def overturned(request: DecisionRequest, event: DecisionOverturned) -> list[str]:
    """`- Decision overturned: title — choice (by user; ARCH-004; rests on it: chunk 2, 3): reason`."""
    chunks = ", ".join(str(number) for number in event.chunks)
    facts = [f"by {event.answer.decided_by}", event.recorded_as]
    facts += [f"rests on it: chunk {chunks}"] if chunks else []
    reason = f": {one_line(event.reason)}" if event.reason.strip() else ""
    what = f"{one_line(request.title)} — {one_line(event.answer.decision)}"
    return [f"- Decision overturned: {what} ({one_line('; '.join(facts))}){reason}"]


def review(event: ReviewResolved) -> list[str]:
    verdict = {
        "approve": "approved",
        "request_changes": "changes requested",
        "revert": "reverted",
        "stop": "stopped",
    }[event.verdict]
    asked = f" (round {event.round})" if event.verdict == "request_changes" else ""
    said = ([event.comment] if event.comment.strip() else []) + [_comment(each) for each in event.comments]
    return [
        f"- Review: {verdict} by {one_line(event.by)}{asked}",
        *(line for text in said for line in item(text, 2)),
    ]


def _comment(comment: ReviewComment) -> str:
    """`C1 path:3-5: text`; `not this` where a hunk was turned down."""
    said = comment.text if comment.kind == "comment" else f"not this. {comment.text}".rstrip()
    lines = "-".join(dict.fromkeys(str(n) for n in (comment.line, comment.end_line) if n is not None))
    path = "" if comment.path is None else path_text(comment.path)
    place = ":".join(part for part in (path, lines) if part)
    lead = " ".join(part for part in (comment.id, place) if part)
    return f"{lead}: {said}" if lead else said


def waived(event: FindingWaived) -> list[str]:
    """`- Finding waived: rule at path:3 by user: reason`."""
    finding = event.finding
    place = path_text(finding.path) if finding.line is None else f"{path_text(finding.path)}:{finding.line}"
    what = f"{one_line(finding.rule)} at {place} by {one_line(event.by)}"
    return [f"- Finding waived: {what}: {one_line(event.reason)}"]


def edited_outside(event: FileChanged) -> list[str]:
    """`- Changed outside the run: path (+2 -1)`."""
    change = event.change
    return [f"- Changed outside the run: {path_text(change.path)} (+{change.added} -{change.removed})"]
