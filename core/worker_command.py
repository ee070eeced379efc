"""A command of the worker's: run, journaled, and what it did to the files settled (SPEC 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from core import events as ev
from core.command_effects import CommandEffects
from core.domain import Act, CommandRun, Sha
from core.stream import Stream
from core.untrusted import redact
from core.workspace import Workspace

RunCommand: TypeAlias = Callable[[tuple[str, ...], str], Awaitable[tuple[CommandRun, str, Sha | None]]]
FindActs: TypeAlias = Callable[[str, bytes | None, bytes], tuple[Act, ...]]


class WorkerCommands:
    """`is_own` says whether the open chunk made a file: what it made it may also take away."""

    def __init__(
        self,
        stream: Stream,
        workspace: Workspace,
        run_command: RunCommand,
        find_acts: FindActs,
        is_own: Callable[[str], bool],
    ) -> None:
        self._stream = stream
        self._workspace = workspace
        self._run_command = run_command
        self._find_acts = find_acts
        self._is_own = is_own

    async def run(self, argv: tuple[str, ...], call_id: str, approved: bool) -> tuple[CommandRun, str]:
        """The run, and what the worker is told of it. `approved`: a person allowed this very command."""
        chunk, effects = self._chunk, self._effects()
        self._stream.emit(ev.CommandStarted(chunk=chunk, call_id=call_id, argv=argv, cwd=""))
        before = await asyncio.to_thread(effects.snapshot)
        run, output, blob = await self._run_command(argv, call_id)
        changed = await asyncio.to_thread(effects.changed, before)
        told = effects.settle(
            before,
            changed,
            redact(run.shown),
            chunk=chunk,
            # Under an id of their own: a command that was cut short in here stays unknown to Recovery.
            call_id=f"command:{call_id}",
            is_asked=(lambda path, before, after: False) if approved else self._is_asked,
        )
        self._stream.emit(ev.CommandFinished(chunk=chunk, call_id=call_id, run=run, output=blob))
        return run, "\n".join(filter(None, (output.rstrip("\n"), told)))

    @property
    def _chunk(self) -> int:
        chunk = self._stream.state.chunk
        assert chunk is not None, "a command is run in a chunk"
        return chunk.number

    def _effects(self) -> CommandEffects:
        story = self._stream.state.story
        assert story is not None, "the run has started"
        return self._workspace.command_effects(story.implementation)

    def _is_asked(self, path: str, before: bytes | None, after: bytes | None) -> bool:
        if after is None:
            return not self._is_own(path)
        return bool(self._find_acts(path, before, after))
