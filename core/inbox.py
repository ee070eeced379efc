"""Commands in: the only table of futures.

A request that waits is an id with a future; a command settles it. Whatever concerns the
whole run (pause, stop, messages, autonomy) is handed to the engine's handlers at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from core.commands import (
    AnswerDecision,
    AnswerInput,
    Command,
    CommandRefused,
    DeclineDecision,
    ElaborateDecision,
    FoldEdits,
    RetierDecision,
    ReviewChunk,
)
from core.domain import value


@value
class Waiting:
    """A request that waits. `accepts` gives the reason for which a command is refused, or None; `before`
    takes the commands that are about the request and don't settle it."""

    future: asyncio.Future[Command]
    accepts: Callable[[Command], str | None]
    before: Callable[[Command], None] | None


class Inbox:
    def __init__(self, handle: Callable[[Command], None]) -> None:
        self._waiting: dict[str, Waiting] = {}
        self._handle = handle

    def submit(self, command: Command) -> None:
        """Takes a command. Raises CommandRefused, with the reason in one line."""
        if isinstance(command, AnswerDecision | DeclineDecision | ReviewChunk | FoldEdits | AnswerInput):
            self._waits_for(command.request_id, command).future.set_result(command)
        elif isinstance(command, RetierDecision | ElaborateDecision):
            waiting = self._waits_for(command.request_id, command)
            if waiting.before is None:
                raise CommandRefused(f"{command.request_id} is not a decision")
            waiting.before(command)
        else:
            self._handle(command)

    def wait(
        self,
        request_id: str,
        accepts: Callable[[Command], str | None],
        before: Callable[[Command], None] | None = None,
    ) -> Coroutine[None, None, Command]:
        """Waits, without any time limit, for the command that settles `request_id`.

        From the call on, not only from the await: whoever sees the request can answer it.
        """
        future: asyncio.Future[Command] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = Waiting(future=future, accepts=accepts, before=before)
        return self._settled(request_id, future)

    def fail(self, request_id: str, error: BaseException) -> None:
        """What was done for a request that waits broke: whoever waits for it gets the error."""
        waiting = self._waiting.get(request_id)
        if waiting is not None and not waiting.future.done():
            waiting.future.set_exception(error)

    async def _settled(self, request_id: str, future: asyncio.Future[Command]) -> Command:
        try:
            return await future
        finally:
            self._waiting.pop(request_id, None)

    def _waits_for(self, request_id: str, command: Command) -> Waiting:
        waiting = self._waiting.get(request_id)
        if waiting is None or waiting.future.done():
            raise CommandRefused(f"{request_id} does not wait for an answer (any more)")
        refusal = waiting.accepts(command)
        if refusal is not None:
            raise CommandRefused(refusal)
        return waiting
