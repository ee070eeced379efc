"""What the run's own events make of its state: started, resumed, blocked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core import events as ev
from core.run_state import DecisionState, PendingRequest, RunState, StepState
from core.state_edits import on_chunk


def run_started(state: RunState, event: ev.RunStarted, at: datetime) -> RunState:
    return replace(
        state,
        story=event.story,
        plan=event.plan,
        worker=event.worker,
        model=event.model,
        scripted=event.scripted,
        headless=event.headless,
        sandboxed=event.sandboxed,
        context_tokens=event.context_tokens,
        answers_from=event.answers_from,
        autonomy=event.autonomy,
        autonomy_from=event.autonomy_from,
        review=event.review,
        batch=event.batch,
        budgets=event.budgets,
        started_at=at,
        steps=tuple(StepState(step=step) for step in event.plan.steps),
        warnings=event.warnings,
    )


def run_resumed(state: RunState, event: ev.RunResumed) -> RunState:
    return replace(
        _unblocked_chunk(state),
        headless=event.headless,
        model=event.model,
        scripted=event.scripted,
        review=event.review,
        answers_from=event.answers_from,
        outcome=None,
        reason="",
        exit_code=None,
        paused=False,
        stopping=None,
        checking=False,
        activity=None,
        steps=unblock(state.steps),
        warnings=(*state.warnings, *event.found),
        autonomy=event.autonomy or state.autonomy,
        autonomy_from="--autonomous" if event.autonomy else state.autonomy_from,
        budgets=event.budgets or state.budgets,
        batch=state.batch if event.batch is None else event.batch,
        final_check=(),
        pending=_outliving(state),
        decisions=tuple(with_elaborations_cut_off(d) for d in state.decisions),
    )


def _outliving(state: RunState) -> tuple[PendingRequest, ...]:
    """What still waits in a new process. A question about the old one (its check that could not run, its
    model, its budget) is asked again when it comes up again; a blocked chunk has new attempts."""
    blocked = state.chunk is not None and state.chunk.status == "blocked"
    kinds = {"environment", "model", "budget", "commit", *(("attempts",) if blocked else ())}
    gone = {i.request_id for i in state.inputs if i.kind in kinds}
    return tuple(p for p in state.pending if p.request_id not in gone)


def _unblocked_chunk(state: RunState) -> RunState:
    chunk = state.chunk
    if chunk is None or chunk.status not in ("blocked", "stopped"):
        return state
    return on_chunk(state, chunk.number, status="open", attempts_from=max(chunk.round - 1, 0), recheck=True)


def unblock(steps: tuple[StepState, ...]) -> tuple[StepState, ...]:
    return tuple(
        replace(s, status="current" if s.chunks else "open") if s.status == "blocked" else s for s in steps
    )


def blocker_raised(state: RunState, event: ev.BlockerRaised) -> RunState:
    steps = tuple(
        replace(s, status="blocked") if s.step.id in event.blocked_steps and s.status != "done" else s
        for s in state.steps
    )
    return replace(state, blockers=(*state.blockers, event), steps=steps)


def with_elaborations_cut_off(decision: DecisionState) -> DecisionState:
    if not any(e.under_way for e in decision.elaborations):
        return decision
    ended = (replace(e, fault="cut off") if e.under_way else e for e in decision.elaborations)
    return replace(decision, elaborations=tuple(ended))
