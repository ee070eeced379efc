"""The five tiers of a decision, their order of caution, and the autonomy matrix (SPEC 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from core.domain import AutonomyLevel

Cell: TypeAlias = Literal["auto", "minimal", "low_risk", "escalate"]

TIER_NAMES: dict[int, str] = {
    1: "clarification",
    2: "preference",
    3: "ambiguous scope",
    4: "destructive",
    5: "external dependency",
}
CATEGORIES: dict[int | None, str] = {
    1: "clarification",
    2: "preference",
    3: "ambiguous_scope",
    4: "destructive",
    5: "external_dependency",
    None: "unclassified",
}
DESTRUCTIVE = 4
EXTERNAL = 5
PREFERENCE_TIERS = frozenset({1, 2, 3})
BATCH_TIERS = frozenset({2, 5})
LEVELS: tuple[AutonomyLevel, ...] = ("conservative", "moderate", "aggressive")

# Most cautious first: not the order of the numbers.
CAUTION: tuple[int, ...] = (4, 5, 2, 3, 1)

# `minimal`: auto in the minimal reading only. `low_risk`: auto only where the risk is low.
MATRIX: dict[int, dict[AutonomyLevel, Cell]] = {
    1: {"conservative": "escalate", "moderate": "auto", "aggressive": "auto"},
    2: {"conservative": "escalate", "moderate": "escalate", "aggressive": "auto"},
    3: {"conservative": "escalate", "moderate": "minimal", "aggressive": "minimal"},
    4: {"conservative": "escalate", "moderate": "escalate", "aggressive": "escalate"},
    5: {"conservative": "escalate", "moderate": "escalate", "aggressive": "low_risk"},
}


def most_cautious(tiers: Iterable[int]) -> int | None:
    """The tier among these that asks for most caution; None when there are none."""
    return min(tiers, key=CAUTION.index, default=None)


def described(tier: int | None) -> str:
    """`tier 2 preference`, or `no tier` for a question that nothing classified."""
    return "no tier" if tier is None else f"tier {tier} {TIER_NAMES[tier]}"
