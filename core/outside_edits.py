"""Edits of the engineer's (or of any program) to a chunk's files, found before a verdict takes effect.

They are never overwritten and never approved unseen: each becomes a change of the chunk, recorded
as made outside, and the chunk goes through its rules, its check and its review again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from core import events as ev
from core.blobs import Blobs, sha_of
from core.domain import FileChange
from core.events import OUTSIDE
from core.file_change import make_change
from core.safe_path import FileState, SafeTree

LARGEST = 64_000_000


class OutsideEdits:
    def __init__(self, root: Path, blobs: Blobs, emit: Callable[[ev.Event], object]) -> None:
        self._tree = SafeTree(root)
        self._blobs = blobs
        self._emit = emit

    def adopt(self, changes: Iterable[FileChange], chunk: int) -> tuple[str, ...]:
        """Records what is on disk where it is not what `changes` (net) left; the paths that differed.

        Raises FileRefused when something other than a regular file stands there now.
        """
        found = [edit for change in changes if (edit := self._edit(change)) is not None]
        for edit in found:
            self._emit(ev.FileChanged(chunk=chunk, call_id=OUTSIDE, change=edit))
        paths = tuple(edit.path for edit in found)
        if paths:
            what = f"{', '.join(paths)} changed outside the run"
            self._emit(ev.WarningRaised(text=f"{what}: now part of chunk {chunk}, to be looked at again"))
        return paths

    def _edit(self, change: FileChange) -> FileChange | None:
        state = self._tree.load(change.path, LARGEST)
        after = None if state is None else sha_of(state.data)
        mode = None if state is None else state.mode
        if (after, mode) == (change.after, change.mode_after):
            return None
        left = None
        if change.after is not None:
            left = FileState(
                data=self._blobs.get(change.after), mode=change.mode_after or 0, links=1, owner=(0, 0)
            )
        data = None if state is None else state.data
        return make_change(self._blobs, change.path, left, data, mode=mode or 0, folders=())
