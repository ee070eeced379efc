"""The file of a journal's index: pages with their snapshots, blocks, and where records of a chunk are.

An SQLite database beside the journal. It is a cache and nothing else: it may be deleted at any time, a
process may die while it writes, and one that is not ours or not of this very journal is not read.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain import value
from core.history import KeptBlock

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION = 1
MOST_BLOCKS = 256
SCHEMA = """
CREATE TABLE meta (identity TEXT NOT NULL, made TEXT NOT NULL);
CREATE TABLE pages (last INTEGER PRIMARY KEY, first INTEGER, start INTEGER, end INTEGER, crc INTEGER,
                    earliest INTEGER, snapshot BLOB);
CREATE TABLE blocks (key INTEGER PRIMARY KEY, data BLOB);
CREATE TABLE conversations (seq INTEGER PRIMARY KEY, chunk INTEGER);
CREATE INDEX conversations_of ON conversations (chunk, seq);
CREATE TABLE touches (chunk INTEGER, seq INTEGER, PRIMARY KEY (chunk, seq)) WITHOUT ROWID;
CREATE TABLE questions (request TEXT, seq INTEGER, PRIMARY KEY (request, seq)) WITHOUT ROWID;
"""


class StaleIndex(Exception):
    """What the index says is not so: it is of no use any more."""


@value
class Page:
    """Records `first` to `last`, the bytes `start` to `end` of the journal, whose checksum is `crc`.
    `earliest` is the earliest of their times, in microseconds since 1970."""

    first: int
    last: int
    start: int
    end: int
    crc: int
    earliest: int


@value
class PageRows:
    """Where to find what is about a chunk: (seq, chunk) of each conversation's start, (chunk, seq) of records
    about another chunk than the conversation is, (request id, seq) of a decision's records."""

    conversations: tuple[tuple[int, int], ...] = ()
    touches: tuple[tuple[int, int], ...] = ()
    questions: tuple[tuple[str, int], ...] = ()


class StoredBlock(KeptBlock[Any]):
    __slots__ = ("_adapter", "_store", "key")

    def __init__(self, store: PageStore, key: int, adapter: TypeAdapter[Any]) -> None:
        self._store = store
        self.key = key
        self._adapter = adapter

    def is_in(self, store: PageStore) -> bool:
        return self._store is store

    def items(self) -> tuple[Any, ...]:
        return self._store.items(self.key, self._adapter)


