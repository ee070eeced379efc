"""A run as one JSON document, in the shape of docs/export.md: stable, keys are only ever added.

Absent values are null or [], as in SPEC 13. Texts are as they were said: nothing is made visible or cut.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

from core.blobs import BlobFault
from core.diff import diff_file, unified
from core.domain import CheckResult, CommandRun, FileChange, JsonObject, Usage
from core.events import BlockerRaised
from core.exports.line_notes import answers
from core.past_chunk import counted_files, has_content, log_text, shown_chunks, status_word
from core.recording import Mark, Recording
from core.run_state import CheckAttempt, ChunkState, DecisionState, ReviewState, RunState

FORMAT = "signoff-export"
VERSION = 1


def document(recording: Recording) -> Iterator[str]:
    state = recording.state_at(recording.length)
    head = {
        "format": FORMAT,
        "version": VERSION,
        "run": _run(recording, state),
        "plan": _plan(state, recording.timed),
        "usage": _usage(state.usage, state.cost_usd, state.turns),
        "decisions": [_decision(each) for each in state.decisions],
        "blockers": [_blocker(each) for each in state.blockers],
        "final_check": [_attempt(each) for each in state.final_check],
        "warnings": list(state.warnings),
        "unknown_events": list(state.unknown_events),
    }
    yield _text(head)[: -len("\n}")]
    yield from _listed("marks", map(_mark, recording.marks()))
    yield from _listed("chunks", (_chunk(recording, chunk) for chunk in shown_chunks(state)))
    yield "\n}\n"


def _listed(name: str, items: Iterable[JsonObject]) -> Iterator[str]:
    """One item at a time: only that one is in memory."""
    yield f',\n  "{name}": ['
    between = "\n"
    for item in items:
        text = _text(item).replace("\n", "\n    ")
        yield f"{between}    {text}"
        between = ",\n"
    yield "]" if between == "\n" else "\n  ]"


def _text(found: JsonObject) -> str:
    """UTF-8 text has no halves of surrogate pairs: those are escaped."""
    text = json.dumps(found, ensure_ascii=False, indent=2)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(found, indent=2)
    return text


# --- the run ----------------------------------------------------------------------------


def _run(recording: Recording, state: RunState) -> JsonObject:
    story = state.story
    return {
        "run_id": recording.run_id or None,
        "title": recording.title,
        "source": "journal" if recording.timed else "log",
        "records": recording.length,
        "damage": recording.damage or None,
        "story_id": story.id if story else None,
        "story_title": story.title if story else None,
        "story_folder": story.folder if story else None,
        "state": state.pill,
        "reason": state.reason or None,
        "exit_code": state.exit_code,
        "model": (state.model or None) if recording.timed else None,
        "scripted": state.scripted,
        "worker": state.worker.name if state.worker else None,
        "autonomy": state.autonomy,
        "autonomy_from": state.autonomy_from or None,
        "review": state.review,
        "started_at": _iso(state.started_at, recording.timed),
        "updated_at": _iso(state.updated_at, recording.timed),
    }


def _plan(state: RunState, timed: bool) -> JsonObject:
    """A log has none: its chunks only count as steps."""
    plan = state.plan
    return {
        "title": plan.title if plan else None,
        "steps": [
            {
                "id": each.step.id,
                "title": each.step.title,
                "status": each.status,
                "criteria": list(each.step.criteria),
                "chunks": list(each.chunks),
            }
            for each in (state.steps if timed else ())
        ],
        "acceptance_criteria": [asdict(criterion) for criterion in plan.acceptance_criteria] if plan else [],
    }


def _usage(used: Usage, cost: float | None, turns: int) -> JsonObject:
    return {**asdict(used), "cost_usd": cost, "turns": turns}


def _mark(mark: Mark) -> JsonObject:
    return {**asdict(mark), "at": mark.at.isoformat()}


def _iso(at: datetime | None, timed: bool = True) -> str | None:
    return at.isoformat() if at is not None and timed else None


# --- decisions, blockers ----------------------------------------------------------------


def _decision(taken: DecisionState) -> JsonObject:
    asked, policy = taken.request, taken.policy
    held, overturned = taken.answer, taken.overturned
    return {
        "id": asked.id,
        "chunk": taken.chunk,
        "at": _iso(taken.at),
        "title": asked.title,
        "context": asked.context,
        "options": [asdict(option) for option in asked.options],
        "recommendation": asked.recommendation,
        "rationale": asked.rationale or None,
        "confidence": asked.confidence,
        "raised_by": asked.raised_by,
        "subject": asked.subject,
        "tier": policy.tier,
        "tier_by": policy.tier_by,
        "category": policy.category,
        "outcome": policy.outcome,
        "basis": policy.basis,
        "reasons": list(policy.reasons),
        "autonomy": taken.autonomy,
        "answer": asdict(held) if held else None,
        "recorded_as": taken.recorded_as,
        "overturned": (
            {"answer": asdict(overturned.answer), "reason": overturned.reason} if overturned else None
        ),
        "void": taken.void,
    }


def _blocker(raised: BlockerRaised) -> JsonObject:
    return {key: item for key, item in asdict(raised).items() if key != "type"}


# --- a chunk ----------------------------------------------------------------------------


def _chunk(recording: Recording, chunk: ChunkState) -> JsonObject:
    opening, said = chunk.opening, chunk.summary
    return {
        "number": chunk.number,
        "name": opening.name if opening else None,
        "status": status_word(chunk, recording.timed),
        "objective": opening.objective if opening else None,
        "steps": list(opening.steps) if opening and recording.timed else [],
        "criteria": list(opening.criteria) if opening else [],
        "started_at": _iso(chunk.started_at, recording.timed),
        "finished_at": _iso(chunk.finished_at, recording.timed),
        "summary": asdict(said) if said else None,
        "files": [_file(change, recording.blob) for change in counted_files(chunk, recording.blob)],
        "commands": [_command(run) for run in chunk.commands],
        "checks": [_attempt(attempt) for attempt in chunk.attempts],
        "findings": [asdict(finding) for finding in chunk.findings],
        "waived": [{"finding": asdict(w.finding), "reason": w.reason, "by": w.by} for w in chunk.waived],
        "reviews": [_review(review) for review in chunk.reviews],
        "answers": _answers(recording, chunk),
        "decisions": list(chunk.decisions),
        "denied": [{"path": d.path, "verdict": d.verdict, "reason": d.reason} for d in chunk.denied],
        "edited_outside": list(chunk.outside),
        "commit": chunk.commit or None,
        "usage": _usage(chunk.usage, chunk.cost_usd, chunk.turns),
        "log_entry": log_text(recording, chunk.number) or None,
    }


def _command(run: CommandRun) -> JsonObject:
    return {"command": run.shown, "result": run.result, "duration_s": run.duration_s}


def _file(change: FileChange, get_blob: Callable[[str], bytes]) -> JsonObject:
    """`diff` is as git prints it; null for a binary file, and where the contents are not there."""
    return {
        "path": change.path,
        "action": change.action,
        "added": change.added,
        "removed": change.removed,
        "before": change.before,
        "after": change.after,
        "diff": _diff(change, get_blob),
    }


def _diff(change: FileChange, get_blob: Callable[[str], bytes]) -> str | None:
    if not has_content(change):
        return None
    try:
        before, after = (None if sha is None else get_blob(sha) for sha in (change.before, change.after))
    except BlobFault:
        return None
    diff = diff_file(change, before, after)
    return None if diff.binary else unified([diff])


def _attempt(attempt: CheckAttempt) -> JsonObject:
    return {
        "round": attempt.round,
        "attempt": attempt.attempt,
        "commands": [" ".join(argv) for argv in attempt.commands],
        "ok": attempt.result.ok if attempt.result else None,
        "environment_fault": attempt.result.environment_fault if attempt.result else None,
        "diagnostics": _diagnostics(attempt.result),
        "fixed": attempt.fixed,
        "new": attempt.new,
        "remaining": attempt.remaining,
    }


def _diagnostics(result: CheckResult | None) -> list[JsonObject]:
    return [asdict(each) for each in result.diagnostics] if result else []


def _review(review: ReviewState) -> JsonObject:
    return {
        "request_id": review.request_id,
        "round": review.round,
        "verdict": review.verdict,
        "by": review.by or None,
        "comment": review.comment or None,
        "comments": [asdict(comment) for comment in review.comments],
        "diff_hash": review.diff_hash or None,
    }


def _answers(recording: Recording, chunk: ChunkState) -> list[JsonObject]:
    """What the worker said to the comments, of all rounds."""
    return [
        {"round": number, "comment": answer.comment, "text": answer.text}
        for number, answer in answers(chunk, recording)
    ]
