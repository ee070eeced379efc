"""What the ledger says: every decision with its basis, and which of them a filter lets through. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, TypeVar

from textual.content import Content

from core.run_state import DecisionState, RunState
from tui.line import Line
from tui.marks import OK
from tui.panels.decisions import basis_line, decision_lines, reason_lines, tier_label
from tui.safe_text import Part, row

T = TypeVar("T", bound=str)
Became: TypeAlias = Literal["", "auto", "covered", "asked", "deferred", "waiting", "rejected", "overturned"]
OUTCOMES: dict[str, Became] = {
    "auto": "auto",
    "covered": "covered",
    "escalate": "asked",
    "defer": "deferred",
}
ORDER: tuple[Became, ...] = (
    "auto",
    "covered",
    "asked",
    "deferred",
    "waiting",
    "rejected",
    "overturned",
)
INDENT = "     "
MOST = 500
"""So many are drawn: a run can have thousands."""


def became(decision: DecisionState) -> Became:
    """What stands in the end: an overturned one is that, whoever had taken it."""
    if decision.overturned is not None:
        return "overturned"
    if decision.answer is None:
        return "waiting"
    return "rejected" if decision.answer.rejected else OUTCOMES[decision.policy.outcome]


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Empty parts let everything through. `tier` is as the ledger shows it: `T2`, `T?`."""

    tier: str = ""
    outcome: Became = ""
    text: str = ""

    def lets(self, decision: DecisionState) -> bool:
        if self.tier and tier_label(decision) != self.tier:
            return False
        if self.outcome and became(decision) != self.outcome:
            return False
        return self.text.casefold() in _text_of(decision).casefold()

    def next_tier(self, decisions: Iterable[DecisionState]) -> LedgerFilter:
        """The next tier that any decision is in; behind the last one, all."""
        return replace(self, tier=_next(self.tier, ["", *sorted({tier_label(d) for d in decisions})]))

    def next_outcome(self, decisions: Iterable[DecisionState]) -> LedgerFilter:
        found = {became(d) for d in decisions}
        among: list[Became] = ["", *(outcome for outcome in ORDER if outcome in found)]
        return replace(self, outcome=_next(self.outcome, among))


def _next(now: T, among: Sequence[T]) -> T:
    return among[(among.index(now) + 1) % len(among)] if now in among else among[0]


def _text_of(decision: DecisionState) -> str:
    """Everything that a reader may remember of it."""
    request, policy = decision.request, decision.policy
    answers = [a for a in (decision.answer, decision.holds) if a is not None]
    return "\n".join(
        [
            request.title,
            request.context,
            request.rationale,
            *(option.label for option in request.options),
            *(f"{answer.decision}\n{answer.note}\n{answer.decided_by}" for answer in answers),
            policy.basis,
            *policy.reasons,
            decision.recorded_as or "",
            f"chunk {decision.chunk}",
        ]
    )


def counted_words(decisions: Sequence[DecisionState]) -> str:
    """`4 decisions: 2 auto, 2 asked`."""
    counts = Counter(map(became, decisions))
    said = ", ".join(f"{counts[name]:,} {name}" for name in ORDER if counts[name])
    number = f"{len(decisions):,} decision{'s' * (len(decisions) != 1)}"
    return f"{number}: {said}" if said else number


def filter_row(chosen: LedgerFilter) -> Content:
    parts: list[Part] = [" "]
    for key, name, value in (
        ("t", "tier", chosen.tier),
        ("o", "outcome", chosen.outcome),
        ("/", "text", chosen.text),
    ):
        style = "$text-accent bold" if value else "$text-muted"
        parts += [
            (f"{key} ", "$text-primary bold"),
            (f"{name}: ", "$text-muted"),
            (value or "all", style),
            "   ",
        ]
    return row(*parts)


def ledger_lines(
    state: RunState, shown: Sequence[DecisionState], opened: frozenset[str], later: frozenset[str]
) -> Iterator[Line]:
    """`opened` are the requests whose question and reasons are shown, `later` those raised behind the moment
    that is shown."""
    if not shown:
        words = "No decision is like that." if state.decisions else "No decision was taken in this run."
        yield Line(row((words, "$text-muted")))
    for decision in shown[:MOST]:
        head, *rest = decision_lines(decision, state)
        is_later = decision.request.id in later
        yield (
            replace(head, content=head.content.append(row(("  later", "$text-muted")))) if is_later else head
        )
        yield from rest
        yield basis_line(decision)
        if decision.request.id in opened:
            yield from _question_lines(decision)
            yield from reason_lines(decision, state)
    if len(shown) > MOST:
        words = f"… {len(shown) - MOST:,} more: a filter (t, o, /) narrows them down"
        yield Line(row((words, "$text-accent")), hang=2)


def _question_lines(decision: DecisionState) -> Iterator[Line]:
    """What was asked, and what could be chosen."""
    request, held = decision.request, decision.holds
    for text in request.context.strip().split("\n"):
        if text.strip():
            yield Line(row(INDENT, text), hang=5)
    for option in request.options:
        chosen = held is not None and option.id == held.option
        traits = "".join(
            f"  {sign} {text}" for sign, text in (("+", option.pros), ("-", option.cons)) if text
        )
        mark = (f" {OK.sign}", OK.style) if chosen else ("", "")
        yield Line(
            row(INDENT, (f"{option.id} ", "$text-primary"), option.label, mark, (traits, "$text-muted")),
            hang=7,
        )
