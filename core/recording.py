"""A past run as a reader walks through it: its records by number, the state at any of them.

What shows a past run (replay, ledger, compare, export, watch) is written against this and never asks where
the records come from: a journal of any length, or a log that some other tool wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from core.domain import value
from core.events import Record
from core.run_state import Entry, RunState

MarkKind: TypeAlias = Literal["chunk", "decision", "check", "failure", "review", "end"]


@value
class Mark:
    """A place on the timeline. `ok` False: a failed check, a rejected chunk, a run that did not complete."""

    seq: int
    at: datetime
    kind: MarkKind
    chunk: int
    text: str
    ok: bool = True


class Recording(Protocol):
    """Nothing of it reads the workspace. Every method may be called off the event loop.

    `title` is what the reader calls it (a run id, or a file's name). `damage` is one line, "" while the
    source is whole: a damaged one is readable up to the damage. `timed` False: the source has no times, and
    those of its records only order them.
    """

    run_id: str
    title: str
    root: Path
    timed: bool

    @property
    def length(self) -> int:
        """The number of the last record that can be shown; grows while the source grows or is indexed."""
        ...

    @property
    def indexed(self) -> float:
        """The share of the source, 0 to 1, that can be shown by now."""
        ...

    @property
    def damage(self) -> str: ...

    def record(self, seq: int) -> Record:
        """1 to `length`. Raises IndexError outside of it."""
        ...

    def records(self, first: int = 1, last: int | None = None) -> Iterator[Record]:
        """`first` to `last`, both included, in constant memory."""
        ...

    def state_at(self, seq: int) -> RunState:
        """What a live run had shown after record `seq`; 0 is the empty state."""
        ...

    def entries(self, chunk: int, seq: int) -> Sequence[Entry]:
        """The chunk's stream as it stood after record `seq`."""
        ...

    def chunk_records(self, chunk: int, seq: int) -> Sequence[Record]:
        """The records that its part of the log is made of: the run's first, and the chunk's up to `seq`."""
        ...

    def log_entry(self, chunk: int, seq: int) -> str:
        """What the run's log file said of the chunk after record `seq`, or all that the log says of it."""
        ...

    def marks(self) -> Sequence[Mark]:
        """In order, of all that can be shown by now."""
        ...

    def seq_at(self, when: datetime) -> int:
        """The last record that is not later than `when`; 0 where there is none."""
        ...

    def blob(self, sha: str) -> bytes:
        """Raises core.blobs.BlobFault."""
        ...

    def close(self) -> None: ...
