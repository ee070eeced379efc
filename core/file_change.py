"""A file before and after as one FileChange, with both contents kept as blobs."""

from __future__ import annotations

from core.blobs import Blobs
from core.diff import count_changes
from core.domain import FileChange
from core.safe_path import FileState


def make_change(
    blobs: Blobs,
    path: str,
    before: FileState | None,
    after: bytes | None,
    *,
    mode: int,
    folders: tuple[str, ...],
) -> FileChange:
    """`mode` is that of the file afterwards; `folders` are those that are made for it."""
    added, removed = count_changes(before.data if before else None, after)
    return FileChange(
        path=path,
        action="create" if before is None else "delete" if after is None else "modify",
        before=None if before is None else blobs.put(before.data),
        after=None if after is None else blobs.put(after),
        mode_before=before.mode if before else None,
        mode_after=None if after is None else mode,
        added=added,
        removed=removed,
        bytes_after=len(after or b""),
        folders=folders,
    )


def done_words(change: FileChange) -> str:
    """What the worker is told of a change that was made, also when it was found done after a crash."""
    verb = {"create": "created", "modify": "changed", "delete": "deleted"}[change.action]
    return f"{verb} {change.path} (+{change.added} -{change.removed})"


def refused_words(path: str, reason: str) -> str:
    """What the worker is told of a write that the scope refused."""
    return f"refused: {path}: {reason}. Stay in the story's scope."
