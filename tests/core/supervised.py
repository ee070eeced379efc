"""A supervisor who takes the first option and approves every chunk."""

from __future__ import annotations

from core.commands import AnswerDecision, Command, ReviewChunk
from core.run_state import RunState


def agreeable(state: RunState) -> list[Command]:
    return [_answer(state, pending.request_id, pending.kind) for pending in state.pending]


def _answer(state: RunState, request_id: str, kind: str) -> Command:
    if kind == "decision":
        return AnswerDecision(request_id=request_id, option="1")
    review = next(r for chunk in state.chunks for r in chunk.reviews if r.request_id == request_id)
    return ReviewChunk(request_id=request_id, verdict="approve", diff_hash=review.diff_hash)
