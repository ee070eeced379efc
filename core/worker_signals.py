"""What the worker says of where it is: a chunk opened or closed, everything done, or no way on (SPEC 4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core import events as ev
from core.before_answer import Elaborate
from core.decision_desk import DecisionDesk
from core.domain import ChunkOpening, ToolCall
from core.ending import NEEDS_DECISION, RunEnding
from core.gate import Gate
from core.recovery import Recovery
from core.review_gate import GateAnswer
from core.run_state import ChunkState
from core.stream import Stream
from core.supervision import Supervision
from core.tools.base import CloseChunk, Complete, OpenChunk, ReportBlocker, Signal, ToolResult


class WorkerSignals:
    """`complete` decides on a completion report: it ends the run, or gives the text that refuses it."""

    def __init__(
        self,
        stream: Stream,
        *,
        gate: Gate,
        desk: DecisionDesk,
        supervision: Supervision,
        recovery: Recovery,
        complete: Callable[[Complete, str], Awaitable[str]],
        elaborate: Elaborate,
    ) -> None:
        self._stream = stream
        self._gate = gate
        self._desk = desk
        self._supervision = supervision
        self._recovery = recovery
        self._complete = complete
        self._elaborate = elaborate

    async def take(self, signal: Signal, call: ToolCall) -> tuple[ToolResult, bool]:
        """What the call is answered, and whether as an error."""
        match signal:
            case OpenChunk(opening=opening):
                self._open(opening)
                return ToolResult(text=f"Chunk {self._number} is open."), False
            case CloseChunk(summary=summary):
                if told := await self._settle_queue():
                    return ToolResult(text=told), True
                answer = await self._gate.close(summary, call.id)
                self._finish(answer)
                return ToolResult(text=answer.text), answer.is_error
            case Complete():
                await self._desk.present_queue(self._number, self._elaborate)
                return ToolResult(text=await self._complete(signal, call.id)), True
            case ReportBlocker():
                return await self._blocker(signal, call)

    async def _settle_queue(self) -> str:
        """At the chunk's end the queued questions are put to the supervisor. Where an answer is not what the
        worker went on with, the chunk is not closed: the text says so, and the answers come with it."""
        await self._desk.present_queue(self._number, self._elaborate)
        state = self._stream.state
        untold = {seq for seq, _ in state.queued_messages}
        other = [
            decision.request.title
            for decision in state.decisions
            if decision.batched and decision.answer is not None and decision.answered_seq in untold
            if decision.answer.option is None or decision.answer.option != decision.request.recommendation
        ]
        if not other:
            return ""
        return (
            "not closed: queued questions were decided otherwise than you recommended: "
            f"{'; '.join(other)}. The answers come with this one: adapt the chunk, then close it again."
        )

    def _open(self, opening: ChunkOpening) -> None:
        chunk = self._number
        self._stream.emit(ev.ChunkStarted(chunk=chunk, opening=opening))
        for step in opening.steps:
            self._stream.emit(ev.StepStarted(step=step, chunk=chunk))

    def _finish(self, answer: GateAnswer) -> None:
        chunk = self._chunk
        if answer.verdict == "approve" and chunk.opening is not None and chunk.summary is not None:
            for step in chunk.opening.steps:
                if step not in chunk.summary.steps_left_open:
                    self._stream.emit(ev.StepFinished(step=step, chunk=chunk.number))
            self._stream.emit(ev.ChunkFinished(chunk=chunk.number, verdict="approved"))
        elif answer.verdict == "revert":
            self._stream.emit(ev.ChunkFinished(chunk=chunk.number, verdict="reverted"))

    async def _blocker(self, signal: ReportBlocker, call: ToolCall) -> tuple[ToolResult, bool]:
        settled = self._recovery.blocker_settled(call.id)
        if settled is not None:
            return ToolResult(text=settled), False
        answer = await self._supervision.ask(
            "blocker",
            f"blocker:{call.id}",
            f"The worker is blocked: {signal.reason}",
            signal.context,
            (("go on", "Go on: tell the worker how"), ("stop", "Stop and write BLOCKERS.md")),
            chunk=self._number,
        )
        if answer is not None and answer.option == "go on":
            said = answer.text.strip() or "Go on; the supervisor has dealt with it."
            return ToolResult(text=f"The supervisor: {said}"), False
        self._stream.emit(
            ev.BlockerRaised(
                blocker_id=f"blocker:{call.id}",
                kind="worker",
                reason=signal.reason,
                chunk=self._number,
                context=signal.context,
                needed=signal.reason,
                blocked_steps=signal.steps,
            )
        )
        raise RunEnding("blocked", signal.reason, NEEDS_DECISION)

    @property
    def _chunk(self) -> ChunkState:
        chunk = self._stream.state.chunk
        assert chunk is not None, "a conversation has started"
        return chunk

    @property
    def _number(self) -> int:
        return self._chunk.number
