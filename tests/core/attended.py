"""Driving a run with a person who looks at every record and answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from core import events as ev
from core.commands import AnswerDecision, AnswerInput, Command, CommandRefused, ReviewChunk, UndoChunk
from core.run_state import RunState
from core.session import Run
from tests.core.small_story import events


async def attended(run: Run, respond: Callable[[RunState], list[Command]]) -> ev.RunFinished:
    """Drives with a person who looks all the time, and sends what `respond` gives: each answer once."""
    driving = asyncio.ensure_future(run.drive())
    answered: set[str] = set()
    try:
        while not driving.done():
            for command in respond(run.state):
                if isinstance(command, AnswerDecision | ReviewChunk):
                    if command.request_id in answered:
                        continue
                    answered.add(command.request_id)
                await _submit(run, command, driving)
            await asyncio.sleep(0.001)
        return await driving
    finally:
        driving.cancel()


async def _submit(run: Run, command: Command, driving: asyncio.Future[Any]) -> None:
    """A run that was taken up again shows its question a moment before it waits for the answer."""
    for patience in range(500, -1, -1):
        try:
            return run.submit(command)
        except CommandRefused:
            if driving.done() or _is_settled(run.state, command):
                return None
            if not patience:
                raise
            await asyncio.sleep(0.002)


def _is_settled(state: RunState, command: Command) -> bool:
    """Whether the run, taken up again, has settled by itself what the command was about."""
    if isinstance(command, AnswerInput | ReviewChunk):
        return command.request_id not in {pending.request_id for pending in state.pending}
    if isinstance(command, UndoChunk):
        chunk = state.chunk_numbered(command.chunk)
        return chunk is not None and chunk.status == "undone"
    return False


def once(*steps: tuple[Callable[[RunState], bool], Callable[[RunState], Command]]) -> Callable[..., Any]:
    """Each command once, in order, as soon as its condition holds."""
    left = list(steps)

    def respond(state: RunState) -> list[Command]:
        if left and left[0][0](state):
            return [left.pop(0)[1](state)]
        return []

    return respond


def of(events_: list[ev.Event], kind: type[Any]) -> list[Any]:
    return [event for event in events_ if isinstance(event, kind)]


def told(run: Run) -> str:
    """Everything that the worker was sent in the run, its own replies left out."""
    return "\n".join(event.text for event in of(events(run), ev.ToolFinished))
