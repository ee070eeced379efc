"""The real program in a process of its own, as a person or a script runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
IMPLEMENTATION = Path("plans/features/wishlist/in-progress/WISH-001/_implementation")


def environ(state: Path, **more: str) -> dict[str, str]:
    """The environment of a person whose Signoff keeps its state in `state`."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("ANTHROPIC_", "SIGNOFF_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{own.get('PATH', os.defpath)}"
    return {**own, "PATH": path, "SIGNOFF_STATE_DIR": str(state), "PYTHONPATH": str(ROOT), **more}


def signoff(
    *args: str | Path, cwd: Path, state: Path, timeout_s: float = 120, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui.cli", *map(str, args)],
        cwd=cwd,
        env=environ(state, **more),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def as_json(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def log_of(workspace: Path) -> str:
    return (workspace / IMPLEMENTATION / "BACKEND-LOG.md").read_text("utf-8")
