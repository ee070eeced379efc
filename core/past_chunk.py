"""A chunk of a past run in the few facts by which people judge and compare it. Pure, given the blobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from core.blobs import BlobFault
from core.chunk_files import fold_changes, net_changes
from core.domain import FileChange
from core.recording import Recording
from core.run_state import CheckAttempt, ChunkState, ReviewState, RunState

IN_THE_LOG = "in the log"
VERDICTS = {
    "approve": "approved",
    "request_changes": "changes requested",
    "revert": "reverted",
    "stop": "stopped",
}


def shown_chunks(state: RunState) -> tuple[ChunkState, ...]:
    """Those that were opened, and one under way that has already done something."""
    return tuple(c for c in state.chunks if c.opening is not None or c.changes or c.decisions)


def files_of(chunk: ChunkState) -> tuple[FileChange, ...]:
    """One net change a file, by path. Of a chunk that was put back, and of a bare log, what it said last."""
    net = fold_changes(chunk.changes)
    return net or tuple(sorted(chunk.closed_files, key=lambda change: change.path))


def counted_files(chunk: ChunkState, get_blob: Callable[[str], bytes]) -> tuple[FileChange, ...]:
    """`files_of` with the lines counted; as they were counted before where a content is lost."""
    return tuple(_counted(change, get_blob) for change in files_of(chunk))


def _counted(change: FileChange, get_blob: Callable[[str], bytes]) -> FileChange:
    if change.before is None and change.after is None:
        return change
    try:
        return next(iter(net_changes([change], get_blob)), replace(change, added=0, removed=0))
    except BlobFault:
        return change


def has_content(change: FileChange) -> bool:
    """A bare log names files and has no bytes of them."""
    return change.before is not None or change.after is not None


def status_word(chunk: ChunkState, timed: bool) -> str:
    """Its status. That a bare log tells of a chunk approves nothing: only a review that it tells of does."""
    told = timed or chunk.status != "approved" or any(review.verdict for review in chunk.reviews)
    return chunk.status if told else IN_THE_LOG


def log_text(recording: Recording, chunk: int) -> str:
    """The chunk's part of the log; none where a content that it counts is lost."""
    try:
        return recording.log_entry(chunk, recording.length)
    except BlobFault:
        return ""


def duration(chunk: ChunkState) -> timedelta | None:
    """From its conversation to its verdict, waiting included."""
    if chunk.started_at is None or chunk.finished_at is None:
        return None
    return chunk.finished_at - chunk.started_at


def made_checks(chunk: ChunkState) -> tuple[CheckAttempt, ...]:
    """Those that have a result."""
    return tuple(attempt for attempt in chunk.attempts if attempt.result is not None)


def check_words(chunk: ChunkState) -> str:
    """`passed`, `passed after 1 fix`, `failed after 2 fixes: 3 errors`, `no check`."""
    made = made_checks(chunk)
    last = made[-1].result if made else None
    if last is None:
        return "no check"
    if not last.commands and last.environment_fault is None:
        return "no check applies"
    if last.environment_fault is not None:
        return "could not be made"
    fixes = sum(attempt.attempt > 0 for attempt in made)
    after = f" after {counted(fixes, 'fix', 'fixes')}" if fixes else ""
    errors = f": {counted(len(last.errors), 'error')}" if not last.ok and last.errors else ""
    return f"{'passed' if last.ok else 'failed'}{after}{errors}"


def review_words(chunk: ChunkState) -> str:
    """`changes requested, approved by user`; `not reviewed`."""
    given = [review for review in chunk.reviews if review.verdict is not None]
    if not given:
        return "review pending" if chunk.reviews else "not reviewed"
    by = ", ".join(dict.fromkeys(review.by for review in given if review.by))
    return ", ".join(verdict_word(review) for review in given) + (f" by {by}" if by else "")


def verdict_word(review: ReviewState) -> str:
    return VERDICTS[review.verdict] if review.verdict is not None else "pending"


def attempt_words(attempt: CheckAttempt) -> str:
    """`passed`; `2 errors`, against the attempt before: `1 error (1 fixed, 1 new, 0 remaining)`."""
    result = attempt.result
    if result is None:
        return "not finished"
    if result.environment_fault is not None:
        return f"could not be made: {result.environment_fault}"
    moved = f"{attempt.fixed} fixed, {attempt.new} new, {attempt.remaining} remaining"
    against = f" ({moved})" if attempt.attempt else ""
    if result.ok:
        return f"passed{against}" if attempt.fixed and attempt.attempt else "passed"
    if not result.errors:
        return f"failed: {'; '.join(run.result for run in result.commands if run.exit_code != 0)}"
    return counted(len(result.errors), "error") + against


def counted(count: int, one: str, many: str = "") -> str:
    """`1 chunk`, `2 chunks`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def lasted(span: timedelta) -> str:
    """`4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next((n for n, (count, _) in enumerate(parts) if count), 3)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count)


def tokens(count: int) -> str:
    """`950`, `12.3k`, `184k`, `1.2M`."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.1f}{unit}" if count < 100 * size else f"{count / size:.0f}{unit}"
    return str(count)


def dollars(cost: float | None) -> str:
    """`$0.31`; `not priced` where the model's price is unknown (SPEC 10)."""
    return "not priced" if cost is None else f"${cost:.2f}" if cost >= 0.01 or not cost else f"${cost:.4f}"
