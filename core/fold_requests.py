"""What decisions and reviews make of the state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from core import events as ev
from core.decision_words import batch_words, overturned_words
from core.fold_run import with_elaborations_cut_off
from core.run_state import DecisionState, Elaboration, Entry, PendingRequest, ReviewState, RunState, changed
from core.state_edits import on_chunk, say, settle


def decision_requested(state: RunState, event: ev.DecisionRequested, at: datetime) -> RunState:
    # A question comes again only within its chunk, whose decisions are the last ones.
    of_chunk = tuple(takewhile(lambda d: d.chunk == event.chunk, reversed(state.decisions)))
    if any(d.request.id == event.request.id for d in of_chunk):
        return state
    decision = DecisionState(
        request=event.request,
        policy=event.policy,
        first_policy=event.policy,
        autonomy=event.autonomy,
        chunk=event.chunk,
        at=at,
        call_id=event.call_id,
        batched=event.batched,
        prior=event.prior,
    )
    chunk = state.chunk_numbered(event.chunk)
    taken = (*(chunk.decisions if chunk else ()), event.request.id)
    state = on_chunk(state, event.chunk, decisions=taken)
    state = _without_asked_before(state, event.call_id, of_chunk)
    state = changed(state, decisions=state.decisions.with_last(decision))
    if event.policy.outcome != "escalate" or event.batched:
        return state
    waiting = PendingRequest(
        request_id=event.request.id, kind="decision", title=event.request.title, since=at
    )
    return changed(state, pending=(*state.pending, waiting))


def _without_asked_before(state: RunState, call_id: str, of_chunk: tuple[DecisionState, ...]) -> RunState:
    """A call that asks anew (its file changed meanwhile) voids what it asked before."""
    void = {d.request.id: d for d in of_chunk if d.call_id == call_id}
    for request_id, decision in void.items():
        if decision.answer is None:
            state = on_decision(state, request_id, void=True)
    return changed(state, pending=tuple(p for p in state.pending if p.request_id not in void))


def on_decision(state: RunState, request_id: str, **changes: object) -> RunState:
    place = state.place_of_decision(request_id)
    if place is None:
        return state
    decision = replace(state.decisions[place], **changes)  # type: ignore[arg-type]
    return changed(state, decisions=state.decisions.with_item(place, decision))


def decision_resolved(state: RunState, event: ev.DecisionResolved, record: ev.Record) -> RunState:
    state = on_decision(
        settle(state, event.request_id),
        event.request_id,
        answer=event.answer,
        recorded_as=event.recorded_as,
        answered_seq=record.seq,
    )
    decision = state.decision(event.request_id)
    if decision is None:
        return state
    state = on_decision(
        state, event.request_id, elaborations=with_elaborations_cut_off(decision).elaborations
    )
    if decision.batched:
        # The call that raised it was answered long ago: the worker hears of it at its next turn.
        told = (record.seq, batch_words(decision.request, event.answer))
        state = changed(state, queued_messages=(*state.queued_messages, told))
    how = "auto" if event.answer.decided_by == "auto" else f"by {event.answer.decided_by}"
    text = f"{decision.request.title}: {event.answer.decision} ({how})"
    return say(state, decision.chunk, Entry(kind="decision", text=text, at=record.at))


def elaboration_requested(state: RunState, event: ev.ElaborationRequested, at: datetime) -> RunState:
    decision = state.decision(event.request_id)
    asked = (*(decision.elaborations if decision else ()), Elaboration(question=event.question))
    state = on_decision(state, event.request_id, elaborations=asked)
    entry = Entry(kind="message", text=f"please elaborate: {event.question}", at=at, detail=event.by)
    return say(state, decision.chunk if decision else None, entry)


def elaborated(state: RunState, event: ev.DecisionElaborated) -> RunState:
    decision = state.decision(event.request_id)
    before = decision.elaborations[:-1] if decision else ()
    said = Elaboration(question=event.question, text=event.text, fault=event.fault)
    return on_decision(changed(state, activity=None), event.request_id, elaborations=(*before, said))


def batch_presented(state: RunState, event: ev.BatchPresented, at: datetime) -> RunState:
    """Those that wait already (the list was presented before a crash) wait in this list now."""
    others = tuple(p for p in state.pending if p.request_id not in event.request_ids)
    named = (state.decision(request_id) for request_id in event.request_ids)
    waiting = tuple(
        PendingRequest(
            request_id=d.request.id, kind="decision", title=d.request.title, since=at, batch=event.batch_id
        )
        for d in named
        if d is not None and d.queued
    )
    return changed(state, pending=(*others, *waiting))


def decision_overturned(state: RunState, event: ev.DecisionOverturned, record: ev.Record) -> RunState:
    decision = state.decision(event.request_id)
    if decision is None or decision.answer is None:
        return state
    told = (record.seq, overturned_words(decision.request, decision.answer, event))
    text = f"overturned: {decision.request.title}: {event.answer.decision} (by {event.answer.decided_by})"
    state = changed(state, queued_messages=(*state.queued_messages, told))
    state = on_decision(state, event.request_id, overturned=event, overturned_seq=record.seq)
    return say(state, None, Entry(kind="decision", text=text, at=record.at, detail=event.reason))


def review_requested(state: RunState, event: ev.ReviewRequested, at: datetime) -> RunState:
    chunk = state.chunk_numbered(event.chunk)
    review = ReviewState(
        request_id=event.request_id, round=event.round, diff_hash=event.diff_hash, files=event.files
    )
    reviews = (*(chunk.reviews if chunk else ()), review)
    title = f"chunk {event.chunk}: {chunk.name}" if chunk else f"chunk {event.chunk}"
    waiting = PendingRequest(request_id=event.request_id, kind="review", title=title, since=at)
    state = on_chunk(state, event.chunk, status="in review", reviews=reviews)
    # A review that is asked anew voids the one before it.
    void = {r.request_id for r in reviews}
    others = tuple(p for p in state.pending if p.request_id not in void)
    return changed(state, pending=(*others, waiting))


def review_resolved(state: RunState, event: ev.ReviewResolved, at: datetime) -> RunState:
    state = settle(state, event.request_id)
    chunk = state.chunk_numbered(event.chunk)
    if chunk is None:
        return state
    reviews = tuple(
        replace(r, verdict=event.verdict, by=event.by, comment=event.comment, comments=event.comments)
        if r.request_id == event.request_id
        else r
        for r in chunk.reviews
    )
    words = {
        "approve": "approved",
        "request_changes": "changes requested",
        "revert": "revert asked",
        "stop": "stopped",
    }
    text = f"review: {words[event.verdict]} by {event.by}"
    state = on_chunk(state, event.chunk, reviews=reviews, status="open")
    return say(state, event.chunk, Entry(kind="review", text=text, at=at, detail=event.comment))
