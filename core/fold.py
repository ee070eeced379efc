"""The fold that makes a RunState of a run's records: `apply(state, record) -> state`.

Pure. The live run, replay, watch and resume all use this one fold (ARCHITECTURE,
"fold(journal) == live state"). `assert_never` proves that every event has its case.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from core import events as ev
from core.decision_words import batch_words, overturned_words
from core.domain import TextBlock, ThinkingBlock
from core.run_state import (
    Activity,
    CheckAttempt,
    ChunkState,
    DecisionState,
    Elaboration,
    Entry,
    PendingRequest,
    RequestKind,
    ReviewState,
    RunState,
    StepState,
    StepStatus,
)


def fold(records: tuple[ev.Record, ...] | list[ev.Record]) -> RunState:
    state = RunState()
    for record in records:
        state = apply(state, record)
    return state


def apply(state: RunState, record: ev.Record) -> RunState:  # noqa: PLR0912, PLR0915 (one case an event)
    """The state after `record`. Never raises on a well-formed record, whatever its order."""
    state = replace(state, seq=record.seq, run_id=record.run_id, updated_at=record.at)
    event, at = record.event, record.at
    match event:
        case ev.RunStarted():
            return _run_started(state, event, at)
        case ev.RunResumed():
            return _run_resumed(state, event)
        case ev.RunFinished():
            return replace(
                state,
                outcome=event.outcome,
                reason=event.reason,
                exit_code=event.exit_code,
                activity=None,
                checking=False,
            )
        case ev.ConversationStarted():
            chunk = ChunkState(number=event.chunk, started_at=at)
            return replace(state, chunks=(*_without_unopened(state.chunks), chunk), activity=None)
        case ev.StepStarted():
            return _on_step(state, event.step, "current", event.chunk)
        case ev.StepFinished():
            return _on_step(state, event.step, "done", event.chunk)
        case ev.ChunkStarted():
            return _on_chunk(state, event.chunk, status="open", opening=event.opening)
        case ev.ChunkClosed():
            return _on_chunk(
                state,
                event.chunk,
                status="checking",
                summary=event.summary,
                round=event.round,
                closed_files=event.files,
            )
        case ev.ChunkFinished():
            return _chunk_finished(state, event, at)
        case ev.ChunkReverted():
            text = f"reverted by {event.by}: {len(event.files)} files put back"
            state = _say(state, event.chunk, Entry(kind="review", text=text, at=at))
            return _on_chunk(state, event.chunk, changes=())
        case ev.ModelTurnStarted():
            state = replace(state, activity=Activity(text="waiting for the model", since=at))
            return state
        case ev.ModelTurnFinished():
            return _turn_finished(state, event, at)
        case ev.ModelTurnFailed():
            return _turn_failed(state, event, at)
        case ev.ToolStarted():
            entry = Entry(kind="tool", text=event.shown, at=at, ok=None, key=event.call_id)
            state = replace(state, activity=Activity(text=event.shown, since=at))
            return _say(state, event.chunk, entry)
        case ev.ToolFinished():
            state = replace(state, activity=None, bytes_read=state.bytes_read + event.bytes_read)
            return _tool_finished(state, event)
        case ev.FileChangeStarted():
            return state
        case ev.FileChanged():
            return _file_changed(state, event, at)
        case ev.CommandStarted():
            return replace(state, activity=Activity(text=" ".join(event.argv), since=at))
        case ev.CommandFinished():
            return _command_finished(state, event)
        case ev.ScopeDenied():
            text = f"refused to write {event.path} ({event.verdict}): {event.reason}"
            state = _say(state, event.chunk, Entry(kind="denied", text=text, at=at, ok=False))
            denied_in = state.chunk_numbered(event.chunk)
            return _on_chunk(state, event.chunk, denied=(*(denied_in.denied if denied_in else ()), event))
        case ev.RulesChecked():
            return _on_chunk(state, event.chunk, findings=event.findings)
        case ev.CheckStarted():
            return _check_started(state, event, at)
        case ev.CheckFinished():
            return _check_finished(state, event)
        case ev.DecisionRequested():
            return _decision_requested(state, event, at)
        case ev.DecisionResolved():
            return _decision_resolved(state, event, record)
        case ev.DecisionRetiered():
            return _on_decision(state, event.request_id, policy=event.policy)
        case ev.ElaborationRequested():
            return _elaboration_requested(state, event, at)
        case ev.DecisionElaborated():
            return _elaborated(state, event)
        case ev.BatchPresented():
            return _batch_presented(state, event, at)
        case ev.DecisionOverturned():
            return _decision_overturned(state, event, record)
        case ev.PreferenceSaved():
            decision = state.decision(event.request_id)
            saved = (*(decision.saved if decision else ()), event)
            return _on_decision(state, event.request_id, saved=saved)
        case ev.ReviewRequested():
            return _review_requested(state, event, at)
        case ev.ReviewResolved():
            return _review_resolved(state, event, at)
        case ev.InputRequested():
            kind: RequestKind = "budget" if event.kind == "budget" else "input"
            waiting = PendingRequest(request_id=event.request_id, kind=kind, title=event.title, since=at)
            return replace(state, inputs=(*state.inputs, event), pending=(*state.pending, waiting))
        case ev.InputResolved():
            return _settle(state, event.request_id)
        case ev.BlockerRaised():
            return _blocker_raised(state, event)
        case ev.BlockerCleared():
            left = tuple(b for b in state.blockers if b.blocker_id != event.blocker_id)
            return replace(state, blockers=left, steps=_unblock(state.steps))
        case ev.MessageSent():
            queued = (*state.queued_messages, (record.seq, event.text))
            entry = Entry(kind="message", text=event.text, at=at, detail=event.by)
            return _say(replace(state, queued_messages=queued), None, entry)
        case ev.MessageDelivered():
            left_over = tuple(m for m in state.queued_messages if m[0] != event.message_seq)
            return replace(state, queued_messages=left_over)
        case ev.Paused():
            return replace(state, paused=True)
        case ev.Resumed():
            return replace(state, paused=False)
        case ev.StopRequested():
            return replace(state, stopping=event.when)
        case ev.AutonomyChanged():
            return replace(state, autonomy=event.level, autonomy_from=f"set by {event.by}")
        case ev.BudgetReached():
            text = f"budget reached: {event.kind} {event.used:g} of {event.limit:g}"
            return _say(state, None, Entry(kind="fault", text=text, at=at, ok=False))
        case ev.CompletionReported():
            entry = Entry(kind="say", text=f"reports completion: {event.summary}", at=at)
            return _say(state, None, entry)
        case ev.WarningRaised():
            state = replace(state, warnings=(*state.warnings, event.text))
            return _say(state, None, Entry(kind="fault", text=event.text, at=at, ok=False))
        case ev.UnknownEvent():
            return replace(state, unknown_events=(*state.unknown_events, event.name))
        case _:
            assert_never(event)


# --- run and steps ----------------------------------------------------------------------


def _run_started(state: RunState, event: ev.RunStarted, at: datetime) -> RunState:
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


def _run_resumed(state: RunState, event: ev.RunResumed) -> RunState:
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
        steps=_unblock(state.steps),
        warnings=(*state.warnings, *event.found),
        autonomy=event.autonomy or state.autonomy,
        autonomy_from="--autonomous" if event.autonomy else state.autonomy_from,
        budgets=event.budgets or state.budgets,
        batch=state.batch if event.batch is None else event.batch,
        final_check=(),
        pending=_outliving(state),
        decisions=tuple(_with_elaborations_cut_off(d) for d in state.decisions),
    )


def _with_elaborations_cut_off(decision: DecisionState) -> DecisionState:
    if not any(e.under_way for e in decision.elaborations):
        return decision
    ended = (replace(e, fault="cut off") if e.under_way else e for e in decision.elaborations)
    return replace(decision, elaborations=tuple(ended))


def _outliving(state: RunState) -> tuple[PendingRequest, ...]:
    """What still waits in a new process. A question about the old one (its check that could not run, its
    model, its budget) is asked again when it comes up again."""
    gone = {i.request_id for i in state.inputs if i.kind in ("environment", "model", "budget")}
    return tuple(p for p in state.pending if p.request_id not in gone)


def _unblocked_chunk(state: RunState) -> RunState:
    chunk = state.chunk
    if chunk is None or chunk.status not in ("blocked", "stopped"):
        return state
    return _on_chunk(state, chunk.number, status="open", attempts_from=max(chunk.round - 1, 0), recheck=True)


def _on_step(state: RunState, step_id: str, status: StepStatus, chunk: int) -> RunState:
    return replace(
        state,
        steps=tuple(
            replace(s, status=status, chunks=s.chunks if chunk in s.chunks else (*s.chunks, chunk))
            if s.step.id == step_id
            else s
            for s in state.steps
        ),
    )


def _unblock(steps: tuple[StepState, ...]) -> tuple[StepState, ...]:
    return tuple(
        replace(s, status="current" if s.chunks else "open") if s.status == "blocked" else s for s in steps
    )


def _blocker_raised(state: RunState, event: ev.BlockerRaised) -> RunState:
    steps = tuple(
        replace(s, status="blocked") if s.step.id in event.blocked_steps and s.status != "done" else s
        for s in state.steps
    )
    return replace(state, blockers=(*state.blockers, event), steps=steps)


# --- chunks -----------------------------------------------------------------------------


def _without_unopened(chunks: tuple[ChunkState, ...]) -> tuple[ChunkState, ...]:
    """A conversation that never opened its chunk leaves no chunk behind."""
    return tuple(c for c in chunks if c.opening is not None)


def _on_chunk(state: RunState, number: int, **changes: object) -> RunState:
    chunks = list(state.chunks)
    for i in range(len(chunks) - 1, -1, -1):
        if chunks[i].number == number:
            chunks[i] = replace(chunks[i], **changes)  # type: ignore[arg-type]
            return replace(state, chunks=tuple(chunks))
    return state


def _say(state: RunState, number: int | None, entry: Entry) -> RunState:
    """Adds a line to a chunk's stream; None is the chunk under way."""
    chunk = state.chunk_numbered(number) if number is not None else state.chunk
    if chunk is None:
        return state
    return _on_chunk(state, chunk.number, entries=(*chunk.entries, entry))


