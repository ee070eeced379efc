"""The ledger: every decision of the run, its tier, who took it and on what basis. Enter shows why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.content import Content

from core.run_state import DecisionState, RunState
from tui.line import Line
from tui.marks import ASKS, OK, OPEN, Mark
from tui.panels.base import Panel, Shown
from tui.safe_text import row

DECISION_KEY = "decision:"


def is_pending(decision: DecisionState, state: RunState) -> bool:
    return any(p.request_id == decision.request.id for p in state.pending)


class DecisionsPanel(Panel):
    KEY: ClassVar[str] = "decisions"
    NAME: ClassVar[str] = "Decisions"

    def slice(self, shown: Shown) -> tuple[object, ...]:
        chunk = shown.chunk.number if shown.pinned and shown.chunk else 0
        return (shown.state.decisions, shown.state.pending, chunk)

    def title(self, shown: Shown) -> Content:
        of_chunk = _visible_decisions(shown)
        waiting = sum(is_pending(d, shown.state) for d in of_chunk)
        settled = sum(d.answer is not None for d in of_chunk)
        title = row("Decisions", (f" {settled}{OK.sign}" if settled else "", OK.style))
        return title.append(row(f" {waiting}", (ASKS.sign, ASKS.style))) if waiting else title

    def badge(self, shown: Shown) -> str:
        waiting = sum(is_pending(d, shown.state) for d in shown.state.decisions)
        return f"{waiting}{ASKS.sign}" if waiting else ""

    def lines(self, shown: Shown) -> Iterator[Line]:
        decisions = _visible_decisions(shown)
        if not decisions:
            yield Line(row(("None yet.", "$text-muted")))
        for decision in reversed(decisions):
            yield from self._entry(decision, shown.state)

    def _entry(self, decision: DecisionState, state: RunState) -> Iterator[Line]:
        mark = _mark(decision, state)
        key = f"{DECISION_KEY}{decision.request.id}"
        yield Line(
            row(
                (f"{mark.sign} ", mark.style),
                (tier_label(decision) + " ", "$text-muted"),
                (decision.request.title, "bold" if mark is ASKS else ""),
            ),
            key=key,
            hang=5,
        )
        if decision.answer is not None:
            yield Line(row("     ", (decision.answer.decision, "$foreground 75%")), hang=5)
        if key in self.expanded:
            yield from _why(decision)


def _visible_decisions(shown: Shown) -> tuple[DecisionState, ...]:
    if shown.pinned and shown.chunk is not None:
        return tuple(d for d in shown.state.decisions if d.chunk == shown.chunk.number)
    return shown.state.decisions


def _mark(decision: DecisionState, state: RunState) -> Mark:
    if is_pending(decision, state):
        return ASKS
    return OK if decision.answer is not None else OPEN


def tier_label(decision: DecisionState) -> str:
    return f"T{decision.policy.tier}" if decision.policy.tier is not None else "T?"


def _why(decision: DecisionState) -> Iterator[Line]:
    who = decision.answer.decided_by if decision.answer is not None else "waiting"
    recorded = f" · {decision.recorded_as}" if decision.recorded_as else ""
    facts = f"{decision.policy.outcome} · {decision.policy.basis} · {who}{recorded} · chunk {decision.chunk}"
    yield Line(row("     ", (facts, "$text-muted")), hang=5)
    for reason in decision.policy.reasons:
        yield Line(row("     ", (f"- {reason}", "$text-muted")), hang=7)
