"""The one event stream: numbered, journaled, then fanned out.

Required sinks (the journal, the log files) come first and synchronously: when one fails,
the run stops, loudly. Observers have bounded queues; one that lags catches up from the
records by `seq` and only loses live deltas (ARCHITECTURE, "One stream").
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

from core.events import Delta, Event, Record
from core.fold import apply
from core.index_keeper import IndexKeeper
from core.journal import Journal
from core.redaction import Redactor
from core.run_state import RunState

MOST_WAITING_DELTAS = 10_000


def utc_now() -> datetime:
    return datetime.now(UTC)


class Stream:
    """Numbers events, makes them durable, folds them and tells whoever watches."""

    def __init__(
        self,
        journal: Journal,
        records: list[Record],
        state: RunState,
        *,
        now: Callable[[], datetime] = utc_now,
        redactor: Redactor | None = None,
    ) -> None:
        self.state = state
        self.records = records
        self._journal = journal
        self.now = now
        self.redactor = redactor or Redactor()
        self._sinks: list[Callable[[Record], None]] = []
        self._watchers: list[Watcher] = []
        self._later: deque[Event] = deque()
        self._index = IndexKeeper(journal.folder)

    @property
    def run_id(self) -> str:
        return self._journal.header.run_id

    @property
    def folder(self) -> Path:
        return self._journal.folder

    def add_sink(self, sink: Callable[[Record], None]) -> None:
        """A required sink: called for each record after the journal; its failure is the run's."""
        self._sinks.append(sink)

    def emit(self, event: Event) -> Record:
        """Durable in the journal, and in the state, when it returns; without the secrets in it."""
        event = self.redactor.event(event)
        record = Record(seq=self._journal.next_seq, run_id=self.run_id, at=self.now(), event=event)
        self._journal.append(record)
        self._index.grew(record.seq)
        self.records.append(record)
        # What is shown before the first record is a preview, and no part of what the journal says.
        self.state = apply(self.state if record.seq > 1 else RunState(), record)
        for sink in self._sinks:
            sink(record)
        for watcher in self._watchers:
            watcher.wake()
        while self._later:
            self.emit(self._later.popleft())
        return record

    def emit_later(self, event: Event) -> None:
        """For sinks: an event that comes right after the record that is being handled."""
        self._later.append(event)

    def tell(self, delta: Delta) -> None:
        """Live-only: to the observers, never to disk."""
        for watcher in self._watchers:
            watcher.offer(delta)

    def watch(self) -> Watcher:
        """Everything from now on. Records are never dropped; deltas are, if nobody takes them."""
        watcher = Watcher(self.records)
        self._watchers.append(watcher)
        return watcher

    def close(self) -> None:
        for watcher in self._watchers:
            watcher.end()
        self._index.close()
        self._journal.close()


class Watcher(AsyncIterator[Record | Delta]):
    """An observer's view of the stream: records by position, deltas by a bounded queue."""

    def __init__(self, records: list[Record]) -> None:
        self._records = records
        self._next = len(records)
        self._deltas: deque[tuple[int, Delta]] = deque(maxlen=MOST_WAITING_DELTAS)
        self._woken = asyncio.Event()
        self._ended = False

    def offer(self, delta: Delta) -> None:
        self._deltas.append((len(self._records), delta))
        self._woken.set()

    def wake(self) -> None:
        self._woken.set()

    def end(self) -> None:
        self._ended = True
        self._woken.set()

    async def __anext__(self) -> Record | Delta:
        while True:
            item = self._take()
            if item is not None:
                return item
            if self._ended:
                raise StopAsyncIteration
            self._woken.clear()
            await self._woken.wait()

    def _take(self) -> Record | Delta | None:
        """The next item in order: a delta goes before the records that came after it."""
        if self._deltas and self._deltas[0][0] <= self._next:
            return self._deltas.popleft()[1]
        if self._next < len(self._records):
            self._next += 1
            return self._records[self._next - 1]
        return None