class PageStore:
    """A snapshot's store (core.state_snapshot). Any method raises StaleIndex or sqlite3.Error where the file
    is not what it was. Blocks may be asked for by any thread, the rest by one at a time. `path` None: a file
    that nobody else sees, for as long as the process lives."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._database: sqlite3.Connection | None = None
        self._loaded: OrderedDict[int, tuple[Any, ...]] = OrderedDict()
        self._parts: dict[int, Any] = {}
        self._blocks: dict[int, StoredBlock] = {}
        self._new: dict[int, bytes] = {}
        self._next_key = 0
        self._made = ""
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path, identity: str) -> PageStore | None:
        """The one that is there; None where there is none of that journal, and of this user's."""
        try:
            if os.lstat(path).st_uid != os.geteuid():
                return None
            store = cls(path)
            found, store._made = store._ask("SELECT identity, made FROM meta", ()).fetchone()
            if found != identity:
                return None
            (highest,) = store._ask("SELECT max(key) FROM blocks", ()).fetchone()
            store._next_key = (highest or 0) + 1
        except (OSError, sqlite3.Error, TypeError, ValueError):
            return None
        return store

    @classmethod
    def create(cls, path: Path | None, identity: str) -> PageStore:
        """A new one, in place of what is there. Raises OSError or sqlite3.Error."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            for left in (path, path.with_name(f"{path.name}-journal")):
                left.unlink(missing_ok=True)
        store = cls(path)
        store._connection().executescript(SCHEMA)
        store._made = secrets.token_hex(8)
        store._ask("INSERT INTO meta VALUES (?, ?)", (identity, store._made))
        store._next_key = 1
        return store

    def close(self) -> None:
        """It is opened again by the next question; one that nobody else could open stays open."""
        if self._database is not None and self.path is not None:
            self._database.close()
            self._database = None

    def written_ns(self) -> int:
        """When it was written to last, in nanoseconds since 1970."""
        assert self.path is not None, "one of a file"
        return self.path.stat().st_mtime_ns

    # --- pages --------------------------------------------------------------------------

    def pages(self) -> list[Page]:
        rows = self._ask("SELECT first, last, start, end, crc, earliest FROM pages ORDER BY last", ())
        return [
            Page(first=first, last=last, start=start, end=end, crc=crc, earliest=earliest)
            for first, last, start, end, crc, earliest in rows
        ]

    def add(self, page: Page, snapshot: bytes, rows: PageRows) -> None:
        """The page, with the blocks that were kept since the last one. StaleIndex when another process wrote
        a page meanwhile."""
        with self._lock:
            self._add(page, snapshot, rows)

    def _add(self, page: Page, snapshot: bytes, rows: PageRows) -> None:
        database = self._connection()
        database.execute("BEGIN IMMEDIATE")
        try:
            (last,) = database.execute("SELECT max(last) FROM pages").fetchone()
            if (last or 0) != page.first - 1:
                raise StaleIndex("another process goes on with it")
            database.executemany("INSERT INTO blocks VALUES (?, ?)", self._new.items())
            database.executemany("INSERT INTO conversations VALUES (?, ?)", rows.conversations)
            database.executemany("INSERT OR IGNORE INTO touches VALUES (?, ?)", rows.touches)
            database.executemany("INSERT OR IGNORE INTO questions VALUES (?, ?)", rows.questions)
            of_page = (page.last, page.first, page.start, page.end, page.crc, page.earliest)
            database.execute(
                "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?)", (*of_page, zlib.compress(snapshot, 1))
            )
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        self._new.clear()

    def snapshot(self, page: Page) -> bytes:
        """The state after the page."""
        return self._bytes("SELECT snapshot FROM pages WHERE last = ?", page.last)

    # --- where records are --------------------------------------------------------------

    def conversations(self, chunk: int) -> list[int]:
        asked = "SELECT seq FROM conversations WHERE chunk = ? ORDER BY seq"
        return [seq for (seq,) in self._ask(asked, (chunk,))]

    def conversation_after(self, seq: int) -> int | None:
        (found,) = self._ask("SELECT min(seq) FROM conversations WHERE seq > ?", (seq,)).fetchone()
        return found if found is None else int(found)

    def touches(self, chunk: int) -> list[int]:
        return [seq for (seq,) in self._ask("SELECT seq FROM touches WHERE chunk = ? ORDER BY seq", (chunk,))]

    def questions(self, request_id: str) -> list[int]:
        asked = "SELECT seq FROM questions WHERE request = ? ORDER BY seq"
        return [seq for (seq,) in self._ask(asked, (request_id,))]

    # --- blocks and parts ---------------------------------------------------------------

    def keep(self, block: tuple[Any, ...] | KeptBlock[Any], adapter: TypeAdapter[Any]) -> int:
        if isinstance(block, StoredBlock) and block.is_in(self):
            return block.key
        items = block if isinstance(block, tuple) else block.items()
        data = adapter.dump_json(items, context=self)
        with self._lock:
            key = self._put(data)
            self._remember(key, items)
        return key

    def kept(self, key: int, adapter: TypeAdapter[Any]) -> StoredBlock:
        found = self._blocks.get(key)
        if found is None:
            found = self._blocks[key] = StoredBlock(self, key, adapter)
        return found

    def items(self, key: int, adapter: TypeAdapter[Any]) -> tuple[Any, ...]:
        with self._lock:
            found = self._loaded.get(key)
            if found is None:
                found = self._read(key, adapter)
            self._remember(key, found)
            return found

    def keep_part(self, part: object, adapter: TypeAdapter[Any]) -> int | None:
        if part is None:
            return None
        known = next((key for key, kept in self._parts.items() if kept is part), None)
        if known is None:
            known = self._put(adapter.dump_json((part,)))
            self._parts[known] = part
        return known

    def part(self, key: int | None, adapter: TypeAdapter[Any]) -> Any:
        if key is not None and key not in self._parts:
            (self._parts[key],) = self._read(key, adapter)
        return None if key is None else self._parts[key]

    def _put(self, data: bytes) -> int:
        key, self._next_key = self._next_key, self._next_key + 1
        self._new[key] = zlib.compress(data, 1)
        return key

    def _read(self, key: int, adapter: TypeAdapter[Any]) -> Any:
        new = self._new.get(key)
        data = (
            self._bytes("SELECT data FROM blocks WHERE key = ?", key) if new is None else zlib.decompress(new)
        )
        try:
            return adapter.validate_json(data, context=self)
        except ValueError as fault:
            raise StaleIndex(f"block {key} is damaged") from fault

    def _remember(self, key: int, items: tuple[Any, ...]) -> None:
        self._loaded[key] = items
        self._loaded.move_to_end(key)
        if len(self._loaded) > MOST_BLOCKS:
            self._loaded.popitem(last=False)

    # --- the database -------------------------------------------------------------------

    def _bytes(self, asked: str, key: int) -> bytes:
        row = self._ask(asked, (key,)).fetchone()
        try:
            return zlib.decompress(row[0])
        except (TypeError, zlib.error) as fault:
            raise StaleIndex(f"{self.path}: {key} is missing or damaged") from fault

    def _ask(self, asked: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        return self._connection().execute(asked, values)

    def _connection(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = sqlite3.connect(
                "" if self.path is None else self.path,
                timeout=1,
                isolation_level=None,
                check_same_thread=False,
            )
            # What a loss of power does to it is found out, and the journal is there to make it again.
            self._database.execute("PRAGMA synchronous = OFF")
            self._database.execute("PRAGMA trusted_schema = OFF")
            if self._made and self._database.execute("SELECT made FROM meta").fetchone() != (self._made,):
                raise StaleIndex(f"{self.path}: it was made again")
        return self._database
