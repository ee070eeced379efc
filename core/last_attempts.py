"""What becomes of a chunk, or of the run's end, whose fixes have all failed: with a person there it is theirs
to say (SPEC 7)."""

from __future__ import annotations

from collections.abc import Iterable

from core import events as ev
from core.run_state import ChunkState
from core.stream import Stream
from core.supervision import Supervision

AGAIN = ("again", "Let the worker try once more (say how, if you like)")
EDITED = ("edited", "I have edited the files: check them again")
STOP = ("stop", "Stop and write BLOCKERS.md")
MOST_LINES = 20


class LastAttempts:
    """Everything is read from the records, so a choice that was made holds after a crash, too.

    `number` is the chunk's, 0 for the check at the run's end; `round_` says what was checked: the chunk's
    round, or which of the completion reports.
    """

    def __init__(self, stream: Stream, supervision: Supervision) -> None:
        self._stream = stream
        self._supervision = supervision

    def granted(self, number: int, rounds: range) -> tuple[ev.InputResolved, ...]:
        """The attempts that were granted beyond the usual ones in these rounds."""
        return tuple(
            choice for round_ in rounds for choice in self._made(number, round_) if choice.option == "again"
        )

    async def choose(
        self,
        number: int,
        round_: int,
        title: str,
        problems: list[str],
        *,
        back: str = "",
        anew: bool = False,
    ) -> ev.InputResolved | None:
        """What the supervisor wants done now: `again`, `edited`, `revert` (where `back` says what that is) or
        `stop`; None when nobody is there to say it. `anew`: what they chose before can't be done."""
        standing = None if anew else self._standing(number, round_)
        if standing is not None:
            return standing
        shown = problems[:MOST_LINES]
        if len(problems) > MOST_LINES:
            shown.append(f"and {len(problems) - MOST_LINES} more lines")
        return await self._supervision.ask(
            "attempts",
            f"{_prefix(number, round_)}{len(self._made(number, round_)) + 1}",
            title,
            "\n".join(shown),
            (AGAIN, EDITED, *((("revert", back),) if back else ()), STOP),
            chunk=number,
        )

    def _standing(self, number: int, round_: int) -> ev.InputResolved | None:
        """A choice that was recorded and not carried out. A stop was when the run has ended since."""
        ended = False
        for event in (record.event for record in reversed(self._stream.records)):
            if isinstance(event, ev.RulesChecked | ev.CheckFinished | ev.ChunkClosed | ev.ChunkUndone):
                break
            ended = ended or isinstance(event, ev.RunFinished)
            if isinstance(event, ev.InputResolved) and event in self._made(number, round_):
                return None if ended and event.option == "stop" else event
        return None

    def _made(self, number: int, round_: int) -> list[ev.InputResolved]:
        events = (record.event for record in self._stream.records)
        prefix = _prefix(number, round_)
        return [e for e in events if isinstance(e, ev.InputResolved) and e.request_id.startswith(prefix)]


def _prefix(number: int, round_: int) -> str:
    return f"attempts:{number}:{round_}:"


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
