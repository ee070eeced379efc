"""A chunk's file changes as one net change a file. Pure, given the blobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal, TypeAlias

from core.diff import count_changes
from core.domain import FileChange, Sha

GetBlob: TypeAlias = Callable[[Sha], bytes]


def fold_changes(changes: Iterable[FileChange]) -> tuple[FileChange, ...]:
    """One change a path, from its first `before` to its last `after`, by path; those that cancel out dropped.

    `added` and `removed` are those of the last change: `net_changes` counts them anew.
    """
    net: dict[str, FileChange] = {}
    for change in changes:
        earlier = net.get(change.path)
        net[change.path] = _joined(earlier, change) if earlier else change
    return tuple(net[path] for path in sorted(net) if not _is_nothing(net[path]))


def net_changes(changes: Iterable[FileChange], get_blob: GetBlob) -> tuple[FileChange, ...]:
    """`fold_changes` with the lines counted between the two ends. BlobFault when a content is lost."""
    return tuple(_counted(change, get_blob) for change in fold_changes(changes))


def mixed_path(changes: Iterable[FileChange]) -> str | None:
    """A path at which somebody else's bytes came in between two of `changes`, in the order they happened."""
    left: dict[str, Sha | None] = {}
    for change in changes:
        if left.get(change.path, change.before) != change.before:
            return change.path
        left[change.path] = change.after
    return None


def _joined(first: FileChange, last: FileChange) -> FileChange:
    return replace(
        last,
        action=_action(first.before, last.after),
        before=first.before,
        mode_before=first.mode_before,
        folders=tuple(dict.fromkeys((*first.folders, *last.folders))),
    )


def _action(before: Sha | None, after: Sha | None) -> Literal["create", "modify", "delete"]:
    if before is None:
        return "create"
    return "delete" if after is None else "modify"


def _is_nothing(change: FileChange) -> bool:
    return change.before == change.after and (
        change.before is None or change.mode_before == change.mode_after
    )


def _counted(change: FileChange, get_blob: GetBlob) -> FileChange:
    before = None if change.before is None else get_blob(change.before)
    after = None if change.after is None else get_blob(change.after)
    added, removed = count_changes(before, after)
    return replace(change, added=added, removed=removed)
