"""Small changes to a RunState that many events make. Pure."""

from __future__ import annotations

from dataclasses import replace

from core.run_state import ChunkState, Entry, RunState, StepStatus, changed


def on_chunk(state: RunState, number: int, **changes: object) -> RunState:
    current = state.chunk
    if current is not None and current.number == number:
        return changed(state, chunks=state.chunks.with_other_last(changed(current, **changes)))
    place = state.place_of(number)
    if place is None:
        return state
    return changed(state, chunks=state.chunks.with_item(place, changed(state.chunks[place], **changes)))


def streaming(state: RunState, number: int | None) -> ChunkState | None:
    """The chunk of that number if its stream is kept: it is the one under way, which None stands for."""
    chunk = state.chunk
    return chunk if chunk is not None and number in (None, chunk.number) else None


def say(state: RunState, number: int | None, entry: Entry) -> RunState:
    """Adds a line to a chunk's stream; None is the chunk under way."""
    chunk = streaming(state, number)
    if chunk is None:
        return state
    return on_chunk(state, chunk.number, entries=chunk.entries.with_last(entry))


def entry_of_call(state: RunState, number: int, call_id: str) -> Entry | None:
    """The line of a tool call in a chunk's stream."""
    chunk = streaming(state, number)
    return next((e for e in reversed(chunk.entries) if e.key == call_id), None) if chunk else None


def amend(state: RunState, number: int, key: str, **changes: object) -> RunState:
    chunk = streaming(state, number)
    place = chunk.entries.last_place(lambda entry: entry.key == key) if chunk else None
    if chunk is None or place is None:
        return state
    entry = replace(chunk.entries[place], **changes)  # type: ignore[arg-type]
    return on_chunk(state, number, entries=chunk.entries.with_item(place, entry))


def on_step(state: RunState, step_id: str, status: StepStatus, chunk: int) -> RunState:
    return changed(
        state,
        steps=tuple(
            replace(
                s, status=status, chunks=s.chunks if chunk in s.chunks.tail else s.chunks.with_last(chunk)
            )
            if s.step.id == step_id
            else s
            for s in state.steps
        ),
    )


def settle(state: RunState, request_id: str) -> RunState:
    return changed(state, pending=tuple(p for p in state.pending if p.request_id != request_id))