def _amend(state: RunState, number: int, key: str, **changes: object) -> RunState:
    chunk = state.chunk_numbered(number)
    if chunk is None:
        return state
    entries = list(chunk.entries)
    for i in range(len(entries) - 1, -1, -1):
        if entries[i].key == key:
            entries[i] = replace(entries[i], **changes)  # type: ignore[arg-type]
            return _on_chunk(state, number, entries=tuple(entries))
    return state


def _chunk_finished(state: RunState, event: ev.ChunkFinished, at: datetime) -> RunState:
    state = _on_chunk(state, event.chunk, status=event.verdict, finished_at=at)
    chunk = state.chunk_numbered(event.chunk)
    if event.verdict != "reverted" or chunk is None or chunk.opening is None:
        return state
    reopened = tuple(
        replace(s, status="open", chunks=tuple(n for n in s.chunks if n != event.chunk))
        if s.step.id in chunk.opening.steps and s.status != "done"
        else s
        for s in state.steps
    )
    return replace(state, steps=reopened)


# --- model and tools --------------------------------------------------------------------


def _turn_finished(state: RunState, event: ev.ModelTurnFinished, at: datetime) -> RunState:
    for block in event.blocks:
        if isinstance(block, ThinkingBlock) and block.thinking.strip():
            state = _say(state, event.chunk, Entry(kind="think", text=block.thinking.strip(), at=at))
        elif isinstance(block, TextBlock) and block.text.strip():
            state = _say(state, event.chunk, Entry(kind="say", text=block.text.strip(), at=at))
    chunk = state.chunk_numbered(event.chunk)
    if chunk is not None:
        state = _on_chunk(
            state,
            event.chunk,
            usage=chunk.usage + event.usage,
            cost_usd=_add_cost(chunk.cost_usd, event.cost_usd),
            turns=chunk.turns + 1,
        )
    return replace(
        state,
        usage=state.usage + event.usage,
        cost_usd=_add_cost(state.cost_usd, event.cost_usd),
        turns=state.turns + 1,
        context_used=state.context_used if event.about else event.usage.total_input + event.usage.output,
        activity=None,
    )


