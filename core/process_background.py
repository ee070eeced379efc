"""A program that stays until it is ended: the daemon of an incremental checker.

It is held as tightly as any other program (core.process): a session of its own, a marker in its environment,
no input, and a watch that ends it when Signoff itself is killed.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.orphan_watch import OrphanWatch
from core.process import MARKER, end_all, start_process
from core.process_output import ProcessOutput

OUTPUT_LIMIT = 10_000  # characters
DRAIN_S = 0.2


class BackgroundProcess:
    """Made by `start`. Whoever started it must `end` it."""

    def __init__(
        self, process: asyncio.subprocess.Process, output: ProcessOutput, watch: OrphanWatch, token: str
    ) -> None:
        self.pid = process.pid
        self._process = process
        self._output = output
        self._watch = watch
        self._token = token

    @classmethod
    async def start(cls, argv: Sequence[str], cwd: Path, *, environ: Mapping[str, str]) -> BackgroundProcess:
        """Raises OSError when the program can't be started."""
        token = uuid.uuid4().hex
        source, sink = os.pipe()
        output = ProcessOutput(source, None, OUTPUT_LIMIT)
        watch = OrphanWatch(f"{MARKER}={token}")
        try:
            process = await start_process(argv, cwd, {**environ, MARKER: token}, sink)
        except BaseException:
            # Cancelled just then, it may have started: it is found by its marker.
            await end_all(None, token)
            watch.done()
            output.close()
            raise
        watch.started(process.pid)
        return cls(process, output, watch, token)

    @property
    def alive(self) -> bool:
        """Asked of the kernel: the event loop hears of an end a moment later."""
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            return False

    def output(self) -> str:
        """What it has printed so far, without escapes and controls."""
        return self._output.text()

    async def end(self) -> None:
        """Ends it and whatever it started, whether it is still alive or not."""
        try:
            await end_all(self._process, self._token)
            await self._output.drained(DRAIN_S)
        finally:
            self._watch.done()
            self._output.close()
