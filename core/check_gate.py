"""The fast-fail check as a stage of the gate: attempts, environment faults, blockers (SPEC 4.4, 7)."""

from __future__ import annotations

from typing import Literal, Protocol

from core import events as ev
from core.domain import CheckResult, Diagnostic, FileChange, Finding
from core.ending import NEEDS_FIX, STOPPED, RunEnding
from core.run_state import CheckAttempt, ChunkState
from core.stream import Stream
from core.supervision import Supervision

FIX_ATTEMPTS = 2
MOST_DIAGNOSTICS = 50


class Checks(Protocol):
    """Runs the check of the packages that the changed files belong to (core.check_runner)."""

    def commands(self, changed: tuple[str, ...]) -> tuple[tuple[str, ...], ...]: ...
    async def run(self, changed: tuple[str, ...], chunk: int, *, warm: bool) -> CheckResult: ...
    def compare(self, before: CheckResult | None, after: CheckResult) -> tuple[int, int, int]: ...
    async def close(self) -> None: ...


class CheckGate:
    def __init__(self, stream: Stream, supervision: Supervision, checks: Checks) -> None:
        self._stream = stream
        self._supervision = supervision
        self._checks = checks

    async def close(self) -> None:
        """Ends the checkers that stay between two checks."""
        await self._checks.close()

    async def check(self, number: int, round_: int, attempt: int, changed: tuple[str, ...]) -> CheckResult:
        """Runs the check until it says something about the code (an environment fault does not).

        Chunk number 0 is the check of the whole run, at its end. It is cold, and so is one that may end the
        run blocked: nothing is decided on an incremental checker's word alone (SPEC 7).
        """
        warm = number != 0 and attempt < FIX_ATTEMPTS
        await self._take_up(number, round_)
        while True:
            before = _last_result(self._stream, number) if attempt else None
            commands = self._checks.commands(changed)
            self._stream.emit(ev.CheckStarted(chunk=number, round=round_, attempt=attempt, commands=commands))
            result = await self._checks.run(changed, number, warm=warm)
            fixed, new, remaining = self._checks.compare(before, result)
            self._stream.emit(
                ev.CheckFinished(
                    chunk=number,
                    round=round_,
                    attempt=attempt,
                    result=result,
                    fixed=fixed,
                    new=new,
                    remaining=remaining,
                )
            )
            if result.environment_fault is None:
                return result
            await self._ask_about_environment(result, number, round_)

    async def _take_up(self, number: int, round_: int) -> None:
        """A check that could not run in an earlier process is not run again before that is answered."""
        for record in reversed(self._stream.records):
            event = record.event
            if isinstance(event, ev.CheckStarted) and event.chunk == number:
                return
            if isinstance(event, ev.CheckFinished) and event.chunk == number:
                faulty = event.round == round_ and event.result.environment_fault is not None
                if faulty and self._supervision.is_open(self._environment_id(number, round_), record.seq):
                    await self._ask_about_environment(event.result, number, round_)
                return

    def _environment_id(self, number: int, round_: int) -> str:
        """By how often the check could not run: the same for whoever asks about it."""
        faults = sum(
            isinstance(event, ev.CheckFinished)
            and event.chunk == number
            and event.result.environment_fault is not None
            for event in (record.event for record in self._stream.records)
        )
        return f"environment:{number}:{round_}:{faults}"

    async def _ask_about_environment(self, result: CheckResult, number: int, round_: int) -> None:
        """Not the code's fault, so not the worker's to fix: it uses up no fix attempt (SPEC 7)."""
        answer = await self._supervision.ask(
            "environment",
            self._environment_id(number, round_),
            "The check could not run",
            f"{result.shown_command}: {result.environment_fault}. It says nothing about the code.",
            (
                ("retry", "Run the check again (after you mended it)"),
                ("stop", "Stop; the run can be resumed"),
            ),
            chunk=number,
        )
        if answer is not None and answer.option == "retry":
            return
        if answer is not None:
            raise RunEnding("stopped", "stopped by the supervisor: the check could not run", STOPPED)
        reason = f"the check could not run: {result.environment_fault}"
        chunk = self._stream.state.chunk if number else None
        raise self.blocked("check", reason, (), result, chunk=chunk)

    def blocked(
        self,
        kind: Literal["check", "rule"],
        reason: str,
        findings: tuple[Finding, ...],
        result: CheckResult,
        *,
        chunk: ChunkState | None,
    ) -> RunEnding:
        """Journals the blocker; the caller raises what it gives. No chunk: the check of the whole run."""
        attempts = chunk.attempts if chunk else self._stream.state.final_check
        self._stream.emit(
            ev.BlockerRaised(
                blocker_id=blocker_id(self._stream, chunk.number if chunk else 0),
                kind=kind,
                reason=reason,
                chunk=chunk.number if chunk else 0,
                context=chunk.opening.objective if chunk and chunk.opening else "",
                command=result.shown_command,
                attempts=tuple(self._tried(a, chunk) for a in attempts),
                diagnostics=(
                    *(shown_diagnostic(d) for d in result.errors[:MOST_DIAGNOSTICS]),
                    *(shown_finding(f) for f in findings),
                ),
                blocked_steps=chunk.opening.steps if chunk and chunk.opening else (),
            )
        )
        return RunEnding("blocked", reason, NEEDS_FIX)

    def _tried(self, attempt: CheckAttempt, chunk: ChunkState | None) -> str:
        """What an attempt changed, by file and in the worker's words, and what came of it."""
        if attempt.result is None:
            return f"{attempt.label}: not finished"
        errors = len(attempt.result.errors)
        left = f"{errors} error{'' if errors == 1 else 's'}"
        if attempt.attempt == 0 or chunk is None:
            return f"{attempt.label}: {left}"
        paths, words = _changed_for(self._stream, chunk.number, attempt.round)
        return (
            f"{attempt.label}: changed {', '.join(paths) or 'no file'}; {words} -> {left} "
            f"({attempt.fixed} fixed, {attempt.new} new, {attempt.remaining} remaining)"
        )


