"""Worker, engineer, revert and undo in any order: what the engineer wrote is never lost, and what is taken
back is taken back to the byte (RELIABILITY, promise 9). 1,000 orders with SIGNOFF_SOAK (make soak)."""

from __future__ import annotations

import os
import random
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from core import events as ev
from core.blobs import Blobs, sha_of
from core.chunk_files import net_changes
from core.commands import CommandRefused, UndoChunk
from core.domain import ChunkOpening, ScopeGlobs
from core.journal import Header, Journal
from core.outside_edits import OutsideEdits
from core.run_state import ChunkState, RunState
from core.scope_guard import ScopeGuard
from core.stream import Stream
from core.taking_back import OverlapError, Settled
from core.undo_plan import Conflict, UndoChoice, plan_undo
from core.undoing import Undoing
from core.workspace import ConflictError, Workspace, WorkspaceError

ORDERS = 1000 if os.environ.get("SIGNOFF_SOAK") else 40
STEPS = 40
PATHS = ("src/a.py", "src/b.py", "src/new/c.py", "src/new/deep/d.py")
GUARD = ScopeGuard(ScopeGlobs(inside=("src/**",)), (), ())

Picture: TypeAlias = dict[str, tuple[int, bytes]]


class Story:
    """One random order of events, over the real workspace, stream, journal and undo."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.root = folder / "repo"
        (self.root / "src").mkdir(parents=True)
        for name, end, mode in (("a.py", b"\n", 0o644), ("b.py", b"\r\n", 0o755)):
            file = self.root / "src" / name
            file.write_bytes(b"".join(b"line %d" % n + end for n in range(40)))
            file.chmod(mode)
        self.blobs = Blobs(folder / "run" / "blobs")
        header = Header(run_id="run", story_id="S-1", story_folder="s")
        self.stream = Stream(Journal.create(folder / "run", header), [], RunState())
        self.outside = OutsideEdits(self.root, self.blobs, self.stream)
        self.workspace = Workspace(self.root, GUARD, self.blobs, self.outside.emit)
        self.undoing = Undoing(self.stream, self.workspace.put_back(), self.blobs, live=True)
        # What stood at a path before the first change of a chunk there.
        self.began: dict[int, dict[str, tuple[int, bytes] | None]] = {}
        self.count = 0
        self.open = False
        self.done: set[str] = set()

    def run(self) -> None:
        acts = [self.worker] * 6 + [self.engineer] * 5 + [self.approve, self.revert, self.undo] * 2
        for _ in range(STEPS):
            act = self.chance.choice(acts)
            before = self.picture()
            act()
            if act != self.engineer:
                self.nothing_is_beyond_recovery(before)
        self.stream.close()

    # --- who does what ------------------------------------------------------------------

    def worker(self) -> None:
        if not self.open and self.chance.random() < 0.7:
            return
        if not self.open:
            self._open()
        path = self.chance.choice(PATHS)
        before, read = self.picture(), self.chance.random() < 0.6
        if read and self.workspace.exists(path):
            self.workspace.read(path)
        elif read and path in self.workspace.known:
            with pytest.raises(WorkspaceError):
                self.workspace.read(path)
        known = self.workspace.known.get(path)
        try:
            if path in before and self.chance.random() < 0.1:
                self.workspace.delete(path, chunk=self.number, call_id="c")
            else:
                content = self._changed(before.get(path), b"WORK")
                planned = self.workspace.plan_write(path, content)
                self.workspace.carry_out(planned, chunk=self.number, call_id="c")
        except WorkspaceError:
            assert self.picture() == before
        else:
            stood = before.get(path)
            assert stood is None or known in (None, sha_of(stood[1])), "overwrote what it had not read"
            if self.picture() != before:
                self.began[self.number].setdefault(path, stood)
            self.done.add("written")

    def engineer(self) -> None:
        path = self.chance.choice(PATHS)
        file, there = self.root / path, self.picture().get(path)
        if there is not None and self.chance.random() < 0.15:
            file.unlink()
        elif there is not None and self.chance.random() < 0.15:
            file.chmod(self.chance.choice([0o644, 0o755, 0o600]))
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self._changed(there, b"MINE"))

    def approve(self) -> None:
        if self.open:
            while self.outside.adopt(net_changes(self.chunk.changes, self.blobs.get), self.number):
                pass
            self.stream.emit(ev.ChunkFinished(chunk=self.number, verdict="approved"))
            self.open = False

    def revert(self) -> None:
        if not self.open:
            return
        self.outside.adopt(net_changes(self.chunk.changes, self.blobs.get), self.number)
        before, chunk = self.picture(), self.chunk
        settled: dict[str, Settled] = {}
        while True:
            try:
                self.workspace.revert(
                    chunk.changes, chunk.number, theirs=frozenset(chunk.their_changes), settled=settled
                )
                break
            except OverlapError as overlap:
                assert self.picture() == before
                settled[overlap.path] = self.chance.choice(("keep", "back"))
            except ConflictError:
                assert self.picture() == before
                return
        self.stream.emit(ev.ChunkReverted(chunk=chunk.number, files=(), by="user"))
        self.stream.emit(ev.ChunkFinished(chunk=chunk.number, verdict="reverted"))
        self.open = False
        self.is_taken_back(chunk, before, settled)
        self.done.add("reverted")

    def undo(self) -> None:
        before, state = self.picture(), self.stream.state
        try:
            plan = plan_undo(state, self.workspace.put_back().look, self.blobs.get)
        except CommandRefused:
            with pytest.raises(CommandRefused):
                self.undoing.undo(UndoChunk(chunk=self.number))
            assert self.picture() == before
            return
        if plan.conflicts:
            with pytest.raises(CommandRefused, match=plan.conflicts[0].path):
                self.undoing.undo(UndoChunk(chunk=plan.chunk))
            assert self.picture() == before and self.stream.state is state
        chosen = {conflict.path: self._choice(conflict) for conflict in plan.conflicts}
        self.undoing.undo(UndoChunk(chunk=plan.chunk, conflicts=tuple(chosen.items())))
        undone = self.stream.state.chunk_numbered(plan.chunk)
        assert undone is not None and undone.status == "undone"
        self.is_taken_back(undone, before, chosen)
        self.done |= {"undone", *chosen.values()}

    # --- what must hold -----------------------------------------------------------------

    def nothing_is_beyond_recovery(self, before: Picture) -> None:
        now = self.picture()
        for path, (_, content) in before.items():
            if now.get(path, (0, None))[1] != content:
                assert self.blobs.has(sha_of(content)), path

    def is_taken_back(self, chunk: ChunkState, before: Picture, chosen: Mapping[str, UndoChoice]) -> None:
        now, began = self.picture(), self.began[chunk.number]
        touched = {change.path for change in chunk.changes}
        theirs = {chunk.changes[place].path for place in chunk.their_changes}
        for path in {*before, *now}:
            if path not in touched or chosen.get(path) == "keep":
                assert now.get(path) == before.get(path), path
            elif chosen.get(path) == "back":
                assert now.get(path) == began.get(path), path
            else:
                assert mine(before.get(path)) <= mine(now.get(path)), path
                if path not in theirs and path not in chosen and self._is_left(chunk, path, before):
                    assert now.get(path) == began.get(path), path

    def _is_left(self, chunk: ChunkState, path: str, before: Picture) -> bool:
        left = [change for change in chunk.changes if change.path == path][-1]
        there = before.get(path)
        stood = (None, None) if there is None else (sha_of(there[1]), there[0])
        return stood == (left.after, left.mode_after)

    # --- means --------------------------------------------------------------------------

    @property
    def number(self) -> int:
        return self.chunk.number if self.stream.state.chunks else 0

    @property
    def chunk(self) -> ChunkState:
        chunk = self.stream.state.chunk
        assert chunk is not None
        return chunk

    def picture(self) -> Picture:
        files = {path: self.root / path for path in PATHS}
        return {
            path: (stat.S_IMODE(file.stat().st_mode), file.read_bytes())
            for path, file in files.items()
            if file.exists()
        }

    def _open(self) -> None:
        number = self.number + 1
        self.stream.emit(ev.ConversationStarted(chunk=number))
        opening = ChunkOpening(name="n", objective="o", steps=("1",))
        self.stream.emit(ev.ChunkStarted(chunk=number, opening=opening))
        self.began[number] = {}
        self.open = True

    def _choice(self, conflict: Conflict) -> UndoChoice:
        return "merge" if conflict.merges else self.chance.choice(conflict.choices)

    def _changed(self, there: tuple[int, bytes] | None, who: bytes) -> bytes:
        """A line more, another one, or one less."""
        self.count += 1
        content = b"" if there is None else there[1]
        end = b"\r\n" if b"\r\n" in content else b"\n"
        lines = content.splitlines(keepends=True)
        at = self.chance.randrange(len(lines) + 1)
        how = self.chance.random()
        new = [] if how < 0.1 and lines else [who + b" %d" % self.count + end]
        return b"".join([*lines[:at], *new, *lines[at + (how < 0.5) :]])


def mine(file: tuple[int, bytes] | None) -> set[bytes]:
    return {line for line in (file[1].splitlines() if file else ()) if line.startswith(b"MINE")}


def test_nothing_of_the_engineers_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What a loss of power would do is tested elsewhere.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr("core.journal.sync_data", lambda _: None)
    seen: set[str] = set()
    for seed in range(ORDERS):
        story = Story(tmp_path / str(seed), seed)
        try:
            story.run()
        except BaseException as fault:
            fault.add_note(f"seed {seed}")
            raise
        seen |= story.done
    assert seen == {"written", "reverted", "undone", "keep", "merge", "back"}
