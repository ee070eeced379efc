"""Which chunks are still to be committed, and their commits, in the order of the journal (SPEC 4.6)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

from core import events as ev
from core.blobs import BlobFault, Blobs
from core.chunk_commit import Commit, NotCommitted, UnderWay, commit_changes, find_commit
from core.chunk_files import net_changes
from core.commit_message import chunk_message, undo_message
from core.domain import FileChange
from core.git_plumbing import Git, GitFault
from core.run_state import ChunkState
from core.stream import Stream
from core.supervision import Supervision

# `commit`: approved. `trace`: undone before its commit was recorded, if there is one. `undo`: undone since.
Phase: TypeAlias = Literal["commit", "committed", "trace", "undo", "taken back"]
DUE = ("commit", "trace", "undo")
TryAgain: TypeAlias = Callable[[int, str], Awaitable[bool]]


class CommitsDue:
    """A fold of the journal: each chunk's phase."""

    def __init__(self) -> None:
        self._phases: dict[int, Phase] = {}
        self.kept: dict[int, tuple[str, ...]] = {}

    def apply(self, record: ev.Record) -> None:
        match record.event:
            case ev.ChunkFinished(verdict="approved", chunk=chunk):
                self._phases[chunk] = "commit"
            case ev.ChunkUndone(chunk=chunk, kept=kept):
                self._phases[chunk] = "undo" if self._phases.get(chunk) == "committed" else "trace"
                self.kept[chunk] = kept
            case ev.ChunkCommitted(chunk=chunk):
                after: dict[Phase, Phase] = {"trace": "undo", "undo": "taken back"}
                self._phases[chunk] = after.get(self._phases.get(chunk, "commit"), "committed")
            case _:
                pass

    @property
    def due(self) -> tuple[tuple[int, Phase], ...]:
        return tuple((chunk, phase) for chunk, phase in sorted(self._phases.items()) if phase in DUE)


class ChunkCommits:
    """`try_again` asks the supervisor, when they are in the middle of something of git's: (chunk, what)."""

    def __init__(self, stream: Stream, git: Git, blobs: Blobs, try_again: TryAgain) -> None:
        self._stream = stream
        self._git = git
        self._get_blob = blobs.get
        self._try_again = try_again
        self._scratch = stream.folder / "commit.index"
        self._due = CommitsDue()
        self._tried: set[tuple[int, Phase]] = set()
        for record in stream.records:
            self._due.apply(record)
        stream.add_sink(self._due.apply)

    async def catch_up(self) -> None:
        """Makes the commits that are due, oldest first. One that can't be made is a warning, and is tried
        again when the next is due, and by the next process."""
        while not self._tried.issuperset(self._due.due):
            for chunk, phase in self._due.due:
                if (chunk, phase) in self._due.due:  # an undo may come in while git runs
                    self._tried.add((chunk, phase))
                    await self._commit(chunk, phase)

    async def _commit(self, number: int, phase: Phase) -> None:
        chunk = self._stream.state.chunk_numbered(number)
        assert chunk is not None, "a chunk with a verdict is in the state"
        while True:
            try:
                made = await asyncio.to_thread(self._made, chunk, phase)
                break
            except UnderWay as why:
                if not await self._try_again(number, str(why)):
                    return self._warn(number, phase, str(why))
            except (NotCommitted, GitFault, BlobFault, OSError) as why:
                return self._warn(number, phase, str(why))
        if made is not None:
            self._stream.emit(ev.ChunkCommitted(chunk=number, commit=made.oid, branch=made.branch))
            if made.warning:
                self._stream.emit(ev.WarningRaised(text=f"commit of chunk {number}: {made.warning}"))

    def _made(self, chunk: ChunkState, phase: Phase) -> Commit | None:
        """Runs git: not in the loop's thread."""
        story = self._stream.state.story
        assert story is not None, "the run has started"
        changes = net_changes(chunk.changes, self._get_blob)
        message = chunk_message(story, chunk)
        if phase == "undo":
            changes = _taken_back(changes, self._due.kept[chunk.number])
            message = undo_message(story, chunk)
        if not changes:
            return None
        if phase == "trace":
            return find_commit(self._git, changes, message, self._get_blob)
        return commit_changes(self._git, changes, message, self._get_blob, self._scratch)

    def _warn(self, number: int, phase: Phase, why: str) -> None:
        what = f"the undo of chunk {number}" if phase == "undo" else f"chunk {number}"
        text = f"{what} is not committed: {why}"
        if text not in self._stream.state.warnings:
            self._stream.emit(ev.WarningRaised(text=text))


def _taken_back(changes: tuple[FileChange, ...], kept: tuple[str, ...]) -> tuple[FileChange, ...]:
    """The changes turned round. A file that the engineer kept stays as the chunk's commit left it."""
    return tuple(
        replace(
            change,
            before=change.after,
            after=change.before,
            mode_before=change.mode_after,
            mode_after=change.mode_before,
        )
        for change in changes
        if change.path not in kept
    )


# --- where they come from ---------------------------------------------------------------


def make_commits(
    root: Path, stream: Stream, blobs: Blobs, supervision: Supervision | None, environ: Mapping[str, str]
) -> ChunkCommits:
    """For a run with `commit: chunk`. Without `supervision` nobody is asked. GitFault: no git."""

    to_leave = _left_before(stream)

    async def try_again(chunk: int, what: str) -> bool:
        if supervision is None:
            return False
        if chunk in to_leave:
            to_leave.discard(chunk)
            return False
        answer = await supervision.ask(
            "commit",
            f"commit:{chunk}:{_asked_before(stream, chunk) + 1}",
            f"Chunk {chunk} can't be committed now",
            f"In this repository {what}. Then try again.",
            (("again", "Try again"), ("leave", "Go on without this commit; it is made with the next one")),
            chunk=chunk,
        )
        return answer is not None and answer.option == "again"

    return ChunkCommits(stream, Git(root, environ), blobs, try_again)


def _answers(stream: Stream) -> Iterator[tuple[int, ev.Event]]:
    """What was answered to questions about commits, by chunk; and 0 with each start of a process."""
    for event in (record.event for record in stream.records):
        if isinstance(event, ev.RunStarted | ev.RunResumed):
            yield 0, event
        elif isinstance(event, ev.InputResolved) and event.request_id.startswith("commit:"):
            yield int(event.request_id.split(":")[1]), event


def _asked_before(stream: Stream, chunk: int) -> int:
    return sum(answered == chunk for answered, _ in _answers(stream))


def _left_before(stream: Stream) -> set[int]:
    """The commits that the supervisor chose to leave just before this process, which does not ask again."""
    before: set[int] = set()
    now: set[int] = set()
    for chunk, event in _answers(stream):
        if not isinstance(event, ev.InputResolved):
            before, now = now, set()
        elif event.option == "leave":
            now.add(chunk)
    return before
