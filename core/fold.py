"""The fold that makes a RunState of a run's records: `apply(state, record) -> state`.

Pure. The live run, replay, watch and resume all use this one fold (ARCHITECTURE,
"fold(journal) == live state"). `assert_never` proves that every event has its case.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from core import events as ev
from core.event_lines import counted
from core.fold_check import check_finished, check_started
from core.fold_chunk import (
    chunk_finished,
    chunk_undo_started,
    chunk_undone,
    command_finished,
    conversation_started,
    file_changed,
    finding_waived,
    outside_edit_seen,
    tool_finished,
    turn_failed,
    turn_finished,
)
from core.fold_means import knowledge_searched, server_changed
from core.fold_requests import (
    batch_presented,
    decision_overturned,
    decision_requested,
    decision_resolved,
    elaborated,
    elaboration_requested,
    on_decision,
    review_requested,
    review_resolved,
)
from core.fold_run import blocker_raised, run_resumed, run_started, unblock
from core.run_state import Activity, Entry, PendingRequest, RequestKind, RunState, changed
from core.state_edits import on_chunk, on_step, say, settle


def fold(records: tuple[ev.Record, ...] | list[ev.Record]) -> RunState:
    state = RunState()
    for record in records:
        state = apply(state, record)
    return state


def worked_until(state: RunState, now: datetime) -> float:
    """The seconds that the run has worked until `now`: not while it waited, was paused, or had ended. A clock
    that jumps back takes nothing away."""
    if state.updated_at is None or state.pending or state.paused or state.outcome is not None:
        return state.worked_s
    return state.worked_s + max(0.0, (now - state.updated_at).total_seconds())


def apply(state: RunState, record: ev.Record) -> RunState:  # noqa: PLR0912, PLR0915 (one case an event)
    """The state after `record`. Never raises on a well-formed record, whatever its order."""
    event, at = record.event, record.at
    # A process that took the run up again did nothing before that.
    worked = state.worked_s if isinstance(event, ev.RunResumed) else worked_until(state, at)
    state = changed(state, seq=record.seq, run_id=record.run_id, updated_at=at, worked_s=worked)
    match event:
        case ev.RunStarted():
            return run_started(state, event, at)
        case ev.RunResumed():
            return run_resumed(state, event)
        case ev.RunFinished():
            return changed(
                state,
                outcome=event.outcome,
                reason=event.reason,
                exit_code=event.exit_code,
                activity=None,
                checking=False,
            )
        case ev.ConversationStarted():
            return conversation_started(state, event, at)
        case ev.StepStarted():
            return on_step(state, event.step, "current", event.chunk)
        case ev.StepFinished():
            return on_step(state, event.step, "done", event.chunk)
        case ev.ChunkStarted():
            return on_chunk(state, event.chunk, status="open", opening=event.opening)
        case ev.ChunkClosed():
            return on_chunk(
                state,
                event.chunk,
                status="checking",
                summary=event.summary,
                round=event.round,
                closed_files=event.files,
            )
        case ev.ChunkFinished():
            return chunk_finished(state, event, at)
        case ev.ChunkUndoStarted():
            return chunk_undo_started(state, event)
        case ev.ChunkUndone():
            return chunk_undone(state, event, record)
        case ev.ChunkCommitted():
            return on_chunk(state, event.chunk, commit=event.commit)
        case ev.OutsideEditSeen():
            return outside_edit_seen(state, event, at)
        case ev.FindingWaived():
            return finding_waived(state, event, record)
        case ev.ChunkReverted():
            text = f"reverted by {event.by}: {counted(len(event.files), 'file')} put back"
            state = say(state, event.chunk, Entry(kind="review", text=text, at=at))
            return on_chunk(state, event.chunk, changes=())
        case ev.ModelTurnStarted():
            # The engine's own questions keep the conversation waiting: where it goes on, none is left.
            waiting_on = (p for p in state.pending if p.kind in ("decision", "review") or event.about)
            activity = Activity(text="waiting for the model", since=at)
            return changed(state, activity=activity, pending=tuple(waiting_on))
        case ev.ModelTurnFinished():
            return turn_finished(state, event, at)
        case ev.ModelTurnFailed():
            return turn_failed(state, event, at)
        case ev.ToolStarted():
            entry = Entry(kind="tool", text=event.shown, at=at, ok=None, key=event.call_id)
            state = changed(state, activity=Activity(text=event.shown, since=at))
            return say(state, event.chunk, entry)
        case ev.ToolFinished():
            state = changed(state, activity=None, bytes_read=state.bytes_read + event.bytes_read)
            return tool_finished(state, event)
        case ev.FileChangeStarted():
            return state
        case ev.FileChanged():
            return file_changed(state, event, at)
        case ev.CommandStarted():
            return changed(state, activity=Activity(text=" ".join(event.argv), since=at))
        case ev.CommandFinished():
            return command_finished(state, event)
        case ev.ScopeDenied():
            text = f"refused to write {event.path} ({event.verdict}): {event.reason}"
            state = say(state, event.chunk, Entry(kind="denied", text=text, at=at, ok=False))
            denied_in = state.chunk_numbered(event.chunk)
            return on_chunk(state, event.chunk, denied=(*(denied_in.denied if denied_in else ()), event))
        case ev.RulesChecked():
            return on_chunk(state, event.chunk, findings=event.findings)
        case ev.CheckStarted():
            return check_started(state, event, at)
        case ev.CheckFinished():
            return check_finished(state, event)
        case ev.DecisionRequested():
            return decision_requested(state, event, at)
        case ev.DecisionResolved():
            return decision_resolved(state, event, record)
        case ev.DecisionRetiered():
            return on_decision(state, event.request_id, policy=event.policy)
        case ev.ElaborationRequested():
            return elaboration_requested(state, event, at)
        case ev.DecisionElaborated():
            return elaborated(state, event)
        case ev.BatchPresented():
            return batch_presented(state, event, at)
        case ev.DecisionOverturned():
            return decision_overturned(state, event, record)
        case ev.PreferenceSaved():
            decision = state.decision(event.request_id)
            saved = (*(decision.saved if decision else ()), event)
            return on_decision(state, event.request_id, saved=saved)
        case ev.ReviewRequested():
            return review_requested(state, event, at)
        case ev.ReviewResolved():
            return review_resolved(state, event, at)
        case ev.InputRequested():
            kind: RequestKind = "budget" if event.kind == "budget" else "input"
            waiting = PendingRequest(request_id=event.request_id, kind=kind, title=event.title, since=at)
            waits = {p.request_id for p in state.pending} - {event.request_id}
            others = tuple(asked for asked in state.inputs if asked.request_id in waits)
            return changed(state, inputs=(*others, event), pending=(*state.pending, waiting))
        case ev.InputResolved():
            return settle(state, event.request_id)
        case ev.BlockerRaised():
            return blocker_raised(state, event)
        case ev.BlockerCleared():
            left = tuple(b for b in state.blockers if b.blocker_id != event.blocker_id)
            return changed(state, blockers=left, steps=unblock(state.steps))
        case ev.MessageSent():
            queued = (*state.queued_messages, (record.seq, event.text))
            entry = Entry(kind="message", text=event.text, at=at, detail=event.by)
            return say(changed(state, queued_messages=queued), None, entry)
        case ev.MessageDelivered():
            left_over = tuple(m for m in state.queued_messages if m[0] != event.message_seq)
            return changed(state, queued_messages=left_over)
        case ev.Paused():
            return changed(state, paused=True)
        case ev.Resumed():
            return changed(state, paused=False)
        case ev.StopRequested():
            return changed(state, stopping=event.when)
        case ev.AutonomyChanged():
            return changed(state, autonomy=event.level, autonomy_from=f"set by {event.by}")
        case ev.BudgetReached():
            text = f"budget reached: {event.kind} {event.used:g} of {event.limit:g}"
            return say(state, None, Entry(kind="fault", text=text, at=at, ok=False))
        case ev.BudgetNeared():
            text = f"budget: {event.used:g} of {event.limit:g} {event.kind} used"
            return say(state, None, Entry(kind="fault", text=text, at=at))
        case ev.KnowledgeSearched():
            return knowledge_searched(state, event, at)
        case ev.ServerChanged():
            return server_changed(state, event, at)
        case ev.CompletionReported():
            entry = Entry(kind="say", text=f"reports completion: {event.summary}", at=at)
            return say(state, None, entry)
        case ev.WarningRaised():
            state = changed(state, warnings=state.warnings.with_last(event.text))
            return say(state, None, Entry(kind="fault", text=event.text, at=at, ok=False))
        case ev.UnknownEvent():
            text = f"an event that this version of Signoff does not know: {event.name}"
            state = changed(state, unknown_events=state.unknown_events.with_last(event.name))
            return say(state, None, Entry(kind="fault", text=text, at=at))
        case _:
            assert_never(event)
