"""A run's journal as a Recording: readable up to its damage, at any place, however long it is."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from core.blobs import Blobs
from core.chunk_records import request_of, stream_of
from core.events import Record
from core.fold import apply
from core.index_tail import microseconds
from core.journal_index import FAULTS, JournalIndex, open_index
from core.page_store import Page, StaleIndex
from core.recording import Mark
from core.run_state import Entry, RunState

AT_ONCE_S = 0.15
"""So long a journal is read when it is opened; the rest of a long one without an index after that."""
SLICE_S, PAUSE_S = 0.004, 0.001
"""Behind the screen's back: read so long, then let others have their turn."""
MOST_PAGES = 3

P = ParamSpec("P")
R = TypeVar("R")


class JournalRecording:
    """`refresh` takes in what was appended since. See core.recording.Recording; any thread may ask."""

    timed = True

    def __init__(self, index: JournalIndex) -> None:
        self.path = index.path
        self.header = index.header
        self.run_id = index.header.run_id
        self.title = index.header.run_id
        self.root = _workspace_of(index.path)
        self._index = index
        self._blobs = Blobs(index.path.parent / "blobs")
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._pages: OrderedDict[tuple[int, int], _Lines] = OrderedDict()
        self._last: tuple[int, RunState] = (0, RunState())
        self._begun = index.begun
        self._reader: threading.Thread | None = None

    # --- how far it goes ----------------------------------------------------------------

    @property
    def length(self) -> int:
        return self._index.length

    @property
    def indexed(self) -> float:
        return self._index.indexed

    @property
    def damage(self) -> str:
        return self._index.damage

    def refresh(self, budget_s: float = AT_ONCE_S) -> bool:
        """Reads on; True when something came. What takes longer than the budget goes on by itself."""
        before = self.length
        with self._lock:
            more = self._index.read_on(budget_s)
        if (more or not self._index.is_checked) and self._reader is None:
            self._reader = threading.Thread(target=self._read_all, name="journal index", daemon=True)
            self._reader.start()
        return self.length != before

    def _read_all(self) -> None:
        more = True
        while more and not self._closed.is_set():
            with self._lock:
                try:
                    more = self._index.read_on(SLICE_S)
                    self._index.check_on(SLICE_S)
                    more = more or not self._index.is_checked
                except StaleIndex:
                    self._make_again()
                except OSError:
                    break  # the journal is gone
            time.sleep(PAUSE_S)
        self._reader = None

    # --- records and states -------------------------------------------------------------

    def record(self, seq: int) -> Record:
        return self._whole(self._record, seq)

    def _record(self, seq: int) -> Record:
        if not 1 <= seq <= self.length:
            raise IndexError(f"record {seq} of {self.length}")
        return self._lines_at(seq).record(seq)

    def records(self, first: int = 1, last: int | None = None) -> Iterator[Record]:
        seq = max(first, 1)
        while seq <= (end := self.length if last is None else min(last, self.length)):
            lines = self._whole(self._lines_at, seq)
            for number in range(seq, min(lines.last, end) + 1):
                yield self._index.record(lines.raw[number - lines.first], number)
            seq = lines.last + 1

    def state_at(self, seq: int) -> RunState:
        return self._whole(self._state_at, max(seq, 0))

    def _state_at(self, seq: int) -> RunState:
        seq = min(seq, self.length)
        if seq == self._index.tail.last:
            return self._index.tail.state
        page = self._index.page_of(seq)
        if page is not None and page.last == seq:
            self._last = (seq, self._index.after(page)[0])
        else:
            self._fold_to(seq)
        return self._last[1]

    def _fold_to(self, seq: int) -> None:
        lines = self._lines_at(seq) if seq else None
        at, state = self._last
        if lines is None or not lines.first <= at + 1 <= seq + 1:
            state, at = self._index.before(seq)
        for number in range(at + 1, seq + 1):
            state = apply(state, self._lines_at(seq).record(number))
        self._last = (seq, state)

    def _lines_at(self, seq: int) -> _Lines:
        page = self._index.page_of(seq)
        first = self._index.tail.first if page is None else page.first
        last = self._index.tail.last if page is None else page.last
        found = self._pages.get((first, last))
        if found is None:
            found = _Lines(self._index, page, first)
            self._pages[first, last] = found
        self._pages.move_to_end((first, last))
        while len(self._pages) > MOST_PAGES:
            self._pages.popitem(last=False)
        return found

    def _whole(self, look: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `look` gives. Where the index does not fit the journal any more it is made again first."""
        with self._lock:
            if self._begun != self._index.begun:
                self._begin_again()
            try:
                return look(*args, **kwargs)
            except FAULTS:
                self._make_again()
            return look(*args, **kwargs)

    def _make_again(self) -> None:
        self._index.make_again(self.length)
        self._begin_again()

    def _begin_again(self) -> None:
        self._begun = self._index.begun
        self._pages.clear()
        self._last = (0, RunState())

    # --- of a chunk ---------------------------------------------------------------------

    def entries(self, chunk: int, seq: int) -> Sequence[Entry]:
        return stream_of(self._about(chunk, seq), chunk)

    def chunk_records(self, chunk: int, seq: int) -> Sequence[Record]:
        first = (self.record(1),) if seq and self.length else ()
        return (*first, *(record for record in self._about(chunk, seq) if record.seq > 1))

    def _about(self, chunk: int, seq: int) -> tuple[Record, ...]:
        """What core.chunk_records gives of all records up to `seq`."""
        conversations = self.conversations(chunk, seq)
        if not conversations:
            return ()
        start, end = conversations[-1]
        found = {record.seq: record for record in self.records(start, end)}
        found |= {n: self.record(n) for n in self.touches(chunk, seq) if n > end}
        for request_id in {request_of(record.event) for record in found.values()} - {""}:
            found |= {n: self.record(n) for n in self.questions(request_id, seq) if n not in found}
        return tuple(found[n] for n in sorted(found))

    def conversations(self, chunk: int, seq: int) -> list[tuple[int, int]]:
        """The first and the last record, by then, of those for the chunk. The last one is its own."""
        starts = [n for n in self._whole(self._index.conversations, chunk) if n <= seq]
        after = [self._whole(self._index.conversation_after, n) for n in starts]
        return [(n, min(seq, (end or seq + 1) - 1)) for n, end in zip(starts, after, strict=True)]

    def touches(self, chunk: int, seq: int) -> list[int]:
        """The records about it, by then, in conversations for other chunks."""
        return [n for n in self._whole(self._index.touches, chunk) if n <= seq]

    def questions(self, request_id: str, seq: int) -> list[int]:
        """The records about a decision by then."""
        return [n for n in self._whole(self._index.questions, request_id) if n <= seq]

    def log_entry(self, chunk: int, seq: int) -> str:
        from core.chunk_log import chunk_log

        return chunk_log(self, chunk, min(seq, self.length))

    # --- the timeline -------------------------------------------------------------------

    def marks(self) -> Sequence[Mark]:
        return self._index.tail.marks

    def seq_at(self, when: datetime) -> int:
        return self._whole(self._seq_at, microseconds(when))

    def _seq_at(self, when: int) -> int:
        """A clock may go back: only in a page that has a record so early one can be found."""
        if self._index.tail.earliest <= when and (seq := self._latest(None, when)):
            return seq
        early = (page for page in reversed(self._index.pages) if page.earliest <= when)
        page = next(early, None)
        return self._latest(page, when) if page is not None else 0

    def _latest(self, page: Page | None, when: int) -> int:
        lines = self._lines_at(self.length if page is None else page.last)
        numbers = reversed(range(lines.first, lines.last + 1))
        return next((n for n in numbers if microseconds(lines.record(n).at) <= when), 0)

    def blob(self, sha: str) -> bytes:
        return self._blobs.get(sha)

    def close(self) -> None:
        """What was read of a long journal stays with it for the next time."""
        self._closed.set()
        reader = self._reader
        if reader is not None:
            reader.join()
        with self._lock:
            self._index.close()


class _Lines:
    """The lines of a page; its records are decoded as they are asked for."""

    def __init__(self, index: JournalIndex, page: Page | None, first: int) -> None:
        self.raw = index.lines(page)
        self.first = first
        self._index = index
        self._records: list[Record | None] = [None] * len(self.raw)

    @property
    def last(self) -> int:
        return self.first + len(self.raw) - 1

    def record(self, seq: int) -> Record:
        found = self._records[seq - self.first]
        if found is None:
            found = self._index.record(self.raw[seq - self.first], seq)
            self._records[seq - self.first] = found
        return found


def open_recording(place: Path) -> JournalRecording:
    """The journal at `place`: the file, or the run's folder that it is in.

    Raises JournalFault, one line, for what is not a journal, or one of a newer major version.
    """
    recording = JournalRecording(open_index(place))
    recording.refresh()
    return recording


def _workspace_of(path: Path) -> Path:
    """The workspace that the run is of, where its folder is at its place; else that folder."""
    folder = path.resolve().parent
    runs = folder.parent
    return runs.parent.parent if (runs.name, runs.parent.name) == ("runs", ".signoff") else folder
