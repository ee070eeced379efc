"""mypy's daemon: keeps a checked program in memory and looks again only at what changed since.

`dmypy` daemonises by design. Here it does not: its server is started in the foreground, as a program of ours
that is ended with the run (core.process_background), and `dmypy run` asks it. A server that the client starts
by itself, because the configuration changed, is ended with the client, as all that a command starts.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from core.checks.base import CheckCommand
from core.checks.python_types import MYPY_FLAGS, mypy_settings
from core.process import find_program, run_process
from core.process_background import BackgroundProcess

IDLE_S = 1800  # a run may wait for its supervisor for days
START_S = 30.0
POLL_S = 0.02
VERSION = re.compile(r"dmypy (?P<major>\d+)\.\d+")
# Implied by the daemon, whatever is configured; mypy's own default since version 2.
IMPLIED = "local_partial_types"
IMPLIED_SINCE = 2


class WarmFault(Exception):
    """A checker could not be made warm, though it should be. One line."""


class MypyDaemon:
    """The daemon of one folder that configures mypy. `status_file` is its own, and where it is asked."""

    def __init__(self, root: Path, folder: str, status_file: Path, environ: Mapping[str, str]) -> None:
        self._root = root
        self._folder = folder
        self._status_file = status_file
        self._from_folder = os.path.relpath(status_file, root / folder)
        self._environ = environ
        self._server: BackgroundProcess | None = None
        self._starting = asyncio.Lock()
        self._version: int | None = None

    def client(self, command: CheckCommand) -> CheckCommand:
        """The command that has the daemon check what the cold `command` would.

        After files came, went or did not parse, it may tell of errors that are there no more.
        """
        argv = ("dmypy", "--status-file", self._from_folder, "run", "--", *command.argv[1:])
        return CheckCommand(argv=argv, cwd=command.cwd, checker=command.checker, only_pass=True)

    async def why_not(self) -> str | None:
        """Why the daemon would not say the same as the workspace's mypy, or is not there; None: it does."""
        program = self._program()
        if program is None:
            return "there is no dmypy beside this mypy"
        if self._version is None:
            told = await run_process(
                (program, "--version"), self._root, environ=self._environ, timeout_s=START_S
            )
            match = VERSION.match(told.output)
            self._version = int(match["major"]) if match else 0
        text, settings = mypy_settings(self._root / self._folder)
        is_set = str(settings.get(IMPLIED, "")).lower() in ("true", "yes", "on", "1")
        if text.count(IMPLIED) != is_set or (self._version < IMPLIED_SINCE and not is_set):
            return f"mypy's daemon implies {IMPLIED}, which is not set here for all modules"
        return None

    async def ensure_started(self) -> None:
        """Starts the server where it does not run (any more). Raises WarmFault."""
        async with self._starting:
            if self._server is not None and self._serves(self._server):
                return
            await self.end()
            self._status_file.unlink(missing_ok=True)
            program = self._program()
            if program is None:
                raise WarmFault("dmypy was not found")
            argv = (program, "--status-file", self._from_folder, "daemon", "--timeout", str(IDLE_S), "--")
            try:
                self._server = await BackgroundProcess.start(
                    (*argv, *MYPY_FLAGS), self._root / self._folder, environ=self._environ
                )
            except OSError as fault:
                raise WarmFault(f"dmypy: {fault.strerror or fault}") from None
            await self._ready(self._server)

    async def end(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await server.end()

    def _program(self) -> str | None:
        """The dmypy of the mypy that the cold command runs: the version that the workspace pins."""
        mypy = find_program("mypy", self._root, self._environ, inside=self._folder)
        dmypy = find_program("dmypy", self._root, self._environ, inside=self._folder)
        return dmypy if mypy and dmypy and Path(mypy).parent == Path(dmypy).parent else None

    async def _ready(self, server: BackgroundProcess) -> None:
        """Waits until the server can be asked: it has written its status file whole."""
        for _ in range(round(START_S / POLL_S)):
            if not server.alive:
                said = server.output().strip().splitlines()
                raise WarmFault(f"mypy's daemon ended: {said[-1] if said else 'it said nothing'}")
            if self._serves(server):
                return
            await asyncio.sleep(POLL_S)
        raise WarmFault(f"mypy's daemon did not start within {START_S:g} s")

    def _serves(self, server: BackgroundProcess) -> bool:
        """Whether it is there, and the one that the status file (written whole) leads to."""
        try:
            status = json.loads(self._status_file.read_bytes())
        except (OSError, ValueError):
            return False
        return isinstance(status, dict) and status.get("pid") == server.pid and server.alive
