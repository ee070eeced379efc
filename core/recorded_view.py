"""A recording as the screen sees a run: it stands at one record, and nothing can be told to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, NoReturn

from core import events as ev
from core.commands import Command, CommandRefused
from core.events import Delta, Record
from core.recording import Recording
from core.run_state import Entry, RunState

if TYPE_CHECKING:
    from core.absorption import Absorption
    from core.authorship import TheirLines
    from core.diff import FileDiff
    from core.review_rounds import CommentOutcome
    from core.what_if import WhatIf

# What decisions rest on: a long run has few of these, and no more are held.
OF_DECISIONS = (
    ev.RunStarted
    | ev.RunResumed
    | ev.AutonomyChanged
    | ev.DecisionRequested
    | ev.DecisionResolved
    | ev.DecisionRetiered
    | ev.DecisionOverturned
    | ev.ElaborationRequested
    | ev.DecisionElaborated
    | ev.BatchPresented
    | ev.PreferenceSaved
)
REFUSED = "this is a recording: nothing can be told to it"


class RecordedView:
    """A tui.bridge.RunView of `recording` after record `seq` (its end, unless said); `go_to` moves it.

    Everything is as it was then: also what the log says of a chunk, and what comments led to.
    """

    live = False

    def __init__(self, recording: Recording, seq: int | None = None) -> None:
        self.recording = recording
        self.run_id = recording.run_id
        self.root = recording.root
        self.seq = 0
        self._state = RunState()
        self.go_to(recording.length if seq is None else seq)

    def go_to(self, seq: int) -> RunState:
        """The state after record `seq`, held to what the recording has by now."""
        self.seq = min(max(seq, 0), self.recording.length)
        self._state = self.recording.state_at(self.seq)
        return self._state

    @property
    def state(self) -> RunState:
        return self._state

    async def watch(self) -> AsyncIterator[Record | Delta]:
        """Nothing comes by itself."""
        nothing: tuple[Record, ...] = ()
        for record in nothing:
            yield record

    def submit(self, command: Command) -> None:
        raise CommandRefused(REFUSED)

    def entries(self, chunk: int) -> Sequence[Entry]:
        current = self._state.chunk
        if current is not None and current.number == chunk:
            return current.entries
        return self.recording.entries(chunk, self.seq)

    def diff(self, chunk: int) -> tuple[FileDiff, ...]:
        from core.chunk_view import chunk_diff

        return chunk_diff(self._state, chunk, self.recording.blob)

    def log_entry(self, chunk: int) -> str:
        return self.recording.log_entry(chunk, self.seq)

    def contents(self, chunk: int, path: str) -> tuple[bytes | None, bytes | None]:
        from core.chunk_view import chunk_contents

        return chunk_contents(self._state, chunk, path, self.recording.blob)

    def their_lines(self, chunk: int, path: str) -> TheirLines:
        from core.authorship import TheirLines, their_lines

        found = self._state.chunk_numbered(chunk)
        return their_lines(found, path, self.recording.blob) if found is not None else TheirLines()

    def comment_outcomes(self, chunk: int) -> tuple[CommentOutcome, ...]:
        from core.review_rounds import comment_outcomes

        found = self._state.chunk_numbered(chunk)
        return comment_outcomes(found, self.recording.blob) if found is not None else ()

    def what_if(self) -> WhatIf:
        """By the policy files that the journal names; the built-in policy where it names none."""
        from core.decisions.configuration import built_in_config
        from core.what_if import what_if

        every = self.recording.records(last=self.seq)
        records = tuple(record for record in every if isinstance(record.event, OF_DECISIONS))
        return what_if(records, self.recording.blob, built_in_config())

    def would_absorb(self, request_id: str, choice: str, pattern: str) -> Absorption:
        """What it would have saved in this run up to here: other runs are not looked at."""
        from core.absorption import absorbed_in

        records = self.recording.records(last=self.seq)
        return absorbed_in(records, self.run_id, self._state.decision(request_id), choice, pattern)

    def undo_plan(self) -> NoReturn:
        raise CommandRefused(REFUSED)

    async def drive(self) -> NoReturn:
        raise CommandRefused("a recording does not go on by itself")
