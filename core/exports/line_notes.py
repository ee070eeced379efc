"""What was said of a file's lines: review comments, findings, the errors that the last check left. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from core.blobs import BlobFault
from core.domain import CommentAnswer, Finding, ReviewComment, value
from core.events import ChunkClosed
from core.past_chunk import made_checks
from core.recording import Recording
from core.review_rounds import CommentOutcome, comment_outcomes
from core.run_state import ChunkState, ReviewState

NoteTone: TypeAlias = Literal["asks", "bad", "warn"]
BECAME = {
    "changed": "changed since",
    "unchanged": "not changed since",
    "gone": "its file is not in the chunk any more",
}


@value
class LineNote:
    """`line` counts on `side`; None is the file as a whole. `answer` is the worker's, to a comment."""

    path: str
    line: int | None
    side: Literal["new", "old"]
    tone: NoteTone
    head: str
    text: str
    answer: str = ""


@value
class CommentTold:
    """A comment with what it led to, in words."""

    comment: ReviewComment
    line: int | None
    became: str
    answer: str


def line_notes(
    chunk: ChunkState, comments: Sequence[tuple[ReviewState, CommentTold]]
) -> tuple[LineNote, ...]:
    """All of a chunk, the comments first."""
    return (
        *(_of_comment(review, told) for review, told in comments if told.comment.path),
        *(_of_finding(finding) for finding in chunk.standing_findings),
        *(_waived(chunk)),
        *(_of_errors(chunk)),
    )


def comments_told(chunk: ChunkState, recording: Recording) -> tuple[tuple[ReviewState, CommentTold], ...]:
    """Each comment of each review, with its place in the chunk as it is now and what the worker answered."""
    said = {answer.comment: answer.text for _, answer in answers(chunk, recording)}
    return tuple(
        (review, _told(outcome, said))
        for review in chunk.reviews
        for outcome in _outcomes(chunk, review, recording.blob)
    )


def answers(chunk: ChunkState, recording: Recording) -> Iterator[tuple[int, CommentAnswer]]:
    """What the worker said to comments, in each round; the chunk's state has those of the last one alone."""
    if not any(review.comments for review in chunk.reviews):
        return
    for record in recording.chunk_records(chunk.number, recording.length):
        event = record.event
        if isinstance(event, ChunkClosed) and event.chunk == chunk.number:
            yield from ((event.round, answer) for answer in event.summary.answers)


def _outcomes(
    chunk: ChunkState, review: ReviewState, get_blob: Callable[[str], bytes]
) -> tuple[CommentOutcome, ...]:
    """Of any of the chunk's reviews, not of the last one alone."""
    if review.verdict == "request_changes" and chunk.round > review.round:
        try:
            return comment_outcomes(replace(chunk, reviews=(review,)), get_blob)
        except BlobFault:
            pass  # what became of the lines can't be known: they stand where they were
    return tuple(CommentOutcome(comment=c, became="unchanged", line=c.line) for c in review.comments)


def _told(outcome: CommentOutcome, said: dict[str, str]) -> CommentTold:
    comment = outcome.comment
    return CommentTold(
        comment=comment,
        line=outcome.line,
        became=BECAME[outcome.became],
        answer=said.get(comment.id, outcome.answer),
    )


def _of_comment(review: ReviewState, told: CommentTold) -> LineNote:
    comment = told.comment
    what = "Turned down" if comment.kind == "reject" else "Comment"
    lead = f"{what} by {review.by}, round {review.round}"
    return LineNote(
        path=comment.path or "",
        line=told.line,
        side=comment.side,
        tone="asks",
        head=f"{lead}: {told.became}" if review.verdict == "request_changes" else lead,
        text=comment.text,
        answer=told.answer,
    )


def _of_finding(finding: Finding) -> LineNote:
    head = f"Finding, {finding.rule} ({finding.severity})"
    return LineNote(
        path=finding.path,
        line=finding.line,
        side="new",
        tone="bad" if finding.severity == "block" else "warn",
        head=head,
        text=finding.message,
    )


def _waived(chunk: ChunkState) -> Iterator[LineNote]:
    for waiver in chunk.waived:
        note = _of_finding(waiver.finding)
        yield replace(note, tone="warn", head=f"{note.head}, waived by {waiver.by}: {waiver.reason}")


def _of_errors(chunk: ChunkState) -> Iterator[LineNote]:
    made = made_checks(chunk)
    last = made[-1].result if made else None
    for error in last.errors if last is not None and not last.ok else ():
        if error.path is not None:
            head = f"Check: error{f' {error.code}' if error.code else ''}"
            yield LineNote(
                path=error.path, line=error.line, side="new", tone="bad", head=head, text=error.message
            )
