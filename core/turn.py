"""One model turn: stream it, retry what can be retried, journal it whole or not at all."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from core import events as ev
from core.decision_words import words_of
from core.domain import TextBlock, ToolAnswer, ToolCall
from core.ending import MODEL_FAULT, RunEnding
from core.models.base import PASSING, Model, ModelFault, ModelReply, ModelRequest, TextPiece
from core.stream import Stream
from core.supervision import Supervision

TRIES = 4
LONGEST_WAIT_S = 60.0
OUTGROWN = (
    "the conversation outgrew the model's context: stop, and resume with a model that holds more (--model), "
    "or with a plan of smaller steps"
)


class Turns:
    """Asks the model. `sleep` and `base_wait_s` are for tests that must not wait."""

    def __init__(
        self,
        stream: Stream,
        model: Model,
        supervision: Supervision,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        base_wait_s: float = 1.0,
    ) -> None:
        self._stream = stream
        self._model = model
        self._supervision = supervision
        self._sleep = sleep
        self._base_wait_s = base_wait_s

    async def take(self, request: ModelRequest) -> None:
        """Journals one whole reply. Ends the run when the model cannot be had."""
        failed = self._unanswered()
        if failed is not None:
            await self._ask_what_now(failed)
        while True:
            try:
                await self._try(request)
                return
            except ModelFault:
                last = self._stream.records[-1].event
                assert isinstance(last, ev.ModelTurnFailed), "the last try is journaled before it is given up"
                await self._ask_what_now(last)

    async def aside(self, request: ModelRequest, about: str) -> str:
        """A turn beside the conversation, about the decision `about`: what the worker says, in words.

        Calls in the reply are not executed. Raises ModelFault when the model cannot be had.
        """
        reply = await self._try(request, about)
        return words_of(reply.blocks)

    async def _try(self, request: ModelRequest, about: str = "") -> ModelReply:
        """One whole reply, journaled. Raises the ModelFault of the last try."""
        turn = self._stream.state.turns + 1
        size = request_size(request)
        for attempt in itertools.count(1):
            self._stream.emit(
                ev.ModelTurnStarted(turn=turn, chunk=request.chunk, request_bytes=size, about=about)
            )
            started = time.monotonic()
            try:
                reply = await self._stream_reply(request)
            except ModelFault as fault:
                await self._wait_or_give_up(fault, request, turn, attempt)
                continue
            self._finish(reply, request, turn, time.monotonic() - started, about)
            return reply
        raise AssertionError("the last try raises its fault")

    async def _stream_reply(self, request: ModelRequest) -> ModelReply:
        async with aclosing(self._model.stream(request)) as items:
            async for item in items:
                if isinstance(item, TextPiece):
                    self._stream.tell(ev.TextDelta(chunk=request.chunk, kind=item.kind, text=item.text))
                else:
                    return _whole(item)
        raise ModelFault("cut", "the stream ended without a reply", retryable=True)

    async def _wait_or_give_up(
        self, fault: ModelFault, request: ModelRequest, turn: int, attempt: int
    ) -> None:
        """Waits before the next try, or raises the fault: there is none."""
        wait = self._wait(fault, attempt) if fault.retryable and attempt < TRIES else None
        self._stream.emit(
            ev.ModelTurnFailed(
                turn=turn,
                chunk=request.chunk,
                attempt=attempt,
                kind=fault.kind,
                message=fault.message,
                retry_in_s=wait,
            )
        )
        if wait is None:
            raise fault
        await self._sleep(wait)

    async def _ask_what_now(self, failed: ev.ModelTurnFailed) -> None:
        """Has the supervisor start over, or ends the run."""
        fault = f"{failed.kind.replace('_', ' ')}: {failed.message}"
        answer = await self._supervision.ask(
            "model",
            self._question_id(),
            "The model cannot be reached" if failed.kind in PASSING else "The model refused the request",
            f"{fault}. Nothing of the reply was executed.",
            (("retry", "Ask it again"), ("stop", "Stop; the run can be resumed")),
            chunk=failed.chunk,
        )
        if answer is None or answer.option == "stop":
            raise RunEnding("failed", f"model {fault}", MODEL_FAULT)

    def _unanswered(self) -> ev.ModelTurnFailed | None:
        """Where an earlier process gave up, when nobody has said yet what to do about it."""
        last = ev.ModelTurnFailed | ev.ModelTurnStarted | ev.ModelTurnFinished
        turns = [record for record in self._stream.records if isinstance(record.event, last)][-2:]
        match [record.event for record in turns]:
            case [ev.ModelTurnStarted(about=""), ev.ModelTurnFailed(retry_in_s=None) as failed]:
                is_open = self._supervision.is_open(self._question_id(), turns[-1].seq)
                return failed if is_open else None
            case _:
                return None

    def _question_id(self) -> str:
        """By how often the turn failed: the same for whoever asks about it."""
        turn = self._stream.state.turns + 1
        events = (record.event for record in self._stream.records)
        failures = (event for event in events if isinstance(event, ev.ModelTurnFailed))
        return f"model:{turn}:{sum(f.turn == turn and f.retry_in_s is None for f in failures)}"

    def _wait(self, fault: ModelFault, attempt: int) -> float:
        """Doubling, or what the server asks for; bounded, since a server may ask for an hour."""
        wanted = (
            fault.retry_after_s if fault.retry_after_s is not None else self._base_wait_s * 2 ** (attempt - 1)
        )
        return min(wanted, LONGEST_WAIT_S)

    def _finish(
        self, reply: ModelReply, request: ModelRequest, turn: int, duration_s: float, about: str
    ) -> None:
        self._stream.emit(
            ev.ModelTurnFinished(
                turn=turn,
                chunk=request.chunk,
                blocks=reply.blocks,
                stop_reason=reply.stop_reason,
                usage=reply.usage,
                duration_s=round(duration_s, 3),
                cost_usd=reply.cost_usd,
                request_id=reply.request_id,
                about=about,
            )
        )


def _whole(reply: ModelReply) -> ModelReply:
    """Fails closed on stop reasons after which nothing may be executed (RELIABILITY)."""
    if reply.stop_reason in ("tool_use", "end_turn", "max_tokens", "stop_sequence", "pause_turn"):
        return reply
    if reply.stop_reason == "refusal":
        raise ModelFault("refused", "the model refused to answer", retryable=False)
    if reply.stop_reason == "model_context_window_exceeded":
        raise ModelFault("bad_request", OUTGROWN, retryable=False)
    raise ModelFault("bad_request", f"unknown stop reason {reply.stop_reason!r}", retryable=False)


def request_size(request: ModelRequest) -> int:
    """Bytes of text in the request, for the journal and the seed's estimate."""
    size = sum(len(block.text.encode()) for block in request.system)
    for message in request.messages:
        for block in message.blocks:
            if isinstance(block, TextBlock | ToolAnswer):
                size += len(block.text.encode())
            elif isinstance(block, ToolCall):
                size += len(str(block.input).encode())
    return size
