"""Which lines of a chunk's file somebody other than the worker wrote. Pure, given the blobs."""

from __future__ import annotations

from collections.abc import Callable

from core.diff import is_binary
from core.domain import Sha
from core.line_match import equal_runs
from core.run_state import ChunkState


def their_lines(chunk: ChunkState, path: str, get_blob: Callable[[Sha], bytes]) -> frozenset[int]:
    """The lines, from 1, of the file as the chunk has it now that were changed outside the run meanwhile.

    A line that the worker changed afterwards is the worker's. A binary file has no lines.
    """
    marks: list[bool] = []
    lines: list[bytes] = []
    for place, change in enumerate(chunk.changes):
        if change.path != path:
            continue
        before, after = (b"" if sha is None else get_blob(sha) for sha in (change.before, change.after))
        if is_binary(before) or is_binary(after):
            return frozenset()
        old, lines = before.split(b"\n"), after.split(b"\n")
        earlier = marks or [False] * len(old)
        marks = [place in chunk.their_changes] * len(lines)
        for start, there, length in equal_runs(old, lines):
            marks[there : there + length] = earlier[start : start + length]
    ends = len(lines) if lines and lines[-1] else len(lines) - 1
    return frozenset(n for n, theirs in enumerate(marks[:ends], 1) if theirs)
