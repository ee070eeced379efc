"""A bare BACKEND-LOG.md of any origin as a Recording: the same fold and the same panels show it (SPEC 12).

Opening it takes one scan for chunk headings. Its chunks are read one after the other, a long log's in the
background, and again when somebody looks at them: their places, their marks and some states are kept.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NoReturn

from core.blobs import BlobFault
from core.chunk_records import stream_of
from core.domain import Sha
from core.events import Record
from core.fold import apply, fold
from core.history import WIDTH, History
from core.log_units import LogUnits
from core.logs.log_document import read_document
from core.recording import Mark
from core.run_state import ChunkState, Entry, RunState, changed
from core.story import InputFault
from core.timeline import mark_of

AT_ONCE = 1024 * 1024
"""A log of up to so many bytes is read as a whole when it is opened."""
MAX_BYTES = 256 * 1024 * 1024
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Record n is at n seconds from here: a log has no times, these only order its records."""
LONGEST_ENTRY = 200_000
APART = 4 * WIDTH
"""So many units lie between two states that are kept."""


def open_log(path: Path) -> LogRecording:
    """The recording of a log file. InputFault, one line, for what can't be read."""
    try:
        if not path.is_file():
            raise InputFault(f"{path}: {'not a file' if path.exists() else 'no such file'}")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputFault(f"{path}: can't be read: {error.strerror or error}") from None
    if len(data) > MAX_BYTES:
        raise InputFault(f"{path}: bigger than {MAX_BYTES // (1024 * 1024)} MiB")
    return LogRecording(path, data)


class LogRecording:
    """See core.recording.Recording. A log is never damaged: what is not understood is in it all the same."""

    timed = False
    damage = ""

    def __init__(self, path: Path, data: bytes) -> None:
        self.title = path.name
        self.root = path.resolve().parent
        self._units = LogUnits(path, read_document(data))
        self.run_id = self._units.run_id
        self._records_of = lru_cache(maxsize=2 * APART)(self._make_records)
        self._ends: list[int] = []  # the last record of each unit
        self._marks: list[Mark] = []
        self._snapshots: list[RunState] = [RunState()]  # after every APART units
        self._closed = threading.Event()
        indexing = self._index()
        if len(data) <= AT_ONCE:
            for _ in indexing:
                pass
        else:
            for _ in islice(indexing, 2 if self._units.size(1) <= AT_ONCE else 1):
                pass  # the start, and the first chunk
            threading.Thread(target=self._index_on, args=(indexing,), name="log-index", daemon=True).start()

    # --- indexing -----------------------------------------------------------------------

    def _index_on(self, indexing: Iterator[None]) -> None:
        while not self._closed.is_set() and next(indexing, self) is None:
            pass

    def _index(self) -> Iterator[None]:
        """Reads one unit a step. What it adds, it adds at the end, `_ends` last: readers need no lock."""
        state = RunState()
        for unit in range(len(self._units)):
            records = self._records_of(unit)
            for record in records:
                state = apply(state, record)
                if mark := mark_of(record):
                    self._marks.append(mark)
            if (unit + 1) % APART == 0:
                state = self._slim(state)
                self._snapshots.append(state)
            self._ends.append(records[-1].seq)
            yield

    def _slim(self, state: RunState) -> RunState:
        """The same state, its earlier chunks read again from the log when somebody looks at them."""
        blocks = [
            block if isinstance(block, _Block) else _Block(self, place * WIDTH + 1)
            for place, block in enumerate(state.chunks.blocks)
        ]
        return changed(state, chunks=History.of(blocks, state.chunks.tail))

    def _make_records(self, unit: int) -> tuple[Record, ...]:
        first = self._ends[unit - 1] + 1 if unit else 1
        return tuple(
            Record(seq=seq, run_id=self.run_id, at=_time_of(seq), event=event)
            for seq, event in enumerate(self._units.events(unit), start=first)
        )

    def chunk_state(self, chunk: int) -> ChunkState:
        """A chunk as it stands at its end, without its stream."""
        records = (*self._records_of(0), *self._records_of(chunk))
        found = fold(list(records)).chunk_numbered(chunk)
        assert found is not None, "its records begin with it"
        return changed(found, entries=History())

    # --- the protocol -------------------------------------------------------------------

    @property
    def length(self) -> int:
        return self._ends[-1]

    @property
    def indexed(self) -> float:
        return len(self._ends) / len(self._units)

    def record(self, seq: int) -> Record:
        if not 1 <= seq <= self.length:
            raise IndexError(f"record {seq} of {self.length}")
        unit = self._unit_of(seq)
        records = self._records_of(unit)
        return records[seq - records[0].seq]

    def records(self, first: int = 1, last: int | None = None) -> Iterator[Record]:
        first, last = max(first, 1), self.length if last is None else min(last, self.length)
        if first > last:
            return
        for unit in range(self._unit_of(first), self._unit_of(last) + 1):
            yield from (record for record in self._records_of(unit) if first <= record.seq <= last)

    def state_at(self, seq: int) -> RunState:
        if seq <= 0:
            return self._snapshots[0]
        seq = min(seq, self.length)
        state = self._snapshots[self._unit_of(seq) // APART]
        for record in self.records(state.seq + 1, seq):
            state = apply(state, record)
        return state

    def entries(self, chunk: int, seq: int) -> tuple[Entry, ...]:
        return tuple(stream_of(self.chunk_records(chunk, seq), chunk))

    def chunk_records(self, chunk: int, seq: int) -> Sequence[Record]:
        first = self._records_of(0)[:1]
        if not self._units.is_chunk(chunk) or chunk >= len(self._ends):
            return first
        records = self._records_of(chunk)
        if self._units.is_last(chunk) and chunk + 1 < len(self._ends):
            records += self._records_of(chunk + 1)
        return (*first, *(record for record in records if record.seq <= seq))

    def log_entry(self, chunk: int, seq: int) -> str:
        """What the log itself says of the chunk, as it was written."""
        if len(self.chunk_records(chunk, seq)) < 2:
            return ""
        text = self._units.text(chunk).strip("\n")
        if len(text) <= LONGEST_ENTRY:
            return text
        return f"{text[:LONGEST_ENTRY]}\n… {len(text) - LONGEST_ENTRY:,} more characters are in {self.title}"

    def marks(self) -> Sequence[Mark]:
        length = self.length
        return tuple(mark for mark in self._marks if mark.seq <= length)

    def seq_at(self, when: datetime) -> int:
        return min(max(int((when - EPOCH) / timedelta(seconds=1)), 0), self.length)

    def blob(self, sha: Sha) -> NoReturn:
        raise BlobFault(f"{self.title} is a log: it has no contents of files")

    def close(self) -> None:
        self._closed.set()

    def _unit_of(self, seq: int) -> int:
        return bisect_right(self._ends, seq - 1)


class _Block:
    """WIDTH chunks of a log from `first` on, read when they are looked at (a core.history.KeptBlock)."""

    __slots__ = ("first", "recording")

    def __init__(self, recording: LogRecording, first: int) -> None:
        self.recording = recording
        self.first = first

    def items(self) -> tuple[ChunkState, ...]:
        return tuple(self.recording.chunk_state(n) for n in range(self.first, self.first + WIDTH))


def _time_of(seq: int) -> datetime:
    return EPOCH + timedelta(seconds=seq)
