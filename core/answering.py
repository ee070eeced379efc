"""`signoff answer`: settles what a run waits for, without resuming it (SPEC 5, "nobody is there")."""

from __future__ import annotations

from pathlib import Path

from core import events as ev
from core.assembly import keep_logs, make_workspace, started_event
from core.blobs import Blobs
from core.chunk_files import net_changes
from core.commands import AnswerDecision, AnswerInput, ReviewChunk
from core.decisions.configuration import load_decision_config
from core.decisions.preferences import spoken
from core.desk_assembly import make_desk
from core.domain import ReviewVerdict
from core.offline_run import open_run
from core.preparation import RunOptions, policy_folder
from core.refusals import refuse_answer, refuse_input, refuse_review
from core.run_state import ChunkState, ReviewState
from core.story import InputFault
from core.stream import Stream
from core.undoing import Undoing

VERDICTS: dict[str, ReviewVerdict] = {
    "approve": "approve",
    "request_changes": "request_changes",
    "revert": "revert",
}


def answer(place: Path, reference: str, request_id: str, option: str, note: str) -> str:
    """Journals the answer and brings the log files up to date; gives a line that says what was done.

    Raises InputFault when the run is being driven by a process, nothing waits, or the answer is not one.
    """
    with open_run(place, reference) as (root, stream, _, _):
        return _settle(stream, root, request_id, option, note)


def _settle(stream: Stream, root: Path, request_id: str, option: str, note: str) -> str:
    waiting = next((p for p in stream.state.pending if p.request_id == request_id), None)
    if waiting is None:
        known = ", ".join(p.request_id for p in stream.state.pending) or "nothing"
        raise InputFault(f"{stream.run_id}: {request_id!r} does not wait for an answer; waiting: {known}")
    keep_logs(stream, root, Blobs(stream.folder / "blobs", stream.redactor.holds_secret))
    if waiting.kind == "decision":
        return _decide(stream, root, request_id, option, note)
    if waiting.kind == "review":
        return _review(stream, root, request_id, option, note)
    return _input(stream, request_id, option, note)


def _decide(stream: Stream, root: Path, request_id: str, option: str, note: str) -> str:
    decision = stream.state.decision(request_id)
    assert decision is not None, "what waits is in the state"
    request = decision.request
    by_label = next((o.id for o in request.options if spoken(o.label) == spoken(option)), None)
    option = by_label or option
    is_option = option.isdigit() or request.option(option) is not None
    command = AnswerDecision(
        request_id=request_id,
        option=option if is_option else None,
        text="" if is_option else option,
        note=note,
        # Of what was asked: where the bytes are others by now, the resumed run asks again.
        subject_sha=request.subject_sha,
    )
    refusal = refuse_answer(request, command)
    if refusal is not None:
        raise InputFault(refusal)
    blobs, started = Blobs(stream.folder / "blobs", stream.redactor.holds_secret), started_event(stream)
    putting = make_workspace(root, stream, blobs, started).put_back()
    parts = make_desk(
        root,
        stream,
        blobs,
        started,
        policy=load_decision_config(policy_folder(root)),
        options=RunOptions(environ={}),
        undo=Undoing(stream, putting, blobs, live=False).undo,
    )
    given = parts.desk.record_answer(request, command)
    return f"{request.title}: {given.decision}. Go on with: signoff resume {stream.run_id}"


def _review(stream: Stream, root: Path, request_id: str, option: str, note: str) -> str:
    verdict = VERDICTS.get(option)
    if verdict is None:
        raise InputFault(f"a review is answered by {', '.join(VERDICTS)}; not {option!r}")
    chunk, review = _reviewed(stream, request_id)
    request = ev.ReviewRequested(
        request_id=request_id,
        chunk=chunk.number,
        round=review.round,
        diff_hash=review.diff_hash,
        files=review.files,
    )
    command = ReviewChunk(request_id=request_id, verdict=verdict, diff_hash=review.diff_hash, comment=note)
    refusal = refuse_review(request, command)
    if refusal is None and verdict == "approve":
        refusal = _changed_on_disk(stream, root, chunk)
    if refusal is not None:
        raise InputFault(refusal)
    stream.emit(
        ev.ReviewResolved(
            request_id=request_id,
            chunk=chunk.number,
            round=review.round,
            verdict=verdict,
            by=command.by,
            diff_hash=review.diff_hash,
            comment=note,
        )
    )
    return f"chunk {chunk.number}: {option}. Go on with: signoff resume {stream.run_id}"


def _input(stream: Stream, request_id: str, option: str, note: str) -> str:
    """A question of the engine's own. What the answer says is done when the run is resumed."""
    asked = next(asked for asked in stream.state.inputs if asked.request_id == request_id)
    command = AnswerInput(request_id=request_id, option=_meant(asked.options, option), text=note)
    refusal = refuse_input(asked.options, command)
    if refusal is not None:
        raise InputFault(f"{request_id}: {refusal}")
    stream.emit(
        ev.InputResolved(request_id=request_id, option=command.option, text=command.text, by=command.by)
    )
    label = dict(asked.options)[command.option]
    return f"{asked.title}: {label}. It is done when you resume the run: signoff resume {stream.run_id}"


def _meant(options: tuple[tuple[str, str], ...], said: str) -> str:
    """The id of the option that is given by its id, its number or its label; otherwise what was said."""
    for number, (option, label) in enumerate(options, start=1):
        if spoken(said) in (spoken(option), str(number), spoken(label)):
            return option
    return said


def _reviewed(stream: Stream, request_id: str) -> tuple[ChunkState, ReviewState]:
    found = (
        (chunk, review)
        for chunk in stream.state.chunks
        for review in chunk.reviews
        if review.request_id == request_id
    )
    return next(found)


def _changed_on_disk(stream: Stream, root: Path, chunk: ChunkState) -> str | None:
    blobs = Blobs(stream.folder / "blobs", stream.redactor.holds_secret)
    workspace = make_workspace(root, stream, blobs, started_event(stream))
    for change in net_changes(chunk.changes, blobs.get):
        if workspace.sha(change.path) != change.after:
            return f"{change.path} changed since the chunk was closed; resume the run to look at it again"
    return None
