"""Commands in: the only table of futures.

A request that waits is an id with a future; a command settles it. Whatever concerns the
whole run (pause, stop, messages, autonomy) is handed to the engine's handlers at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from core.commands import (
    AnswerDecision,
    AnswerInput,
    Command,
    CommandRefused,
    DeclineDecision,
    ReviewChunk,
)
from core.domain import value


@value
class Waiting:
    """A request that waits. `accepts` gives the reason for which a command is refused, or None."""

    future: asyncio.Future[Command]
    accepts: Callable[[Command], str | None]


class Inbox:
    def __init__(self, handle: Callable[[Command], None]) -> None:
        self._waiting: dict[str, Waiting] = {}
        self._handle = handle

    def submit(self, command: Command) -> None:
        """Takes a command. Raises CommandRefused, with the reason in one line."""
        if isinstance(command, AnswerDecision | DeclineDecision | ReviewChunk | AnswerInput):
            self._settle(command.request_id, command)
        else:
            self._handle(command)

    async def wait(self, request_id: str, accepts: Callable[[Command], str | None]) -> Command:
        """Waits, without any time limit, for the command that settles `request_id`."""
        future: asyncio.Future[Command] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = Waiting(future=future, accepts=accepts)
        try:
            return await future
        finally:
            self._waiting.pop(request_id, None)

    def _settle(self, request_id: str, command: Command) -> None:
        waiting = self._waiting.get(request_id)
        if waiting is None or waiting.future.done():
            raise CommandRefused(f"{request_id} does not wait for an answer (any more)")
        refusal = waiting.accepts(command)
        if refusal is not None:
            raise CommandRefused(refusal)
        waiting.future.set_result(command)
