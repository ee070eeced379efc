"""Where the workspace is, and how a person's mistake is said. Light: every command begins with it."""

from __future__ import annotations

from pathlib import Path

from core.visible import visible


class InputFault(Exception):
    """A person's mistake: one line that names the file and what was expected. Exit code 2."""

    def __init__(self, message: str) -> None:
        super().__init__(visible(message, keep_newlines=False))


def find_workspace(start: Path) -> Path:
    """The real path of the nearest folder at or above `start` that holds `.git` (a folder, or a
    worktree's file). InputFault when there is none."""
    place = start.resolve()
    for folder in (place, *place.parents):
        if (folder / ".git").exists():
            return folder
    raise InputFault(f"{start}: not in a git checkout; expected a .git in it or in a folder above it")
