"""Runs a command that the worker was allowed: found, scrubbed, bounded, its output redacted and kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core import events as ev
from core.blobs import Blobs
from core.domain import CommandRun, Sha
from core.process import find_program, run_process
from core.stream import Stream
from core.untrusted import redact


class CommandRunner:
    def __init__(
        self, root: Path, stream: Stream, blobs: Blobs, environ: Mapping[str, str], timeout_s: float
    ) -> None:
        self._root = root
        self._stream = stream
        self._blobs = blobs
        self._environ = environ
        self._timeout_s = timeout_s

    async def run(self, argv: tuple[str, ...], call_id: str) -> tuple[CommandRun, str, Sha | None]:
        """The run, its output and the output's blob. A program that is not there is a fault, not an error."""
        program = find_program(argv[0], self._root, self._environ)
        if program is None:
            fault = f"{argv[0]} not found"
            return CommandRun(argv=argv, cwd="", exit_code=None, duration_s=0.0, fault=fault), "", None
        chunk = self._stream.state.chunk
        number = chunk.number if chunk else 0
        result = await run_process(
            (program, *argv[1:]),
            self._root,
            environ=self._environ,
            timeout_s=self._timeout_s,
            on_output=lambda text: self._stream.tell(
                ev.OutputDelta(chunk=number, source="command", text=redact(text))
            ),
        )
        run = CommandRun(
            argv=argv,
            cwd="",
            exit_code=result.exit_code,
            duration_s=round(result.duration_s, 3),
            fault=result.fault,
        )
        output = redact(result.output)
        return run, output, self._blobs.put(output.encode("utf-8"))
