"""A run's journal as a Recording: readable up to its damage, whoever wrote it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from core.blobs import Blobs
from core.chunk_records import records_of_chunk, stream_of
from core.chunk_view import log_entry
from core.events import Record
from core.fold import apply
from core.journal import FILE_NAME, Header, JournalFault, decode, header_of_line
from core.recording import Mark
from core.run_state import Entry, RunState
from core.timeline import mark_of


class JournalRecording:
    """`refresh` takes in what was appended since. See core.recording.Recording."""

    timed = True

    def __init__(self, path: Path, header: Header, header_bytes: int) -> None:
        self.path = path
        self.header = header
        self.run_id = header.run_id
        self.title = header.run_id
        self.root = _workspace_of(path)
        self._blobs = Blobs(path.parent / "blobs")
        self._damage = ""
        self._read_to = header_bytes
        self._records: list[Record] = []
        self._states: list[RunState] = [RunState()]
        self._marks: list[Mark] = []
        self.refresh()

    def refresh(self) -> bool:
        """Reads on where it ended; True when there was more. A line without its end is not there yet."""
        before = self.length
        with self.path.open("rb") as file:
            file.seek(self._read_to)
            for line in file:
                if self._damage or not line.endswith(b"\n"):
                    break
                self._take(line)
        return self.length > before

    def _take(self, line: bytes) -> None:
        where = f"{self.path}:{self.length + 2}"
        try:
            record = decode(line, where)
        except JournalFault as fault:
            self._damage = str(fault)
            return
        if record.seq != self.length + 1:
            self._damage = f"{where}: record {record.seq} where {self.length + 1} is due"
            return
        self._read_to += len(line)
        self._records.append(record)
        self._states.append(apply(self._states[-1], record))
        mark = mark_of(record)
        if mark is not None:
            self._marks.append(mark)

    @property
    def length(self) -> int:
        return len(self._records)

    @property
    def indexed(self) -> float:
        return 1.0

    @property
    def damage(self) -> str:
        return self._damage

    def record(self, seq: int) -> Record:
        if not 1 <= seq <= self.length:
            raise IndexError(f"record {seq} of {self.length}")
        return self._records[seq - 1]

    def records(self, first: int = 1, last: int | None = None) -> Iterator[Record]:
        yield from self._records[max(first, 1) - 1 : last]

    def state_at(self, seq: int) -> RunState:
        return self._states[seq]

    def entries(self, chunk: int, seq: int) -> Sequence[Entry]:
        return stream_of(self.chunk_records(chunk, seq), chunk)

    def chunk_records(self, chunk: int, seq: int) -> Sequence[Record]:
        first = self._records[:1]
        return (*first, *(r for r in records_of_chunk(self._records[:seq], chunk) if r.seq > 1))

    def log_entry(self, chunk: int, seq: int) -> str:
        return log_entry(self._records[:seq], chunk, self.blob)

    def marks(self) -> Sequence[Mark]:
        return tuple(self._marks)

    def seq_at(self, when: datetime) -> int:
        return bisect_right(self._records, when, key=lambda record: record.at)

    def blob(self, sha: str) -> bytes:
        return self._blobs.get(sha)

    def close(self) -> None:
        pass


def open_recording(place: Path) -> JournalRecording:
    """The journal at `place`: the file, or the run's folder that it is in.

    Raises JournalFault, one line, for what is not a journal, or one of a newer major version.
    """
    path = place / FILE_NAME if place.is_dir() else place
    try:
        with path.open("rb") as file:
            line = file.readline()
    except OSError as fault:
        raise JournalFault(f"{path}: {fault.strerror}") from None
    return JournalRecording(path, header_of_line(path, line), len(line))


def _workspace_of(path: Path) -> Path:
    """The workspace that the run is of, where its folder is at its place; else that folder."""
    folder = path.resolve().parent
    runs = folder.parent
    return runs.parent.parent if (runs.name, runs.parent.name) == ("runs", ".signoff") else folder
