"""tsc's incremental mode: what it found in files that did not change since is read from a file of our own."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from core.checks.base import CheckCommand
from core.checks.packages import folders_above, read_text

# Earlier ones lose errors of declarations between two incremental runs that write nothing.
OLDEST = (5, 6)
VERSION = re.compile(r'"version": *"(\d+)\.(\d+)\.')


def incremental_tsc(root: Path, command: CheckCommand, folder: Path) -> CheckCommand | str:
    """The incremental form of a command that is plain tsc, or why there is none.

    `folder` is where its `.tsbuildinfo` is kept; the project's own, if it has one, is left alone.
    """
    assert command.tsc is not None, "asked for commands that are plain tsc"
    home = _home(root, command.folder)
    if home is None:
        return "its TypeScript is not in node_modules"
    version = VERSION.search(read_text(root / home / "node_modules/typescript/package.json"))
    if version is None or (int(version[1]), int(version[2])) < OLDEST:
        return f"TypeScript {'.'.join(map(str, OLDEST))} or later is needed to check incrementally"
    program = command.argv[0] if "/" in command.argv[0] else "tsc"
    file = os.path.relpath(folder / _file_name(command), root / command.folder)
    argv = (program, *command.tsc, "--incremental", "--tsBuildInfoFile", file)
    return CheckCommand(argv=argv, cwd=command.folder, checker=command.checker)


def _home(root: Path, folder: str) -> str | None:
    """The nearest folder whose node_modules has tsc: that one a script of the package runs."""
    above = folders_above(f"{folder}/package.json" if folder else "package.json")
    return next((home for home in above if (root / home / "node_modules/.bin/tsc").is_file()), None)


def _file_name(command: CheckCommand) -> str:
    """One a project: two that shared a file would undo each other's work."""
    project = "\0".join((command.folder, *(command.tsc or ())))
    name = command.folder.rpartition("/")[2] or "root"
    return f"{name}-{hashlib.sha256(project.encode()).hexdigest()[:8]}.tsbuildinfo"
