"""The incremental form of a check's commands: the same diagnostics, far sooner (SPEC 7).

The cold command stays the truth. So whatever is not sure to say the same is left cold, and so is what could
not be run.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from core.checks.base import CheckCommand
from core.checks.warm_mypy import MypyDaemon, WarmFault
from core.checks.warm_tsc import incremental_tsc
from core.process import find_program, run_process


class WarmCheckers:
    """The daemons and the build information of one run, all in `folder`, which is theirs alone.

    `on_fallback` is told, in one line, of a form that could not be run. `close` ends and removes everything.
    Bound to the event loop that it is used in.
    """

    def __init__(
        self,
        root: Path,
        folder: Path,
        *,
        environ: Mapping[str, str],
        timeout_s: float,
        on_fallback: Callable[[str], None],
    ) -> None:
        self._root = root
        self._folder = folder
        self._environ = environ
        self._timeout_s = timeout_s
        self._on_fallback = on_fallback
        self._daemons: dict[str, MypyDaemon] = {}
        self._given_up: dict[str, str] = {}
        self._first_runs: dict[str, asyncio.Task[None]] = {}
        self._folder_is_ours = False

    async def form_of(self, command: CheckCommand) -> CheckCommand | str:
        """The command to run instead, ready to be asked; or why the cold one has to be run ("": no more
        than that there is no other). Raises WarmFault when what should be ready is not."""
        if command.missing is not None:
            return ""
        if command.folder in self._given_up:
            return self._given_up[command.folder]
        if command.tsc is not None:
            return incremental_tsc(self._root, command, self._own_folder())
        if _is_mypy(command):
            return await self._of_mypy(command)
        return command.only_cold

    def begin(self, command: CheckCommand) -> None:
        """Has a daemon read the program before it is asked, while the worker still writes."""
        if _is_mypy(command) and command.missing is None and command.cwd not in self._first_runs:
            self._first_runs[command.cwd] = asyncio.ensure_future(self._first_run(command))

    def give_up(self, command: CheckCommand, why: str) -> None:
        """From now on the cold command is run in its folder: what failed once is not tried each time."""
        self._given_up[command.folder] = why
        self._on_fallback(f"{why}; the cold command is run instead: {' '.join(command.argv)}")

    async def close(self) -> None:
        """Nothing of it is left afterwards."""
        for task in self._first_runs.values():
            task.cancel()
        await asyncio.gather(*self._first_runs.values(), return_exceptions=True)
        await asyncio.gather(*(daemon.end() for daemon in self._daemons.values()))
        if self._folder_is_ours:
            shutil.rmtree(self._folder, ignore_errors=True)

    # --- mypy ---------------------------------------------------------------------------

    async def _of_mypy(self, command: CheckCommand) -> CheckCommand | str:
        if first := self._first_runs.get(command.cwd):
            # Cancelled is this check alone: the daemon goes on with what it has begun.
            await asyncio.wait([first])
        daemon = self._daemon(command.cwd)
        why_not = await daemon.why_not()
        if why_not is not None:
            return why_not
        await daemon.ensure_started()
        return daemon.client(command)

    def _daemon(self, folder: str) -> MypyDaemon:
        if folder not in self._daemons:
            file = self._own_folder() / f"dmypy-{len(self._daemons)}.json"
            self._daemons[folder] = MypyDaemon(self._root, folder, file, self._environ)
        return self._daemons[folder]

    async def _first_run(self, command: CheckCommand) -> None:
        """What goes wrong here goes wrong again when the check itself is run: there it is told."""
        daemon = self._daemon(command.cwd)
        if await daemon.why_not() is not None:
            return
        try:
            await daemon.ensure_started()
        except WarmFault:
            return
        client = daemon.client(command)
        program = find_program("dmypy", self._root, self._environ, inside=client.cwd)
        if program is not None:
            argv = (program, *client.argv[1:])
            cwd = self._root / client.cwd
            await run_process(argv, cwd, environ=self._environ, timeout_s=self._timeout_s)

    def _own_folder(self) -> Path:
        """Empty at first: an earlier process may have been killed while it wrote there."""
        if not self._folder_is_ours:
            try:
                if self._folder.exists() or self._folder.is_symlink():
                    shutil.rmtree(self._folder)  # refuses a link
                self._folder.mkdir(parents=True)
            except OSError as fault:
                raise WarmFault(f"{self._folder}: {fault.strerror or fault}") from None
            self._folder_is_ours = True
        return self._folder


def _is_mypy(command: CheckCommand) -> bool:
    return command.checker == "python" and command.argv[0] == "mypy"
