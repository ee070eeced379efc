"""Small changes to a RunState that many events make. Pure."""

from __future__ import annotations

from dataclasses import replace

from core.run_state import Entry, RunState, StepStatus


def on_chunk(state: RunState, number: int, **changes: object) -> RunState:
    chunks = list(state.chunks)
    for i in range(len(chunks) - 1, -1, -1):
        if chunks[i].number == number:
            chunks[i] = replace(chunks[i], **changes)  # type: ignore[arg-type]
            return replace(state, chunks=tuple(chunks))
    return state


def say(state: RunState, number: int | None, entry: Entry) -> RunState:
    """Adds a line to a chunk's stream; None is the chunk under way."""
    chunk = state.chunk_numbered(number) if number is not None else state.chunk
    if chunk is None:
        return state
    return on_chunk(state, chunk.number, entries=(*chunk.entries, entry))


def amend(state: RunState, number: int, key: str, **changes: object) -> RunState:
    chunk = state.chunk_numbered(number)
    if chunk is None:
        return state
    entries = list(chunk.entries)
    for i in range(len(entries) - 1, -1, -1):
        if entries[i].key == key:
            entries[i] = replace(entries[i], **changes)  # type: ignore[arg-type]
            return on_chunk(state, number, entries=tuple(entries))
    return state


def on_step(state: RunState, step_id: str, status: StepStatus, chunk: int) -> RunState:
    return replace(
        state,
        steps=tuple(
            replace(s, status=status, chunks=s.chunks if chunk in s.chunks else (*s.chunks, chunk))
            if s.step.id == step_id
            else s
            for s in state.steps
        ),
    )


def settle(state: RunState, request_id: str) -> RunState:
    return replace(state, pending=tuple(p for p in state.pending if p.request_id != request_id))