def blocker_id(stream: Stream, chunk: int) -> str:
    """Of the next blocker of a chunk, 0 for the run. It stands in BLOCKERS.md: a crash must not change it."""
    raised = sum(isinstance(record.event, ev.BlockerRaised) for record in stream.records)
    return f"blocker:{chunk}:{raised + 1}"


def _last_result(stream: Stream, number: int) -> CheckResult | None:
    """The last one that says something about the code."""
    chunk = stream.state.chunk_numbered(number)
    attempts = stream.state.final_check if number == 0 else (chunk.attempts if chunk else ())
    results = (attempt.result for attempt in reversed(attempts))
    return next((r for r in results if r is not None and r.environment_fault is None), None)


def _changed_for(stream: Stream, number: int, round_: int) -> tuple[list[str], str]:
    """The files changed between the closing before and the one of `round_`, and what that one said."""
    changed: list[FileChange] = []
    for record in stream.records:
        event = record.event
        if isinstance(event, ev.ChunkClosed) and event.chunk == number:
            if event.round == round_:
                return sorted({c.path for c in changed}), event.summary.summary
            changed = []
        elif isinstance(event, ev.FileChanged) and event.chunk == number:
            changed.append(event.change)
    return [], ""


def shown_diagnostic(diagnostic: Diagnostic) -> str:
    code = f" [{diagnostic.code}]" if diagnostic.code else ""
    return f"{diagnostic.place}: {diagnostic.severity}: {diagnostic.message}{code}".lstrip(": ")


def shown_finding(finding: Finding) -> str:
    place = finding.path if finding.line is None else f"{finding.path}:{finding.line}"
    return f"{place}: rule {finding.rule}: {finding.message}"
