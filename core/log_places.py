"""Where a run's log files go: looked at before anything is written (SPEC 9)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from core.story import InputFault


def refuse_odd_places(root: Path, implementation: str, names: Iterable[str]) -> None:
    """InputFault unless `implementation` (workspace-relative) is a folder that really is in the workspace,
    and each of the log files `names` in it is a regular file, or not there yet: none is written through a
    link."""
    folder = root / implementation
    if not folder.is_dir():
        raise InputFault(f"{implementation}: no such folder; a run has its plan and log files in it (moved?)")
    if not folder.resolve().is_relative_to(root.resolve()):
        raise InputFault(f"{implementation}: a link that leads out of the workspace")
    for name in names:
        path = folder / name
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise InputFault(f"{implementation}/{name}: expected a regular file, or none; it is written to")
