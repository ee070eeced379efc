"""Edits of the engineer's (or of any program) to a chunk's files.

They are never overwritten and never approved unseen: each becomes a change of the chunk, recorded as made
outside, before the worker's next change of the file is, or before a verdict takes effect. So the changes of
a file follow each other without a gap, and a revert can tell whose is whose.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from core import events as ev
from core.blobs import Blobs
from core.diff import count_changes
from core.domain import FileChange, Sha
from core.events import OUTSIDE
from core.safe_path import SafeTree
from core.stream import Stream

LARGEST = 64_000_000


class OutsideEdits:
    def __init__(self, root: Path, blobs: Blobs, stream: Stream) -> None:
        self._tree = SafeTree(root)
        self._blobs = blobs
        self._stream = stream

    def adopt(self, changes: Iterable[FileChange], chunk: int) -> tuple[str, ...]:
        """Records what is on disk where it is not what `changes` (net) left; the paths that differed, for
        which the chunk goes through its rules, its check and its review again.

        Raises FileRefused when something other than a regular file stands there now.
        """
        found = [edit for change in changes if (edit := self._on_disk(change)) is not None]
        for edit in found:
            self._stream.emit(ev.FileChanged(chunk=chunk, call_id=OUTSIDE, change=edit))
        paths = tuple(edit.path for edit in found)
        if paths:
            what = f"{', '.join(paths)} changed outside the run"
            self._stream.emit(
                ev.WarningRaised(text=f"{what}: now part of chunk {chunk}, to be looked at again")
            )
        return paths

    def emit(self, event: ev.Event) -> ev.Record:
        """Emits what the workspace does. Where the file is not what the chunk left there any more, the edit
        that came in between goes first."""
        if isinstance(event, ev.FileChangeStarted):
            theirs = self._in_between(event)
            if theirs is not None:
                self._stream.emit(ev.FileChanged(chunk=event.chunk, call_id=OUTSIDE, change=theirs))
        return self._stream.emit(event)

    def is_own_creation(self, path: str, chunk: int) -> bool:
        """Whether the file is there because the worker made it in this chunk, and nobody else touched it."""
        state = self._stream.state.chunk_numbered(chunk)
        changes = [c for c in state.changes if c.path == path] if state else []
        if state is None or not changes or changes[0].before is not None or path in state.outside:
            return False
        return self._on_disk(changes[-1]) is None

    def _on_disk(self, left: FileChange) -> FileChange | None:
        state = self._tree.load(left.path, LARGEST)
        if state is None:
            return self._edit(left, None, None)
        return self._edit(left, self._blobs.put(state.data), state.mode)

    def _in_between(self, event: ev.FileChangeStarted) -> FileChange | None:
        chunk, change = self._stream.state.chunk_numbered(event.chunk), event.change
        earlier = chunk.changes if chunk is not None else ()
        left = next((c for c in reversed(earlier) if c.path == change.path), None)
        return self._edit(left, change.before, change.mode_before) if left is not None else None

    def _edit(self, left: FileChange, after: Sha | None, mode: int | None) -> FileChange | None:
        """From what the chunk left to what is there now; None where they are the same."""
        if (after, mode) == (left.after, left.mode_after):
            return None
        old, new = (None if sha is None else self._blobs.get(sha) for sha in (left.after, after))
        added, removed = count_changes(old, new)
        return replace(
            left,
            action="create" if old is None else "delete" if new is None else "modify",
            before=left.after,
            after=after,
            mode_before=left.mode_after,
            mode_after=mode,
            added=added,
            removed=removed,
            bytes_after=len(new or b""),
            folders=(),
        )
