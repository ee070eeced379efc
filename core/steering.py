"""Pause and stop: where the engine looks up between two effects."""

from __future__ import annotations

import asyncio

from core import events as ev
from core.commands import Command, Pause, Resume, SendMessage, SetAutonomy, Stop
from core.ending import STOPPED, RunEnding
from core.stream import Stream


class Steering:
    """Takes the commands that concern the whole run; each becomes an event at once."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._going = asyncio.Event()
        self._going.set()
        self.stop_now = asyncio.Event()

    def handle(self, command: Command) -> None:
        match command:
            case Pause():
                if not self._stream.state.paused:
                    self._stream.emit(ev.Paused(by=command.by))
                self._going.clear()
            case Resume():
                if self._stream.state.paused:
                    self._stream.emit(ev.Resumed(by=command.by))
                self._going.set()
            case Stop():
                self._stream.emit(ev.StopRequested(when=command.when, by=command.by))
                if command.when == "now":
                    self.stop_now.set()
            case SendMessage():
                self._stream.emit(ev.MessageSent(text=command.text, by=command.by))
            case SetAutonomy():
                self._stream.emit(ev.AutonomyChanged(level=command.level, by=command.by))
            case _:
                raise AssertionError(f"{type(command).__name__} is settled by the inbox")

    async def checkpoint(self) -> None:
        """Waits while the run is paused. Called before each model turn and each tool call."""
        await self._going.wait()

    def at_chunk_boundary(self) -> None:
        """Ends the run here if a stop at the boundary was asked for."""
        if self._stream.state.stopping == "boundary":
            raise RunEnding("stopped", "stopped by the supervisor after the chunk", STOPPED)
