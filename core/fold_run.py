"""What the run's own events make of its state: started, resumed, blocked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import reduce

from core import events as ev
from core.history import History
from core.run_state import DecisionState, PendingRequest, RunState, StepState, changed
from core.state_edits import on_chunk


def run_started(state: RunState, event: ev.RunStarted, at: datetime) -> RunState:
    return changed(
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
        warnings=History(event.warnings),
    )


def run_resumed(state: RunState, event: ev.RunResumed) -> RunState:
    return changed(
        _unblocked_chunk(_without_elaborations_under_way(state)),
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
        warnings=reduce(History.with_last, event.found, state.warnings),
        autonomy=event.autonomy or state.autonomy,
        autonomy_from="--autonomous" if event.autonomy else state.autonomy_from,
        budgets=event.budgets or state.budgets,
        batch=state.batch if event.batch is None else event.batch,
        # A run that ended by its final check has new attempts; one that a crash cut off goes on with them.
        final_check=state.final_check if state.outcome is None else (),
        pending=_outliving(state, event),
    )


def _outliving(state: RunState, event: ev.RunResumed) -> tuple[PendingRequest, ...]:
    """What still waits in a new process: all that did, but for what a resumed run settles by itself.

    A commit is tried again, a tool server is asked about as it is then; with nobody there so are the check,
    the model or the budget that was asked about. Other limits and another model are an answer, and after a
    blocker there are new attempts.
    """
    kinds = {"commit", "server"}
    if event.headless:
        kinds |= {"environment", "model", "budget"}
    if event.budgets is not None:
        kinds |= {"budget"}
    if event.model != state.model:
        kinds |= {"model"}
    if state.outcome == "blocked":
        kinds |= {"attempts"}
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
    return changed(state, blockers=(*state.blockers, event), steps=steps)


def _without_elaborations_under_way(state: RunState) -> RunState:
    """Only a question that waits can be elaborated on."""
    decisions = state.decisions
    for asked in state.pending:
        place = state.place_of_decision(asked.request_id)
        if place is not None:
            decisions = decisions.with_item(place, with_elaborations_cut_off(decisions[place]))
    return changed(state, decisions=decisions)


def with_elaborations_cut_off(decision: DecisionState) -> DecisionState:
    if not any(e.under_way for e in decision.elaborations):
        return decision
    ended = (replace(e, fault="cut off") if e.under_way else e for e in decision.elaborations)
    return replace(decision, elaborations=tuple(ended))
