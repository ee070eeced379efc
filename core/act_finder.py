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
        """The acts of the write that the chunk has not done already: what it made itself, such as the port of
        a new service, is its own to change."""
        chunk = self._stream.state.chunk
        assert chunk is not None, "nothing is written outside of a chunk"
        context = rule_context(self._started, chunk, answered_questions(self._stream.state.decisions))
        text = text_of(after)
        if text is None:
            return ()
        acts = acts_of(path, text_of(before), text, context)
        first = self._before_chunk(chunk, path, before)
        if not acts or first == before:
            return acts
        in_all = set(acts_of(path, text_of(first), text, context))
        return tuple(act for act in acts if act in in_all)

    def _before_chunk(self, chunk: ChunkState, path: str, now: bytes | None) -> bytes | None:
        """The file as the chunk found it."""
        for change in chunk.changes:
            if change.path == path:
                return self._get_blob(change.before) if change.before else None
        return now
