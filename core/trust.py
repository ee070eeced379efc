"""Which workspaces the engineer trusts, remembered outside of them (SPEC 2)."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal


def is_trusted(root: Path, state_dir: Path | None = None) -> bool:
    """Whether the engineer trusts this workspace. A memory that can't be read trusts nothing."""
    return str(root.resolve()) in _trusted(_trust_file(state_dir))


def trust(root: Path, state_dir: Path | None = None) -> None:
    """Remembers that the engineer trusts this workspace, by its real path. OSError when it can't."""
    path = _trust_file(state_dir)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    remembered = {"schema": 1, "trusted": _trusted(path) | {str(root.resolve()): now}}
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(remembered, indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)


def user_folder(
    moved: str | None, kind: Literal["user_config_dir", "user_state_dir", "user_cache_dir"]
) -> Path:
    """The user's folder for this program: `moved` when it is given, else where the platform keeps it."""
    if moved:
        return Path(moved)
    import platformdirs

    folder: str = getattr(platformdirs, kind)("signoff", appauthor=False)
    return Path(folder)


def _trust_file(state_dir: Path | None) -> Path:
    return (state_dir or user_folder(os.environ.get("SIGNOFF_STATE_DIR"), "user_state_dir")) / "trusted.json"


def _trusted(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["trusted"]
        return {str(root): str(at) for root, at in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
