"""The same decisions under each autonomy level: what would have gone by itself, what would have asked.

Pure: a simulation over a run's records. Nothing is asked again and nothing is changed.
"""

from __future__ import annotations

from typing import Literal

from core.domain import AutonomyLevel, value


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
