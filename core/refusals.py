"""Why a command does not settle the request that it names: one line for whoever sent it, or None."""

from __future__ import annotations

from core.answers_file import BY as STAND_IN
from core.commands import (
    AnswerDecision,
    AnswerInput,
    Command,
    DeclineDecision,
    ElaborateDecision,
    FoldEdits,
    RetierDecision,
    ReviewChunk,
)
from core.domain import DecisionRequest
from core.events import ReviewRequested
from core.run_state import DecisionState

TIERS = range(1, 6)
DESTRUCTIVE = 4


def refuse_decision(decision: DecisionState, command: Command) -> str | None:
    """For a waiting decision: an answer to it, a question about it, another tier for it."""
    match command:
        case RetierDecision():
            return _refuse_tier(decision, command.tier)
        case ElaborateDecision():
            under_way = any(e.under_way for e in decision.elaborations)
            return "the worker has been asked already; its answer comes" if under_way else None
        case _:
            return refuse_answer(decision.request, command)


def _refuse_tier(decision: DecisionState, tier: int) -> str | None:
    if tier not in TIERS:
        return f"there is no tier {tier}; the tiers are 1 to 5"
    if tier == decision.policy.tier:
        return f"it is in tier {tier} already"
    first = decision.first_policy.tier
    if decision.request.raised_by == "engine" and first == DESTRUCTIVE:
        return "what would happen is destructive, whatever one calls it: it stays in tier 4"
    return None


def refuse_answer(request: DecisionRequest, command: Command) -> str | None:
    if isinstance(command, DeclineDecision):
        return None
    if not isinstance(command, AnswerDecision):
        return f"{request.title} waits for a decision"
    if command.option is None and not command.text.strip():
        return "an answer is an option or a text"
    if command.option is not None and request.option(command.option) is None:
        known = ", ".join(f"{o.id} ({o.label})" for o in request.options)
        return f"there is no option {command.option}; the options are {known}"
    if command.rejected and command.preference is not None:
        return "what is turned down is no preference: leave one of the two out"
    return _refuse_subject(request, command)


def _refuse_subject(request: DecisionRequest, command: AnswerDecision) -> str | None:
    """An approval is of the act that was shown, and of no other (RELIABILITY 7). An answers file names acts
    by their title and has no hashes."""
    if request.subject_sha is None or command.by == STAND_IN or command.subject_sha == request.subject_sha:
        return None
    return "what was shown is not what would happen now: look at it again"


def refuse_review(request: ReviewRequested, command: Command) -> str | None:
    if isinstance(command, FoldEdits):
        return None
    if not isinstance(command, ReviewChunk):
        return f"chunk {request.chunk} waits for a review"
    if command.verdict == "approve" and command.diff_hash != request.diff_hash:
        return "the diff changed since it was shown: look at it again"
    if command.verdict == "request_changes" and not (command.comment.strip() or command.comments):
        return "say what to change: a comment, or comments on lines"
    return None


def refuse_input(options: tuple[tuple[str, str], ...], command: Command) -> str | None:
    if not isinstance(command, AnswerInput):
        return "this question waits for one of its options"
    if command.option not in {option for option, _ in options}:
        known = "; ".join(f"{option} - {label}" for option, label in options)
        return f"there is no option {command.option}; the options are: {known}"
    return None
