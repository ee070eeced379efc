"""`journal repair`: what can be done for a damaged journal without inventing anything.

A torn last line is cut off. Where a line in the middle is damaged, what stands before it becomes the journal;
the whole original goes aside and is never deleted. A blob that is gone can't be made again: it is named.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

from core.blobs import Blobs
from core.domain import JsonObject, value
from core.events import RunFinished, RunStarted
from core.journal import FILE_NAME, VERSION, Header, JournalFault, decode, read_header
from core.journal_prefix import place_aside, put_prefix, set_aside
from core.journal_scan import JournalScan, whole_lines_after
from core.lost_records import LostRecords, lost_records
from core.named_blobs import BlobCheck, BlobProblem
from core.story import InputFault
from core.story_lock import StoryLock
from core.untrusted import visible

Action: TypeAlias = Literal["nothing", "cut the torn line", "cut back"]
SHOWN_BLOBS = 10


@value
class Repair:
    """What a repair does, or did (`done`). `records` stand, in `kept_lines` lines that end at byte `kept`;
    `torn` counts the bytes of a torn last line. `header` is set where line 1 is written again from record 1.
    """

    folder: Path
    action: Action
    records: int
    kept_lines: int
    kept: int
    torn: int = 0
    problem: str = ""
    header: Header | None = None
    lost: LostRecords | None = None
    ended: bool = False
    blob_problems: tuple[BlobProblem, ...] = ()
    bad_blobs: int = 0
    aside: str = ""
    done: bool = False

    @property
    def whole(self) -> bool:
        """Whether `journal verify` finds nothing wrong now."""
        return (self.action != "cut back" or self.done) and not self.bad_blobs

    @property
    def shown(self) -> str:
        lines = (*self._journal_lines(), *self._blob_lines(), *self._end_lines())
        return "\n".join(visible(line, keep_newlines=False) for line in lines)

    def _journal_lines(self) -> Iterator[str]:
        if self.action == "nothing":
            yield f"whole: {self.records} records; no line of the journal needs a repair"
            return
        cut = "were" if self.done else "would be"
        if self.action == "cut the torn line":
            yield f"a torn last line: {self.torn} bytes that were never acknowledged {cut} cut off"
            yield f"kept: {self.records} records"
            return
        yield f"damaged: {self.problem}"
        yield f"kept: lines 1 to {self.kept_lines}, {self.records} records"
        if self.header is not None:
            yield f"line 1, the header, {'was' if self.done else 'would be'} written again from record 1"
        if self.lost is not None:
            yield from self.lost.lines()
        yield f"the whole original {'is' if self.done else 'would be'} {self.folder / self.aside}"

    def _blob_lines(self) -> Iterator[str]:
        yield from (problem.shown for problem in self.blob_problems[:SHOWN_BLOBS])
        if self.bad_blobs > SHOWN_BLOBS:
            yield f"and {self.bad_blobs - SHOWN_BLOBS} more blobs"
        if self.bad_blobs:
            yield "a blob can't be made again: put its file back from a copy of the run's folder"

    def _end_lines(self) -> Iterator[str]:
        if self.action == "nothing":
            return
        if not self.done:
            yield "nothing is changed yet: --yes does it"
            return
        yield "done: every line of the journal is a record now"
        if self.action == "cut the torn line":
            return
        if self.lost is not None and self.lost.changes:
            yield "files that the lost records changed stay as they are: look at them before you go on"
        if not self.records:
            yield "nothing of the run is left to go on with: start the story again"
        elif not self.ended:
            yield f"the run counts as interrupted: signoff resume {self.folder.name}"

    def to_json(self) -> JsonObject:
        return {
            "action": self.action,
            "done": self.done,
            "whole": self.whole,
            "problem": self.problem or None,
            "records_kept": self.records,
            "lines_kept": self.kept_lines,
            "torn_bytes": self.torn,
            "header_written_again": self.header is not None,
            "lost": self.lost.to_json() if self.lost else None,
            "set_aside": self.aside or None,
            "run_ended": self.ended,
            "bad_blobs": [problem.to_json() for problem in self.blob_problems],
        }


def repair(folder: Path, *, do_it: bool) -> Repair:
    """Looks at the run in `folder`, and repairs its journal when `do_it`.

    Raises InputFault while a process has the journal or the story, and for a journal of a newer major
    version; JournalFault and OSError for what the disk does.
    """
    with _held(folder / FILE_NAME) as descriptor:
        plan = _plan(folder)
        if not do_it or plan.action == "nothing":
            return plan
        with _story_of(folder, plan):
            _act(plan, descriptor)
        return replace(plan, done=True)


@contextmanager
def _held(path: Path) -> Iterator[int]:
    """The journal as its one writer holds it: nobody appends meanwhile."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as fault:
        raise JournalFault(f"{path}: {fault.strerror}") from None
    try:
        _lock(descriptor, path)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputFault(f"{path}: a process is writing this run; stop it first") from None


