"""How a run ends: raised by whoever finds out, caught once, by the engine (exit codes: SPEC 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.domain import RunOutcome

COMPLETE, BUG, BAD_INPUT, NEEDS_DECISION, NEEDS_FIX, STOPPED, OVER_BUDGET, MODEL_FAULT = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
)


class RunEnding(Exception):
    """The run ends here. `reason` is one line: what the log says after `BLOCKED:`."""

    def __init__(self, outcome: RunOutcome, reason: str, exit_code: int) -> None:
        super().__init__(reason)
        self.outcome: RunOutcome = outcome
        self.reason = " ".join(reason.split())
        self.exit_code = exit_code
