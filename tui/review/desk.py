"""What the supervisor has done so far in the review that waits: comments, marks, drafts. No widget.

It outlives the review screen: closing that loses nothing. It is emptied when the review is settled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from core.commands import ReviewChunk
from core.domain import FileChange, ReviewComment, ReviewVerdict
from core.run_state import ChunkState, ReviewState, RunState

Contents: TypeAlias = Callable[[int, str], tuple[bytes | None, bytes | None]]
Mark: TypeAlias = Literal["", "seen", "reviewed"]


def chunk_under_review(state: RunState) -> ChunkState | None:
    """The chunk whose review waits for a verdict."""
    waiting = {p.request_id for p in state.pending if p.kind == "review"}
    return next(
        (c for c in reversed(state.chunks) if c.review is not None and c.review.request_id in waiting), None
    )


class ReviewDesk:
    """`contents` gives a file of a chunk before and after it (RunView.contents)."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self.chunk = 0
        self.review: ReviewState | None = None
        self.comments: tuple[ReviewComment, ...] = ()
        self.drafts: dict[tuple[str, str], str] = {}
        self.unfolded: set[str] = set()
        self.split = False
        self._seen: dict[str, FileChange] = {}
        self._reviewed: dict[str, FileChange] = {}

    def follow(self, state: RunState) -> None:
        """Brings it up to `state`. Asked anew, a review keeps what was done; settled, it leaves nothing."""
        if self.review is not None and self._is_settled(state):
            self._forget()
        chunk = chunk_under_review(state)
        if chunk is None or chunk.review is None or chunk.review is self.review:
            return
        before, self.review, self.chunk = self.review, chunk.review, chunk.number
        if before is not None and before.request_id != chunk.review.request_id:
            self._move_comments(before, chunk.review)

    def _is_settled(self, state: RunState) -> bool:
        chunk = state.chunk_numbered(self.chunk)
        if chunk is None or self.review is None or state.outcome is not None:
            return True
        asked = next((r for r in chunk.reviews if r.request_id == self.review.request_id), None)
        return asked is None or asked.verdict is not None

    def _forget(self) -> None:
        self.review, self.chunk, self.comments = None, 0, ()
        self.drafts.clear()
        self.unfolded.clear()
        self._seen.clear()
        self._reviewed.clear()

    # --- files --------------------------------------------------------------------------

    @property
    def files(self) -> tuple[FileChange, ...]:
        return self.review.files if self.review is not None else ()

    def mark(self, path: str) -> Mark:
        """How far the file is reviewed, as it is now: what was seen of it as it was counts no more."""
        if self._holds(self._reviewed, path):
            return "reviewed"
        return "seen" if self._holds(self._seen, path) else ""

    def saw(self, path: str) -> None:
        """The last line of the file was on the screen."""
        change = self._change(path)
        if change is not None:
            self._seen[path] = change

    def toggle_reviewed(self, path: str) -> None:
        change, reviewed = self._change(path), self._holds(self._reviewed, path)
        self._reviewed.pop(path, None)
        if change is not None and not reviewed:
            self._reviewed[path] = change

    def _holds(self, marked: dict[str, FileChange], path: str) -> bool:
        return _both_same(marked.get(path), self._change(path))

    def unseen(self) -> tuple[FileChange, ...]:
        return tuple(change for change in self.files if not self.mark(change.path))

    def _change(self, path: str) -> FileChange | None:
        return next((change for change in self.files if change.path == path), None)

    # --- comments -----------------------------------------------------------------------

    def add(self, comment: ReviewComment) -> None:
        self.comments = (*self.comments, comment)

    def replace(self, index: int, comment: ReviewComment) -> None:
        self.comments = (*self.comments[:index], comment, *self.comments[index + 1 :])

    def remove(self, index: int) -> None:
        self.comments = (*self.comments[:index], *self.comments[index + 1 :])

    def _move_comments(self, before: ReviewState, after: ReviewState) -> None:
        """A comment stays with the lines that it is on, where its file has changed above them."""
        then = {change.path: change for change in before.files}
        now = {change.path: change for change in after.files}
        self.comments = tuple(
            comment
            if comment.path is None or _both_same(then.get(comment.path), now.get(comment.path))
            else moved(comment, self._lines(comment.path, comment.side))
            for comment in self.comments
        )

    def _lines(self, path: str, side: Literal["old", "new"]) -> Sequence[str]:
        before, after = self._contents(self.chunk, path)
        data = before if side == "old" else after
        return (data or b"").decode("utf-8", errors="backslashreplace").split("\n")

    # --- the verdict --------------------------------------------------------------------

    def command(self, review: ReviewState, verdict: ReviewVerdict, comment: str = "") -> ReviewChunk:
        """The command for it. `review` is the one whose diff was shown: an approval is of that alone."""
        return ReviewChunk(
            request_id=review.request_id,
            verdict=verdict,
            diff_hash=review.diff_hash,
            comment=comment,
            comments=self.comments if verdict == "request_changes" else (),
        )


def moved(comment: ReviewComment, lines: Sequence[str]) -> ReviewComment:
    """The comment at the nearest place where its lines stand in `lines`; as it is where they don't."""
    if comment.line is None or not comment.quote:
        return comment
    quoted = comment.quote.split("\n")
    places = [
        n + 1 for n in range(len(lines) - len(quoted) + 1) if list(lines[n : n + len(quoted)]) == quoted
    ]
    if not places:
        return comment
    line = min(places, key=lambda place: abs(place - (comment.line or 0)))
    end = line + len(quoted) - 1 if comment.end_line is not None else None
    return replace(comment, line=line, end_line=end)


def unseen_words(unseen: Sequence[FileChange], files: int) -> list[str]:
    """What an approval would let pass without anybody having looked: for the question before it."""
    lines = sum(change.added + change.removed for change in unseen)
    those = f"{len(unseen)} of {files} files" if files != 1 else "The file"
    was = "were" if len(unseen) != 1 else "was"
    return [
        f"{those} {was} not seen to the end: {lines:,} changed lines.",
        *(f"  {change.path}  +{change.added} -{change.removed}" for change in unseen[:6]),
        *([f"  … {len(unseen) - 6} more"] if len(unseen) > 6 else []),
    ]


def _both_same(a: FileChange | None, b: FileChange | None) -> bool:
    """The same bytes and modes on both sides."""
    return a is not None and b is not None and _ends(a) == _ends(b)


def _ends(change: FileChange) -> tuple[object, ...]:
    return (change.before, change.after, change.mode_before, change.mode_after)
