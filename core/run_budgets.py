"""The limits of a run, as it starts or is taken up again (SPEC 3)."""

from __future__ import annotations

from core.domain import Budgets, Usage
from core.models.prices import cost_usd
from core.story import InputFault


def new_budgets(before: Budgets, now: Budgets) -> Budgets | None:
    """The limits of a resumed run where they are not those it had; none given leaves them."""
    return now if now not in (before, Budgets()) else None


def refuse_unwatched_budget(budgets: Budgets, model: str) -> None:
    """InputFault for a limit on costs where the model has no price: nothing could ever reach it."""
    if budgets.max_cost_usd is not None and cost_usd(model, Usage()) is None:
        raise InputFault(f"max_cost: there is no price for the model {model}; use max_tokens or max_turns")
