"""Finds what a write of the run would do beside writing, with what the run has settled so far."""

from __future__ import annotations

from collections.abc import Callable

from core import events as ev
from core.acts import acts_of
from core.domain import Act
from core.rule_runner import answered_questions, rule_context, text_of
from core.run_state import ChunkState
from core.stream import Stream


class ActFinder:
    def __init__(self, stream: Stream, started: ev.RunStarted, get_blob: Callable[[str], bytes]) -> None:
        self._stream = stream
        self._started = started
        self._get_blob = get_blob

    def __call__(self, path: str, before: bytes | None, after: bytes) -> tuple[Act, ...]:
        """The acts that the write brings into the chunk, against the file as the chunk found it.

        What the chunk made itself, such as the port of a new service, is its own to change; what it has done
        already was asked then. A port that goes with one write and comes back otherwise with another is an
        act of the other, though neither write is one by itself.
        """
        chunk = self._stream.state.chunk
        assert chunk is not None, "nothing is written outside of a chunk"
        context = rule_context(self._started, chunk, answered_questions(self._stream.state.decisions))
        text, now = text_of(after), text_of(before)
        if text is None:
            return ()
        first = self._before_chunk(chunk, path, before)
        acts = acts_of(path, now, text, context)
        if first == before:
            return acts
        in_all = acts_of(path, text_of(first), text, context)
        done = acts_of(path, text_of(first), now, context) if now is not None else ()
        return tuple(act for act in in_all if act in acts or act not in done)

    def _before_chunk(self, chunk: ChunkState, path: str, now: bytes | None) -> bytes | None:
        """The file as the chunk found it."""
        for change in chunk.changes:
            if change.path == path:
                return self._get_blob(change.before) if change.before else None
        return now
