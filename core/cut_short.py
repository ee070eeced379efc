"""A run whose process died while the run was ending: the end that it had come to is recorded first of all.

So its log says what it would have said, and the process that takes the run up goes on from there. A decision
that nobody could take is not among them: it waits, and ends a run again if there still is nobody.
"""

from __future__ import annotations

from core import events as ev
from core.domain import RunOutcome
from core.ending import NEEDS_DECISION, NEEDS_FIX, OVER_BUDGET, STOPPED
from core.stream import Stream

EXIT_CODES = {"worker": NEEDS_DECISION, "check": NEEDS_FIX, "rule": NEEDS_FIX, "budget": OVER_BUDGET}


def finish_ending(stream: Stream) -> None:
    """Journals what is missing of an ending that was begun; nothing where none was."""
    for event in (record.event for record in reversed(stream.records)):
        match event:
            case ev.RunFinished() | ev.RunResumed():
                return
            case ev.BlockerRaised(request_id=None):
                _finish_chunk(stream, event)
                return _finish(stream, "blocked", event.reason, EXIT_CODES[event.kind])
            case ev.ReviewResolved(verdict="stop"):
                return _finish(stream, "stopped", f"stopped at the review by {event.by}", STOPPED)
            case ev.StopRequested(when="now"):
                return _finish(stream, "stopped", "stopped by the supervisor", STOPPED)
            case _:
                pass


def _finish_chunk(stream: Stream, blocker: ev.BlockerRaised) -> None:
    """A chunk whose fixes all failed is blocked; one whose check could not run is not."""
    chunk = stream.state.chunk
    if blocker.kind not in ("check", "rule") or chunk is None or chunk.number != blocker.chunk:
        return
    result = chunk.attempts[-1].result if chunk.attempts else None
    if chunk.status != "blocked" and not (result and result.environment_fault):
        stream.emit(ev.ChunkFinished(chunk=chunk.number, verdict="blocked"))


def _finish(stream: Stream, outcome: RunOutcome, reason: str, exit_code: int) -> None:
    reason = " ".join(reason.split())
    stream.emit(ev.RunFinished(outcome=outcome, reason=reason, exit_code=exit_code))
