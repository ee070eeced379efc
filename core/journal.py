"""One append-only JSONL file per run: the only truth about it.

The first line names the format version. Every further line is a `Record`. A record is
acknowledged after `write` + `fdatasync`; a torn last line is cut off when the journal is
opened for writing; a failed write is rolled back and never retried (RELIABILITY).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, make_dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from core.atomic_file import sync_data, sync_folder
from core.domain import value
from core.events import Record, UnknownEvent
from core.journal_file import cut_torn_line, is_torn, roll_back

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = "signoff-journal"
VERSION = (1, 2)
FILE_NAME = "journal.jsonl"


class JournalFault(Exception):
    """The journal cannot be read or written. One line: file, line number, what is wrong."""


@value
class Header:
    """The first line: format, version, run and workspace-relative story folder."""

    run_id: str
    story_id: str
    story_folder: str
    format: str = FORMAT
    version: tuple[int, int] = VERSION


@cache
def _records() -> TypeAdapter[Record]:
    from pydantic import TypeAdapter

    return TypeAdapter(Record)


@cache
def _lines() -> TypeAdapter[Any]:
    """What a Record is read by. Told by its `type` an event is read as what it is; to try all fifty takes
    sixty times as long."""
    from pydantic import Discriminator, TypeAdapter

    from core.events import Event

    tagged = Annotated[Event, Discriminator("type")]
    fields = [("seq", int), ("run_id", str), ("at", datetime), ("event", tagged)]
    return TypeAdapter(make_dataclass("Line", fields, frozen=True, slots=True))


def _record(line: Any) -> Record:
    return Record(seq=line.seq, run_id=line.run_id, at=line.at, event=line.event)


@cache
def _headers() -> TypeAdapter[Header]:
    from pydantic import TypeAdapter

    return TypeAdapter(Header)


def encode_header(header: Header) -> bytes:
    # Not pydantic: a run's first frame should not wait for it.
    return json.dumps(asdict(header)).encode() + b"\n"


def encode(record: Record) -> bytes:
    """One line, newline included."""
    if isinstance(record.event, UnknownEvent):
        raise JournalFault(f"record {record.seq}: an unknown event is kept where it is, never written again")
    return _records().dump_json(record) + b"\n"


def decode(line: bytes, where: str, version: tuple[int, int] = VERSION) -> Record:
    """The record of a line. An event of a newer minor version comes back as UnknownEvent; in a journal of a
    newer `version` also one whose name is known and whose shape is not."""
    from pydantic import ValidationError

    try:
        return _record(_lines().validate_json(line))
    except ValidationError as fault:
        return _decode_unknown(line, where, str(fault).splitlines()[0], newer=version > VERSION)


def _decode_unknown(line: bytes, where: str, problem: str, *, newer: bool) -> Record:
    from pydantic import ValidationError

    from core.events import Event

    try:
        raw: dict[str, Any] = json.loads(line)
        event = raw["event"]
        name = event["type"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise JournalFault(f"{where}: not a record ({problem})") from None
    known = {t.__dataclass_fields__["type"].default for t in Event.__args__}
    if not isinstance(name, str) or (name in known and not newer):
        raise JournalFault(f"{where}: not a valid {name} record ({problem})")
    data = {k: v for k, v in event.items() if k != "type"}
    raw["event"] = {"type": "unknown", "name": name, "data": data}
    try:
        return _record(_lines().validate_python(raw, strict=False))
    except ValidationError as fault:
        raise JournalFault(f"{where}: not a record ({str(fault).splitlines()[0]})") from None


class Journal:
    """The journal of one run, open for appending by exactly one process."""

    def __init__(self, folder: Path, header: Header, next_seq: int, descriptor: int) -> None:
        self.folder = folder
        self.path = folder / FILE_NAME
        self.header = header
        self._next_seq = next_seq
        self._descriptor = descriptor
        self._broken: str | None = None

    @classmethod
    def create(cls, folder: Path, header: Header) -> Journal:
        folder.mkdir(parents=True, exist_ok=False)
        path = folder / FILE_NAME
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        _hold(descriptor, path)
        journal = cls(folder, header, next_seq=1, descriptor=descriptor)
        journal._write(encode_header(header))
        # `.signoff/runs/<run id>`: the folders may be new, or a killed process may have made them before.
        for parent in (folder, *folder.parents[:3]):
            sync_folder(parent)
        return journal

    @classmethod
    def open(cls, folder: Path) -> tuple[Journal, list[Record]]:
        """Opens for appending: cuts off a torn last line, and gives the records that stand."""
        path = folder / FILE_NAME
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
        except OSError as fault:
            raise JournalFault(f"{path}: {fault.strerror}") from None
        _hold(descriptor, path)
        cut_torn_line(descriptor)
        header, records = read(folder)
        if header.version[0] != VERSION[0] or header.version > VERSION:
            os.close(descriptor)
            raise JournalFault(
                f"{path}: written by a newer Signoff (format {header.version[0]}.{header.version[1]}); "
                "it can be read but not continued"
            )
        return cls(folder, header, next_seq=len(records) + 1, descriptor=descriptor), records

    @property
    def next_seq(self) -> int:
        return self._next_seq

    def append(self, record: Record) -> None:
        """Durable when it returns. Raises JournalFault, after which nothing more is written."""
        if record.seq != self._next_seq:
            raise JournalFault(f"{self.path}: record {record.seq} where {self._next_seq} is due")
        self._write(encode(record))
        self._next_seq += 1

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _write(self, line: bytes) -> None:
        if self._broken:
            raise JournalFault(self._broken)
        start = os.fstat(self._descriptor).st_size
        try:
            left = memoryview(line)
            while left:
                left = left[os.write(self._descriptor, left) :]
            sync_data(self._descriptor)
        except OSError as fault:
            # After a failed fsync the page cache may lie about what is on disk: never try again.
            self._broken = f"{self.path}: cannot write: {fault.strerror}"
            roll_back(self._descriptor, start)
            raise JournalFault(self._broken) from None


def read(folder: Path) -> tuple[Header, list[Record]]:
    """All whole records. A torn last line is left out; anything else wrong is a JournalFault."""
    lines = _whole_lines(folder / FILE_NAME)
    header = header_of_line(folder / FILE_NAME, next(lines, None))
    return header, list(_numbered(folder / FILE_NAME, lines, header.version))


def read_header(folder: Path) -> Header:
    return header_of_line(folder / FILE_NAME, next(_whole_lines(folder / FILE_NAME), None))


def record_of(line: bytes, path: Path, seq: int, header: Header) -> Record:
    """Record `seq` of that journal, which this line is to be. JournalFault names the line otherwise."""
    where = f"{path}:{seq + 1}"
    record = decode(line, where, header.version)
    if record.seq != seq:
        raise JournalFault(f"{where}: record {record.seq} where {seq} is due")
    if record.run_id != header.run_id:
        raise JournalFault(f"{where}: a record of run {record.run_id!r} in {header.run_id!r}")
    return record


def _numbered(path: Path, lines: Iterator[bytes], version: tuple[int, int]) -> Iterator[Record]:
    for number, line in enumerate(lines, start=2):
        record = decode(line, f"{path}:{number}", version)
        if record.seq != number - 1:
            raise JournalFault(f"{path}:{number}: record {record.seq} where {number - 1} is due")
        yield record


def _whole_lines(path: Path) -> Iterator[bytes]:
    """Without a torn last one."""
    try:
        with path.open("rb") as file:
            last = b""
            for line in file:
                if last:
                    yield last
                last = line
            if last and not is_torn(last):
                yield last
    except OSError as fault:
        raise JournalFault(f"{path}: {fault.strerror}") from None


def header_of_line(path: Path, line: bytes | None) -> Header:
    """The header that a journal's first line is. JournalFault for another file, or a newer major version."""
    from pydantic import ValidationError

    if not line:
        raise JournalFault(f"{path}:1: the journal is empty; its first line should name the format")
    try:
        header = _headers().validate_json(line)
    except ValidationError:
        raise JournalFault(f"{path}:1: not a journal: its first line does not name the format") from None
    if header.format != FORMAT:
        raise JournalFault(f"{path}:1: not a journal of Signoff (format {header.format!r})")
    if header.version[0] > VERSION[0]:
        raise JournalFault(f"{path}:1: format {header.version[0]}.{header.version[1]} needs a newer Signoff")
    return header


def _hold(descriptor: int, path: Path) -> None:
    """One writer: held for as long as the descriptor is open, given up by the kernel on any death."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise JournalFault(f"{path}: another process is writing this run") from None
