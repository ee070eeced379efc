"""One pass over a journal, in constant memory: its records up to the first bad line, and where that is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from core.events import Record
from core.journal import Header, JournalFault, decode, header_of_line
from core.journal_file import is_torn

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes. What a record holds is bounded far below it; a longer line is damage and is not read into memory."""
BLOCK = 1024 * 1024


class JournalScan:
    """`records` gives what stands; when it has ended, `problem` names the first bad line ("": there is none).

    `kept` is the offset that the whole lines end at and `kept_lines` their number, the header's line
    included; `torn` counts the bytes of a torn last line behind them. With `header` given, line 1 is not
    judged: the records are those of that run.
    """

    def __init__(self, path: Path, header: Header | None = None) -> None:
        self.path = path
        self.header = header
        self.problem = ""
        self.kept = 0
        self.kept_lines = 0
        self.torn = 0
        self._given = header

    @property
    def bad_line(self) -> int | None:
        """The number of the first bad line, from 1."""
        return self.kept_lines + 1 if self.problem else None

    @property
    def count(self) -> int:
        """How many whole records stand."""
        return max(self.kept_lines - 1, 0)

    def records(self) -> Iterator[Record]:
        """In order. Raises JournalFault only where the file can't be read at all."""
        try:
            with self.path.open("rb") as file:
                yield from self._walk(file)
        except OSError as fault:
            raise JournalFault(f"{self.path}: {fault.strerror}") from None

    def _walk(self, file: BinaryIO) -> Iterator[Record]:
        while True:
            line, ends_at = _read_line(file)
            if not line or self._is_torn(file, line, ends_at):
                break
            record = self._judged(line)
            if self.problem:
                return
            self.kept, self.kept_lines = ends_at, self.kept_lines + 1
            if record is not None:
                yield record
        if self.kept_lines == 0:
            self.problem = f"{self.path}:1: the journal is empty; its first line should name the format"

    def _is_torn(self, file: BinaryIO, line: bytes, ends_at: int) -> bool:
        if is_torn(line) and _is_end(file):
            self.torn = ends_at - self.kept
        return self.torn > 0

    def _judged(self, line: bytes) -> Record | None:
        """The record of the line; None for the header, and for a bad line, which is then the `problem`."""
        where = f"{self.path}:{self.kept_lines + 1}"
        try:
            if len(line) > LONGEST_LINE:
                raise JournalFault(f"{where}: longer than {LONGEST_LINE // 1024 // 1024} MB; not a record")
            if self.kept_lines == 0:
                self.header = self._given or header_of_line(self.path, line)
                return None
            return self._record(line, where)
        except JournalFault as fault:
            self.problem = str(fault)
            return None

    def _record(self, line: bytes, where: str) -> Record:
        assert self.header is not None, "the first line was read"
        record = decode(line, where, self.header.version)
        if record.seq != self.kept_lines:
            raise JournalFault(f"{where}: record {record.seq} where {self.kept_lines} is due")
        if record.run_id != self.header.run_id:
            raise JournalFault(f"{where}: a record of run {record.run_id!r} in {self.header.run_id!r}")
        return record


def whole_lines_after(path: Path, offset: int) -> Iterator[bytes]:
    """The lines behind `offset`, which is the start of one; a torn last one is left out."""
    with path.open("rb") as file:
        file.seek(offset)
        while True:
            line, _ = _read_line(file)
            if not line or (is_torn(line) and _is_end(file)):
                return
            yield line


def _read_line(file: BinaryIO) -> tuple[bytes, int]:
    """The next line and the offset that it ends at. Of one that is too long only the beginning, and one byte
    more than the longest may have."""
    line = file.readline(LONGEST_LINE + 1)
    if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
        line += _skip_line(file)
    return line, file.tell()


def _skip_line(file: BinaryIO) -> bytes:
    """Goes to the end of the line. Its end of line, or nothing where the file ends before."""
    while block := file.readline(BLOCK):
        if block.endswith(b"\n"):
            return b"\n"
    return b""


def _is_end(file: BinaryIO) -> bool:
    at = file.tell()
    behind = file.read(1)
    file.seek(at)
    return not behind
