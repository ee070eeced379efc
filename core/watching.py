"""A live run followed from another process: its journal is read as it grows, and nothing else is done to it.

No lock is taken, so any number may watch. The death of the process that drives the run is noticed and said;
the watch goes on when another one takes the run up.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from core.commands import Command, CommandRefused
from core.events import Delta, Record
from core.journal import FILE_NAME
from core.journal_recording import JournalRecording, open_recording
from core.recorded_view import RecordedView
from core.run_process import Driven, driven
from core.story import InputFault

PAUSE_S = 0.25
"""The journal is watched, and looked at this often anyway: not every file system tells."""
PROCESS_S = 1.0
GATHER_MS = 50
AT_ONCE = 500
READ = 0.99
"""From this share on a journal that grows counts as read: there is always a line that has just come."""
BLOCK = 1024 * 1024


class WholeLines:
    """The whole lines of a journal that another process appends to; constant work for each new one.

    Raises InputFault, one line, when the file is gone, is another one, or lost lines that were read.
    """

    def __init__(self, path: Path, *, from_end: bool = False) -> None:
        self.path = path
        try:
            self._file = path.open("rb")
        except OSError as fault:
            raise InputFault(f"{path}: {fault.strerror}") from None
        self._to = _end_of_lines(self._file.fileno()) if from_end else 0

    def read(self, most: int = AT_ONCE) -> list[bytes]:
        """The next whole lines, at most `most`; a line without its end is not there yet."""
        self._refuse_another_file()
        # Anew from the last whole line: what stood behind it may have been rolled back since.
        self._file.seek(self._to)
        lines: list[bytes] = []
        while len(lines) < most and (line := self._file.readline()).endswith(b"\n"):
            lines.append(line)
            self._to += len(line)
        return lines

    def share(self, of_file: float) -> float:
        """What a share of the file, 0 to 1, is of its whole lines; at most 1."""
        return min(of_file * os.fstat(self._file.fileno()).st_size / self._to, 1.0) if self._to else 1.0

    def changed_at(self) -> datetime:
        return datetime.fromtimestamp(os.fstat(self._file.fileno()).st_mtime, UTC)

    def close(self) -> None:
        self._file.close()

    def _refuse_another_file(self) -> None:
        known = os.fstat(self._file.fileno())
        try:
            found = os.stat(self.path)
        except OSError:
            raise InputFault(f"{self.path}: the journal was removed; there is nothing to watch") from None
        if (found.st_dev, found.st_ino) != (known.st_dev, known.st_ino):
            raise InputFault(f"{self.path}: another journal was put in its place (a repair?); watch it anew")
        if found.st_size < self._to:
            raise InputFault(f"{self.path}: the journal was cut, records that stood are gone; watch it anew")


def _end_of_lines(descriptor: int) -> int:
    """The offset behind the last end of line."""
    end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - BLOCK)
        at = os.pread(descriptor, end - start, start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


class ProcessWatch:
    """Who drives the run, looked at once in PROCESS_S. `gone_since` is None while somebody does.

    To be gone it must be missing twice: a process that takes the run up has it a moment after its lock.
    """

    def __init__(self, look: Callable[[], Driven], last_write: Callable[[], datetime]) -> None:
        self._look = look
        self._last_write = last_write
        self._looked_at = float("-inf")
        self._missing_since: datetime | None = None
        self._seen = False
        self.gone_since: datetime | None = None

    def look(self, monotonic: float) -> None:
        if monotonic - self._looked_at < PROCESS_S:
            return
        self._looked_at = monotonic
        if self._look() != "alone":
            self._seen, self._missing_since, self.gone_since = True, None, None
        elif self._missing_since is None:
            # Nobody saw it go where it was gone before: then it was alive at its last word.
            self._missing_since = datetime.now(UTC) if self._seen else self._last_write()
        else:
            self.gone_since = self._missing_since

    @property
    def words(self) -> str:
        """`the run's process is gone since 12:41` (the time of this place); "" while it lives."""
        if self.gone_since is None:
            return ""
        since = self.gone_since.astimezone()
        day = "" if since.date() == datetime.now().astimezone().date() else f"{since:%Y-%m-%d} "
        return f"the run's process is gone since {day}{since:%H:%M}"


class WatchedRun(RecordedView):
    """The run in `folder` as the screen sees it: always at its newest record, and nothing can be told to it.

    `lost` says, in one line, why nothing more can come: the journal was removed, replaced or cut.
    `read_of_it` is the share of a long journal, 0 to 1, that was read by now.
    """

    recording: JournalRecording

    def __init__(self, folder: Path) -> None:
        self._lines = WholeLines(folder / FILE_NAME, from_end=True)
        recording = open_recording(folder)
        super().__init__(recording)
        self.process = ProcessWatch(lambda: driven(folder, recording.header.story_id), self._lines.changed_at)
        self.lost = ""
        self.read_of_it = self._lines.share(recording.indexed)
        self._folder = folder

    @property
    def note(self) -> str:
        """What a watcher should know beside the run's state: how to act, who is gone, the end. One line."""
        return watch_words(self)

    async def watch(self) -> AsyncIterator[Record | Delta]:
        """New records until the journal is lost; the end of the run is not the end: it may be taken up.

        Where many come at once, as they do while a long journal is still being read, only the last AT_ONCE.
        """
        async with aclosing(growth(self._folder)) as looks:
            async for _ in looks:
                try:
                    grew = self._grew()
                except (InputFault, OSError) as fault:
                    self.lost = str(fault)
                    return
                for seq in grew[-AT_ONCE:]:
                    yield self.recording.record(seq)
                self.process.look(asyncio.get_running_loop().time())

    def _grew(self) -> range:
        """The numbers of the records that came."""
        before = self.seq
        while self._lines.read():
            pass
        self.recording.refresh()
        self.read_of_it = self._lines.share(self.recording.indexed)
        if self.recording.length > before:
            self.go_to(self.recording.length)
        return range(before + 1, self.seq + 1)

    def submit(self, command: Command) -> None:
        raise CommandRefused(self.how_to_act())

    def how_to_act(self) -> str:
        """Where a watcher goes to say something, in one line."""
        if self.state.outcome is not None:
            return f"This run is only watched, and it has ended; {_after(self)}"
        waiting = self.state.pending[0].request_id if self.state.pending else ""
        answer = f", or with signoff answer {self.run_id} {waiting}" if waiting else ""
        if self.process.gone_since is not None:
            return f"This run is only watched: signoff resume {self.run_id} takes it up{answer}"
        return f"This run is only watched: act in the terminal that it runs in{_once_gone(answer)}"

    def close(self) -> None:
        self._lines.close()
        self.recording.close()


