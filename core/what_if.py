"""The same decisions under each autonomy level: what would have gone by itself, what would have asked.

Pure: a simulation over a run's records. Nothing is asked again and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Literal

from core import events as ev
from core.decisions.configuration import DecisionConfig
from core.decisions.preferences import spoken
from core.decisions.tiers import LEVELS
from core.domain import AutonomyLevel, DecisionRequest, JsonObject, PolicyOutcome, value
from core.fold import fold
from core.level_simulation import LevelSimulation
from core.logs.deferred import FILE as BACKLOG
from core.logs.deferred import deferred_of
from core.policy_in_force import PolicyInForce
from core.run_state import DecisionState


@value
class LevelOutcome:
    """What the policy would have said at one level. `differs`: it would have decided something else than
    what holds in the run."""

    level: AutonomyLevel
    outcome: Literal["auto", "escalate", "defer", "covered"]
    basis: str
    reason: str
    choice: str | None = None
    differs: bool = False


@value
class WhatIfRow:
    """One decision of the run: what it became (`decision` None: still open), and each level's outcome."""

    request_id: str
    chunk: int
    title: str
    tier: int | None
    outcome: Literal["auto", "escalate", "defer", "covered"]
    decision: str | None
    decided_by: str | None
    levels: tuple[LevelOutcome, ...]

    def at(self, level: AutonomyLevel) -> LevelOutcome:
        return next(outcome for outcome in self.levels if outcome.level == level)


@value
class WhatIf:
    """`interruptions` counts the questions that each level would have put to the supervisor; `note` says
    what the answer rests on where the journal does not hold the policy files of the run."""

    run_id: str
    level: AutonomyLevel
    rows: tuple[WhatIfRow, ...]
    interruptions: tuple[tuple[AutonomyLevel, int], ...]
    note: str = ""

    def to_json(self) -> JsonObject:
        return {**asdict(self), "interruptions": dict(self.interruptions)}


def what_if(
    records: Sequence[ev.Record], get_blob: Callable[[str], bytes], fallback: DecisionConfig
) -> WhatIf:
    """Simulates each level over the run's records, with the policy files that the run had at each moment.

    `fallback` stands in where the journal holds none. A question of the batch counts as one interruption,
    like any other. Raises BlobFault for a policy file whose blob is not whole.
    """
    records = tuple(records)
    state = fold(records)
    policy = PolicyInForce(get_blob, fallback)
    deferred_before = _deferred_before(records, get_blob)
    levels = tuple(LevelSimulation(level, state.decisions, deferred_before) for level in LEVELS)
    for record in records:
        policy.apply(record.event)
        for level in levels:
            level.apply(record, policy.config)
    return WhatIf(
        run_id=state.run_id,
        level=state.autonomy,
        rows=tuple(_row(decision, levels) for decision in state.decisions),
        interruptions=tuple((level.level, level.interruptions) for level in levels),
        note=policy.note,
    )


def _deferred_before(records: tuple[ev.Record, ...], get_blob: Callable[[str], bytes]) -> int:
    """What earlier runs of the story put off: the limit is of the story, not of one run (SPEC 5.5)."""
    started = next((r.event for r in records if isinstance(r.event, ev.RunStarted)), None)
    sha = dict(started.earlier).get(BACKLOG) if started else None
    return deferred_of(get_blob(sha), started.story.id) if started and sha else 0


def _row(decision: DecisionState, levels: tuple[LevelSimulation, ...]) -> WhatIfRow:
    request, held = decision.request, decision.holds
    return WhatIfRow(
        request_id=request.id,
        chunk=decision.chunk,
        title=request.title,
        tier=decision.policy.tier,
        outcome=decision.first_policy.outcome,
        decision=held.decision if held else None,
        decided_by=held.decided_by if held else None,
        levels=tuple(_at(level, decision) for level in levels),
    )


def _at(simulation: LevelSimulation, decision: DecisionState) -> LevelOutcome:
    said = simulation.outcomes[decision.request.id]
    return LevelOutcome(
        level=simulation.level,
        outcome=said.outcome,
        basis=said.basis,
        reason=said.reasons[0],
        choice=said.choice,
        differs=_differs(said, decision),
    )


def _differs(said: PolicyOutcome, decision: DecisionState) -> bool:
    """Whether a level that does not ask would have decided something else than what holds."""
    held = decision.holds
    if said.outcome == "escalate" or held is None:
        return False
    if said.outcome == "defer":
        return decision.first_policy.outcome != "defer" or decision.overturned is not None
    bare = [_bare(text, decision.request) for text in (said.choice or "", held.decision)]
    return held.rejected or bare[0] != bare[1]


def _bare(choice: str, request: DecisionRequest) -> str:
    """A choice for comparison, without the fallback that the policy records with it on tier 5."""
    return spoken(choice.removesuffix(f"; fallback: {request.fallback}"))
