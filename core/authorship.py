"""Which lines of a chunk's file somebody other than the worker changed. Pure, given the blobs."""

from __future__ import annotations

from collections.abc import Callable

from core.diff import is_binary
from core.domain import Sha, value
from core.line_match import equal_runs
from core.run_state import ChunkState


@value
class TheirLines:
    """Line numbers from 1: `written` of the file as the chunk has it now, `removed` as it was before."""

    written: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()


def their_lines(chunk: ChunkState, path: str, get_blob: Callable[[Sha], bytes]) -> TheirLines:
    """The lines that were changed outside the run while it went on.

    A line that the worker changed afterwards is the worker's. A binary file has no lines.
    """
    changes = [(place in chunk.their_changes, c) for place, c in enumerate(chunk.changes) if c.path == path]
    if not any(theirs for theirs, _ in changes):
        return TheirLines()
    # Of each line as it is now: whether it is theirs, and its number before the chunk (0: it came since).
    marks: list[tuple[bool, int]] | None = None
    removed: set[int] = set()
    for theirs, change in changes:
        before, after = (b"" if sha is None else get_blob(sha) for sha in (change.before, change.after))
        if is_binary(before) or is_binary(after):
            return TheirLines()
        old, new = _lines(before), _lines(after)
        earlier = marks if marks is not None else [(False, n) for n in range(1, len(old) + 1)]
        marks, gone = [(theirs, 0)] * len(new), {number for _, number in earlier}
        for start, there, length in equal_runs(old, new):
            kept = earlier[start : start + length]
            marks[there : there + length] = kept
            gone -= {number for _, number in kept}
        if theirs:
            removed |= gone - {0}
    written = frozenset(n for n, (theirs, _) in enumerate(marks or (), 1) if theirs)
    return TheirLines(written=written, removed=frozenset(removed))


def _lines(data: bytes) -> list[bytes]:
    """Each with its LF, as in the diff: a line that gained one has changed."""
    *ended, last = data.split(b"\n")
    return [*(line + b"\n" for line in ended), *([last] if last else [])]
