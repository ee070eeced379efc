"""One run's questions as the policy would have answered them at another autonomy level."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core import events as ev
from core.decisions.configuration import DecisionConfig
from core.decisions.policy import decide
from core.domain import AutonomyLevel, DecisionRequest, PolicyOutcome, SettledDecision
from core.run_state import DecisionState


class LevelSimulation:
    """Takes the run's records in order; `outcomes` are by request id.

    What people decided covers a question that comes again, as in the run itself. A level that asks gets the
    answer that holds in the run; one that takes a question by itself leaves nothing behind that covers it,
    unless it was overturned. `deferred_before` counts what earlier runs of the story put off.
    """

    def __init__(
        self, level: AutonomyLevel, decisions: Iterable[DecisionState], deferred_before: int
    ) -> None:
        self.level = level
        self.outcomes: dict[str, PolicyOutcome] = {}
        self._decisions = {decision.request.id: decision for decision in decisions}
        self._plan_texts: tuple[tuple[str, str], ...] = ()
        self._settled: tuple[SettledDecision, ...] = ()
        self._deferred_before = deferred_before

    @property
    def interruptions(self) -> int:
        return self._count("escalate")

    def apply(self, record: ev.Record, config: DecisionConfig) -> None:
        match record.event:
            case ev.RunStarted() as started:
                self._plan_texts = ((started.plan.source, started.plan.text),)
                self._settled = started.settled
            case ev.DecisionRequested(request=request) if request.id not in self.outcomes:
                self.outcomes[request.id] = self._ask(request, config, record.at)
            case ev.DecisionResolved(request_id=request_id) if self._asked(request_id):
                self._answered(request_id)
            case ev.DecisionOverturned(request_id=request_id) if not self._asked(request_id):
                self._answered(request_id)
            case _:
                pass

    def _ask(self, request: DecisionRequest, config: DecisionConfig, at: datetime) -> PolicyOutcome:
        # What the engine asks about is an act with exact bytes: an earlier answer never covers it.
        return decide(
            request,
            config=config,
            autonomy=self.level,
            plan_texts=self._plan_texts,
            settled=self._settled if request.raised_by == "worker" else (),
            now=at,
            deferred_so_far=self._deferred_before + self._count("defer"),
        )

    def _asked(self, request_id: str) -> bool:
        outcome = self.outcomes.get(request_id)
        return outcome is not None and outcome.outcome == "escalate"

    def _answered(self, request_id: str) -> None:
        decision = self._decisions.get(request_id)
        held = decision.holds if decision else None
        if decision is None or held is None or held.rejected or decision.request.raised_by == "engine":
            return
        entry = SettledDecision(
            id=decision.recorded_as or request_id, question=decision.request.title, decision=held.decision
        )
        self._settled = (*self._settled, entry)

    def _count(self, outcome: str) -> int:
        return sum(said.outcome == outcome for said in self.outcomes.values())
