"""Notices the engineer's own edits while a run goes on (SPEC 6): of files that the run knows, and no others.

It only says so. What keeps the edits is elsewhere: each write compares the file first (`workspace`), and
what somebody else changed becomes a change of the chunk (`outside_edits`).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

from core import events as ev
from core.domain import Sha
from core.file_errors import FileRefused
from core.run_state import RunState
from core.safe_path import SafeTree
from core.scope_guard import NEVER_WRITTEN
from core.stream import Stream
from core.untrusted import visible

# What a run may read or write; a larger file is not what it left.
LARGEST = 2_000_000
NO_FILE_OF_THE_RUNS = ""
# Folders are watched, and now and then looked at anyway: not every file system tells.
PAUSE_S = 0.25

Stamp = tuple[int, ...]


class EditWatch:
    """`known` gives what the run last read or wrote, by path (None: it deleted the file); {} while something
    that the run started may be changing files. `chunk` is the number of the chunk under way."""

    def __init__(
        self,
        root: Path,
        known: Callable[[], Mapping[str, Sha | None]],
        emit: Callable[[ev.Event], object],
        chunk: Callable[[], int],
    ) -> None:
        self._root = os.path.realpath(root)
        self._tree = SafeTree(root)
        self._known = known
        self._emit = emit
        self._chunk = chunk
        self._watched: frozenset[str] = frozenset()
        self._stamps: dict[str, tuple[Stamp | None, Sha | None]] = {}
        self._told: set[tuple[str, Sha | None]] = set()

    async def run(self) -> None:
        """Until it is cancelled. A fault of its own is one warning, and never the run's."""
        try:
            while True:
                self._look()
                folders = self._folders()
                if folders:
                    await self._watch(folders)
                else:
                    await asyncio.sleep(PAUSE_S)
        except Exception as fault:
            why = visible(str(fault) or type(fault).__name__, keep_newlines=False)
            with suppress(Exception):
                self._emit(ev.WarningRaised(text=f"edits of yours are not noticed at once any more: {why}"))

    async def _watch(self, folders: frozenset[str]) -> None:
        """Looks whenever something happens to a known file, until they lie in other folders."""
        watchfiles = await asyncio.to_thread(_import_watchfiles)
        pause_ms = int(PAUSE_S * 1000)
        changes = watchfiles.awatch(
            *folders,
            watch_filter=lambda _, path: os.path.relpath(path, self._root) in self._watched,
            recursive=False,
            rust_timeout=pause_ms,
            yield_on_timeout=True,
        )
        async with aclosing(changes):
            async for _ in changes:
                self._look()
                if self._folders() != folders:
                    return

    def _folders(self) -> frozenset[str]:
        """Those of the known files, never below `node_modules` and its like."""
        found = (os.path.dirname(os.path.join(self._root, path)) for path in self._watched)
        return frozenset(folder for folder in found if os.path.isdir(folder))

    def _look(self) -> None:
        """Tells of each file that holds what the run neither read nor wrote there, once for each content.

        Without an `await`: the run itself changes files between two looks, never during one.
        """
        known = self._known()
        self._watched = frozenset(path for path in known if NEVER_WRITTEN.isdisjoint(path.split("/")))
        for path in sorted(self._watched):
            sha = self._sha(path)
            if sha != known[path] and (path, sha) not in self._told:
                self._told.add((path, sha))
                self._emit(ev.OutsideEditSeen(chunk=self._chunk(), path=path))

    def _sha(self, path: str) -> Sha | None:
        """The file's hash; read again only when its stamp is another one."""
        stamp = self._stamp(path)
        seen = self._stamps.get(path)
        if seen is None or seen[0] != stamp:
            try:
                state = self._tree.load(path, LARGEST)
                sha = None if state is None else state.sha
            except FileRefused:
                sha = NO_FILE_OF_THE_RUNS
            self._stamps[path] = seen = (stamp, sha)
        return seen[1]

    def _stamp(self, path: str) -> Stamp | None:
        try:
            found = os.lstat(os.path.join(self._root, path))
        except OSError:
            return None
        return (found.st_ctime_ns, found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode)


def _import_watchfiles() -> Any:
    import watchfiles

    return watchfiles


class KnownFiles:
    """What a run knows of the workspace: what it left in its approved chunks and in the open one, and what
    this process read or wrote. Not its own log files, which it appends to without a chunk."""

    def __init__(self, stream: Stream, known: Mapping[str, Sha]) -> None:
        self._stream = stream
        self._known = known

    def __call__(self) -> Mapping[str, Sha | None]:
        state = self._stream.state
        if state.story is None or self._is_changing_files(state):
            return {}
        own = f"{state.story.implementation}/"
        left = {c.path: c.after for chunk in state.approved_chunks for c in chunk.closed_files}
        if state.chunk is not None and state.chunk.status not in ("reverted", "undone"):
            left |= {c.path: c.after for c in state.chunk.changes}
        left |= self._known
        return {path: sha for path, sha in left.items() if not path.startswith(own)}

    def _is_changing_files(self, state: RunState) -> bool:
        """A check or a command runs: what it does to files is looked at once it is done."""
        if state.checking:
            return True
        for record in reversed(self._stream.records):
            if isinstance(record.event, ev.CommandStarted):
                return True
            if isinstance(record.event, ev.CommandFinished | ev.ToolFinished | ev.RunResumed):
                return False
        return False

    @property
    def chunk(self) -> int:
        chunk = self._stream.state.chunk
        return chunk.number if chunk is not None else 0
