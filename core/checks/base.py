"""What the engine asks of a checker: which commands, and what their output means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from core.domain import Diagnostic, value


@value
class CheckCommand:
    """One command of a check. `cwd` is workspace-relative ("" is the root).

    `missing` says why it can't be run (an environment fault), found out before starting it.
    `paths_from` is the folder that the paths in its output start from, where that is not `cwd`.
    `tsc` are the arguments when all that it does is to run the package's own tsc in that folder; `only_cold`
    says why there is no incremental form of it, where that is worth saying. `only_pass`: it is an incremental
    form of which only a pass counts; what is wrong is then told by the cold command.
    """

    argv: tuple[str, ...]
    cwd: str
    checker: str
    missing: str | None = None
    paths_from: str | None = None
    tsc: tuple[str, ...] | None = None
    only_cold: str = ""
    only_pass: bool = False

    @property
    def folder(self) -> str:
        """Where the paths in its output start."""
        return self.cwd if self.paths_from is None else self.paths_from


class Checker(Protocol):
    """One kind of type check. Stateless; `name` is its key in the registry and in configs."""

    name: str

    def applies(self, root: Path, changed: Sequence[str]) -> bool:
        """Whether the workspace at `root` configures this checker for the changed files."""
        ...

    def commands(self, root: Path, changed: Sequence[str]) -> tuple[CheckCommand, ...]:
        """The cold commands for the packages that `changed` (workspace-relative) belong to."""
        ...

    def parse(self, command: CheckCommand, output: str, root: Path) -> tuple[Diagnostic, ...]:
        """The diagnostics in `output`, with workspace-relative paths where they are inside."""
        ...

    def environment_fault(self, command: CheckCommand, exit_code: int | None, output: str) -> str | None:
        """Why a failed command says nothing about the code (missing node_modules, ...), or None."""
        ...
