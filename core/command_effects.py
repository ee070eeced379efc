"""What a command of the worker's did to the workspace's files (SPEC 6): recorded, or put back.

No allow-list can tell what a program of the workspace's writes. So the files are looked at before and after
it. What changed in scope becomes part of the chunk like any edit; everything else is put back as it was.
Left alone are files that git ignores and the caches of the usual tools. New symbolic links are not looked
for: no file is ever read or written through one.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from core.blobs import Blobs
from core.domain import ScopeVerdict, Sha, value
from core.events import Event, FileChanged, FileChangeStarted, ScopeDenied, WarningRaised
from core.file_change import make_change
from core.file_errors import FileRefused, WorkspaceError
from core.file_search import walk
from core.safe_path import FileState, SafeTree
from core.scope_guard import ScopeGuard
from core.untrusted import is_secret_path, visible

CACHES = frozenset({"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".turbo", ".hypothesis"})
# Looked at though git may ignore them and a walk passes over them: they rule the run, or run code later.
ALWAYS_SEEN = (".signoff/config.yaml", ".claude/config", ".mcp.json", ".git/config", ".git/hooks")
KEPT_FILE = 1_000_000
KEPT_IN_ALL = 32_000_000
LEFT_LIMIT = 64_000_000
# A file whose inode did not change since the command began was there before, though nobody listed it: a
# changed .gitignore shows files that were hidden. File systems stamp by a coarse clock.
CLOCK_SLACK_NS = 1_000_000_000

Stamp = tuple[int, ...]
IsAsked: TypeAlias = Callable[[str, bytes | None, bytes | None], bool]


@value
class SeenFile:
    """A file before the command. `state` is None where its bytes were not kept."""

    stamp: Stamp
    state: FileState | None


@value
class Snapshot:
    files: dict[str, SeenFile]
    folders: frozenset[str]
    taken_ns: int

    def new_folders(self, path: str) -> tuple[str, ...]:
        """The folders above `path` that held no file before the command, outermost first."""
        return tuple(folder for folder in _folders(path) if folder not in self.folders)


class CommandEffects:
    """Looks before and after one command, and settles what it did.

    `own_folder` is the story's `_implementation`; `known` are the hashes of what the run last read or
    wrote, which go on from what the command left in scope.
    """

    def __init__(
        self,
        root: Path,
        guard: ScopeGuard,
        blobs: Blobs,
        *,
        emit: Callable[[Event], object],
        known: dict[str, Sha],
        own_folder: str,
    ) -> None:
        self._root = root
        self._tree = SafeTree(root)
        self._guard = guard
        self._blobs = blobs
        self._emit = emit
        self._known = known
        self._own_folder = own_folder

    def snapshot(self) -> Snapshot:
        """The files and, up to 1 MB each and 32 MB together, their bytes: first those in scope."""
        taken_ns = time.time_ns()
        room = KEPT_IN_ALL
        files: dict[str, SeenFile] = {}
        paths = {path: None for path in (*self._always_seen(), *self._walked())}
        for path in sorted(paths, key=self._rank):
            stamp = self._stamp(path)
            if stamp is None:
                continue
            state = self._load(path, min(KEPT_FILE, room))
            room -= len(state.data) if state else 0
            files[path] = SeenFile(stamp=stamp, state=state)
        folders = frozenset(folder for path in files for folder in _folders(path))
        return Snapshot(files=files, folders=folders, taken_ns=taken_ns)

    def changed(self, before: Snapshot) -> tuple[str, ...]:
        """The paths where bytes or mode are not those of the snapshot, or nothing stood before."""
        paths = {path: None for path in (*before.files, *self._always_seen(), *self._walked())}
        return tuple(path for path in sorted(paths) if self._is_changed(path, before))

    def settle(
        self,
        before: Snapshot,
        changed: tuple[str, ...],
        shown: str,
        *,
        chunk: int,
        call_id: str,
        is_asked: IsAsked,
    ) -> str:
        """Records what changed in scope, puts back the rest; what the worker is told of it, in lines.

        `is_asked` says of a path, its bytes before and after, that such a change is for a person to allow: a
        command that nobody was asked about doesn't make it either.
        """
        told: list[str] = []
        for path in changed:
            seen = before.files.get(path)
            verdict = self._verdict(path)
            name = visible(path, keep_newlines=False)
            if verdict != "in":
                done = self._put_back(path, seen, before.new_folders(path))
                reason = f"changed by `{shown}`{done}"
                self._emit(ScopeDenied(chunk=chunk, path=name, verdict=verdict, reason=reason))
                told.append(f"[not in scope: {name}{done}]")
            elif seen is not None and seen.state is None:
                text = f"{name} was changed by `{shown}`; it was too large to keep, so the diff lacks it"
                self._emit(WarningRaised(text=text))
                told.append(f"[changed: {name}, which is too large to be part of the chunk's diff]")
            elif is_asked(path, seen.state.data if seen and seen.state else None, self._bytes(path)):
                done = self._put_back(path, seen, before.new_folders(path))
                reason = f"changed by `{shown}`{done}: a change for the supervisor to allow"
                self._emit(ScopeDenied(chunk=chunk, path=name, verdict=verdict, reason=reason))
                told.append(f"[a supervisor must allow it: {name}{done}; make it with a tool]")
            else:
                self._adopt(path, seen, before.new_folders(path), chunk, call_id)
                told.append(f"[changed: {name}]")
        return "\n".join(told)

    def _bytes(self, path: str) -> bytes | None:
        state = self._load(path, LEFT_LIMIT)
        return state.data if state else None

    # --- looking ------------------------------------------------------------------------

    def _walked(self) -> Iterator[str]:
        return (path for path in walk(self._root, "", "**") if CACHES.isdisjoint(path.split("/")[:-1]))

    def _always_seen(self) -> Iterator[str]:
        for place in (self._own_folder, *ALWAYS_SEEN):
            try:
                yield from (f"{place}/{name}" for name in sorted(os.listdir(self._root / place)))
            except NotADirectoryError:
                yield place
            except OSError:
                continue

    def _rank(self, path: str) -> int:
        return ("in", "out", "adjacent").index(self._guard.judge(path).verdict)

    def _verdict(self, path: str) -> ScopeVerdict:
        """`out` also for names that no worker could write: secrets, and not in their normal form."""
        judgement = self._guard.judge(path)
        if judgement.path != path or is_secret_path(path):
            return "out"
        try:
            self._tree.load(path, LEFT_LIMIT)
        except FileRefused:
            return "out"
        return judgement.verdict

    def _stamp(self, path: str) -> Stamp | None:
        """Changes whenever the file does: nobody can set the time of an inode's last change back."""
        try:
            found = os.lstat(self._root / path)
        except OSError:
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        return (found.st_ctime_ns, found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode)

    def _load(self, path: str, limit: int) -> FileState | None:
        try:
            return self._tree.load(path, limit)
        except FileRefused:
            return None

    def _is_changed(self, path: str, before: Snapshot) -> bool:
        stamp, seen = self._stamp(path), before.files.get(path)
        if seen is None:
            return stamp is not None and stamp[0] >= before.taken_ns - CLOCK_SLACK_NS
        if stamp == seen.stamp:
            return False
        if seen.state is None:
            return stamp is None or stamp[1:] != seen.stamp[1:]
        now = self._load(path, KEPT_FILE)
        return now is None or (now.data, now.mode) != (seen.state.data, seen.state.mode)

    # --- settling -----------------------------------------------------------------------

    def _adopt(
        self, path: str, seen: SeenFile | None, folders: tuple[str, ...], chunk: int, call_id: str
    ) -> None:
        before = seen.state if seen else None
        after = self._tree.load(path, LEFT_LIMIT)
        data, mode = (after.data, after.mode) if after else (None, 0)
        change = make_change(self._blobs, path, before, data, mode=mode, folders=() if before else folders)
        self._emit(FileChangeStarted(chunk=chunk, call_id=call_id, change=change))
        self._emit(FileChanged(chunk=chunk, call_id=call_id, change=change))
        if after is None:
            self._known.pop(path, None)
        elif path in self._known:
            self._known[path] = after.sha

    def _put_back(self, path: str, seen: SeenFile | None, folders: tuple[str, ...]) -> str:
        """Says how it went. What stood there is kept: it may have been the engineer who saved the file."""
        if seen is not None and seen.state is None:
            return ", left so: it was too large to keep"
        before = seen.state if seen else None
        try:
            self._tree.remove_link(path)
            left = self._tree.load(path, LEFT_LIMIT)
            if left is not None and before is None and is_secret_path(path):
                return ", left there: it may hold secrets"
            kept = None if left is None or is_secret_path(path) else self._blobs.put(left.data)
            if before is not None:
                self._tree.replace(path, before.data, before.mode, left)
            elif left is not None:
                self._tree.remove(path, left)
                self._tree.remove_empty_folders(folders)
        except WorkspaceError as fault:
            return f", could not be put back: {visible(fault.message, keep_newlines=False)}"
        return ", put back" + (f" (what it held: blob {kept[:12]})" if kept else "")


def _folders(path: str) -> Iterator[str]:
    parts = path.split("/")[:-1]
    return ("/".join(parts[: depth + 1]) for depth in range(len(parts)))
