"""The marks of a run's timeline: chunks, decisions, checks, reviews, failures, the end. Pure."""

from __future__ import annotations

from core import events as ev
from core.domain import CheckResult
from core.recording import Mark, MarkKind


def mark_of(record: ev.Record) -> Mark | None:
    """The mark that a record sets; most set none. Its text is one short line, as the run has it."""
    event = record.event
    match event:
        case ev.ChunkStarted():
            return _mark(record, "chunk", event.chunk, f"chunk {event.chunk}: {event.opening.name}")
        case ev.ChunkFinished() if event.verdict != "approved":
            return _mark(record, "failure", event.chunk, f"chunk {event.chunk} {event.verdict}", ok=False)
        case ev.ChunkUndone():
            return _mark(record, "failure", event.chunk, f"chunk {event.chunk} undone", ok=False)
        case ev.DecisionRequested():
            return _mark(record, "decision", event.chunk, event.request.title)
        case ev.CheckFinished():
            result = event.result
            return _mark(record, "check", event.chunk, check_words(result), ok=result.ok)
        case ev.ReviewRequested():
            return _mark(record, "review", event.chunk, f"review of chunk {event.chunk}")
        case ev.ReviewResolved() if event.verdict != "approve":
            verdict = event.verdict.replace("_", " ")
            return _mark(record, "review", event.chunk, f"{verdict} by {event.by}", ok=False)
        case ev.BlockerRaised():
            return _mark(record, "failure", event.chunk, f"blocked: {event.reason}", ok=False)
        case ev.ModelTurnFailed() if event.retry_in_s is None:
            words = f"{event.kind.replace('_', ' ')}: {event.message}"
            return _mark(record, "failure", event.chunk, words, ok=False)
        case ev.RunFinished():
            ended = event.outcome + (f": {event.reason}" if event.reason else "")
            return _mark(record, "end", 0, ended, ok=event.outcome == "complete")
        case _:
            return None


def check_words(result: CheckResult) -> str:
    """How a check went: "check passed", "check failed: 2 errors", "check: command not found"."""
    if result.environment_fault is not None:
        return f"check: {result.environment_fault}"
    count = len(result.errors)
    errors = f": {count} error{'s' * (count != 1)}" if count else ""
    return "check passed" if result.ok else f"check failed{errors}"


def _mark(record: ev.Record, kind: MarkKind, chunk: int, text: str, *, ok: bool = True) -> Mark:
    return Mark(seq=record.seq, at=record.at, kind=kind, chunk=chunk, text=text, ok=ok)