@contextmanager
def _story_of(folder: Path, plan: Repair) -> Iterator[None]:
    """The lock that a resuming process takes first: it would open the file that goes aside."""
    story_id = (plan.header or read_header(folder)).story_id
    lock = StoryLock(folder.resolve().parents[1] / "locks", story_id, folder.name)
    try:
        yield
    finally:
        lock.release()


# --- what is to be done -----------------------------------------------------------------


def _plan(folder: Path) -> Repair:
    path = folder / FILE_NAME
    _refuse_newer(path)
    scan, check, ended = _scanned(folder, None)
    header = _header_of_record(path) if scan.count == 0 and scan.problem else None
    if header is not None:
        scan, check, ended = _scanned(folder, header)
    plan = Repair(
        folder=folder,
        action=_action(scan, header),
        records=scan.count,
        kept_lines=scan.kept_lines,
        kept=scan.kept,
        torn=scan.torn,
        problem=scan.problem or (f"{path}:1: not the header of this run" if header else ""),
        header=header,
        ended=ended,
        blob_problems=tuple(check.problems),
        bad_blobs=check.bad,
    )
    if plan.action != "cut back":
        return plan
    lost = lost_records(scan) if scan.problem else None
    return replace(plan, aside=place_aside(path).name, lost=lost)


def _action(scan: JournalScan, header: Header | None) -> Action:
    if scan.problem and scan.kept_lines == 0:
        raise InputFault(f"{scan.problem}; no record stands that it could be made again from")
    if scan.problem or header is not None:
        return "cut back"
    return "cut the torn line" if scan.torn else "nothing"


def _scanned(folder: Path, header: Header | None) -> tuple[JournalScan, BlobCheck, bool]:
    """The third: whether the run has ended, as far as it stands."""
    scan, check = JournalScan(folder / FILE_NAME, header), BlobCheck(Blobs(folder / "blobs").get)
    ended = False
    for record in scan.records():
        check.look(record)
        ended = isinstance(record.event, RunFinished) or (ended and record.event.type != "run_resumed")
    return scan, check, ended


def _refuse_newer(path: Path) -> None:
    """What this version can't read it can't call damaged."""
    first = next(whole_lines_after(path, 0), b"")
    with suppress(ValueError, KeyError, TypeError, IndexError, RecursionError):
        if (major := json.loads(first)["version"][0]) > VERSION[0]:
            raise InputFault(f"{path}:1: format {major} needs a newer Signoff; nothing was looked at")


def _header_of_record(path: Path) -> Header | None:
    """The header that record 1 tells, where line 1 is damaged: all that it says, the record says too."""
    lines = whole_lines_after(path, 0)
    next(lines, None)
    try:
        record = decode(next(lines, b""), f"{path}:2")
    except JournalFault:
        return None
    event = record.event
    if not isinstance(event, RunStarted) or record.run_id != path.resolve().parent.name:
        return None
    return Header(run_id=record.run_id, story_id=event.story.id, story_folder=event.story.folder)


def _act(plan: Repair, descriptor: int) -> None:
    if plan.action == "cut the torn line":
        os.ftruncate(descriptor, plan.kept)
        os.fsync(descriptor)
        return
    path = plan.folder / FILE_NAME
    set_aside(path, plan.folder / plan.aside)
    put_prefix(path, plan.kept, plan.header)
