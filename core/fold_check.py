"""What the type check's events make of the state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core import events as ev
from core.run_state import Activity, CheckAttempt, RunState, changed
from core.state_edits import on_chunk


def check_started(state: RunState, event: ev.CheckStarted, at: datetime) -> RunState:
    attempt = CheckAttempt(round=event.round, attempt=event.attempt, commands=event.commands)
    state = changed(state, checking=True, activity=Activity(text="type check", since=at))
    if event.chunk == 0:
        return changed(state, final_check=(*_finished(state.final_check), attempt))
    chunk = state.chunk_numbered(event.chunk)
    # A review that waited is void: the chunk was edited since, and passes its gate again or not at all.
    asked = {review.request_id for review in chunk.reviews} if chunk else set()
    state = changed(state, pending=tuple(p for p in state.pending if p.request_id not in asked))
    attempts = (*_finished(chunk.attempts if chunk else ()), attempt)
    return on_chunk(state, event.chunk, attempts=attempts, status="checking")


def _finished(attempts: tuple[CheckAttempt, ...]) -> tuple[CheckAttempt, ...]:
    """Without one that a crash or a stop cut off: it is run again."""
    return tuple(a for a in attempts if a.result is not None)


def check_finished(state: RunState, event: ev.CheckFinished) -> RunState:
    state = changed(state, checking=False, activity=None)
    chunk = state.chunk_numbered(event.chunk)
    attempts = state.final_check if event.chunk == 0 else (chunk.attempts if chunk else ())
    if not attempts:
        return state
    done = replace(
        attempts[-1],
        result=event.result,
        fixed=event.fixed,
        new=event.new,
        remaining=event.remaining,
    )
    if event.chunk == 0:
        return changed(state, final_check=(*attempts[:-1], done))
    could_run = event.result.environment_fault is None
    recheck = chunk is not None and chunk.recheck and not could_run
    return on_chunk(state, event.chunk, attempts=(*attempts[:-1], done), status="open", recheck=recheck)
