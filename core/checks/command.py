"""A check that is a command of the profile or the configuration, and what all command checks share."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from core.checks.base import CheckCommand
from core.checks.diagnostics import ANY, parse_diagnostics
from core.checks.json_diagnostics import parse_json
from core.domain import Diagnostic
from core.process import find_program

# Anchored: a checker that quotes the code it checks must not be taken for one of these.
ENVIRONMENT_FAULTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:\S+: )?(?:line )?(?:\d+: )?(?P<what>[\w./@-]+: (?:command )?not found)",
        r"(?:\S*Error: )?(?P<what>ENOSPC\b.*)",
        r"(?:[^\s()]+: )*(?P<what>No space left on device)",
        r"OSError: \[Errno 28\] (?P<what>No space left on device).*",
        r"FATAL ERROR: .*(?P<what>JavaScript heap out of memory)",
        r"FATAL ERROR: .*(?P<what>Allocation failed)\b.*",
        r"(?:[^\s()]+: )*(?P<what>Cannot allocate memory)",
        r"(?P<what>MemoryError)\b.*",
        # A program in a script that the kernel's memory killer ended, as shells, pnpm and yarn tell it.
        r"(?:[^\s()]+: (?:line )?(?:\d+: )?)*(?:\d+ )?(?P<what>Killed)(?: {2,}.*)?",
        r".*(?P<what>Command was killed with SIGKILL)\b.*",
        r"(?:ELIFECYCLE +|error )?(?P<what>Command failed with (?:exit code 137|signal \"SIGKILL\"))\W*",
        r"(?P<what>Exit status 137)",
        r"\S*python[\d.]*: (?P<what>No module named '?(?:mypy|pyright|ty|pyrefly)\b\S*)",
        r"ModuleNotFoundError: (?P<what>No module named '(?:mypy|pyright|ty|pyrefly)\b.*')",
    )
)
TRACEBACK = "Traceback (most recent call last):"


class CommandCheck:
    """The configured commands, run from the workspace's root, whatever was changed."""

    name = "command"

    def __init__(self, argvs: tuple[tuple[str, ...], ...] = ()) -> None:
        self._argvs = argvs

    def applies(self, root: Path, changed: Sequence[str]) -> bool:
        return bool(self._argvs)

    def commands(self, root: Path, changed: Sequence[str]) -> tuple[CheckCommand, ...]:
        return tuple(
            CheckCommand(argv=argv, cwd="", checker=self.name, missing=missing_program(argv[0], root))
            for argv in self._argvs
        )

    def parse(self, command: CheckCommand, output: str, root: Path) -> tuple[Diagnostic, ...]:
        told = parse_diagnostics(output, ANY, root, command.cwd)
        return (*told, *parse_json(output, root, command.cwd))

    def environment_fault(self, command: CheckCommand, exit_code: int | None, output: str) -> str | None:
        return shared_environment_fault(output)


def missing_program(name: str, root: Path, *, inside: str = "", hint: str = "") -> str | None:
    """Why the program can't be run, for `CheckCommand.missing`; None when it is there."""
    if find_program(name, root, os.environ, inside=inside):
        return None
    return f"{name} was not found{hint and f': {hint}'}"


def shared_environment_fault(output: str) -> str | None:
    """A fault of the machine that any program's output may tell: no such command, memory, disk."""
    for line in output.split("\n"):
        for pattern in ENVIRONMENT_FAULTS:
            if match := pattern.fullmatch(line.strip()):
                return match["what"]
    return None


def crash(output: str) -> str | None:
    """The last line of a Python program that ended in a traceback: the checker broke, not the code."""
    lines = [line for line in output.split("\n") if line.strip()]
    return lines[-1].strip() if TRACEBACK in lines else None
