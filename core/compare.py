"""Two runs side by side, chunk by chunk: where they part, and what each came to. Pure, given the recordings.

A chunk is the other run's chunk when it covers the same plan steps, else when it has the same name. What one
side does not know (a bare log has no contents, no checks of its own, no times) is never a difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal, TypeAlias

from core.compare_chunks import ChunkSide, FilePair, aligned, chunk_side, file_pairs, parts_in
from core.domain import Usage, value
from core.past_chunk import shown_chunks
from core.recording import Mark, Recording
from core.run_state import DecisionState, Pill, RunState

Aspect: TypeAlias = Literal["chunk", "decisions", "files", "checks", "review"]


@value
class RunSide:
    """A run as a whole. `timed` False: a bare log."""

    title: str
    story: str
    pill: Pill
    reason: str
    model: str
    autonomy: str
    timed: bool
    chunks: int
    steps_done: int
    steps_total: int
    checks_failed: int
    usage: Usage
    cost_usd: float | None
    turns: int
    took: timedelta | None


@value
class ChunkPair:
    """`left` or `right` is None where only the other run has it; `parts` are the aspects that differ."""

    left: ChunkSide | None
    right: ChunkSide | None
    files: tuple[FilePair, ...]
    parts: tuple[Aspect, ...]

    @property
    def name(self) -> str:
        side = self.left or self.right
        return side.name if side is not None else ""

    @property
    def number(self) -> int:
        side = self.left or self.right
        return side.number if side is not None else 0


@value
class DecisionPair:
    """A question that one run or both asked; an answer is None where it was not asked or not answered."""

    question: str
    left: str | None
    right: str | None
    left_chunk: int
    right_chunk: int
    asked_by_both: bool

    @property
    def same(self) -> bool:
        return self.asked_by_both and self.left == self.right


@value
class Parting:
    """Where they part first: the pair's place in `Comparison.pairs`, in what, and each run's record there (0:
    none)."""

    pair: int
    aspect: Aspect
    left_seq: int
    right_seq: int


@value
class Comparison:
    """`set_up` says what was different before the first chunk (model, autonomy, plan)."""

    left: RunSide
    right: RunSide
    set_up: tuple[tuple[str, str, str], ...]
    pairs: tuple[ChunkPair, ...]
    decisions: tuple[DecisionPair, ...]
    parting: Parting | None


def compare(left: Recording, right: Recording) -> Comparison:
    """At the end of both. Reads contents of files: call it off the event loop."""
    states = left.state_at(left.length), right.state_at(right.length)
    decisions = tuple(_decisions(*states))
    pairs = tuple(_pairs(left, right, states, decisions))
    return Comparison(
        left=_run_side(left, states[0]),
        right=_run_side(right, states[1]),
        set_up=tuple(_set_up(states)) if left.timed and right.timed else (),
        pairs=pairs,
        decisions=decisions,
        parting=_parting(left, right, pairs),
    )


def _run_side(recording: Recording, state: RunState) -> RunSide:
    chunks = shown_chunks(state)
    results = [attempt.result for chunk in chunks for attempt in chunk.attempts if attempt.result]
    ended = state.updated_at if recording.timed else None
    return RunSide(
        title=recording.title,
        story=state.story.id if state.story else "",
        pill=state.pill,
        reason=state.reason,
        model=state.model if recording.timed else "",
        autonomy=state.autonomy if recording.timed else "",
        timed=recording.timed,
        chunks=len(chunks),
        steps_done=state.steps_done if recording.timed else 0,
        steps_total=len(state.steps) if recording.timed else 0,
        checks_failed=sum(not result.ok for result in results),
        usage=state.usage,
        cost_usd=state.cost_usd,
        turns=state.turns,
        took=ended - state.started_at if ended and state.started_at else None,
    )


def _set_up(states: tuple[RunState, RunState]) -> Iterator[tuple[str, str, str]]:
    """(what, left, right) of all that was different from the start."""
    a, b = states
    plans = tuple(" ".join(s.step.id for s in state.steps) for state in states)
    texts = tuple(state.plan.text if state.plan else "" for state in states)
    rows = [
        ("story", a.story.id if a.story else "", b.story.id if b.story else ""),
        ("model", a.model, b.model),
        ("worker", a.worker.name if a.worker else "", b.worker.name if b.worker else ""),
        ("autonomy", a.autonomy, b.autonomy),
        ("review", a.review, b.review),
        ("plan steps", plans[0], plans[1]),
    ]
    yield from (row for row in rows if row[1] != row[2])
    if plans[0] == plans[1] and texts[0] != texts[1]:
        yield "plan", "its text", "another text"


# --- chunks -----------------------------------------------------------------------------


def _pairs(
    left: Recording,
    right: Recording,
    states: tuple[RunState, RunState],
    decisions: tuple[DecisionPair, ...],
) -> Iterator[ChunkPair]:
    sides = tuple(
        tuple(chunk_side(recording, chunk) for chunk in shown_chunks(state))
        for recording, state in zip((left, right), states, strict=True)
    )
    for a, b in aligned(*sides):
        yield ChunkPair(left=a, right=b, files=file_pairs(a, b), parts=tuple(_parts(a, b, decisions)))


def _parts(a: ChunkSide | None, b: ChunkSide | None, decisions: tuple[DecisionPair, ...]) -> Iterator[Aspect]:
    if a is None or b is None:
        yield "chunk"
        return
    raised = (d for d in decisions if d.left_chunk == a.number or d.right_chunk == b.number)
    if a.timed and b.timed and not all(d.same for d in raised):
        yield "decisions"
    yield from parts_in(a, b)


def _parting(left: Recording, right: Recording, pairs: tuple[ChunkPair, ...]) -> Parting | None:
    for n, pair in enumerate(pairs):
        if pair.parts:
            return Parting(
                pair=n,
                aspect=pair.parts[0],
                left_seq=_seq_of(left, pair.left),
                right_seq=_seq_of(right, pair.right),
            )
    return None


def _seq_of(recording: Recording, side: ChunkSide | None) -> int:
    """The record that opens the chunk; 0 where the run has no such chunk."""
    if side is None:
        return 0
    of_it = (mark for mark in recording.marks() if mark.chunk == side.number)
    return min((mark.seq for mark in of_it if _opens(mark)), default=0)


def _opens(mark: Mark) -> bool:
    return mark.kind == "chunk"


# --- decisions --------------------------------------------------------------------------


def _decisions(a: RunState, b: RunState) -> Iterator[DecisionPair]:
    """By question, the left run's first. A question that was asked twice meets its like in order."""
    left_over = [taken for taken in b.decisions if not taken.void]
    for taken in a.decisions:
        if taken.void:
            continue
        other = next((each for each in left_over if _question(each) == _question(taken)), None)
        if other is not None:
            left_over.remove(other)
        yield _decision_pair(taken, other)
    yield from (_decision_pair(None, taken) for taken in left_over)


def _question(taken: DecisionState) -> str:
    return " ".join(taken.request.title.casefold().split())


def _decision_pair(a: DecisionState | None, b: DecisionState | None) -> DecisionPair:
    asked = a or b
    return DecisionPair(
        question=asked.request.title if asked is not None else "",
        left=_answer(a),
        right=_answer(b),
        left_chunk=a.chunk if a is not None else 0,
        right_chunk=b.chunk if b is not None else 0,
        asked_by_both=a is not None and b is not None,
    )


def _answer(taken: DecisionState | None) -> str | None:
    held = taken.holds if taken is not None else None
    if held is None:
        return None
    return f"turned down: {held.decision}" if held.rejected else held.decision
