"""What kind of question a decision is: its tier, and whether it is architectural (SPEC 5.2, 5.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from core.decisions.configuration import DecisionConfig
from core.decisions.patterns import architectural, destructive, matching, one_line, text_of
from core.decisions.tiers import CATEGORIES, CAUTION, DESTRUCTIVE, TIER_NAMES, most_cautious
from core.domain import DecisionRequest, Option, value


@value
class Classification:
    """`matched` names every pattern that matched, those of the tier first. `tier` None is unclassified.

    The last four name the patterns that ask for more than the tier: of `always_escalate`, of rules with
    `risk_assessment`, of the risks listed at the top level, and of moonshots.
    """

    tier: int | None
    tier_by: Literal["pattern", "worker", "unclassified", "human"]
    matched: tuple[str, ...]
    category: str
    architectural: bool
    must_escalate: tuple[str, ...] = ()
    needs_low_risk: tuple[str, ...] = ()
    risky: tuple[str, ...] = ()
    moonshot: tuple[str, ...] = ()


def classify(request: DecisionRequest, config: DecisionConfig) -> Classification:
    """The tier of a question and what else its words say.

    Several patterns match -> the most cautious tier, in the order 4, 5, 2, 3, 1. The worker's own view of
    tier and architecture raises caution and never lowers it. Raises ValueError for a `tier_view` that is
    not 1 to 5: whoever takes it from the worker refuses it there.
    """
    if request.tier_view is not None and request.tier_view not in TIER_NAMES:
        raise ValueError(f"tier {request.tier_view} is not one of {', '.join(map(str, TIER_NAMES))}")
    text, rules = text_of(request), config.classification
    hits = [(rule, found) for rule in rules.rules if (found := matching(rule.patterns, text))]
    by_tier: dict[int, tuple[str, ...]] = {DESTRUCTIVE: ids} if (ids := _destroys(request, text)) else {}
    for rule, found in hits:
        by_tier[rule.tier] = (*by_tier.get(rule.tier, ()), *found)
    tier = most_cautious([*by_tier, *([request.tier_view] if request.tier_view else [])])
    topics = architectural(text)
    always = tuple(name for rule, found in hits if rule.always_escalate for name in found)
    named = (f"tier_{tier}",) if tier in rules.escalated_tiers else ()
    assessed = tuple(name for rule, found in hits if rule.risk_assessment for name in found)
    moonshot = matching(rules.moonshots, text)
    return Classification(
        tier=tier,
        tier_by="unclassified" if tier is None else "pattern" if tier in by_tier else "worker",
        matched=_unique([*_most_cautious_first(by_tier), *topics, *moonshot]),
        category=CATEGORIES[tier],
        architectural=request.architectural or bool(topics),
        must_escalate=_unique([*always, *matching(rules.always_escalate, text), *named]),
        needs_low_risk=assessed,
        risky=matching(rules.risky, text),
        moonshot=moonshot,
    )


def in_tier(kind: Classification, tier: int) -> Classification:
    """The same question in the tier that the supervisor gave it."""
    return replace(kind, tier=tier, tier_by="human", category=CATEGORIES[tier])


def recommended(request: DecisionRequest) -> Option | None:
    """The option that the worker recommends, by its id or by its label."""
    if request.recommendation is None:
        return None
    said = one_line(request.recommendation).casefold()
    by_label = (o for o in request.options if one_line(o.label).casefold() == said)
    return request.option(request.recommendation.strip()) or next(by_label, None)


def _destroys(request: DecisionRequest, text: str) -> tuple[str, ...]:
    """The floor's own patterns, no file asked: over the question, and over what would be chosen."""
    chosen = recommended(request)
    return _unique([*destructive(text), *(destructive(one_line(chosen.label)) if chosen else ())])


def _most_cautious_first(by_tier: dict[int, tuple[str, ...]]) -> list[str]:
    return [name for tier in CAUTION for name in by_tier.get(tier, ())]


def _unique(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