def _once_gone(answer: str) -> str:
    return f"{answer} once its process has ended" if answer else ""


def watch_words(run: WatchedRun) -> str:
    state, gone = run.state, run.process.words
    if run.read_of_it < READ:
        return f"reading the journal, {run.read_of_it:.0%}"
    if run.recording.damage:
        return f"the journal is damaged: {run.recording.damage}; it is shown up to there"
    if state.outcome is not None:
        return f"the run has ended: {_after(run)}"
    if gone and state.pending:
        return f"{gone}; it waits for an answer: signoff resume {run.run_id}, or signoff answer"
    if gone:
        return f"{gone}; signoff resume {run.run_id} goes on"
    return "read-only: act in the terminal that it runs in"


def _after(run: WatchedRun) -> str:
    replay = f"signoff replay {run.run_id} walks through it"
    return replay if run.state.outcome == "complete" else f"signoff resume {run.run_id} goes on, {replay}"


async def growth(folder: Path) -> AsyncGenerator[None, None]:
    """Comes round at once, whenever something in `folder` changes, and every PAUSE_S at the latest."""
    yield
    try:
        watchfiles = await asyncio.to_thread(_import_watchfiles)
        changes = watchfiles.awatch(
            folder,
            watch_filter=None,
            debounce=GATHER_MS,
            step=GATHER_MS // 2,
            rust_timeout=int(PAUSE_S * 1000),
            yield_on_timeout=True,
            recursive=False,
        )
        async with aclosing(changes):
            async for _ in changes:
                yield
    except (ImportError, OSError, RuntimeError):
        pass  # no watch is to be had here, or any more: look
    while True:
        await asyncio.sleep(PAUSE_S)
        yield


def _import_watchfiles() -> ModuleType:
    import watchfiles

    return watchfiles
