"""A chunk as people look at it: its net diff and its part of the log, from the journal alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core import events as ev
from core.chunk_files import fold_changes
from core.diff import FileDiff, diff_file
from core.logs.backend_log import BackendLog
from core.run_state import RunState


def chunk_diff(state: RunState, number: int, get_blob: Callable[[str], bytes]) -> tuple[FileDiff, ...]:
    chunk = state.chunk_numbered(number)
    if chunk is None:
        return ()
    return tuple(
        diff_file(
            change,
            get_blob(change.before) if change.before else None,
            get_blob(change.after) if change.after else None,
        )
        for change in fold_changes(chunk.changes)
    )


def chunk_contents(
    state: RunState, number: int, path: str, get_blob: Callable[[str], bytes]
) -> tuple[bytes | None, bytes | None]:
    """A file of the chunk before and after it. (None, None) for a file that it does not change."""
    chunk = state.chunk_numbered(number)
    net = fold_changes(chunk.changes) if chunk is not None else ()
    change = next((c for c in net if c.path == path), None)
    if change is None:
        return None, None
    sides = (change.before, change.after)
    before, after = (get_blob(sha) if sha else None for sha in sides)
    return before, after


def log_entry(records: Sequence[ev.Record], number: int, get_blob: Callable[[str], bytes]) -> str:
    """The log's text between the chunk's start and the next conversation, and of its undo."""
    if not records or not isinstance(records[0].event, ev.RunStarted):
        return ""
    log = BackendLog(b"", records[0].event, get_blob)
    text, current = "", 0
    for record in records:
        if isinstance(record.event, ev.ConversationStarted):
            current = record.event.chunk
        piece = log.apply(record)
        if number == (record.event.chunk if isinstance(record.event, ev.ChunkUndone) else current):
            text += piece
    return text.strip("\n")
