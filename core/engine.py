"""A run, from its first event to its last: chunk after chunk, until something ends it (SPEC 3)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from core import events as ev
from core.check_gate import CheckGate
from core.chunk import ChunkLoop
from core.conversation import opening_note
from core.edit_watch import EditWatch
from core.ending import COMPLETE, STOPPED, RunEnding
from core.final_check import FinalCheck
from core.last_attempts import reverted_words
from core.run_state import RunState
from core.steering import Steering
from core.stream import Stream
from core.supervision import Supervision
from core.tools.base import Complete

UNHEARD = "not complete: the supervisor has sent you a message; it comes with this answer."


class Engine:
    """Drives a run that has been started or resumed.

    `first_chunk` is the number of its first chunk: those of an earlier run in the same log keep
    theirs (SPEC 9).
    """

    def __init__(
        self,
        *,
        stream: Stream,
        steering: Steering,
        supervision: Supervision,
        checks: CheckGate,
        final_check: FinalCheck,
        edit_watch: EditWatch,
        first_chunk: int,
    ) -> None:
        self._first_chunk = first_chunk
        self._stream = stream
        self._steering = steering
        self._supervision = supervision
        self._checks = checks
        self._final_check = final_check
        self._edit_watch = edit_watch

    async def run(self, chunks: ChunkLoop) -> ev.RunFinished:
        """Until the end, whatever it is; the last event of the journal says which."""
        watch = asyncio.ensure_future(self._edit_watch.run())
        try:
            ending = await self._ending(chunks)
        finally:
            await _cancelled(watch)
            await self._checks.close()
        return self._finish(ending)

    async def _ending(self, chunks: ChunkLoop) -> RunEnding:
        work = asyncio.ensure_future(self._work(chunks))
        stop = asyncio.ensure_future(self._steering.stop_now.wait())
        try:
            await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await _cancelled(work)
                return RunEnding("stopped", "stopped by the supervisor", STOPPED)
            work.result()
            raise AssertionError("a run ends by saying how")
        except RunEnding as ending:
            return ending
        finally:
            await _cancelled(work)
            await _cancelled(stop)

    async def _work(self, chunks: ChunkLoop) -> None:
        while True:
            if not self._in_conversation():
                await chunks.commit_due()  # what a crash kept from being committed stands in the log first
                self._steering.at_chunk_boundary()
                self._next_conversation()
            await chunks.run()

    def _in_conversation(self) -> bool:
        chunk = self._state.chunk
        return chunk is not None and chunk.status not in ("approved", "reverted", "undone")

    def _next_conversation(self) -> None:
        last = self._state.chunk
        about_last = ""
        if last is not None and last.status == "reverted":
            about_last = reverted_words(last, self._stream.records)
        number = self._first_chunk if last is None else last.number + 1
        note = opening_note(self._state, about_last=about_last)
        self._stream.emit(ev.ConversationStarted(chunk=number, note=note))

    @property
    def _state(self) -> RunState:
        return self._stream.state

    # --- what ends a run ----------------------------------------------------------------

    async def complete(self, report: Complete, call_id: str) -> str:
        """Accepts a completion report by ending the run, or says what is missing."""
        if self._state.queued_messages:
            return UNHEARD
        left = dict(report.steps_left_open)
        missing = [s.step.id for s in self._state.steps if s.status != "done" and s.step.id not in left]
        if missing:
            return (
                f"not complete: plan steps {', '.join(missing)} are not done. Do them, or name each in "
                "steps_left_open with the reason why it is not your work."
            )
        if not self._was_reported(call_id):
            self._stream.emit(
                ev.CompletionReported(
                    call_id=call_id, summary=report.summary, steps_left_open=report.steps_left_open
                )
            )
        problem = await self._final_check.problem()
        if problem is None and self._state.queued_messages:  # it came in while the check ran
            problem = UNHEARD
        if problem is not None:
            return problem
        raise RunEnding("complete", report.summary, COMPLETE)

    def _was_reported(self, call_id: str) -> bool:
        """By an earlier process, which did not get to answer the report."""
        for event in (record.event for record in reversed(self._stream.records)):
            if isinstance(event, ev.CompletionReported):
                return event.call_id == call_id
            if isinstance(event, ev.ConversationStarted):
                return False
        return False

    def _finish(self, ending: RunEnding) -> ev.RunFinished:
        finished = ev.RunFinished(outcome=ending.outcome, reason=ending.reason, exit_code=ending.exit_code)
        self._stream.emit(finished)
        return finished


async def _cancelled(task: asyncio.Future[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, RunEnding):
        await task