def _add_cost(total: float | None, more: float | None) -> float | None:
    return total if more is None else (total or 0.0) + more


def _turn_failed(state: RunState, event: ev.ModelTurnFailed, at: datetime) -> RunState:
    wait = f"; trying again in {event.retry_in_s:.0f} s" if event.retry_in_s is not None else ""
    text = f"{event.kind.replace('_', ' ')}: {event.message}{wait}"
    state = _say(state, event.chunk, Entry(kind="fault", text=text, at=at, ok=False))
    activity = Activity(text="waiting to ask the model again", since=at) if wait else None
    return replace(state, activity=activity)


def _tool_finished(state: RunState, event: ev.ToolFinished) -> RunState:
    return _amend(
        state,
        event.chunk,
        event.call_id,
        ok=not event.is_error,
        detail=event.text,
        duration_s=event.duration_s,
    )


def _file_changed(state: RunState, event: ev.FileChanged, at: datetime) -> RunState:
    change = event.change
    state = replace(state, bytes_written=state.bytes_written + change.bytes_after)
    chunk = state.chunk_numbered(event.chunk)
    count = f"  +{change.added} -{change.removed}"
    call = next((e for e in chunk.entries if e.key == event.call_id), None) if chunk else None
    if call is not None:
        state = _amend(state, event.chunk, event.call_id, text=call.text + count)
    else:
        text = f"{change.action} {change.path}{count}"
        state = _say(state, event.chunk, Entry(kind="file", text=text, at=at))
    changes = (*(chunk.changes if chunk else ()), change)
    return _on_chunk(state, event.chunk, changes=changes)


