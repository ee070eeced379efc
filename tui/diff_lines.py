"""The lines of a chunk's diff, with findings and comments at their places. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.domain import Finding, ReviewComment
from tui.line import Line
from tui.marks import BAD, WARN
from tui.safe_text import row

if TYPE_CHECKING:
    from core.diff import DiffLine, FileDiff

SIGNS = {
    "+": ("+", "$text-success", "on $diff-added"),
    "-": ("-", "$text-error", "on $diff-removed"),
    " ": (" ", "", ""),
}


def place_key(path: str, line: int | None) -> str:
    """The key of a diff line. The last NUL parts the path from the number."""
    return f"{path}\0{line if line is not None else ''}"


def place_of(key: str) -> tuple[str, int | None] | None:
    path, parted, line = key.rpartition("\0")
    return (path, int(line) if line else None) if parted else None


def diff_lines(
    files: Sequence[FileDiff], findings: Sequence[Finding], comments: Sequence[ReviewComment]
) -> Iterator[Line]:
    """Comments of the reader that are not sent yet, and findings, stand under their lines."""
    if not files:
        yield Line(row(("No file is changed.", "$text-muted")))
    for i, file in enumerate(files):
        if i:
            yield Line(row(""))
        yield from _file(file, findings, comments)


def _file(file: FileDiff, findings: Sequence[Finding], comments: Sequence[ReviewComment]) -> Iterator[Line]:
    yield Line(
        row(
            (f" {file.path} ", "bold"),
            (f" {file.action}", "$text-muted"),
            (f"  +{file.added}", "$text-success"),
            (f" -{file.removed}", "$text-error"),
        ),
        key=place_key(file.path, None),
        fill="on $panel",
    )
    yield from _notes(file.path, None, findings, comments)
    if file.binary:
        yield Line(row(("  Binary file.", "$text-muted")))
    width = _number_width(file)
    for hunk in file.hunks:
        span = f"@@ -{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count} @@"
        yield Line(row((span, "$text-secondary")), wrap=False)
        for line in hunk.lines:
            yield _line(file.path, line, width)
            yield from _notes(file.path, line.new_no, findings, comments)


def _number_width(file: FileDiff) -> int:
    numbers = [n for h in file.hunks for n in (h.old_start + h.old_count, h.new_start + h.new_count)]
    return max(3, len(str(max(numbers, default=0))))


def _line(path: str, line: DiffLine, width: int) -> Line:
    sign, style, fill = SIGNS[line.kind]
    old = str(line.old_no) if line.old_no is not None else ""
    new = str(line.new_no) if line.new_no is not None else ""
    return Line(
        row((f"{old:>{width}} {new:>{width}} ", "$text-muted"), (f"{sign} ", style), line.text),
        key=place_key(path, line.new_no) if line.new_no is not None else "",
        hang=2 * width + 4,
        fill=fill,
        fold=True,
    )


def _notes(
    path: str, line: int | None, findings: Sequence[Finding], comments: Sequence[ReviewComment]
) -> Iterator[Line]:
    for finding in findings:
        if (finding.path, finding.line) == (path, line):
            mark = BAD if finding.severity == "block" else WARN
            yield Line(row((f"    {mark.sign} {finding.rule}: {finding.message}", mark.style)), hang=6)
    for comment in comments:
        if (comment.path, comment.line) == (path, line):
            for text in comment.text.split("\n"):
                yield Line(row((f"    » {text}", "$text-accent")), hang=6)
