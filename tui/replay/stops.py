"""Where a step of one chunk leads: in a run to a chunk's beginning, from which it is played; in a log without
times to its end, since a chunk is one entry of it and the whole of it is worth a look."""

from __future__ import annotations

from core.events import ConversationStarted
from core.recording import Recording
from tui.replay.marks import MarkIndex


class ChunkStops:
    def __init__(self, recording: Recording, marks: MarkIndex) -> None:
        self._recording = recording
        self._marks = marks

    def after(self, seq: int) -> int | None:
        """The next stop behind record `seq`."""
        if self._recording.timed:
            return self._marks.chunk_after(seq)
        here = self._marks.chunk_before(seq + 1)
        if here is not None and (end := self._end(here)) > seq:
            return end
        following = self._marks.chunk_after(seq)
        return self._end(following) if following is not None else None

    def before(self, seq: int) -> int | None:
        """The last stop before record `seq`."""
        if self._recording.timed:
            return self._marks.chunk_before(seq)
        here = self._marks.chunk_before(seq + 1)
        if here is not None and (end := self._end(here)) < seq:
            return end
        earlier = self._marks.chunk_before(here) if here is not None else None
        return self._end(earlier) if earlier is not None else None

    def of(self, number: int) -> int | None:
        start = self._marks.chunk_start(number)
        return start if start is None or self._recording.timed else self._end(start)

    def _end(self, start: int) -> int:
        """The last record of the chunk that begins at `start`; the last chunk has all that follows it."""
        following = self._marks.chunk_after(start)
        end = following - 1 if following is not None else self._recording.length
        while end > start and isinstance(self._recording.record(end).event, ConversationStarted):
            end -= 1
        return end