def _command_finished(state: RunState, event: ev.CommandFinished) -> RunState:
    chunk = state.chunk_numbered(event.chunk)
    call = next((e for e in chunk.entries if e.key == event.call_id), None) if chunk else None
    if call is not None:
        state = _amend(state, event.chunk, event.call_id, text=f"{call.text}  {event.run.result}")
        chunk = state.chunk_numbered(event.chunk)
    commands = (*(chunk.commands if chunk else ()), event.run)
    return replace(_on_chunk(state, event.chunk, commands=commands), activity=None)


# --- check ------------------------------------------------------------------------------


def _check_started(state: RunState, event: ev.CheckStarted, at: datetime) -> RunState:
    attempt = CheckAttempt(round=event.round, attempt=event.attempt, commands=event.commands)
    state = replace(state, checking=True, activity=Activity(text="type check", since=at))
    if event.chunk == 0:
        return replace(state, final_check=(*_finished(state.final_check), attempt))
    chunk = state.chunk_numbered(event.chunk)
    attempts = (*_finished(chunk.attempts if chunk else ()), attempt)
    return _on_chunk(state, event.chunk, attempts=attempts, status="checking", recheck=False)


def _finished(attempts: tuple[CheckAttempt, ...]) -> tuple[CheckAttempt, ...]:
    """Without one that a crash or a stop cut off: it is run again."""
    return tuple(a for a in attempts if a.result is not None)


def _check_finished(state: RunState, event: ev.CheckFinished) -> RunState:
    state = replace(state, checking=False, activity=None)
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
        return replace(state, final_check=(*attempts[:-1], done))
    return _on_chunk(state, event.chunk, attempts=(*attempts[:-1], done), status="open")


# --- decisions and reviews --------------------------------------------------------------


def _settle(state: RunState, request_id: str) -> RunState:
    return replace(state, pending=tuple(p for p in state.pending if p.request_id != request_id))


def _decision_requested(state: RunState, event: ev.DecisionRequested, at: datetime) -> RunState:
    if state.decision(event.request.id) is not None:
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
    state = _on_chunk(state, event.chunk, decisions=taken)
    # A call that asks anew (its file changed meanwhile) voids what it asked before.
    void = {d.request.id for d in state.decisions if d.call_id == event.call_id}
    pending = tuple(p for p in state.pending if p.request_id not in void)
    state = replace(state, decisions=(*state.decisions, decision), pending=pending)
    if event.policy.outcome != "escalate" or event.batched:
        return state
    waiting = PendingRequest(
        request_id=event.request.id, kind="decision", title=event.request.title, since=at
    )
    return replace(state, pending=(*state.pending, waiting))


