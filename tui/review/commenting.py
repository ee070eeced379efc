"""What a comment of the reviewer is about: the lines under the cursor, a selection, a whole hunk. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.domain import ReviewComment
from tui.review.places import Side
from tui.review.rows import DiffRow

if TYPE_CHECKING:
    from core.diff import DiffLine, Hunk


def on_file(path: str) -> ReviewComment:
    return ReviewComment(text="", path=path)


def on_rows(rows: Sequence[DiffRow]) -> ReviewComment:
    """On the lines as they are now; on those before where only removed ones are meant. All of one file."""
    lines: list[DiffLine] = []
    for row in rows:
        lines += row.lines
    return _on(rows[0].section.file.path, lines, "comment")


def on_hunk(path: str, hunk: Hunk) -> ReviewComment:
    """Turns it down: from its first changed line to its last one."""
    kind = "+" if any(line.kind == "+" for line in hunk.lines) else "-"
    changed = [n for n, line in enumerate(hunk.lines) if line.kind == kind]
    return _on(path, hunk.lines[changed[0] : changed[-1] + 1], "reject")


def _on(path: str, lines: Sequence[DiffLine], kind: str) -> ReviewComment:
    new = {line.new_no: line.text for line in lines if line.new_no is not None}
    old = {line.old_no: line.text for line in lines if line.old_no is not None}
    side: Side = "new" if new else "old"
    texts = new or old
    first, last = min(texts), max(texts)
    return ReviewComment(
        text="",
        path=path,
        line=first,
        end_line=last if last != first else None,
        side=side,
        quote="\n".join(texts[n] for n in sorted(texts)),
        kind="reject" if kind == "reject" else "comment",
    )


def place_words(comment: ReviewComment) -> str:
    """`path:3-5` for the composer's title."""
    lines = [str(n) for n in (comment.line, comment.end_line) if n is not None]
    return ":".join(part for part in (comment.path or "", "-".join(lines)) if part)
