"""One chunk: the worker's conversation from its first turn to the verdict (SPEC 4).

    while the chunk is not over:
        answer the tool calls that have no answer yet, or take the next model turn

A resumed run enters the same loop: what the journal already has is not done again.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from core import events as ev
from core.act_finder import ActFinder
from core.conversation import Conversation
from core.decision_desk import DecisionDesk
from core.decision_words import elaboration_request, with_elaborations
from core.domain import Answer, DecisionRequest, ToolCall
from core.ending import STOPPED, RunEnding
from core.file_change import refused_words
from core.gate import Gate
from core.knowing import Knowing
from core.recovery import Recovery
from core.run_state import ChunkState, DecisionState
from core.steering import Steering
from core.stream import Stream
from core.supervision import Supervision
from core.tools.base import Complete, Tool, ToolContext, ToolFailure, ToolResult
from core.turn import Turns
from core.untrusted import redact
from core.worker_command import RunCommand, WorkerCommands
from core.worker_signals import WorkerSignals
from core.workspace import ScopeError, Workspace, WorkspaceError

MOST_TURNS_WITHOUT_TOOLS = 3
MOST_REFUSED_TURNS = 10
LONGEST_ANSWER = 60_000

Over = Literal["approved", "reverted"]


class ChunkLoop:
    """Runs chunks. `commit` makes the commits that are due; `complete` as for WorkerSignals."""

    def __init__(
        self,
        *,
        stream: Stream,
        conversation: Conversation,
        turns: Turns,
        tools: dict[str, Tool[Any]],
        gate: Gate,
        supervision: Supervision,
        desk: DecisionDesk,
        steering: Steering,
        workspace: Workspace,
        is_own_creation: Callable[[str, int], bool],
        find_acts: ActFinder,
        recovery: Recovery,
        run_command: RunCommand,
        knowing: Knowing,
        check_budget: Callable[[], Awaitable[None]],
        complete: Callable[[Complete, str], Awaitable[str]],
        commit: Callable[[], Awaitable[None]],
    ) -> None:
        self._stream = stream
        self._conversation = conversation
        self._turns = turns
        self._tools = tools
        self._specs = tuple(tool.spec() for tool in tools.values())
        self._desk = desk
        self._steering = steering
        self._workspace = workspace
        self._is_own_creation = is_own_creation
        self._find_acts = find_acts
        self._recovery = recovery
        self._run_command = run_command
        self._knowing = knowing
        self._check_budget = check_budget
        self.commit_due = commit
        self._signals = WorkerSignals(
            stream,
            gate=gate,
            desk=desk,
            supervision=supervision,
            recovery=recovery,
            complete=complete,
            elaborate=self._elaborate,
        )

    def add_tools(self, tools: dict[str, Tool[Any]]) -> None:
        """Those of the tool servers, once they are connected: before the first conversation."""
        self._tools |= tools
        self._specs = tuple(tool.spec() for tool in self._tools.values())

    async def run(self) -> Over:
        """Until the chunk is approved or reverted. Whatever else ends it is a RunEnding."""
        await self._desk.present_again(self._number, self._elaborate)
        while True:
            await self.commit_due()
            over = self._over()
            if over is not None:
                return over
            await self._steering.checkpoint()
            if self._conversation.unanswered:
                await self._answer(self._conversation.unanswered[0])
            else:
                await self._next_turn()

    def _over(self) -> Over | None:
        chunk = self._stream.state.chunk
        if chunk is None:
            return None
        if chunk.status in ("reverted", "undone"):
            return "reverted"
        return "approved" if chunk.status == "approved" else None

    # --- model --------------------------------------------------------------------------

    async def _next_turn(self) -> None:
        if self._chunk.opening is None:
            self._steering.at_chunk_boundary()
        if self._conversation.turns_without_tools >= MOST_TURNS_WITHOUT_TOOLS:
            raise RunEnding("stopped", "the worker stopped without its completion signal", STOPPED)
        if self._conversation.refused_turns >= MOST_REFUSED_TURNS:
            reason = f"the worker gets nowhere: every call of its last {MOST_REFUSED_TURNS} turns failed"
            raise RunEnding("stopped", reason, STOPPED)
        await self._check_budget()
        self._deliver_messages()
        await self._turns.take(self._conversation.request(self._stream.state, self._specs))

    def _deliver_messages(self) -> None:
        turn = self._stream.state.turns + 1
        for seq, _ in self._stream.state.queued_messages:
            self._stream.emit(ev.MessageDelivered(message_seq=seq, turn=turn))

    # --- tools --------------------------------------------------------------------------

    async def _answer(self, call: ToolCall) -> None:
        """Runs one tool call: intent in the journal, effect, result in the journal."""
        started = time.monotonic()
        interrupted = self._recovery.was_started(call.id)
        if not interrupted:
            self._stream.emit(
                ev.ToolStarted(
                    call_id=call.id,
                    name=call.name,
                    chunk=self._number,
                    input=call.input,
                    shown=self._shown(call),
                )
            )
        result, is_error = await self._effect(call, interrupted)
        self._stream.emit(
            ev.ToolFinished(
                call_id=call.id,
                name=call.name,
                chunk=self._number,
                text=redact(_bounded(result.text)),
                is_error=is_error,
                duration_s=round(time.monotonic() - started, 3),
                bytes_read=result.bytes_read,
            )
        )

    async def _effect(self, call: ToolCall, interrupted: bool) -> tuple[ToolResult, bool]:
        tool = self._tools.get(call.name)
        if tool is None:
            known = ", ".join(self._tools)
            return ToolResult(text=f"there is no tool {call.name}; the tools are {known}"), True
        if call.fault is not None:
            return ToolResult(text=f"not executed: the input is not valid JSON: {call.fault}"), True
        if interrupted and not tool.repeatable:
            settled = await self._recovery.settle(call, unseen=tool.unseen)
            if settled is not None:
                return settled
        try:
            result = await tool.call(call.input, self._context(call))
            if result.signal is not None:
                return await self._signals.take(result.signal, call)
            return result, False
        except ToolFailure as failure:
            return ToolResult(text=str(failure)), True
        except ScopeError as refusal:
            self._stream.emit(
                ev.ScopeDenied(
                    chunk=self._number, path=refusal.path, verdict=refusal.verdict, reason=refusal.reason
                )
            )
            return ToolResult(text=refused_words(refusal.path, refusal.reason)), True
        except WorkspaceError as fault:
            return ToolResult(text=str(fault)), True

    async def _elaborate(self, decision: DecisionState, question: str) -> str:
        asked = elaboration_request(decision, question)
        request = self._conversation.aside(self._stream.state, self._specs, asked)
        return await self._turns.aside(request, decision.request.id)

    # --- what a call sees ---------------------------------------------------------------

    @property
    def _chunk(self) -> ChunkState:
        chunk = self._stream.state.chunk
        assert chunk is not None, "a conversation has started"
        return chunk

    @property
    def _number(self) -> int:
        return self._chunk.number

    def _shown(self, call: ToolCall) -> str:
        tool = self._tools.get(call.name)
        return tool.shown(call.input) if tool else f"{call.name}?"

    def _context(self, call: ToolCall) -> ToolContext:
        state, chunk = self._stream.state, self._chunk
        assert state.plan is not None and state.worker is not None, "the run has started"

        commands = WorkerCommands(
            self._stream,
            self._workspace,
            self._run_command,
            self._find_acts,
            lambda path: self._is_own_creation(path, chunk.number),
        )

        async def decide(request: DecisionRequest) -> Answer:
            answer = await self._desk.decide(
                request, chunk=chunk.number, call_id=call.id, elaborate=self._elaborate
            )
            return with_elaborations(self._stream.state.decision(request.id), answer)

        return ToolContext(
            workspace=self._workspace,
            profile=state.worker,
            plan=state.plan,
            chunk=chunk.number,
            call_id=call.id,
            open_steps=chunk.opening.steps if chunk.opening else None,
            created_in_chunk=lambda path: self._is_own_creation(path, chunk.number),
            find_acts=self._find_acts,
            was_asked=lambda request_id: self._stream.state.decision(request_id) is not None,
            decide=decide,
            run_command=lambda argv, approved: commands.run(argv, call.id, approved),
            search_knowledge=self._knowing.search,
            was_found=self._knowing.was_found,
        )


def _bounded(text: str) -> str:
    """Big results are cut, with a way to read on: they would fill the conversation."""
    if len(text) <= LONGEST_ANSWER:
        return text
    return f"{text[:LONGEST_ANSWER]}\n[cut: {len(text) - LONGEST_ANSWER} more characters; ask for a part]"
