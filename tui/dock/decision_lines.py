"""What the decision prompt says. Pure: state in, lines out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from core.domain import Option
from core.run_state import DecisionState, Elaboration, RunState
from tui.dock.decision_form import CONFIRM_WORD, FREE, OPTION, TIER, TIERS, DecisionForm
from tui.line import Line
from tui.safe_text import Part, row

if TYPE_CHECKING:
    from core.absorption import Absorption

TIER_NAMES = {
    1: "clarification",
    2: "preference",
    3: "ambiguous scope",
    4: "DESTRUCTIVE",
    5: "external dependency",
}
TIER_MEANINGS = {
    1: "what was meant; the answer changes little",
    2: "a matter of taste or house style",
    3: "how much the story asks for",
    4: "something is lost or broken: always asks, confirmed by a typed word",
    5: "a service, a package, another team",
}
WHY_IN_TITLE = 80
"""A longer reason stands in full among the lines, which scroll."""
SHOWN_TITLES = 5


def position_words(index: int, count: int) -> str:
    return f"  {index + 1} of {count}" if count > 1 else ""


def tier_words(tier: int | None) -> str:
    return f"Tier {tier} {TIER_NAMES.get(tier, '')}".strip() if tier is not None else "Unclassified"


def decision_title(decision: DecisionState, index: int, count: int) -> Content:
    """`Decision - Tier 2 preference - escalated: <why>`."""
    style = "$text-error bold" if decision.policy.tier == 4 else "$text-accent bold"
    reasons = _reasons(decision)
    why = f" - escalated: {reasons[0]}" if len(reasons[0]) <= WHY_IN_TITLE else ""
    return row(
        (f"? Decision - {tier_words(decision.policy.tier)}", style),
        (position_words(index, count), "$text-muted"),
        (why, "$text-muted"),
    )


def _reasons(decision: DecisionState) -> tuple[str, ...]:
    return decision.policy.reasons or (decision.policy.basis,)


def question_lines(decision: DecisionState) -> Iterator[Line]:
    """What is asked and why, and what was decided like it before."""
    request = decision.request
    yield Line(row((request.title, "bold")))
    yield from _reason_lines(decision)
    for text in request.context.strip().split("\n"):
        if text.strip():
            yield Line(row(text))
    if request.rationale:
        yield Line(row(("Why: ", "$text-muted"), request.rationale), hang=5)
    for prior in decision.prior:
        asked, decided = f"{prior.id} {prior.question} ", prior.decision
        yield Line(row(("Prior: ", "$text-muted"), asked, ("→ ", "$text-muted"), (decided, "bold")), hang=7)


def _reason_lines(decision: DecisionState) -> Iterator[Line]:
    first, *others = _reasons(decision)
    if len(first) > WHY_IN_TITLE:
        yield Line(row((f"Escalated: {first}", "$text-muted")), hang=2)
    for reason in others:
        yield Line(row((f"- {reason}", "$text-muted")), hang=2)


def elaboration_lines(elaborations: tuple[Elaboration, ...], waits_s: int | None) -> Iterator[Line]:
    """`waits_s` is for how long the worker is being asked, where that is known."""
    for said in elaborations:
        yield Line(row(("You asked: ", "$text-muted"), (said.question, "italic")), hang=4)
        if said.under_way:
            since = f", {waits_s} s" if waits_s is not None else ""
            yield Line(row((f"The worker is asked{since}. You can answer meanwhile.", "$text-primary")))
        elif said.fault:
            yield Line(row(("The worker could not be asked: ", "$text-error"), said.fault), hang=4)
        else:
            first, *others = said.text.strip().split("\n")
            yield Line(row(("The worker: ", "$text-primary bold"), first), hang=4)
            yield from (Line(row(f"    {text}"), hang=4) for text in others if text.strip())


def answer_lines(decision: DecisionState, state: RunState) -> Iterator[Line]:
    yield from _option_lines(decision)
    blocks = blocks_words(decision, state)
    if blocks:
        yield Line(row(("Blocks: ", "$text-muted"), blocks), hang=8)


def _option_lines(decision: DecisionState) -> Iterator[Line]:
    options, recommended = decision.request.options, decision.request.recommendation
    width = max((len(o.label) + 14 * (o.id == recommended) for o in options), default=0)
    for option in options:
        yield _option_line(option, recommended=option.id == recommended, width=min(width, 44))
    number = len(options) + 1
    yield Line(row((f" {number}  ", "$text-primary bold"), ("Something else...", "italic")), key=FREE, hang=4)


def _option_line(option: Option, *, recommended: bool, width: int) -> Line:
    label = f"{option.label} (recommended)" if recommended else option.label
    parts: list[Part] = [(f" {option.id}  ", "$text-primary bold"), (f"{label:<{width}}", "bold")]
    if option.pros:
        parts += [("  + ", "$text-success"), option.pros]
    if option.cons:
        parts += [("  - ", "$text-error"), option.cons]
    return Line(row(*parts), key=f"{OPTION}{option.id}", hang=4)


def tier_lines(form: DecisionForm) -> Iterator[Line]:
    yield Line(row(("Which tier is this question in? ", "bold"), form.decision.request.title), hang=4)
    for tier in TIERS:
        now = "  it is in this one" if tier == form.decision.policy.tier else ""
        yield Line(
            row(
                (f" {tier}  ", "$text-primary bold"),
                (f"{TIER_NAMES[tier]:<21}", "$text-error bold" if tier == 4 else "bold"),
                (TIER_MEANINGS[tier], "$text-muted"),
                (now, "$text-primary"),
            ),
            key=f"{TIER}{tier}",
            hang=4,
        )


def blocks_words(decision: DecisionState, state: RunState) -> str:
    titles = {s.step.id: s.step.title for s in state.steps}
    return ", ".join(f"step {b} {titles.get(b, '')}".strip() for b in decision.request.blocks)


# --- what is asked for, above the line that is typed, and beneath it ---------------------


def asked_words(form: DecisionForm) -> Content:
    if form.stage == "elaborating":
        return row(("Ask the worker. ", "bold"), ("enter sends what the line shows", "$text-muted"))
    if form.stage == "preferring":
        return _preference_words(form)
    if form.stage != "confirming":
        return row(("Your answer:", "bold"))
    return row(
        ("You chose: ", "bold"),
        form.chosen_label,
        ("   Type the word ", "bold"),
        (f" {CONFIRM_WORD} ", "$background on $error bold"),
        (" and press enter.", "bold"),
    )


def _preference_words(form: DecisionForm) -> Content:
    lock = form.preference == "lock"
    return row(
        ("Lock as project preference: " if lock else "Remember as learned: ", "bold"),
        form.chosen_label,
        (", for questions that match this pattern:", "$text-muted"),
    )


def preview_words(preview: Absorption | None) -> Content:
    """What the preference would have saved, while its pattern is typed."""
    if preview is None:
        return row(("Looking through earlier questions...", "$text-muted"))
    if preview.problem:
        return row(("It can't be used: ", "$text-error bold"), preview.problem)
    if not preview.looked_at:
        return row(("Nothing was asked earlier that it could have absorbed.", "$text-muted"))
    count, of = len(preview.titles), preview.looked_at
    head = f"Would have absorbed {count} of {of} earlier escalation{'s' * (of != 1)}"
    shown = ", ".join(preview.titles[:SHOWN_TITLES])
    more = f" and {count - SHOWN_TITLES} more" if count > SHOWN_TITLES else ""
    return row((f"{head}: " if count else f"{head}.", "bold"), shown, (more, "$text-muted"))
