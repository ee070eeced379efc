"""What the list of queued decisions says. Pure: state in, lines out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from core.run_state import DecisionState
from tui.dock.decision_form import DELIBERATE_TIER
from tui.dock.decision_lines import position_words
from tui.line import Line
from tui.marks import BAD, OK, OPEN, Mark
from tui.safe_text import row

QUEUED = "queued:"
SHOWN = 8


def batch_title(decisions: Sequence[DecisionState], index: int, count: int) -> Content:
    left = sum(is_open(d) for d in decisions)
    return row(
        (f"? {_count(len(decisions), 'decision')} put off until now", "$text-accent bold"),
        (f" - {left} open", "$text-muted"),
        (position_words(index, count), "$text-muted"),
    )


def batch_lines(decisions: Sequence[DecisionState]) -> Iterator[Line]:
    yield Line(row(("The worker went on without an answer. → is what it recommends.", "$text-muted")))
    for decision in decisions:
        mark, words = _standing(decision)
        tier = decision.policy.tier
        yield Line(
            row(
                " ",
                (f"{mark.sign} ", mark.style),
                (f"T{tier if tier is not None else '?'} ", "$text-muted"),
                (decision.request.title, "bold" if is_open(decision) else ""),
                ("  → ", "$text-muted") if is_open(decision) else ("  ", ""),
                words,
            ),
            key=f"{QUEUED}{decision.request.id}",
            hang=6,
        )


def _standing(decision: DecisionState) -> tuple[Mark, tuple[str, str]]:
    """How a row stands: open with what is recommended, approved with what was decided, or rejected."""
    answer = decision.answer
    if answer is None:
        return OPEN, (recommended_label(decision) or "no recommendation", "")
    if answer.rejected:
        note = f": {answer.note}" if answer.note else ""
        return BAD, (f"rejected{note}", "$text-error")
    return OK, (f"approved: {answer.decision}", "$text-success")


def is_open(decision: DecisionState) -> bool:
    return decision.answer is None


def recommended_label(decision: DecisionState) -> str:
    option = decision.request.option(decision.request.recommendation)
    return option.label if option is not None else ""


def approvable(decisions: Sequence[DecisionState]) -> tuple[DecisionState, ...]:
    """Those that "approve all" answers: open, with a recommendation, and not to be confirmed by a word."""
    return tuple(
        d for d in decisions if is_open(d) and recommended_label(d) and d.policy.tier != DELIBERATE_TIER
    )


def approval_lines(decisions: Sequence[DecisionState]) -> list[str]:
    """What approving all would do, before it is done."""
    taken = approvable(decisions)
    left = [d for d in decisions if is_open(d) and d not in taken]
    lines = [f"{_count(len(taken), 'decision')} as the worker recommends:"]
    lines += [f"  {d.request.title} → {recommended_label(d)}" for d in taken[:SHOWN]]
    if len(taken) > SHOWN:
        lines.append(f"  and {len(taken) - SHOWN} more")
    if left:
        why = "without a recommendation or in tier 4"
        lines.append(f"{_count(len(left), 'decision')} stay{'s' * (len(left) == 1)} open: {why}.")
    return lines


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' * (n != 1)}"
