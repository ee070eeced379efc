"""The limits of a run: a word before one is reached, and a question at it (SPEC 3).

A run never goes on silently past a limit, and never dies of one: it asks, and with nobody there it blocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Literal, TypeAlias

from core import events as ev
from core.check_gate import blocker_id
from core.domain import value
from core.ending import OVER_BUDGET, RunEnding
from core.fold import worked_until
from core.stream import Stream
from core.supervision import Supervision

NEAR = 0.8

BudgetKind: TypeAlias = Literal["cost", "tokens", "turns", "minutes"]


@value
class Spent:
    """How much of a limit is used, the raises of the supervisor's counted in."""

    kind: BudgetKind
    limit: float
    used: float


class BudgetGate:
    def __init__(self, stream: Stream, supervision: Supervision) -> None:
        self._stream = stream
        self._supervision = supervision

    async def check(self) -> None:
        """Before each model turn. Waits for the supervisor at a limit; RunEnding where that is the end."""
        for spent in self._spent():
            if spent.used >= spent.limit:
                await self._reached(ev.BudgetReached(kind=spent.kind, limit=spent.limit, used=spent.used))
                return
            if spent.used >= NEAR * spent.limit and not self._was_neared(spent):
                self._stream.emit(ev.BudgetNeared(kind=spent.kind, limit=spent.limit, used=spent.used))

    def _spent(self) -> Iterator[Spent]:
        state = self._stream.state
        limits, raised = state.budgets, self._raised()
        tokens = state.usage.total_input + state.usage.output
        now: datetime = self._stream.now()
        used: tuple[tuple[BudgetKind, float | None, float], ...] = (
            ("cost", limits.max_cost_usd, state.cost_usd or 0.0),
            ("tokens", limits.max_tokens, float(tokens)),
            ("turns", limits.max_turns, float(state.turns)),
            ("minutes", limits.max_minutes, worked_until(state, now) / 60),
        )
        for kind, limit, amount in used:
            if limit is not None:
                yield Spent(kind=kind, limit=float(limit * (raised[kind] + 1)), used=round(amount, 6))

    async def _reached(self, reached: ev.BudgetReached) -> None:
        if not self._was_reached(reached):
            self._stream.emit(reached)
        title = f"The run's budget of {reached.limit:g} {reached.kind} is used up"
        answer = await self._supervision.ask(
            "budget",
            self._question_id(),
            title,
            f"Used: {reached.used:g}. Nothing goes on until you say so.",
            (("raise", "Go on: the same amount again"), ("stop", "Stop; the run can be resumed")),
        )
        if answer is not None and answer.option == "raise":
            return
        if answer is None:
            self._stream.emit(
                ev.BlockerRaised(blocker_id=blocker_id(self._stream, 0), kind="budget", reason=title, chunk=0)
            )
        raise RunEnding("blocked", title, OVER_BUDGET)

    def _question_id(self) -> str:
        reached = sum(isinstance(record.event, ev.BudgetReached) for record in self._stream.records)
        return f"budget:{reached}"

    def _was_reached(self, reached: ev.BudgetReached) -> bool:
        """By an earlier process, whose question about it is still open."""
        for record in reversed(self._stream.records):
            event = record.event
            if isinstance(event, ev.BudgetReached):
                same = (event.kind, event.limit) == (reached.kind, reached.limit)
                return same and self._supervision.is_open(self._question_id(), record.seq)
        return False

    def _was_neared(self, spent: Spent) -> bool:
        return any(
            isinstance(record.event, ev.BudgetNeared)
            and (record.event.kind, record.event.limit) == (spent.kind, spent.limit)
            for record in self._stream.records
        )

    def _raised(self) -> Counter[str]:
        """How often the supervisor raised each limit, since the limits were last set."""
        raised: Counter[str] = Counter()
        reached = ""
        for record in self._stream.records:
            event = record.event
            if isinstance(event, ev.RunResumed) and event.budgets is not None:
                raised.clear()
            elif isinstance(event, ev.BudgetReached):
                reached = event.kind
            elif isinstance(event, ev.InputResolved) and event.request_id.startswith("budget:"):
                raised[reached] += event.option == "raise"
        return raised
