"""Puts files back as a person ordered it, each over exactly the bytes that the order was given on."""

from __future__ import annotations

from core.blobs import Blobs
from core.domain import FileChange, Sha
from core.file_errors import ConflictError, WorkspaceError
from core.safe_path import FileState, SafeTree
from core.undo_plan import LIMIT


class PutBack:
    """The workspace's writer for an undo. `known` is the workspace's: what is put back counts as unread."""

    def __init__(self, tree: SafeTree, blobs: Blobs, known: dict[str, Sha]) -> None:
        self._tree = tree
        self._blobs = blobs
        self._known = known

    def look(self, path: str) -> FileState | None:
        """The file as it is now. FileRefused when it is none that could be put back."""
        return self._tree.load(path, LIMIT)

    def carry_out(
        self, changes: tuple[FileChange, ...], folders: tuple[str, ...]
    ) -> tuple[tuple[FileChange, ...], tuple[WorkspaceError, ...]]:
        """Makes the changes whose contents are both blobs, then removes those of `folders` that are empty.

        Gives the changes that stand, and a fault for each of the others: that file was left alone. A change
        that stands already counts, so what was cut short is finished by doing it again. Emits nothing.
        """
        made: list[FileChange] = []
        left: list[WorkspaceError] = []
        for change in changes:
            try:
                self._make(change)
                made.append(change)
            except WorkspaceError as fault:
                left.append(fault)
        self._tree.remove_empty_folders(folders)
        return tuple(made), tuple(left)

    def _make(self, change: FileChange) -> None:
        path = change.path
        if change.after is not None:
            self._tree.remove_temporary(path, change.after)
        state = self.look(path)
        self._known.pop(path, None)
        if _is(state, change.after, change.mode_after):
            return
        if not _is(state, change.before, change.mode_before):
            raise ConflictError(path, "changed", "was changed a moment ago")
        if change.after is not None:
            assert change.mode_after is not None, "a file has a mode"
            self._tree.replace(path, self._blobs.get(change.after), change.mode_after, state)
        elif state is not None:
            self._tree.remove(path, state)


def _is(state: FileState | None, sha: Sha | None, mode: int | None) -> bool:
    if state is None:
        return sha is None
    return (state.sha, state.mode) == (sha, mode)
