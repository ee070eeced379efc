"""What each comment of a review led to, as the next round shows it (SPEC 4.5). Pure, given the blobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeAlias

from core.domain import FileChange, ReviewComment, value
from core.line_match import equal_runs
from core.run_state import ChunkState, ReviewState

GetBlob: TypeAlias = Callable[[str], bytes]
Became: TypeAlias = Literal["changed", "unchanged", "gone"]


@value
class CommentOutcome:
    """`became`: the commented lines are other ones now, the same, or not there any more (their file is not
    in the chunk). `line` is where they, or what stands in their place, begin now; None without a line.
    `answer` is the worker's, empty if it gave none. `stale`: the place has moved since the comment."""

    comment: ReviewComment
    became: Became
    line: int | None = None
    answer: str = ""

    @property
    def stale(self) -> bool:
        return self.became != "unchanged" or self.line != self.comment.line


def comment_outcomes(chunk: ChunkState, get_blob: GetBlob) -> tuple[CommentOutcome, ...]:
    """For the comments of the last review that asked for changes, against the chunk's files now."""
    review = last_requested(chunk)
    if review is None:
        return ()
    answers = {a.comment: a.text for a in chunk.summary.answers} if chunk.summary else {}
    now = {change.path: change for change in chunk.closed_files}
    then = {change.path: change for change in review.files}
    return tuple(
        replace(_outcome(comment, then, now, get_blob), answer=answers.get(comment.id, ""))
        for comment in review.comments
    )


def last_requested(chunk: ChunkState) -> ReviewState | None:
    """The last review that asked for changes, if the chunk was closed again since."""
    asked = (r for r in reversed(chunk.reviews) if r.verdict == "request_changes")
    review = next(asked, None)
    return review if review is not None and chunk.round > review.round else None


def with_ids(comments: tuple[ReviewComment, ...], chunk: ChunkState) -> tuple[ReviewComment, ...]:
    """Numbered on from the chunk's earlier reviews: `C1`, `C2`, ..."""
    before = sum(len(review.comments) for review in chunk.reviews)
    return tuple(replace(c, id=f"C{n}") for n, c in enumerate(comments, start=before + 1))


def place_words(comment: ReviewComment) -> str:
    """`path:3-5`, and on which side where it is the old one."""
    lines = [str(n) for n in (comment.line, comment.end_line) if n is not None]
    span = "-".join(dict.fromkeys(lines))
    place = ":".join(part for part in (comment.path or "", span) if part)
    return f"{place} (as it was before)" if place and comment.side == "old" else place


def _outcome(
    comment: ReviewComment, then: dict[str, FileChange], now: dict[str, FileChange], get_blob: GetBlob
) -> CommentOutcome:
    if comment.path is None:
        return CommentOutcome(comment=comment, became="changed" if then != now else "unchanged")
    before, after = then.get(comment.path), now.get(comment.path)
    if after is None or before is None:
        return CommentOutcome(comment=comment, became="gone")
    old, new = _lines(before, comment.side, get_blob), _lines(after, comment.side, get_blob)
    if comment.line is None:
        return CommentOutcome(comment=comment, became="unchanged" if old == new else "changed")
    return _at_lines(comment, comment.line, old, new)


def _at_lines(comment: ReviewComment, line: int, old: list[bytes], new: list[bytes]) -> CommentOutcome:
    first, last = line - 1, (comment.end_line or line) - 1
    place = 0
    for start_old, start_new, length in equal_runs(old, new):
        if start_old <= first and last < start_old + length:
            at = start_new + first - start_old + 1
            return CommentOutcome(comment=comment, became="unchanged", line=at)
        if start_old <= first:
            place = start_new + min(length, first - start_old)
    return CommentOutcome(comment=comment, became="changed", line=min(place + 1, len(new)) or None)


def _lines(change: FileChange, side: Literal["new", "old"], get_blob: GetBlob) -> list[bytes]:
    sha = change.after if side == "new" else change.before
    return get_blob(sha).split(b"\n") if sha else []
