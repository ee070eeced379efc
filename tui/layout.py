"""The sizes of the panels, remembered outside the workspace, a small JSON file a person."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

MIN_COLUMN, MAX_COLUMN = 18, 90
MIN_WEIGHT, MAX_WEIGHT = 1, 12
COLUMN_STEP = 2


@dataclass(frozen=True, slots=True)
class Layout:
    """`left` and `right` are widths in cells; `weights` are a panel's share of its column's height."""

    left: int = 34
    right: int = 42
    weights: dict[str, int] = field(default_factory=dict)

    def widened(self, column: str, by: int) -> Layout:
        if column == "left":
            return replace(self, left=_within(self.left + by, MIN_COLUMN, MAX_COLUMN))
        return replace(self, right=_within(self.right + by, MIN_COLUMN, MAX_COLUMN))

    def weighted(self, panel: str, by: int) -> Layout:
        weight = _within(self.weight(panel) + by, MIN_WEIGHT, MAX_WEIGHT)
        return replace(self, weights={**self.weights, panel: weight})

    def weight(self, panel: str) -> int:
        return self.weights.get(panel, DEFAULT_WEIGHTS.get(panel, 4))


DEFAULT_WEIGHTS = {"plan": 6, "decisions": 4, "check": 5, "tokens": 3, "rules": 3}


def _within(n: int, low: int, high: int) -> int:
    return max(low, min(high, n))


def state_folder() -> Path:
    """`SIGNOFF_STATE_DIR`, or the person's state folder of this system."""
    override = os.environ.get("SIGNOFF_STATE_DIR")
    if override:
        return Path(override)
    from platformdirs import user_state_dir

    return Path(user_state_dir("signoff"))


def load_layout() -> Layout:
    """What was remembered; the defaults where there is nothing, or nothing sensible."""
    try:
        data = json.loads((state_folder() / "layout.json").read_text(encoding="utf-8"))
        weights = {str(k): _within(int(v), MIN_WEIGHT, MAX_WEIGHT) for k, v in data["weights"].items()}
        left, right = (_within(int(data[k]), MIN_COLUMN, MAX_COLUMN) for k in ("left", "right"))
        return Layout(left=left, right=right, weights=weights)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Layout()


def save_layout(layout: Layout) -> None:
    """Remembers it. A folder that can't be written is no reason to disturb a run: then it is forgotten."""
    data = {"left": layout.left, "right": layout.right, "weights": layout.weights}
    try:
        folder = state_folder()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "layout.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
    except OSError:
        return
