"""What an undo of the last approved chunk would do, before it does it (SPEC 3). Pure, given the files.

The worker's changes go. What somebody else changed in the same files during the chunk stays, as with a
revert; what they changed since its approval is theirs to settle, file by file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeAlias

from core.blobs import sha_of
from core.chunk_files import fold_changes, mixed_path
from core.commands import CommandRefused
from core.diff import count_changes
from core.domain import FileChange, Sha, value
from core.file_errors import FileRefused
from core.run_state import ChunkState, RunState
from core.safe_path import FileState
from core.taking_back import OverlapError, WayBack, ways_back
from core.three_way import overlapping_lines

# For a file that a person settles: as it is now, the chunk's change taken out of it, or as before the chunk.
UndoChoice: TypeAlias = Literal["keep", "merge", "back"]
ReadFile: TypeAlias = Callable[[str], FileState | None]
GetBlob: TypeAlias = Callable[[Sha], bytes]
# The largest file that is looked at, and kept before it is put back.
LIMIT = 64_000_000
OPEN = ("open", "checking", "in review", "blocked", "stopped")


@value
class UndoneFile:
    """A file that is put back: the change of it, and its content on both sides (None: no file)."""

    change: FileChange
    before: bytes | None
    after: bytes | None


@value
class Conflict:
    """A file that a person has to settle. `why` goes on after the path. `merged` and `back` are what those
    choices do, where they can be had; `lines` of the file as it is now are in the way of a merge."""

    path: str
    why: str
    merged: UndoneFile | None = None
    back: UndoneFile | None = None
    lines: tuple[int, ...] = ()

    @property
    def merges(self) -> bool:
        return self.merged is not None

    @property
    def choices(self) -> tuple[UndoChoice, ...]:
        possible: list[tuple[UndoChoice, object]] = [("merge", self.merged), ("back", self.back)]
        return ("keep", *(choice for choice, file in possible if file is not None))

    @property
    def shown(self) -> str:
        """`src/a.py was changed since its approval: keep or back (it does not merge: lines 4, 5)`."""
        lines = ", ".join(map(str, self.lines))
        at = f": {'line' if len(self.lines) == 1 else 'lines'} {lines}" if lines else ""
        unmerged = "" if self.merges else f" (it does not merge{at})"
        return f"{self.path} {self.why}: {' or '.join(self.choices)}{unmerged}"


@value
class UndoPlan:
    """`files` are put back without a question; those that are back already are in neither list."""

    chunk: int
    name: str
    files: tuple[UndoneFile, ...]
    conflicts: tuple[Conflict, ...]


def plan_undo(state: RunState, read_file: ReadFile, get_blob: GetBlob) -> UndoPlan:
    """Raises CommandRefused when there is nothing to undo, or not now. `read_file` gives a file as it is
    (None: there is none), and raises FileRefused for what is not a regular file of the workspace."""
    chunk = _undoable(state)
    paths = [change.path for change in fold_changes(chunk.changes)]
    found = [_planned(chunk, path, read_file, get_blob) for path in paths]
    return UndoPlan(
        chunk=chunk.number,
        name=chunk.name,
        files=tuple(file for file in found if isinstance(file, UndoneFile)),
        conflicts=tuple(file for file in found if isinstance(file, Conflict)),
    )


def refuse_while_busy(state: RunState) -> None:
    """In a live run: not while a call of the worker's changes or judges the files. One that waits for a
    decision does neither, and looks at its file again before it writes."""
    under_way = [e for e in state.chunk.entries if e.kind == "tool" and e.ok is None] if state.chunk else []
    if under_way and not any(p.kind == "decision" for p in state.pending):
        raise CommandRefused(f"under way: {under_way[-1].text}; undo when it has ended")


def _undoable(state: RunState) -> ChunkState:
    if not state.approved_chunks:
        raise CommandRefused("no chunk is approved: there is nothing to undo")
    current = state.chunk
    is_open = current is not None and current.opening is not None and current.status in OPEN
    if current is not None and is_open and (current.status != "open" or fold_changes(current.changes)):
        raise CommandRefused(f"chunk {current.number} is open: revert it first")
    return state.approved_chunks[-1]


def _planned(
    chunk: ChunkState, path: str, read_file: ReadFile, get_blob: GetBlob
) -> UndoneFile | Conflict | None:
    places = [place for place, change in enumerate(chunk.changes) if change.path == path]
    steps = [chunk.changes[place] for place in places]
    theirs = {n for n, place in enumerate(places) if place in chunk.their_changes}
    try:
        now = read_file(path)
    except FileRefused as fault:
        return Conflict(path=path, why=fault.message)
    first, left = steps[0], steps[-1]
    edit = _edit_since(left, now)
    if edit is not None:
        theirs.add(len(steps))
        steps.append(edit)

    def content(sha: Sha) -> bytes:
        return now.data if now is not None and now.sha == sha else get_blob(sha)

    way = _way_back(steps, frozenset(theirs), content)
    if way is not None and way.is_done(now):
        return None
    merged = None if way is None else _put_back(path, now, way.content, way.mode)
    if edit is None and merged is not None:
        return merged
    before, after = (None if sha is None else content(sha) for sha in (first.before, left.after))
    return Conflict(
        path=path,
        why=_why(edit, chunk.number),
        merged=merged,
        back=_put_back(path, now, before, first.mode_before),
        lines=() if merged or not (before and after and now) else overlapping_lines(after, before, now.data),
    )


def _way_back(steps: list[FileChange], theirs: frozenset[int], get_blob: GetBlob) -> WayBack | None:
    """None where the chunk's changes can't be told from others."""
    if mixed_path(steps) is not None:
        return None
    try:
        return next(ways_back(steps, theirs, get_blob, {}))
    except OverlapError:
        return None


def _edit_since(left: FileChange, now: FileState | None) -> FileChange | None:
    """From what the chunk left to what is there now; None where they are the same."""
    after, mode = (None, None) if now is None else (now.sha, now.mode)
    if (after, mode) == (left.after, left.mode_after):
        return None
    return replace(
        left, before=left.after, after=after, mode_before=left.mode_after, mode_after=mode, folders=()
    )


def _why(edit: FileChange | None, chunk: int) -> str:
    if edit is None:
        return f"has changes of yours and of the worker's in the same lines of chunk {chunk}"
    if edit.before is None:
        return f"was made again since chunk {chunk} was approved"
    return f"was changed since chunk {chunk} was approved"


def _put_back(path: str, now: FileState | None, content: bytes | None, mode: int | None) -> UndoneFile:
    before = None if now is None else now.data
    added, removed = count_changes(before, content)
    change = FileChange(
        path=path,
        action="create" if now is None else "delete" if content is None else "modify",
        before=None if now is None else now.sha,
        after=None if content is None else sha_of(content),
        mode_before=None if now is None else now.mode,
        mode_after=None if content is None else mode,
        added=added,
        removed=removed,
        bytes_after=len(content or b""),
    )
    return UndoneFile(change=change, before=before, after=content)
