"""The chunks of two runs, aligned by the plan's steps, then by name; what differs in a pair of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Literal, TypeAlias

from core.domain import FileChange, Usage, value
from core.past_chunk import (
    check_words,
    counted_files,
    duration,
    has_content,
    made_checks,
    review_words,
    status_word,
)
from core.recording import Recording
from core.run_state import ChunkState, ChunkStatus

ChunkAspect: TypeAlias = Literal["files", "checks", "review"]
MOST_DIAGNOSTICS = 20


@value
class ChunkSide:
    """One run's chunk. `told` is its status, or that a log tells of it.

    `verdicts` are its reviews' in order, `outcomes` whether each check passed, `diagnostics` the errors
    of the last check.
    """

    number: int
    name: str
    status: ChunkStatus
    told: str
    steps: tuple[str, ...]
    files: tuple[FileChange, ...]
    check: str
    attempts: int
    outcomes: tuple[bool, ...]
    diagnostics: tuple[str, ...]
    verdicts: tuple[str, ...]
    review: str
    findings: int
    usage: Usage
    cost_usd: float | None
    turns: int
    took: timedelta | None
    timed: bool


@value
class FilePair:
    """`same` is None where one side's content is not known."""

    path: str
    left: FileChange | None
    right: FileChange | None
    same: bool | None

    @property
    def left_words(self) -> str | None:
        return change_words(self.left)

    @property
    def right_words(self) -> str | None:
        return change_words(self.right)


def change_words(change: FileChange | None) -> str | None:
    """`create +38 -0`; of a bare log only what was done to it."""
    if change is None:
        return None
    return f"{change.action} +{change.added} -{change.removed}" if has_content(change) else change.action


def chunk_side(recording: Recording, chunk: ChunkState) -> ChunkSide:
    made = made_checks(chunk)
    last = made[-1].result if made else None
    errors = last.errors if last is not None else ()
    return ChunkSide(
        number=chunk.number,
        name=chunk.name,
        status=chunk.status,
        told=status_word(chunk, recording.timed),
        # The steps of a log are its own places.
        steps=chunk.opening.steps if chunk.opening and recording.timed else (),
        files=counted_files(chunk, recording.blob),
        check=check_words(chunk),
        attempts=len(made),
        outcomes=tuple(attempt.result.ok for attempt in made if attempt.result is not None),
        diagnostics=tuple(f"{e.place}: {e.message}" for e in errors[:MOST_DIAGNOSTICS]),
        verdicts=tuple(review.verdict for review in chunk.reviews if review.verdict is not None),
        review=review_words(chunk),
        findings=len(chunk.standing_findings),
        usage=chunk.usage,
        cost_usd=chunk.cost_usd,
        turns=chunk.turns,
        took=duration(chunk) if recording.timed else None,
        timed=recording.timed,
    )


# --- which belong together --------------------------------------------------------------


def aligned(
    left: Sequence[ChunkSide], right: Sequence[ChunkSide]
) -> Iterator[tuple[ChunkSide | None, ChunkSide | None]]:
    """In the left run's order; a chunk that only the right run has stands where it came there."""
    partner = _partners(left, right)
    taken = {b.number for b in partner.values()}
    at = 0
    for a in left:
        b = partner.get(a.number)
        if b is not None:
            place = right.index(b)
            yield from ((None, extra) for extra in right[at:place] if extra.number not in taken)
            at = max(at, place + 1)
        yield a, b
    yield from ((None, extra) for extra in right[at:] if extra.number not in taken)


def _partners(left: Sequence[ChunkSide], right: Sequence[ChunkSide]) -> dict[int, ChunkSide]:
    """By the left chunk's number: first those of the very same steps, then of the same name, then of a common
    step; a log's last by their number. Each chunk has one partner at most; the first that fits, in order."""
    found: dict[int, ChunkSide] = {}
    for fits in (_same_steps, _same_name, _common_step, _same_place_in_a_log):
        for a in left:
            if a.number in found:
                continue
            taken = {b.number for b in found.values()}
            match = next((b for b in right if b.number not in taken and fits(a, b)), None)
            if match is not None:
                found[a.number] = match
    return found


def _same_steps(a: ChunkSide, b: ChunkSide) -> bool:
    return bool(a.steps) and set(a.steps) == set(b.steps)


def _same_name(a: ChunkSide, b: ChunkSide) -> bool:
    return " ".join(a.name.casefold().split()) == " ".join(b.name.casefold().split())


def _common_step(a: ChunkSide, b: ChunkSide) -> bool:
    return bool(set(a.steps) & set(b.steps))


def _same_place_in_a_log(a: ChunkSide, b: ChunkSide) -> bool:
    return not (a.timed and b.timed) and a.number == b.number


# --- what differs -----------------------------------------------------------------------


def file_pairs(a: ChunkSide | None, b: ChunkSide | None) -> tuple[FilePair, ...]:
    """By path. That a log does not name a file says nothing of it, beside a journal."""
    unsure = a is not None and b is not None and a.timed != b.timed
    lefts = {change.path: change for change in (a.files if a is not None else ())}
    rights = {change.path: change for change in (b.files if b is not None else ())}
    return tuple(
        FilePair(
            path=path,
            left=lefts.get(path),
            right=rights.get(path),
            same=None if unsure else _same(lefts.get(path), rights.get(path)),
        )
        for path in sorted({*lefts, *rights})
    )


def _same(left: FileChange | None, right: FileChange | None) -> bool | None:
    if left is None or right is None:
        return False
    if not (has_content(left) and has_content(right)):
        return None
    return (left.after, left.mode_after) == (right.after, right.mode_after)


def parts_in(a: ChunkSide, b: ChunkSide) -> Iterator[ChunkAspect]:
    """In the order in which a chunk comes to them."""
    if any(pair.same is False for pair in file_pairs(a, b)):
        yield "files"
    if a.outcomes and b.outcomes and (a.outcomes, a.diagnostics) != (b.outcomes, b.diagnostics):
        yield "checks"
    known = (a.verdicts and b.verdicts) or (a.timed and b.timed)
    if known and (a.verdicts, a.status) != (b.verdicts, b.status):
        yield "review"
