"""The index of one journal: pages of records with the folded state behind each, and a tail without.

It is made as the journal is read, kept beside it where that can be, and never trusted over it: the bytes of a
page have to be those that it was made of. Whatever does not fit makes the whole index void, and it is made
again.
"""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from core import __version__
from core.events import Record
from core.history import History
from core.index_places import index_places
from core.index_tail import Tail
from core.journal import FILE_NAME, Header, JournalFault, header_of_line, record_of
from core.journal_file import is_torn
from core.journal_scan import LONGEST_LINE
from core.page_store import VERSION, Page, PageStore, StaleIndex
from core.recording import Mark
from core.run_state import RunState
from core.state_snapshot import dump_snapshot, load_snapshot

FAULTS = (StaleIndex, sqlite3.Error, OSError)


class JournalIndex:
    """`read_on` takes in more of the journal. `damage` is one line once a bad one was met; what stands before
    it is whole. `begun` counts how often it was begun: what was read for an earlier one is void. One thread
    at a time may use it. `places`: where its file may be, the best one first."""

    def __init__(self, path: Path, header: Header, header_bytes: int, places: tuple[Path, ...] = ()) -> None:
        self.path = path
        self.header = header
        self.damage = ""
        self.pages: list[Page] = []
        self._places = places
        self._header_bytes = header_bytes
        self._store: PageStore | None = None
        self._is_behind = True
        self.begun = 1
        self._unchecked: list[Page] = []
        self.tail = self._beginning()
        self._find()

    @property
    def length(self) -> int:
        return self.tail.last

    @property
    def indexed(self) -> float:
        """The share of the journal that was read: 1 also where the rest of it is torn, or damaged."""
        return min(self.tail.end / max(self.path.stat().st_size, 1), 1.0) if self._is_behind else 1.0

    @property
    def unkept(self) -> int:
        """How many records are in no page."""
        return self.tail.last - self.tail.first + 1

    @property
    def store(self) -> PageStore:
        """Where the pages are."""
        assert self._store is not None, "there are pages"
        return self._store

    # --- reading on ---------------------------------------------------------------------

    def read_on(self, budget_s: float) -> bool:
        """Reads what follows for about so long. Whether there is more that it did not come to."""
        self._is_behind = self._read_lines(budget_s)
        return self._is_behind

    def _read_lines(self, budget_s: float) -> bool:
        until: float | None = None
        self.damage = ""
        with self.path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < self.tail.end:
                self._forget()
            file.seek(self.tail.end)
            for line in self._lines(file):
                behind = self.tail.end + len(line)
                self._take(line)
                if self.damage:
                    return False
                # The first record may wait for the decoder to be made: that does not count.
                until = until or time.monotonic() + budget_s
                began_again = self.tail.end != behind
                if began_again or time.monotonic() >= until:
                    return True
        return False

    def _lines(self, file: BinaryIO) -> Iterator[bytes]:
        """Whole ones. The last one may be half written, or torn: it is not there yet."""
        while line := file.readline(LONGEST_LINE + 1):
            if not line.endswith(b"\n") and len(line) > LONGEST_LINE:
                where = f"{self.path}:{self.tail.last + 2}"
                self.damage = f"{where}: longer than {LONGEST_LINE // 1024 // 1024} MB; not a record"
                return
            if is_torn(line) and not file.peek(1):  # type: ignore[attr-defined]
                return
            yield line

    def _take(self, line: bytes) -> None:
        try:
            record = record_of(line, self.path, self.tail.last + 1, self.header)
        except JournalFault as fault:
            self.damage = str(fault)
            return
        self.tail.take(record, line)
        if self.tail.is_full:
            self.turn_page()

    def turn_page(self) -> None:
        """Makes a page of the tail. Where the file can't be written it goes on in one that nobody sees."""
        if not self.unkept:
            return
        try:
            if self._store is None:
                self._store = self._new_store()
            snapshot = dump_snapshot(self.tail.state, self.tail.marks, self.store)
            page, rows = self.tail.page()
            self.store.add(page, snapshot, rows)
            self.pages.append(page)
            self.tail = Tail(page.last, page.end, *load_snapshot(snapshot, self.store))
        except (sqlite3.Error, OSError):
            self._places = ()
            self._forget()
        except StaleIndex:
            self._store = None
            self._forget()
            self._find()

    def _new_store(self) -> PageStore:
        for place in self._places:
            try:
                return PageStore.create(place, self._identity())
            except (sqlite3.Error, OSError):
                continue
        return PageStore.create(None, self._identity())

    # --- what is there already ----------------------------------------------------------

    def _identity(self) -> str:
        """Of the journal's file, not of its content: a run's folder that was copied brings no index along."""
        with self.path.open("rb") as file:
            first = sha256(file.read(self._header_bytes)).hexdigest()
        return f"{VERSION} {__version__} {self.path.stat().st_ino} {first}"

    def _find(self) -> None:
        for place in self._places:
            store = PageStore.open(place, self._identity())
            if store is None:
                continue
            try:
                self._adopt(store)
                return
            except (*FAULTS, ValueError):
                store.close()
                self._forget()

    def _adopt(self, store: PageStore) -> None:
        pages = store.pages()
        if not pages:
            raise StaleIndex("it has no page")
        before = (0, self._header_bytes)
        for page in pages:
            if (page.first - 1, page.start) != before:
                raise StaleIndex(f"a page is missing before record {page.first}")
            before = (page.last, page.end)
        if self.path.stat().st_size < pages[-1].end:
            raise StaleIndex("the journal is shorter")
        self._store, self.pages = store, pages
        self.lines(pages[-1])
        if self.path.stat().st_mtime_ns > store.written_ns():
            self._unchecked = pages[:-1]
        self.tail = Tail(pages[-1].last, pages[-1].end, *self.after(pages[-1]))

    def _forget(self) -> None:
        """Begins again. The file is not closed: a state that somebody holds may have blocks in it."""
        self._store, self.pages, self._unchecked, self.damage = None, [], [], ""
        self.begun += 1
        self._is_behind = True
        self.tail = self._beginning()

    def _beginning(self) -> Tail:
        return Tail(0, self._header_bytes, RunState(), History())

    # --- looking ------------------------------------------------------------------------

    def page_of(self, seq: int) -> Page | None:
        """The page of a record, or of the state after it; None: it is in the tail."""
        at = bisect_left(self.pages, seq, key=lambda page: page.last)
        return self.pages[at] if at < len(self.pages) else None

    def before(self, seq: int) -> tuple[RunState, int]:
        """The state that the page of a record begins with, and the record that it is after."""
        at = bisect_left(self.pages, seq, key=lambda page: page.last)
        if at == 0:
            return RunState(), 0
        return self.after(self.pages[at - 1])[0], self.pages[at - 1].last

    def after(self, page: Page) -> tuple[RunState, History[Mark]]:
        """The state and the marks after a page."""
        try:
            return load_snapshot(self.store.snapshot(page), self.store)
        except ValueError as fault:
            raise StaleIndex(f"the snapshot after record {page.last} is damaged") from fault

    def lines(self, page: Page | None) -> list[bytes]:
        """Those of the records of a page, or of the tail. StaleIndex where they are others by now."""
        start, end, crc = (self.tail.start, self.tail.end, self.tail.crc) if page is None else _bounds(page)
        with self.path.open("rb") as file:
            file.seek(start)
            data = file.read(end - start)
        if zlib.crc32(data) != crc:
            raise StaleIndex(f"{self.path}: its bytes {start} to {end} have changed")
        return [line + b"\n" for line in data.split(b"\n")[:-1]]

    def record(self, line: bytes, seq: int) -> Record:
        return record_of(line, self.path, seq, self.header)

    # --- where records are --------------------------------------------------------------

    def conversations(self, chunk: int) -> list[int]:
        """Where those for the chunk start. It has several where it was not opened in the first."""
        earlier = self._store.conversations(chunk) if self._store else []
        return [*earlier, *(at for at, of in self.tail.conversations if of == chunk)]

    def conversation_after(self, seq: int) -> int | None:
        """The start of the next conversation, whatever it is for."""
        found = self._store.conversation_after(seq) if self._store else None
        return found or next((at for at, _ in self.tail.conversations if at > seq), None)

    def touches(self, chunk: int) -> list[int]:
        """The records about the chunk in conversations that are for others."""
        earlier = self._store.touches(chunk) if self._store else []
        return [*earlier, *(at for of, at in self.tail.touches if of == chunk)]

    def questions(self, request_id: str) -> list[int]:
        """The records about a decision."""
        earlier = self._store.questions(request_id) if self._store else []
        return [*earlier, *(at for of, at in self.tail.questions if of == request_id)]

    @property
    def is_checked(self) -> bool:
        """Whether each page's bytes were looked at, where the journal was written to since the last page."""
        return not self._unchecked

    def check_on(self, budget_s: float) -> None:
        """Looks at more of them. StaleIndex where some are others by now: what is behind them rests on what
        is not there any more."""
        until = time.monotonic() + budget_s
        while self._unchecked and time.monotonic() < until:
            self.lines(self._unchecked.pop())

    def make_again(self, length: int) -> None:
        """As far as it went, of the journal as it is now."""
        for place in self._places:
            with suppress(OSError):
                place.unlink(missing_ok=True)
        self._forget()
        while self.tail.last < length and self.read_on(1.0):
            pass

    def close(self) -> None:
        if self._store is not None:
            self._store.close()


def _bounds(page: Page) -> tuple[int, int, int]:
    return page.start, page.end, page.crc


def open_index(place: Path) -> JournalIndex:
    """Of the same, as it is on disk; nothing is read on. Raises JournalFault."""
    path = place / FILE_NAME if place.is_dir() else place
    try:
        with path.open("rb") as file:
            line = file.readline()
    except OSError as fault:
        raise JournalFault(f"{path}: {fault.strerror}") from None
    return JournalIndex(path, header_of_line(path, line), len(line), index_places(path))
