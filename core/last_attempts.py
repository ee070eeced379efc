"""What becomes of a chunk whose fixes have all failed: with a person there it is theirs to say (SPEC 7)."""

from __future__ import annotations

from collections.abc import Iterable

from core import events as ev
from core.run_state import ChunkState
from core.stream import Stream
from core.supervision import Supervision

OPTIONS = (
    ("again", "Let the worker try once more (say how, if you like)"),
    ("edited", "I have edited the files: check them again"),
    ("revert", "Revert the chunk, and let the worker go on from there"),
    ("stop", "Stop and write BLOCKERS.md"),
)
MOST_LINES = 20


class LastAttempts:
    """Everything is read from the records, so a choice that was made holds after a crash, too."""

    def __init__(self, stream: Stream, supervision: Supervision) -> None:
        self._stream = stream
        self._supervision = supervision

    def granted(self, chunk: ChunkState, since: int) -> tuple[ev.InputResolved, ...]:
        """The attempts that were granted beyond the usual ones, in rounds after `since`."""
        return tuple(
            choice
            for round_ in range(since + 1, chunk.round + 1)
            for choice in self._made(chunk.number, round_)
            if choice.option == "again"
        )

    async def choose(self, chunk: ChunkState, attempt: int, problems: list[str]) -> ev.InputResolved | None:
        """What the supervisor wants done now; None when nobody is there to say it."""
        standing = self._standing(chunk)
        if standing is not None:
            return standing
        shown = problems[:MOST_LINES]
        if len(problems) > MOST_LINES:
            shown.append(f"and {len(problems) - MOST_LINES} more lines")
        answer = await self._supervision.ask(
            "attempts",
            f"{_prefix(chunk.number, chunk.round)}{len(self._made(chunk.number, chunk.round)) + 1}",
            f"Chunk {chunk.number} does not pass after {attempt} fix attempts",
            "\n".join(shown),
            OPTIONS,
            chunk=chunk.number,
        )
        return None if answer is None else self._made(chunk.number, chunk.round)[-1]

    def _standing(self, chunk: ChunkState) -> ev.InputResolved | None:
        """A choice that an earlier process recorded and did not carry out. A stop is asked again."""
        for record in reversed(self._stream.records):
            event = record.event
            if isinstance(event, ev.RulesChecked | ev.CheckFinished | ev.ChunkClosed):
                break
            if isinstance(event, ev.InputResolved) and event in self._made(chunk.number, chunk.round):
                return None if event.option == "stop" else event
        return None

    def _made(self, chunk: int, round_: int) -> list[ev.InputResolved]:
        events = (record.event for record in self._stream.records)
        prefix = _prefix(chunk, round_)
        return [e for e in events if isinstance(e, ev.InputResolved) and e.request_id.startswith(prefix)]


def _prefix(chunk: int, round_: int | str) -> str:
    return f"attempts:{chunk}:{round_}:"


def reverted_words(chunk: ChunkState, records: Iterable[ev.Record]) -> str:
    """What the worker is told in its next conversation of a chunk that was taken back, and by whom."""
    by, why = "the supervisor", ""
    for event in (record.event for record in records):
        if isinstance(event, ev.ReviewResolved) and event.chunk == chunk.number:
            by, why = event.by, event.comment or "no reason given"
        elif isinstance(event, ev.InputResolved) and event.request_id.startswith(f"attempts:{chunk.number}:"):
            by, why = event.by, event.text or "it did not pass after its fix attempts"
    what = f"Chunk {chunk.number} ({chunk.name}) was reverted by {by}: {why}."
    return f"{what} Its files are as they were before it."
