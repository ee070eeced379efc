"""Puts a chunk's net changes before the rules, as text with the lines that the chunk added."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core import events as ev
from core.diff import added_lines
from core.domain import ALLOW, Act, FileChange, Finding
from core.rules.base import ChangedFile, RuleContext, SettledQuestion
from core.rules.registry import run_rules
from core.run_state import ChunkState, DecisionState


def find_rule_breaks(
    changes: tuple[FileChange, ...],
    chunk: ChunkState,
    started: ev.RunStarted,
    decisions: Sequence[DecisionState],
    get_blob: Callable[[str], bytes],
) -> tuple[Finding, ...]:
    """`decisions` are those of this run, beside what was settled before it."""
    allowed = approved_acts(decisions, chunk.number)
    context = rule_context(started, chunk, answered_questions(decisions), allowed)
    files = tuple(_changed_file(change, get_blob) for change in changes)
    return run_rules(files, context, started.worker.rules)


def rule_context(
    started: ev.RunStarted,
    chunk: ChunkState,
    answered: tuple[SettledQuestion, ...],
    approved: tuple[Act, ...] = (),
) -> RuleContext:
    # What was once allowed of an act was allowed for its bytes alone: it settles nothing of later ones.
    recorded = (
        SettledQuestion(question=d.question, decision=d.decision) for d in started.settled if d.act is None
    )
    return RuleContext(
        plan=started.plan,
        chunk_steps=chunk.opening.steps if chunk.opening else (),
        settled=(*recorded, *answered),
        approved=approved,
    )


def answered_questions(decisions: Sequence[DecisionState]) -> tuple[SettledQuestion, ...]:
    """The worker's questions that a person answered. What the policy decided alone settles no rule, and what
    the engine asks about is one exact act (SPEC 5)."""
    return tuple(
        SettledQuestion(question=d.request.title, decision=d.holds.decision)
        for d in decisions
        if d.holds is not None and not d.holds.rejected and d.request.raised_by == "worker"
        if d.policy.outcome == "escalate" or d.overturned is not None
    )


def approved_acts(decisions: Sequence[DecisionState], chunk: int) -> tuple[Act, ...]:
    """What a person allowed in this chunk. It was for that write: another chunk asks anew."""
    return tuple(
        act
        for d in decisions
        if d.chunk == chunk and d.request.raised_by == "engine" and d.policy.outcome == "escalate"
        if d.answer is not None and d.answer.option == ALLOW
        for act in d.request.acts
    )


def _changed_file(change: FileChange, get_blob: Callable[[str], bytes]) -> ChangedFile:
    before = get_blob(change.before) if change.before else None
    after = get_blob(change.after) if change.after else None
    return ChangedFile(
        path=change.path, before=text_of(before), after=text_of(after), added=added_lines(before, after)
    )


def text_of(data: bytes | None) -> str | None:
    """The file's text, or None when there is no file or it is not text."""
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return None
