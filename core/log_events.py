"""The events that a run would have had that wrote a log, as far as the log tells them. Pure.

They have no times and no contents of files: those stand in no log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from core import events as ev
from core.criteria import criteria_in
from core.domain import ChunkOpening, ChunkSummary, CommandRun, FileChange, RunOutcome, TextBlock, Usage
from core.ending import BUG, COMPLETE, NEEDS_DECISION, STOPPED
from core.log_beneath import Beneath, is_beneath
from core.logs.chunk_heading import ChunkHeading
from core.logs.log_chunk import LogChunk
from core.logs.log_commands import LogCommand
from core.logs.log_files import LogFile

LEFT_OPEN = re.compile(r"^Steps left open: (.*)$", re.MULTILINE)
NO_RESULT = "the log tells no result"
ENDINGS: dict[str, tuple[RunOutcome, int]] = {
    "BLOCKED": ("blocked", NEEDS_DECISION),
    "STOPPED": ("stopped", STOPPED),
    "FAILED": ("failed", BUG),
}

Verdict: TypeAlias = Literal["approved", "reverted", "blocked", "stopped"]


def chunk_events(
    chunk: LogChunk, number: int, *, before: Iterable[ev.Event] = (), finished: bool = True
) -> Iterator[ev.Event]:
    """A chunk from its conversation to its verdict. `number` is its place in the log, from 1, and its step.

    `before` comes first in its stream. `finished` False: the log does not say that the work was done.
    """
    yield ev.ConversationStarted(chunk=number)
    yield ev.ChunkStarted(chunk=number, opening=_opening(chunk, number))
    yield ev.StepStarted(step=str(number), chunk=number)
    yield from before
    yield from _files(chunk.files, number)
    for place, command in enumerate(chunk.commands, start=1):
        yield from _command(command, number, f"command-{number}-{place}")
    if chunk.summary:
        yield said(chunk.summary, number)
    yield ev.ChunkClosed(
        chunk=number,
        round=1,
        summary=_summary(chunk),
        files=tuple(_change(file) for file in chunk.files),
        commands=tuple(_run(command) for command in chunk.commands),
    )
    beneath = Beneath(number)
    for field in chunk.labelled:
        if is_beneath(field):
            yield from beneath.read(field)
    yield from _finish(number, beneath, finished)


def _opening(chunk: LogChunk, number: int) -> ChunkOpening:
    name = name_of(ChunkHeading(number=chunk.number, name=chunk.name), number)
    told = f"{name}\n{chunk.objective or ''}"
    return ChunkOpening(
        name=name, objective=chunk.objective or "", steps=(str(number),), criteria=criteria_in(told)
    )


def name_of(heading: ChunkHeading, number: int) -> str:
    """The chunk's name, with its own number where that is not its place in the log: `7-9: name`."""
    name = heading.name or "unnamed"
    return name if heading.number in (number, None) else f"{heading.number}: {name}"


def _files(files: Sequence[LogFile], number: int) -> Iterator[ev.Event]:
    """Each file as a line of the stream: a log has no contents, so it is no change that can be shown."""
    for place, file in enumerate(files, start=1):
        yield from _tool(f"file-{number}-{place}", number, f"{file.action or 'change'} {file.path}", None)


def _command(command: LogCommand, number: int, call_id: str) -> Iterator[ev.Event]:
    started, finished = _tool(call_id, number, command.command, command)
    yield started
    yield ev.CommandFinished(chunk=number, call_id=call_id, run=_run(command))
    yield finished


def _tool(
    call_id: str, number: int, shown: str, command: LogCommand | None
) -> tuple[ev.ToolStarted, ev.ToolFinished]:
    name = "run_command" if command else "edit_file"
    text = (command.result or "") if command else ""
    failed = command is not None and command.ok is False
    return (
        ev.ToolStarted(call_id=call_id, name=name, chunk=number, input={}, shown=shown),
        ev.ToolFinished(call_id=call_id, name=name, chunk=number, text=text, is_error=failed, duration_s=0.0),
    )


def _run(command: LogCommand) -> CommandRun:
    code = {True: 0, False: 1, None: None}[command.ok]
    said = " ".join((command.result or NO_RESULT).split())
    return CommandRun(argv=(command.command,), cwd="", exit_code=code, duration_s=0.0, fault=said)


def _change(file: LogFile) -> FileChange:
    action = file.action if file.action in ("create", "delete") else "modify"
    return FileChange(path=file.path, action=action, before=None, after=None)


def _summary(chunk: LogChunk) -> ChunkSummary:
    notes = [chunk.notes or "", *(f"{label}: {text}" for label, text in chunk.other)]
    left = LEFT_OPEN.search(chunk.notes or "")
    return ChunkSummary(
        summary=chunk.summary or "",
        reused=chunk.reused,
        new=chunk.new,
        why_new=chunk.why or "",
        core_note=chunk.core or "",
        adapters_note=chunk.adapters or "",
        notes="\n".join(note for note in notes if note),
        steps_left_open=tuple(part.strip() for part in left[1].split(",")) if left else (),
    )


def _finish(number: int, beneath: Beneath, finished: bool) -> Iterator[ev.Event]:
    verdicts: dict[str, Verdict] = {"revert": "reverted", "stop": "stopped"}
    unsaid: Verdict = "blocked" if beneath.failed else "approved" if finished else "stopped"
    verdict = verdicts.get(
        beneath.verdict or "", unsaid if beneath.verdict in (None, "request_changes") else "approved"
    )
    yield ev.ChunkFinished(chunk=number, verdict=verdict)
    if verdict == "approved":
        yield ev.StepFinished(step=str(number), chunk=number)
    if beneath.undone:
        yield ev.ChunkUndone(chunk=number, files=(), by=beneath.undone)


def said(text: str, number: int, usage: Usage | None = None) -> ev.ModelTurnFinished:
    """What the log says in its own words, as a line of the stream."""
    return ev.ModelTurnFinished(
        turn=number,
        chunk=number,
        blocks=(TextBlock(text=text),) if text else (),
        stop_reason="end_turn",
        usage=usage or Usage(),
        duration_s=0.0,
    )


def ended_by(signal: str | None) -> ev.RunFinished:
    """A run that ends without its signal is stopped, not complete."""
    if signal is None:
        return ev.RunFinished(outcome="stopped", reason="the log ends without a signal", exit_code=STOPPED)
    word, _, why = signal.partition(":")
    if word in ENDINGS:
        outcome, code = ENDINGS[word]
        return ev.RunFinished(outcome=outcome, reason=why.strip(), exit_code=code)
    if signal.endswith("COMPLETE"):
        return ev.RunFinished(outcome="complete", reason=signal, exit_code=COMPLETE)
    outcome, code = ENDINGS["BLOCKED" if signal.endswith("BLOCKED") else "STOPPED"]
    return ev.RunFinished(outcome=outcome, reason=signal, exit_code=code)
