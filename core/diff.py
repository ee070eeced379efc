"""Diffs of files from their bytes: no git, no work tree. Pure.

Lines end at LF only, as git has it, so a CR or a form feed is a part of its line.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Literal, TypeAlias

from core.domain import FileChange, Sha, value
from core.line_match import Run, equal_runs

CONTEXT = 3
# git looks for a NUL this far to tell a binary file.
BINARY_PROBE = 8000

LineKind: TypeAlias = Literal[" ", "+", "-"]


@value
class DiffLine:
    """A line without its LF. Numbers count from 1; None on the side where it is not.

    Bytes that are not UTF-8 are shown as `\\xff`. `ends` is False for a last line without LF.
    """

    kind: LineKind
    old_no: int | None
    new_no: int | None
    text: str
    ends: bool = True


@value
class Hunk:
    """Starts and counts as in `@@ -old_start,old_count +new_start,new_count @@`."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[DiffLine, ...]


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
    hunks = () if binary else tuple(_hunks(_lines(before), _lines(after)))
    kinds = Counter(line.kind for hunk in hunks for line in hunk.lines)
    return FileDiff(
        path=change.path,
        action=change.action,
        binary=binary,
        hunks=hunks,
        added=kinds["+"],
        removed=kinds["-"],
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


def _hunks(a: list[bytes], b: list[bytes]) -> Iterator[Hunk]:
    group: list[DiffLine] = []
    for line in _script(a, b, equal_runs(a, b)):
        group.append(line)
        if line.kind != " ":
            continue
        quiet = _quiet_tail(group)
        if quiet == len(group):
            group = group[-CONTEXT:]
        elif quiet > 2 * CONTEXT:
            yield _hunk(group[: CONTEXT - quiet])
            group = group[-CONTEXT:]
    if group and _quiet_tail(group) < len(group):
        yield _hunk(group[: len(group) - max(0, _quiet_tail(group) - CONTEXT)])


def _quiet_tail(lines: list[DiffLine]) -> int:
    return next((n for n, line in enumerate(reversed(lines)) if line.kind != " "), len(lines))


def _script(a: list[bytes], b: list[bytes], runs: tuple[Run, ...]) -> Iterator[DiffLine]:
    """All lines of both sides in reading order: what went, what came, what stayed."""
    at_a, at_b = 0, 0
    for start_a, start_b, length in [*runs, (len(a), len(b), 0)]:
        for n in range(at_a, start_a):
            yield _line("-", a[n], n + 1, None)
        for n in range(at_b, start_b):
            yield _line("+", b[n], None, n + 1)
        for n in range(length):
            yield _line(" ", a[start_a + n], start_a + n + 1, start_b + n + 1)
        at_a, at_b = start_a + length, start_b + length


def _line(kind: LineKind, raw: bytes, old_no: int | None, new_no: int | None) -> DiffLine:
    text = raw.removesuffix(b"\n").decode("utf-8", errors="backslashreplace")
    return DiffLine(kind=kind, old_no=old_no, new_no=new_no, text=text, ends=raw.endswith(b"\n"))


def _hunk(lines: list[DiffLine]) -> Hunk:
    old = [line.old_no for line in lines if line.old_no is not None]
    new = [line.new_no for line in lines if line.new_no is not None]
    return Hunk(
        old_start=old[0] if old else 0,
        old_count=len(old),
        new_start=new[0] if new else 0,
        new_count=len(new),
        lines=tuple(lines),
    )


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
