"""A run watched without a screen: a line per event as `--headless` has them, until the run ends."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

from core.ending import COMPLETE
from core.event_lines import line_for
from core.events import Record, RunFinished, RunResumed
from core.journal import FILE_NAME, JournalFault, decode, header_of_line
from core.run_process import Driven, driven
from core.spoken import say
from core.watching import ProcessWatch, WholeLines, growth

# Only these say whether a run has ended; of the rest of a journal that is not printed nothing is decoded.
ENDINGS = (b'"run_finished"', b'"run_resumed"')


class HeadlessWatch:
    """`write` takes a line of what happened; who drives the run is said on stderr. Constant memory.

    With `tail` only what comes from now on is written.
    """

    def __init__(self, folder: Path, *, as_json: bool, tail: bool, write: Callable[[str], None]) -> None:
        self._path = folder / FILE_NAME
        self._folder = folder
        self._as_json = as_json
        self._silent = tail
        self._write = write
        self._lines = WholeLines(self._path)
        self._number = 0
        self._finished: RunFinished | None = None
        self._version = (0, 0)
        self._story_id = ""

    async def follow(self) -> int:
        """The exit code of the run's outcome, once it has ended.

        Raises InputFault when the journal is lost, JournalFault at its damage.
        """
        process = ProcessWatch(self._driven, self._lines.changed_at)
        said = ""
        try:
            async with aclosing(growth(self._folder)) as looks:
                async for _ in looks:
                    self._catch_up()
                    if self._finished is not None:
                        return self._finished.exit_code
                    self._silent = False
                    process.look(asyncio.get_running_loop().time())
                    if process.words != said:
                        said = process.words
                        self._say(said)
        finally:
            self._lines.close()
        raise AssertionError("the looks never end")

    def _say(self, gone: str) -> None:
        run = self._folder.name
        say(f"watch: {gone}; signoff resume {run} goes on" if gone else f"watch: {run} goes on")

    def _driven(self) -> Driven:
        return driven(self._folder, self._story_id)

    def _catch_up(self) -> None:
        while lines := self._lines.read():
            for line in lines:
                self._number += 1
                if self._number == 1:
                    header = header_of_line(self._path, line)
                    self._version, self._story_id = header.version, header.story_id
                else:
                    self._take(line)

    def _take(self, line: bytes) -> None:
        if self._silent and not any(ending in line for ending in ENDINGS):
            return
        where = f"{self._path}:{self._number}"
        record = decode(line, where, self._version)
        if record.seq != self._number - 1:
            raise JournalFault(f"{where}: record {record.seq} where {self._number - 1} is due")
        match record.event:
            case RunFinished():
                self._finished = record.event
            case RunResumed():
                self._finished = None
            case _:
                pass
        if not self._silent:
            self._print(line, record)

    def _print(self, line: bytes, record: Record) -> None:
        """With `as_json` the line as it stands: a newer version's fields and events too."""
        text = line.decode("utf-8").rstrip("\n") if self._as_json else line_for(record)
        if text is not None:
            self._write(text)


def watch_headless(folder: Path, *, as_json: bool, tail: bool) -> int:
    """Ctrl-C, SIGTERM and SIGHUP end the watch with 128 and their number; the run is not touched."""

    def write(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    async def until_told() -> int:
        watch = asyncio.ensure_future(HeadlessWatch(folder, as_json=as_json, tail=tail, write=write).follow())
        told = COMPLETE

        def stop(number: int) -> None:
            nonlocal told
            told = 128 + number
            watch.cancel()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
        try:
            return await watch
        except asyncio.CancelledError:
            return told

    return asyncio.run(until_told())
