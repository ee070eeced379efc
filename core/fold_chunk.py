"""What a chunk's events make of the state: model turns, tools, files, its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core import events as ev
from core.chunk_words import undone_words, waived_words
from core.domain import TextBlock, ThinkingBlock
from core.ending import STOPPED
from core.event_lines import counted
from core.history import History
from core.run_state import Activity, ChunkState, Entry, RunState, changed
from core.state_edits import amend, entry_of_call, on_chunk, say


def conversation_started(state: RunState, event: ev.ConversationStarted, at: datetime) -> RunState:
    """A conversation that never opened its chunk leaves no chunk behind; one that did leaves its stream."""
    earlier = state.opened_chunks
    if earlier:
        earlier = earlier.with_item(len(earlier) - 1, changed(earlier[-1], entries=History()))
    chunk = ChunkState(number=event.chunk, started_at=at)
    return changed(state, chunks=earlier.with_last(chunk), activity=None)


def chunk_finished(state: RunState, event: ev.ChunkFinished, at: datetime) -> RunState:
    state = on_chunk(state, event.chunk, status=event.verdict, finished_at=at)
    chunk = state.chunk_numbered(event.chunk)
    if event.verdict != "reverted" or chunk is None or chunk.opening is None:
        return state
    reopened = tuple(
        replace(s, status="open", chunks=s.chunks.without(event.chunk))
        if s.step.id in chunk.opening.steps and s.status != "done"
        else s
        for s in state.steps
    )
    return changed(state, steps=reopened)


def turn_finished(state: RunState, event: ev.ModelTurnFinished, at: datetime) -> RunState:
    for block in event.blocks:
        if isinstance(block, ThinkingBlock) and block.thinking.strip():
            state = say(state, event.chunk, Entry(kind="think", text=block.thinking.strip(), at=at))
        elif isinstance(block, TextBlock) and block.text.strip():
            state = say(state, event.chunk, Entry(kind="say", text=block.text.strip(), at=at))
    chunk = state.chunk_numbered(event.chunk)
    if chunk is not None:
        state = on_chunk(
            state,
            event.chunk,
            usage=chunk.usage + event.usage,
            cost_usd=_add_cost(chunk.cost_usd, event.cost_usd),
            turns=chunk.turns + 1,
        )
    return changed(
        state,
        usage=state.usage + event.usage,
        cost_usd=_add_cost(state.cost_usd, event.cost_usd),
        turns=state.turns + 1,
        context_used=state.context_used if event.about else event.usage.total_input + event.usage.output,
        activity=None,
    )


def _add_cost(total: float | None, more: float | None) -> float | None:
    return total if more is None else (total or 0.0) + more


def turn_failed(state: RunState, event: ev.ModelTurnFailed, at: datetime) -> RunState:
    wait = f"; trying again in {event.retry_in_s:.0f} s" if event.retry_in_s is not None else ""
    text = f"{event.kind.replace('_', ' ')}: {event.message}{wait}"
    state = say(state, event.chunk, Entry(kind="fault", text=text, at=at, ok=False))
    activity = Activity(text="waiting to ask the model again", since=at) if wait else None
    return changed(state, activity=activity)


def tool_finished(state: RunState, event: ev.ToolFinished) -> RunState:
    return amend(
        state,
        event.chunk,
        event.call_id,
        ok=not event.is_error,
        detail=event.text,
        duration_s=event.duration_s,
    )


def file_changed(state: RunState, event: ev.FileChanged, at: datetime) -> RunState:
    change = event.change
    state = changed(state, bytes_written=state.bytes_written + change.bytes_after)
    chunk = state.chunk_numbered(event.chunk)
    count = f"  +{change.added} -{change.removed}"
    if event.call_id == ev.OUTSIDE and chunk is not None:
        state = on_chunk(
            outside_edit_seen(state, ev.OutsideEditSeen(chunk=event.chunk, path=change.path), at),
            event.chunk,
            their_changes=(*chunk.their_changes, len(chunk.changes)),
        )
    call = entry_of_call(state, event.chunk, event.call_id)
    if call is not None:
        state = amend(state, event.chunk, event.call_id, text=call.text + count)
    else:
        text = f"{change.action} {change.path}{count}"
        state = say(state, event.chunk, Entry(kind="file", text=text, at=at))
    changes = (*(chunk.changes if chunk else ()), change)
    return on_chunk(state, event.chunk, changes=changes)


def command_finished(state: RunState, event: ev.CommandFinished) -> RunState:
    chunk = state.chunk_numbered(event.chunk)
    call = entry_of_call(state, event.chunk, event.call_id)
    if call is not None:
        state = amend(state, event.chunk, event.call_id, text=f"{call.text}  {event.run.result}")
        chunk = state.chunk_numbered(event.chunk)
    commands = (*(chunk.commands if chunk else ()), event.run)
    return changed(on_chunk(state, event.chunk, commands=commands), activity=None)


def chunk_undo_started(state: RunState, event: ev.ChunkUndoStarted) -> RunState:
    """Until its end no run is complete: one that is cut short here can be resumed, and is finished then."""
    if state.outcome is None:
        return state
    reason = f"the undo of chunk {event.chunk} was cut short"
    return changed(state, outcome="stopped", reason=reason, exit_code=STOPPED)


def chunk_undone(state: RunState, event: ev.ChunkUndone, record: ev.Record) -> RunState:
    """Its steps are open again; a run that was complete is not any more, and a live worker is told."""
    chunk = state.chunk_numbered(event.chunk)
    name = chunk.name if chunk is not None else ""
    text = f"undone by {event.by}: {counted(len(event.files), 'file')} put back"
    state = say(state, event.chunk, Entry(kind="review", text=text, at=record.at))
    state = on_chunk(state, event.chunk, status="undone")
    steps = tuple(
        replace(s, status="open", chunks=s.chunks.without(event.chunk)) if s.chunks.last == event.chunk else s
        for s in state.steps
    )
    told = (record.seq, undone_words(event, name))
    state = changed(state, steps=steps, queued_messages=(*state.queued_messages, told))
    if state.outcome is None:
        return state
    reason = f"chunk {event.chunk} was undone"
    return changed(state, outcome="stopped", reason=reason, exit_code=STOPPED, final_check=())


def outside_edit_seen(state: RunState, event: ev.OutsideEditSeen, at: datetime) -> RunState:
    chunk = state.chunk_numbered(event.chunk)
    if chunk is None or event.path in chunk.outside:
        return state
    text = f"{event.path} was changed outside the run"
    state = say(state, event.chunk, Entry(kind="fault", text=text, at=at))
    return on_chunk(state, event.chunk, outside=(*chunk.outside, event.path))


def finding_waived(state: RunState, event: ev.FindingWaived, record: ev.Record) -> RunState:
    """A worker that may be mending it is told."""
    chunk = state.chunk_numbered(event.chunk)
    if event.finding.severity == "block":
        told = (record.seq, waived_words(event))
        state = changed(state, queued_messages=(*state.queued_messages, told))
    text = f"finding waived by {event.by}: {event.finding.rule} {event.finding.path}"
    state = say(state, event.chunk, Entry(kind="review", text=text, at=record.at, detail=event.reason))
    return on_chunk(state, event.chunk, waived=(*(chunk.waived if chunk else ()), event))
