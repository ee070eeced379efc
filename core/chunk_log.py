"""What a run's log file says of one chunk, without going through the whole run.

The log is a fold of all records, but what stands in a chunk's part of it rests on little that is earlier:
which chunks had their entry by then, and what was counted. So the fold begins where the chunk before began
that has an entry: from that on it is known which heading the end of the file stands under.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from core import events as ev
from core.chunk_records import request_of
from core.events import Record
from core.logs.backend_log import BackendLog
from core.run_state import RunState


class Findable(Protocol):
    """A recording that knows where the records of a chunk are (core.journal_recording)."""

    def record(self, seq: int) -> Record: ...
    def records(self, first: int = 1, last: int | None = None) -> Iterator[Record]: ...
    def state_at(self, seq: int) -> RunState: ...
    def blob(self, sha: str) -> bytes: ...
    def conversations(self, chunk: int, seq: int) -> list[tuple[int, int]]: ...
    def touches(self, chunk: int, seq: int) -> list[int]: ...
    def questions(self, request_id: str, seq: int) -> list[int]: ...


def chunk_log(recording: Findable, chunk: int, seq: int) -> str:
    """The same as `core.chunk_view.log_entry` gives of all records up to `seq`."""
    conversations = recording.conversations(chunk, seq)
    ends = conversations[-1][1] if conversations else 0
    later = [n for n in recording.touches(chunk, seq) if n > ends]
    undone = [(n, n) for n in later if isinstance(recording.record(n).event, ev.ChunkUndone)]
    pieces = (_appended(recording, chunk, first, last) for first, last in (*conversations, *undone))
    return "".join(pieces).strip("\n")


def _appended(recording: Findable, chunk: int, first: int, last: int) -> str:
    """What the records from `first` to `last` append for the chunk."""
    log = _log(recording)
    if log is None:
        return ""
    start = _start(recording, first)
    known, settled = set[str](), set[str]()
    ends_run = False
    for record in recording.records(start, last):
        request_id = request_of(record.event)
        (known if isinstance(record.event, ev.DecisionRequested) else settled).add(request_id)
        ends_run = ends_run or isinstance(record.event, ev.RunFinished)
    for request_id in settled - known - {""}:
        _apply_all(
            log, (recording.record(n) for n in recording.questions(request_id, start - 1)), questions=True
        )
    if start > 1:
        before = recording.state_at(start - 1)
        if ends_run:
            _apply_all(log, _of_unclosed(recording, before, start - 1))
        log.goes_on_from(before)
    text = ""
    for record in recording.records(start, last):
        piece = log.apply(record)
        of = record.event.chunk if isinstance(record.event, ev.ChunkUndone) else chunk
        text += piece if record.seq >= first and of == chunk else ""
    return text


def _log(recording: Findable) -> BackendLog | None:
    started = next(recording.records(1, 1), None)
    if started is None or not isinstance(started.event, ev.RunStarted):
        return None
    return BackendLog(b"", started.event, recording.blob)


def _start(recording: Findable, first: int) -> int:
    """Where the last conversation before `first` starts whose chunk was closed by then, or the run does."""
    state = recording.state_at(first - 1)
    closed = next((c for c in reversed(state.chunks) if c.round > 0), None)
    conversations = recording.conversations(closed.number, first - 1) if closed is not None else []
    return conversations[-1][0] if conversations else 1


def _of_unclosed(recording: Findable, state: RunState, seq: int) -> Iterator[Record]:
    """The records of chunks without an entry: the end of the log names them."""
    for chunk in state.chunks:
        if chunk.round == 0:
            for first, last in recording.conversations(chunk.number, seq):
                yield from recording.records(first, last)


def _apply_all(log: BackendLog, records: Iterator[Record], *, questions: bool = False) -> None:
    for record in records:
        if not questions or isinstance(record.event, ev.DecisionRequested | ev.DecisionRetiered):
            log.apply(record)