def _on_decision(state: RunState, request_id: str, **changes: object) -> RunState:
    decisions = tuple(
        replace(d, **changes) if d.request.id == request_id else d  # type: ignore[arg-type]
        for d in state.decisions
    )
    return replace(state, decisions=decisions)


def _decision_resolved(state: RunState, event: ev.DecisionResolved, record: ev.Record) -> RunState:
    state = _on_decision(
        _settle(state, event.request_id),
        event.request_id,
        answer=event.answer,
        recorded_as=event.recorded_as,
        answered_seq=record.seq,
    )
    decision = state.decision(event.request_id)
    if decision is None:
        return state
    if decision.batched:
        # The call that raised it was answered long ago: the worker hears of it at its next turn.
        told = (record.seq, batch_words(decision.request, event.answer))
        state = replace(state, queued_messages=(*state.queued_messages, told))
    how = "auto" if event.answer.decided_by == "auto" else f"by {event.answer.decided_by}"
    text = f"{decision.request.title}: {event.answer.decision} ({how})"
    return _say(state, decision.chunk, Entry(kind="decision", text=text, at=record.at))


def _elaboration_requested(state: RunState, event: ev.ElaborationRequested, at: datetime) -> RunState:
    decision = state.decision(event.request_id)
    asked = (*(decision.elaborations if decision else ()), Elaboration(question=event.question))
    state = _on_decision(state, event.request_id, elaborations=asked)
    entry = Entry(kind="message", text=f"please elaborate: {event.question}", at=at, detail=event.by)
    return _say(state, decision.chunk if decision else None, entry)


def _elaborated(state: RunState, event: ev.DecisionElaborated) -> RunState:
    decision = state.decision(event.request_id)
    before = decision.elaborations[:-1] if decision else ()
    said = Elaboration(question=event.question, text=event.text, fault=event.fault)
    return _on_decision(replace(state, activity=None), event.request_id, elaborations=(*before, said))


def _batch_presented(state: RunState, event: ev.BatchPresented, at: datetime) -> RunState:
    """Those that wait already (the list was presented before a crash) wait in this list now."""
    others = tuple(p for p in state.pending if p.request_id not in event.request_ids)
    queued = (d for d in state.queued_decisions if d.request.id in event.request_ids)
    waiting = tuple(
        PendingRequest(
            request_id=d.request.id, kind="decision", title=d.request.title, since=at, batch=event.batch_id
        )
        for d in queued
    )
    return replace(state, pending=(*others, *waiting))


def _decision_overturned(state: RunState, event: ev.DecisionOverturned, record: ev.Record) -> RunState:
    decision = state.decision(event.request_id)
    if decision is None or decision.answer is None:
        return state
    told = (record.seq, overturned_words(decision.request, decision.answer, event))
    text = f"overturned: {decision.request.title}: {event.answer.decision} (by {event.answer.decided_by})"
    state = replace(state, queued_messages=(*state.queued_messages, told))
    state = _on_decision(state, event.request_id, overturned=event)
    return _say(state, None, Entry(kind="decision", text=text, at=record.at, detail=event.reason))


def _review_requested(state: RunState, event: ev.ReviewRequested, at: datetime) -> RunState:
    chunk = state.chunk_numbered(event.chunk)
    review = ReviewState(
        request_id=event.request_id, round=event.round, diff_hash=event.diff_hash, files=event.files
    )
    reviews = (*(chunk.reviews if chunk else ()), review)
    title = f"chunk {event.chunk}: {chunk.name}" if chunk else f"chunk {event.chunk}"
    waiting = PendingRequest(request_id=event.request_id, kind="review", title=title, since=at)
    state = _on_chunk(state, event.chunk, status="in review", reviews=reviews)
    # A review that is asked anew voids the one before it.
    void = {r.request_id for r in reviews}
    others = tuple(p for p in state.pending if p.request_id not in void)
    return replace(state, pending=(*others, waiting))


def _review_resolved(state: RunState, event: ev.ReviewResolved, at: datetime) -> RunState:
    state = _settle(state, event.request_id)
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
    state = _on_chunk(state, event.chunk, reviews=reviews, status="open")
    return _say(state, event.chunk, Entry(kind="review", text=text, at=at, detail=event.comment))
