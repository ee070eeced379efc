"""The marks that carry every status: colour only repeats what a mark says (UX)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from core.run_state import ChunkStatus, Pill, StepStatus


class Mark(NamedTuple):
    sign: str
    style: str


OK = Mark("✓", "$text-success")
BAD = Mark("✗", "$text-error")
WARN = Mark("!", "$text-warning")
NOW = Mark("▸", "$text-primary")
OPEN = Mark("○", "$text-muted")
ASKS = Mark("?", "$text-accent")

STEP_MARKS: dict[StepStatus, Mark] = {"open": OPEN, "current": NOW, "done": OK, "blocked": BAD}

CHUNK_MARKS: dict[ChunkStatus, Mark] = {
    "preparing": OPEN,
    "open": NOW,
    "checking": NOW,
    "in review": ASKS,
    "approved": OK,
    "reverted": WARN,
    "undone": WARN,
    "blocked": BAD,
    "stopped": WARN,
}


class PillLook(NamedTuple):
    """How a pill looks; `tint` is the class that colours the panel concerned, `panel` names it."""

    mark: str
    style: str
    tint: str
    panel: str


PILLS: dict[Pill, PillLook] = {
    "Preparing": PillLook("○", "$foreground on $panel", "", ""),
    "Working": PillLook("▸", "$background on $primary", "tint-primary", "chunk"),
    "Checking": PillLook("▸", "$background on $secondary", "tint-secondary", "check"),
    "Waiting for you": PillLook("?", "$background on $accent", "tint-accent", ""),
    "Paused": PillLook("!", "$background on $warning", "tint-warning", "chunk"),
    "Complete": PillLook("✓", "$background on $success", "tint-success", "plan"),
    "Blocked": PillLook("✗", "$background on $error", "tint-error", "plan"),
    "Stopped": PillLook("!", "$background on $warning", "tint-warning", "plan"),
    "Failed": PillLook("✗", "$background on $error", "tint-error", "chunk"),
}
