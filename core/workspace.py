"""The only writer of workspace files (ARCHITECTURE). Every byte that a run changes goes through here.

Each change is journaled around its effect: both contents are kept as blobs, FileChangeStarted goes out, the
file is replaced at once, FileChanged follows. A file is only overwritten while it still holds what the run
last read or wrote there; anything else is a ConflictError for the supervisor.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Literal

from core.blobs import Blobs, sha_of
from core.chunk_files import mixed_path
from core.command_effects import CommandEffects
from core.domain import FileChange, Sha
from core.events import Event, FileChanged, FileChangeStarted
from core.file_change import make_change
from core.file_errors import (
    ConflictError,
    EditError,
    FileRefused,
    PatternError,
    ScopeError,
    WorkspaceError,
)
from core.file_search import SearchHit, compile_pattern, hits_in, search_below, walk
from core.planned_write import PlannedWrite, planned_write
from core.put_back import PutBack
from core.readable_path import checked_path, folder_path, real_path, refuse_private
from core.safe_path import FileState, SafeTree
from core.scope_guard import ScopeGuard, ScopeJudgement
from core.taking_back import Settled, WayBack, ways_back
from core.text_edit import edit_bytes, overwrite_bytes

__all__ = [
    "ConflictError",
    "EditError",
    "FileRefused",
    "PatternError",
    "ScopeError",
    "SearchHit",
    "Workspace",
    "WorkspaceError",
]

# What the worker may read or write in one file, and the largest file that is kept before it is deleted.
READ_LIMIT = 2_000_000
KEEP_LIMIT = 64_000_000
NEW_FILE_MODE = 0o644
NO_REGULAR_FILE = ""


class Workspace:
    """The files below `root`. Paths in and out are workspace-relative.

    What the run last read or wrote ("known" hashes) survives from one conversation to the next: a new
    conversation changes what the worker remembers, not whose bytes are on disk. A new process starts with
    none, so the worker reads a file again before it overwrites it.
    """

    def __init__(self, root: Path, guard: ScopeGuard, blobs: Blobs, emit: Callable[[Event], object]) -> None:
        self.root = Path(os.path.realpath(root))
        self._guard = guard
        self._blobs = blobs
        self._emit = emit
        self._tree = SafeTree(self.root)
        self._known: dict[str, Sha] = {}

    @property
    def known(self) -> Mapping[str, Sha]:
        """What this process last read or wrote, by path."""
        return self._known

    # --- reading ------------------------------------------------------------------------

    def read(self, path: str) -> bytes:
        """The file's bytes. A link is followed if it stays in the workspace; FileRefused otherwise,
        and for secrets, devices, folders and files over 2 MB."""
        _, real, state = self._load(path)
        self._known[real] = state.sha
        return state.data

    def exists(self, path: str) -> bool:
        """Whether anything is there: a file, a folder, a link. FileRefused for a path that is none."""
        named = checked_path(path)
        real_path(self.root, os.path.dirname(named))
        return os.path.lexists(self.root / named)

    def sha(self, path: str) -> Sha | None:
        """The hash of the file as it is now; None when nothing is there, "" (no hash) when what is
        there is not a regular file that could be kept."""
        try:
            state = self._tree.load(checked_path(path), KEEP_LIMIT)
        except FileRefused:
            return NO_REGULAR_FILE
        return state.sha if state else None

    def list_files(self, path: str = ".", glob: str = "**", limit: int = 500) -> tuple[str, ...]:
        """At most `limit` files below a folder that a gitignore-style glob fits, in order."""
        return tuple(islice(walk(self.root, folder_path(self.root, path), glob), limit))

    def search(
        self, pattern: str, path: str = ".", glob: str = "**", limit: int = 200
    ) -> tuple[SearchHit, ...]:
        """At most `limit` lines that an RE2 pattern matches. Secrets, binary and large files are left out.

        PatternError for a pattern or glob that is refused, FileRefused for a wrong path. What is found does
        not count as read.
        """
        wanted = compile_pattern(pattern)
        if os.path.isfile(self.root / path):
            found: Iterable[SearchHit] = hits_in(path, self._load(path)[2].data, wanted)
        else:
            found = search_below(self.root, folder_path(self.root, path), glob, wanted, self._searchable)
        return tuple(islice(found, limit))

    def _searchable(self, path: str) -> bytes | None:
        try:
            return self._load(path)[2].data
        except FileRefused:
            return None

    def _load(self, path: str) -> tuple[str, str, FileState]:
        """A file that may be read: its path, its path behind all links, and what it holds."""
        named = checked_path(path)
        real = real_path(self.root, named)
        for name in (named, real):
            refuse_private(name)
        state = self._tree.load(real, READ_LIMIT)
        if state is None:
            self._known.pop(real, None)
            raise FileRefused(named, "does not exist")
        return named, real, state

    # --- writing ------------------------------------------------------------------------

    def judge_write(self, path: str) -> ScopeJudgement:
        """The scope's verdict on writing `path`. ScopeError when it is `out`."""
        judgement = self._guard.judge(path)
        if judgement.verdict == "out":
            raise ScopeError(judgement.path, "out", judgement.reason)
        return judgement

    def plan_write(self, path: str, content: bytes | str) -> PlannedWrite:
        """What making `content` the whole file would do. A text takes the form of the file that is there: its
        BOM and its line endings stay."""
        judgement, state = self._target(path)
        if isinstance(content, str):
            content = content.encode("utf-8") if state is None else overwrite_bytes(state.data, content)
        if len(content) > READ_LIMIT:
            raise FileRefused(
                judgement.path, f"the new content is over the limit of {READ_LIMIT // 1_000_000} MB"
            )
        unread = state is not None and judgement.path not in self._known
        return planned_write(judgement, state, content, unread)

    def plan_edit(self, path: str, old: str, new: str) -> PlannedWrite:
        """What replacing `old`, which must be there exactly once, and no other byte, would do (EditError)."""
        judgement, state = self._target(path)
        if state is None:
            raise FileRefused(judgement.path, "does not exist")
        return planned_write(judgement, state, edit_bytes(judgement.path, state.data, old, new), unread=False)

    def _target(self, path: str) -> tuple[ScopeJudgement, FileState | None]:
        judgement = self.judge_write(path)
        refuse_private(judgement.path)
        return judgement, self._writable(judgement.path, READ_LIMIT)

    def carry_out(
        self, planned: PlannedWrite, *, chunk: int, call_id: str, approved: bool = False
    ) -> FileChange:
        """Writes what was planned over the bytes that it was planned on; ConflictError when they are others.

        Where the file already holds it nothing happens, and no event goes out. `approved`: a person has seen
        both contents, so a file that is adjacent (ScopeError) or was not read (ConflictError) may be written.
        """
        path = self._admitted(planned.path, allow_adjacent=approved)
        if not approved:
            planned.refuse_unread()
        state = self._writable(path, READ_LIMIT)
        if (state.data if state else None) != planned.before:
            raise ConflictError(path, "changed", "was changed since the write was planned: read it again")
        return self._change(path, state, planned.after, chunk, call_id)

    def delete(self, path: str, *, chunk: int, call_id: str, allow_adjacent: bool = False) -> FileChange:
        """Removes the file, of up to 64 MB; its bytes stay in the blobs."""
        path = self._admitted(path, allow_adjacent)
        state = self._writable(path, KEEP_LIMIT)
        if state is None:
            raise FileRefused(path, "does not exist")
        return self._change(path, state, None, chunk, call_id)

    def _admitted(self, path: str, allow_adjacent: bool) -> str:
        judgement = self.judge_write(path)
        if judgement.verdict == "adjacent" and not allow_adjacent:
            raise ScopeError(judgement.path, "adjacent", judgement.reason)
        refuse_private(judgement.path)
        return judgement.path

    def _writable(self, path: str, limit: int) -> FileState | None:
        """The file as it is, when it is the run's to change."""
        state = self._tree.load(path, limit)
        known = self._known.get(path)
        if state is None and known is not None:
            raise ConflictError(path, "gone", "was deleted since the run last read or wrote it")
        if state is not None and known is not None and state.sha != known:
            raise ConflictError(
                path, "changed", "was changed since the run last read or wrote it: read it again"
            )
        if state is not None and state.links > 1:
            raise FileRefused(path, "has hard links: other names share its bytes")
        return state

    def _change(
        self, path: str, state: FileState | None, after: bytes | None, chunk: int, call_id: str
    ) -> FileChange:
        folders = self._tree.missing_folders(path) if state is None else ()
        mode = state.mode if state else NEW_FILE_MODE
        change = make_change(self._blobs, path, state, after, mode=mode, folders=folders)
        if change.before == change.after:
            return change
        self._emit(FileChangeStarted(chunk=chunk, call_id=call_id, change=change))
        self._put(change, state, after)
        self._emit(FileChanged(chunk=chunk, call_id=call_id, change=change))
        return change

    def _put(self, change: FileChange, state: FileState | None, after: bytes | None) -> None:
        if after is not None:
            self._tree.replace(change.path, after, change.mode_after or NEW_FILE_MODE, state)
            self._known[change.path] = sha_of(after)
        elif state is not None:
            self._tree.remove(change.path, state)
            self._known.pop(change.path, None)

    def put_back(self) -> PutBack:
        """What an undo writes with."""
        return PutBack(self._tree, self._blobs, self._known)

    def command_effects(self, own_folder: str) -> CommandEffects:
        """Sees what a command does to the files. `own_folder` is the story's `_implementation`."""
        return CommandEffects(
            self.root, self._guard, self._blobs, emit=self._emit, known=self._known, own_folder=own_folder
        )

    # --- taking back --------------------------------------------------------------------

    def revert(
        self,
        changes: tuple[FileChange, ...],
        chunk: int,
        *,
        theirs: frozenset[int] = frozenset(),
        settled: Mapping[str, Settled] | None = None,
    ) -> tuple[FileChange, ...]:
        """Puts the files back to where `changes`, as they happened, began, to the byte and mode. Those at
        the places `theirs` are somebody else's: they stay.

        All or nothing to begin with: ConflictError, and nothing touched, when a file is no longer what the
        chunk left, or OverlapError when a person has to settle what becomes of it. A file that is back
        already is passed over, so a revert that was cut short is finished by doing it again. Emits nothing:
        ChunkReverted, the caller's, is its record. Gives what it changed.
        """
        mixed = mixed_path(changes)
        if mixed is not None:
            raise ConflictError(mixed, "changed", f"was also changed by somebody else during chunk {chunk}")
        ways = ways_back(changes, theirs, self._blobs.get, settled or {})
        # What stands where the chunk left what it had found is somebody else's.
        back = [(way, self._left(way, chunk)) for way in ways if not way.is_left]
        done = tuple(self._put_back(way, state) for way, state in back if not way.is_done(state))
        self._tree.remove_empty_folders(tuple(folder for change in changes for folder in change.folders))
        return done

    def _left(self, way: WayBack, chunk: int) -> FileState | None:
        """What the chunk left, or already what is to stand there."""
        current = self.sha(way.path)
        if current not in (way.left, way.sha):
            kind: Literal["changed", "gone"] = "gone" if current is None else "changed"
            raise ConflictError(
                way.path, kind, f"is no longer what chunk {chunk} left: it cannot be reverted"
            )
        return self._tree.load(way.path, KEEP_LIMIT)

    def _put_back(self, way: WayBack, state: FileState | None) -> FileChange:
        mode = way.mode or NEW_FILE_MODE
        undo = make_change(self._blobs, way.path, state, way.content, mode=mode, folders=())
        self._put(undo, state, way.content)
        return undo

    def recover(self, change: FileChange) -> Literal["done", "not done", "conflict"]:
        """What became of a FileChangeStarted without its FileChanged, by the file's hash. Tidies up."""
        current = self.sha(change.path)
        if change.after is not None:
            self._tree.remove_temporary(change.path, change.after)
        if current == change.after:
            return "done"
        self._tree.remove_empty_folders(change.folders)
        return "not done" if current == change.before else "conflict"
