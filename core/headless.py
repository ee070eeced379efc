"""A run without a screen: a line per event, and the exit code of SPEC 11."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from core.commands import Stop
from core.event_lines import line_for
from core.events import Record, RunFinished
from core.session import Run
from core.stream import Watcher


async def drive_headless(run: Run, *, as_json: bool, write: Callable[[str], None]) -> RunFinished:
    """Drives `run` to its end. Ctrl-C (and SIGTERM, SIGHUP) stops it so that it can be resumed."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, run.submit, Stop(when="now", by="signal"))
    watcher = run.watch()
    printing = asyncio.ensure_future(_print(watcher, as_json, write))
    try:
        return await run.drive()
    finally:
        await printing
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)


async def _print(watcher: Watcher, as_json: bool, write: Callable[[str], None]) -> None:
    from core.journal import encode

    async for item in watcher:
        if not isinstance(item, Record):
            continue
        line = encode(item).decode().rstrip("\n") if as_json else line_for(item)
        if line is not None and not _written(line, write):
            return


def _written(line: str, write: Callable[[str], None]) -> bool:
    """Whether somebody still reads: a run goes on, and ends with its own exit code, if nobody does."""
    from core.spoken import leave_stdout, one_line, say

    try:
        write(line)
    except OSError as fault:
        leave_stdout()
        if not isinstance(fault, BrokenPipeError):
            why = one_line(fault.strerror or str(fault))
            say(f"signoff: the output can't be written: {why}; the run goes on")
        return False
    return True


def run_headless(run: Run, *, as_json: bool) -> int:
    """The exit code. What people read goes to stdout, a line at a time."""

    def write(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    finished = asyncio.run(drive_headless(run, as_json=as_json, write=write))
    return finished.exit_code
