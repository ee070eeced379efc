"""The knowledge base: `.signoff/kb.sqlite`, entries with full-text search by SQLite's FTS5 (SPEC 8)."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from core.domain import JsonObject, KbEntry, value

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_NAME = "kb.sqlite"
Role: TypeAlias = Literal["pm", "dev", "qa", "all"]
ROLES: tuple[Role, ...] = ("pm", "dev", "qa", "all")
MOST_RESULTS = 50
LONGEST_CONTENT = 8_000
MOST_WORDS = 32
BUSY_S = 5.0
VERSION = 1
_SCHEMA = """
CREATE TABLE entries (
    number INTEGER PRIMARY KEY,
    content TEXT NOT NULL,
    role TEXT NOT NULL,
    entry_type TEXT NOT NULL,
    tags TEXT NOT NULL,
    source TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    added_at TEXT NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5 (
    content, tags, content='entries', content_rowid='number', tokenize='porter unicode61 remove_diacritics 2'
);
"""
_FOUND = """
SELECT number, entries.content, role, entry_type, entries.tags, source, bm25(words, 1.0, 2.0) AS distance
FROM words JOIN entries ON number = words.rowid
WHERE words MATCH ? AND (? IN ('all', role) OR role = 'all') AND (? = '' OR entry_type = ?)
ORDER BY distance, number DESC LIMIT ?
"""


class KnowledgeFault(Exception):
    """The knowledge base can't be read or written: one line that names the file."""


@value
class Lesson:
    """Something worth keeping. The same `content` for the same `role` is kept once."""

    content: str
    role: Role = "dev"
    entry_type: str = "note"
    tags: tuple[str, ...] = ()
    source: str = ""


@value
class Query:
    """What is looked for; the parameters of `kb_search`. `min_confidence` is the least relevance, 0 to 1."""

    query: str
    role: Role = "all"
    tags: tuple[str, ...] = ()
    entry_type: str = ""
    limit: int = 10
    min_confidence: float = 0.0


@value
class Found:
    """`fallback`: no entry has all the words, these have some of them. `total` counts before `limit`."""

    entries: tuple[KbEntry, ...]
    total: int
    fallback: bool
    query_time_ms: float

    def to_json(self) -> JsonObject:
        """The result of `kb_search` (SPEC 8)."""
        return {
            "results": [
                {
                    "id": entry.id,
                    "content": entry.content,
                    "role": entry.role,
                    "tags": list(entry.tags),
                    "relevance_score": round(entry.relevance, 3),
                }
                for entry in self.entries
            ],
            "metadata": {
                "total": self.total,
                "fallback_mode": self.fallback,
                "query_time_ms": round(self.query_time_ms, 1),
            },
        }


class KnowledgeBase:
    """The entries of one workspace. Every method opens the file anew: several processes may use it at once.

    All of them raise KnowledgeFault. A file that is not there is an empty knowledge base; `add` makes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, lessons: Iterable[Lesson]) -> tuple[str, ...]:
        """Keeps those that are not known yet; gives the ids of all, in order."""
        with self._open(make=True) as database, database:
            return tuple(_kept(database, lesson) for lesson in lessons)

    def search(self, query: Query) -> Found:
        """The entries that have the words of the query, best first; with some of them if none has all."""
        started = time.perf_counter()
        words = re.findall(r"\w+", query.query.casefold())[:MOST_WORDS]
        found: list[KbEntry] = []
        fallback = False
        if words and self.path.exists():
            with self._open() as database:
                found = _matching(database, words, " AND ", query)
                if not found and len(words) > 1:
                    fallback = True
                    found = _matching(database, words, " OR ", query)
        limit = max(1, min(query.limit, MOST_RESULTS))
        took = (time.perf_counter() - started) * 1_000
        return Found(entries=tuple(found[:limit]), total=len(found), fallback=fallback, query_time_ms=took)

    def count(self) -> dict[str, int]:
        """How many entries there are of each type; {} for an empty knowledge base."""
        if not self.path.exists():
            return {}
        with self._open() as database:
            rows = database.execute("SELECT entry_type, count(*) FROM entries GROUP BY 1 ORDER BY 1")
            return dict(rows.fetchall())

    @contextmanager
    def _open(self, *, make: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            self._refuse_odd_file()
            # The mode keeps a search from making a file, and a link from leading elsewhere is refused above.
            mode = "rwc" if make else "rw"
            address = f"{self.path.resolve().as_uri()}?mode={mode}"
            with closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as database:
                self._prepare(database, make=make)
                yield database
        except sqlite3.Error as fault:
            raise KnowledgeFault(f"{self.path}: {fault}") from None
        except OSError as fault:
            raise KnowledgeFault(f"{self.path}: {fault.strerror or fault}") from None

    def _refuse_odd_file(self) -> None:
        if self.path.is_symlink() or (self.path.exists() and not self.path.is_file()):
            raise KnowledgeFault(f"{self.path}: expected a file of its own")

    def _prepare(self, database: sqlite3.Connection, *, make: bool) -> None:
        """A file that came with a repository is data: no function or view of its schema is trusted."""
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA cell_size_check = ON")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if make and version == 0 and not _tables(database):
            os.chmod(self.path, 0o600)
            database.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
            return
        if version != VERSION or not {"entries", "words"} <= _tables(database) or _has_programs(database):
            raise KnowledgeFault(f"{self.path}: not a knowledge base of this version; move it aside")


def _tables(database: sqlite3.Connection) -> set[str]:
    return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _has_programs(database: sqlite3.Connection) -> bool:
    """A trigger or a view would be run by what looks like a plain read or write."""
    odd = database.execute("SELECT count(*) FROM sqlite_master WHERE type IN ('trigger', 'view')")
    return bool(odd.fetchone()[0])


def _kept(database: sqlite3.Connection, lesson: Lesson) -> str:
    content = lesson.content.strip()[:LONGEST_CONTENT]
    digest = sha256(f"{lesson.role}\0{' '.join(content.casefold().split())}".encode()).hexdigest()
    tags = " ".join(sorted({_tag(tag) for tag in lesson.tags if _tag(tag)}))
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    added = database.execute(
        "INSERT INTO entries (content, role, entry_type, tags, source, digest, added_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING",
        (content, lesson.role, lesson.entry_type, tags, lesson.source, digest, now),
    )
    (number,) = database.execute("SELECT number FROM entries WHERE digest = ?", (digest,)).fetchone()
    if added.rowcount:
        database.execute("INSERT INTO words (rowid, content, tags) VALUES (?, ?, ?)", (number, content, tags))
    return f"KB-{number}"


def _tag(tag: str) -> str:
    return re.sub(r"[^\w-]+", "-", tag.strip().casefold()).strip("-")


def _matching(
    database: sqlite3.Connection, words: Sequence[str], joined_by: str, query: Query
) -> list[KbEntry]:
    # Quoted, a word is only a word: no operator of the query language.
    expression = joined_by.join(f'"{word}"' for word in words)
    kind = query.entry_type
    rows = database.execute(_FOUND, (expression, query.role, kind, kind, 10 * MOST_RESULTS)).fetchall()
    wanted = {_tag(tag) for tag in query.tags}
    best = max((-row[-1] for row in rows), default=0.0)
    entries = [_entry(row, words, best) for row in rows]
    return [e for e in entries if e.relevance >= query.min_confidence and wanted <= set(e.tags)]


def _entry(row: tuple[int, str, str, str, str, str, float], words: Sequence[str], best: float) -> KbEntry:
    number, content, role, entry_type, tags, source, distance = row
    return KbEntry(
        id=f"KB-{number}",
        content=content,
        role=role,
        entry_type=entry_type,
        tags=tuple(tags.split()),
        relevance=_relevance(f"{content} {tags}", words, -distance / best if best > 0 else 1.0),
        source=source,
    )


def _relevance(text: str, words: Sequence[str], rank: float) -> float:
    """How many of the words are there (by their beginnings: the index stems), weighed by rank. 0 to 1."""
    text = text.casefold()
    present = sum(word[: max(4, len(word) - 3)] in text for word in words) / len(words)
    return round(min(1.0, max(0.0, present * (0.5 + 0.5 * rank))), 3)
