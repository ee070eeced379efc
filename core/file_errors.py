"""Why a file of the workspace was not read or changed: one line each, made to be shown."""

from __future__ import annotations

from typing import Literal, TypeAlias

from core.domain import ScopeVerdict

ConflictKind: TypeAlias = Literal["changed", "unread", "gone"]


class WorkspaceError(Exception):
    """`path` is workspace-relative, as far as it could be told; `message` is one line."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


class FileRefused(WorkspaceError):
    """The file cannot be used: missing, a link, a device, too large, secret, or the disk failed."""


class ScopeError(WorkspaceError):
    """The path may not be written: `out` never, `adjacent` not without a decision (SPEC 6)."""

    def __init__(self, path: str, verdict: ScopeVerdict, reason: str) -> None:
        super().__init__(path, reason)
        self.verdict: ScopeVerdict = verdict
        self.reason = reason


class ConflictError(WorkspaceError):
    """The file is not what the run last read or wrote there: somebody else's edit is at stake.

    `changed`: other bytes; `gone`: no file any more; `unread`: the run never read what it would overwrite.
    """

    def __init__(self, path: str, kind: ConflictKind, message: str) -> None:
        super().__init__(path, message)
        self.kind: ConflictKind = kind


class EditError(FileRefused):
    """The text to replace is not there exactly once, or the file is not UTF-8 text."""


class PatternError(FileRefused):
    """A search pattern or glob that is refused. `path` is the pattern."""
