"""Diffs of files from their bytes: no git, no work tree. Pure.

Lines end at LF only, as git has it, so a CR or a form feed is a part of its line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Literal, TypeAlias

from core.domain import FileChange, Sha, value
from core.hunk import DiffLine, Hunk, HunkLines, Stretch
from core.line_match import Run, equal_runs

CONTEXT = 3
# git looks for a NUL this far to tell a binary file.
BINARY_PROBE = 8000

__all__ = [
    "DiffLine",
    "FileDiff",
    "Hunk",
    "added_lines",
    "count_changes",
    "diff_file",
    "diff_hash",
    "unified",
]


@value
class FileDiff:
    """One file's diff. A binary file has no hunks and counts no lines."""

    path: str
    action: Literal["create", "modify", "delete"]
    binary: bool
    hunks: tuple[Hunk, ...]
    added: int
    removed: int
    mode_before: int | None = None
    mode_after: int | None = None

    @property
    def mode_changed(self) -> bool:
        return self.action == "modify" and self.mode_before != self.mode_after


def diff_file(change: FileChange, before: bytes | None, after: bytes | None) -> FileDiff:
    """The diff of one change, given its two contents (None where there is no file)."""
    binary = is_binary(before) or is_binary(after)
    a, b = ([], []) if binary else (_lines(before), _lines(after))
    runs = equal_runs(a, b)
    kept = sum(length for _, _, length in runs)
    return FileDiff(
        path=change.path,
        action=change.action,
        binary=binary,
        hunks=tuple(_hunks(a, b, runs)),
        added=len(b) - kept,
        removed=len(a) - kept,
        mode_before=change.mode_before,
        mode_after=change.mode_after,
    )


def is_binary(data: bytes | None) -> bool:
    return data is not None and b"\0" in data[:BINARY_PROBE]


def count_changes(before: bytes | None, after: bytes | None) -> tuple[int, int]:
    """(lines added, lines removed); (0, 0) for binary files."""
    if is_binary(before) or is_binary(after):
        return 0, 0
    a, b = _lines(before), _lines(after)
    kept = sum(length for _, _, length in equal_runs(a, b))
    return len(b) - kept, len(a) - kept


def added_lines(before: bytes | None, after: bytes | None) -> frozenset[int]:
    """The numbers (from 1, in `after`) of the lines that were added or changed."""
    if is_binary(before) or is_binary(after):
        return frozenset()
    a, b = _lines(before), _lines(after)
    kept = {start + n for _, start, length in equal_runs(a, b) for n in range(length)}
    return frozenset(n + 1 for n in range(len(b)) if n not in kept)


def diff_hash(changes: Iterable[FileChange]) -> Sha:
    """Names a chunk's diff by the bytes and modes on both sides, whatever the order of `changes`."""
    rows = sorted(
        json.dumps([change.path, change.before, change.after, change.mode_before, change.mode_after])
        for change in changes
    )
    return sha256("\n".join(rows).encode()).hexdigest()


def _lines(data: bytes | None) -> list[bytes]:
    if not data:
        return []
    lines = data.split(b"\n")
    ended = [line + b"\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


# --- hunks ------------------------------------------------------------------------------

# What is changed between two runs of equal lines: (from, to) before, (from, to) after.
Gap: TypeAlias = tuple[int, int, int, int]


def _hunks(a: list[bytes], b: list[bytes], runs: Sequence[Run]) -> Iterator[Hunk]:
    near: list[Gap] = []
    for gap in _gaps(runs, len(a), len(b)):
        if near and gap[0] - near[-1][1] > 2 * CONTEXT:
            yield _hunk(a, b, near)
            near = []
        near.append(gap)
    if near:
        yield _hunk(a, b, near)


def _gaps(runs: Sequence[Run], end_a: int, end_b: int) -> Iterator[Gap]:
    at_a, at_b = 0, 0
    for start_a, start_b, length in [*runs, (end_a, end_b, 0)]:
        if (at_a, at_b) != (start_a, start_b):
            yield at_a, start_a, at_b, start_b
        at_a, at_b = start_a + length, start_b + length


def _hunk(a: list[bytes], b: list[bytes], gaps: Sequence[Gap]) -> Hunk:
    """The gaps, what is the same between them, and lines of context before and after."""
    above = min(CONTEXT, gaps[0][0])
    below = min(CONTEXT, len(a) - gaps[-1][1])
    first_a, first_b = gaps[0][0] - above, gaps[0][2] - above
    end_a, end_b = gaps[-1][1] + below, gaps[-1][3] + below
    lines = HunkLines(a[first_a:end_a], b[first_b:end_b], list(_stretches(first_a, first_b, gaps, below)))
    return Hunk(
        old_start=first_a + 1 if end_a > first_a else 0,
        old_count=end_a - first_a,
        new_start=first_b + 1 if end_b > first_b else 0,
        new_count=end_b - first_b,
        lines=lines,
    )


def _stretches(at_a: int, at_b: int, gaps: Sequence[Gap], below: int) -> Iterator[Stretch]:
    start = 0
    for from_a, to_a, from_b, to_b in gaps:
        if from_a > at_a:
            yield Stretch(start, at_a + 1, at_b + 1, same=from_a - at_a)
            start += from_a - at_a
        yield Stretch(start, from_a + 1, from_b + 1, removed=to_a - from_a, added=to_b - from_b)
        start += to_a - from_a + to_b - from_b
        at_a, at_b = to_a, to_b
    if below:
        yield Stretch(start, at_a + 1, at_b + 1, same=below)


# --- as text ----------------------------------------------------------------------------


def unified(diffs: Iterable[FileDiff]) -> str:
    """The diffs as git would print them."""
    return "".join(f"{line}\n" for diff in diffs for line in _file_text(diff))


def _file_text(diff: FileDiff) -> Iterator[str]:
    old, new = f"a/{diff.path}", f"b/{diff.path}"
    yield f"diff --git {old} {new}"
    if diff.action == "create":
        yield f"new file mode 100{diff.mode_after or 0o644:03o}"
    elif diff.action == "delete":
        yield f"deleted file mode 100{diff.mode_before or 0o644:03o}"
    elif diff.mode_changed:
        yield f"old mode 100{diff.mode_before or 0o644:03o}"
        yield f"new mode 100{diff.mode_after or 0o644:03o}"
    old = "/dev/null" if diff.action == "create" else old
    new = "/dev/null" if diff.action == "delete" else new
    if diff.binary:
        yield f"Binary files {old} and {new} differ"
    elif diff.hunks:
        yield f"--- {old}"
        yield f"+++ {new}"
    for hunk in diff.hunks:
        yield from _hunk_text(hunk)


def _hunk_text(hunk: Hunk) -> Iterator[str]:
    old = _range(hunk.old_start, hunk.old_count)
    new = _range(hunk.new_start, hunk.new_count)
    yield f"@@ -{old} +{new} @@"
    for line in hunk.lines:
        yield f"{line.kind}{line.text}"
        if not line.ends:
            yield "\\ No newline at end of file"


def _range(start: int, count: int) -> str:
    return str(start) if count == 1 else f"{start},{count}"
