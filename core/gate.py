"""What a chunk must pass once the worker closes it: log entry, rules, check, review (SPEC 4.3-4.5).

Each stage looks in the folded state for its own result first. So a resumed run goes through
the same gate and repeats nothing that was already recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from core import events as ev
from core.chunk_files import net_changes
from core.diff import diff_hash
from core.domain import (
    CheckResult,
    ChunkSummary,
    Diagnostic,
    FileChange,
    Finding,
    ReviewComment,
    ReviewVerdict,
    value,
)
from core.ending import NEEDS_FIX, STOPPED, RunEnding
from core.run_state import CheckAttempt, ChunkState, ReviewState
from core.stream import Stream
from core.supervision import Supervision
from core.workspace import ConflictError, Workspace

FIX_ATTEMPTS = 2
MOST_DIAGNOSTICS = 50


@value
class GateAnswer:
    """The answer to the closing call. `verdict` is set when the chunk is over."""

    text: str
    is_error: bool = False
    verdict: ReviewVerdict | None = None


class CheckRunner(Protocol):
    """Runs the check of the packages that the changed files belong to (core.checks.registry)."""

    def commands(self, changed: tuple[str, ...]) -> tuple[tuple[str, ...], ...]: ...
    async def run(self, changed: tuple[str, ...], chunk: int) -> CheckResult: ...
    def compare(self, before: CheckResult | None, after: CheckResult) -> tuple[int, int, int]: ...


class Gate:
    def __init__(
        self,
        stream: Stream,
        supervision: Supervision,
        workspace: Workspace,
        get_blob: Callable[[str], bytes],
        checks: CheckRunner,
        find_rule_breaks: Callable[[tuple[FileChange, ...], ChunkState], tuple[Finding, ...]],
    ) -> None:
        self._stream = stream
        self._supervision = supervision
        self._workspace = workspace
        self._get_blob = get_blob
        self._checks = checks
        self._find_rule_breaks = find_rule_breaks

    async def close(self, summary: ChunkSummary, call_id: str) -> GateAnswer:
        """Takes a closing call through the gate. Ends the run blocked after the last failed fix."""
        self._record_closing(summary, call_id)
        findings = self._rules()
        result = await self._check()
        problems = _problems(findings, result)
        if problems:
            return self._failed(problems, findings, result)
        return await self._review()

    # --- the chunk as it is now ---------------------------------------------------------

    @property
    def _chunk(self) -> ChunkState:
        chunk = self._stream.state.chunk
        assert chunk is not None, "the gate is for an open chunk"
        return chunk

    def _net(self) -> tuple[FileChange, ...]:
        return net_changes(self._chunk.changes, self._get_blob)

    @property
    def _attempt(self) -> int:
        """0 for the first closing since the last review, 1 and 2 for fixes."""
        reviewed = [r.round for r in self._chunk.reviews if r.verdict == "request_changes"]
        return self._chunk.round - max(self._chunk.attempts_from, *reviewed, 0) - 1

    # --- stages -------------------------------------------------------------------------

    def _record_closing(self, summary: ChunkSummary, call_id: str) -> None:
        for record in reversed(self._stream.records):
            if isinstance(record.event, ev.ConversationStarted):
                break
            if isinstance(record.event, ev.ChunkClosed) and record.event.call_id == call_id:
                return
        self._stream.emit(
            ev.ChunkClosed(
                chunk=self._chunk.number,
                round=self._chunk.round + 1,
                summary=summary,
                files=self._net(),
                commands=self._chunk.commands,
                call_id=call_id,
            )
        )

    def _rules(self) -> tuple[Finding, ...]:
        chunk = self._chunk
        for record in reversed(self._stream.records):
            if isinstance(record.event, ev.ChunkClosed):
                break
            if isinstance(record.event, ev.RulesChecked):
                return record.event.findings
        findings = self._find_rule_breaks(self._net(), chunk)
        self._stream.emit(ev.RulesChecked(chunk=chunk.number, round=chunk.round, findings=findings))
        return findings

    async def _check(self) -> CheckResult:
        chunk = self._chunk
        done = [a for a in chunk.attempts if a.round == chunk.round and a.result is not None]
        if (
            done
            and not chunk.recheck
            and done[-1].result is not None
            and done[-1].result.environment_fault is None
        ):
            return done[-1].result
        changed = tuple(change.path for change in self._net())
        return await self.check(chunk.number, chunk.round, self._attempt, changed)

    async def check(self, number: int, round_: int, attempt: int, changed: tuple[str, ...]) -> CheckResult:
        """Runs the check until it says something about the code (an environment fault does not)."""
        while True:
            before = _last_result(self._stream, number)
            commands = self._checks.commands(changed)
            self._stream.emit(ev.CheckStarted(chunk=number, round=round_, attempt=attempt, commands=commands))
            result = await self._checks.run(changed, number)
            fixed, new, remaining = self._checks.compare(before if attempt else None, result)
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

    async def _ask_about_environment(self, result: CheckResult, number: int, round_: int) -> None:
        """Not the code's fault, so not the worker's to fix: it uses up no fix attempt (SPEC 7)."""
        answer = await self._supervision.ask(
            "environment",
            f"environment:{number}:{round_}:{self._stream.state.seq}",
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
        self.raise_blocker("check", reason, (), result)
        raise RunEnding("blocked", reason, NEEDS_FIX)

    def _failed(self, problems: list[str], findings: tuple[Finding, ...], result: CheckResult) -> GateAnswer:
        attempt = self._attempt
        if attempt >= FIX_ATTEMPTS:
            kind = "check" if not result.ok else "rule"
            reason = (
                f"type check still fails after {FIX_ATTEMPTS} fix attempts in chunk {self._chunk.number}"
                if kind == "check"
                else f"rule {_blocking(findings)[0].rule} still broken after {FIX_ATTEMPTS} fix attempts"
                f" in chunk {self._chunk.number}"
            )
            self.raise_blocker(kind, reason, _blocking(findings), result)
            self._stream.emit(ev.ChunkFinished(chunk=self._chunk.number, verdict="blocked"))
            raise RunEnding("blocked", reason, NEEDS_FIX)
        left = FIX_ATTEMPTS - attempt
        head = f"The chunk does not pass. Fix attempts left: {left}. Fix it and call close_chunk again."
        return GateAnswer(text="\n".join([head, *problems]), is_error=True)

    def raise_blocker(
        self, kind: str, reason: str, findings: tuple[Finding, ...], result: CheckResult
    ) -> None:
        chunk = self._stream.state.chunk
        attempts = chunk.attempts if chunk else self._stream.state.final_check
        steps = chunk.opening.steps if chunk and chunk.opening else ()
        self._stream.emit(
            ev.BlockerRaised(
                blocker_id=f"blocker:{self._stream.state.seq + 1}",
                kind="rule" if kind == "rule" else "check",
                reason=reason,
                chunk=chunk.number if chunk else 0,
                context=chunk.opening.objective if chunk and chunk.opening else "",
                command=result.shown_command,
                attempts=tuple(self._tried(a) for a in attempts if a.result is not None),
                diagnostics=(
                    *(shown_diagnostic(d) for d in result.errors[:MOST_DIAGNOSTICS]),
                    *(shown_finding(f) for f in findings),
                ),
                blocked_steps=steps,
            )
        )

    def _tried(self, attempt: CheckAttempt) -> str:
        """What an attempt changed, in the worker's words and by file, and what came of it."""
        result = attempt.result
        assert result is not None
        errors = len(result.errors)
        left = f"{errors} error{'' if errors == 1 else 's'}"
        closing = self._closing(attempt.round)
        if attempt.attempt == 0 or closing is None:
            return f"initial: {left}"
        changed = ", ".join(sorted({c.path for c in self._changed_for(attempt.round)})) or "no file"
        return (
            f"fix {attempt.attempt}: changed {changed}; {closing.summary.summary} -> {left} "
            f"({attempt.fixed} fixed, {attempt.new} new, {attempt.remaining} remaining)"
        )

    def _closing(self, round_: int) -> ev.ChunkClosed | None:
        number = self._chunk.number
        return next(
            (
                r.event
                for r in reversed(self._stream.records)
                if isinstance(r.event, ev.ChunkClosed)
                and (r.event.chunk, r.event.round) == (number, round_)
            ),
            None,
        )

    def _changed_for(self, round_: int) -> list[FileChange]:
        """The file changes between the closing before and the one of `round_`."""
        changed: list[FileChange] = []
        for record in self._stream.records:
            event = record.event
            if isinstance(event, ev.ChunkClosed) and event.chunk == self._chunk.number:
                if event.round == round_:
                    return changed
                changed = []
            elif isinstance(event, ev.FileChanged) and event.chunk == self._chunk.number:
                changed.append(event.change)
        return changed

    # --- review -------------------------------------------------------------------------

    async def _review(self) -> GateAnswer:
        chunk = self._chunk
        settled = chunk.review
        if settled is not None and settled.round == chunk.round and settled.verdict not in (None, "stop"):
            assert settled.verdict is not None
            return await self._apply(settled.verdict, settled.by, _told(settled))
        request = self._pending_review() or self._request_review()
        if not self._must_ask():
            by = f"policy (review: {self._stream.state.review})"
            self._resolve(request, "approve", by)
            return await self._apply("approve", by, "")
        command = await self._supervision.review(request, self._changed_on_disk)
        self._resolve(request, command.verdict, command.by, command.comment, command.comments)
        review = self._chunk.review
        assert review is not None
        return await self._apply(command.verdict, command.by, _told(review))

    def _pending_review(self) -> ev.ReviewRequested | None:
        """The review that was asked before a crash, if the diff is still the one it named."""
        review = self._chunk.review
        if review is None or review.verdict is not None or review.round != self._chunk.round:
            return None
        if review.diff_hash != diff_hash(self._net()):
            return None
        return ev.ReviewRequested(
            request_id=review.request_id,
            chunk=self._chunk.number,
            round=review.round,
            diff_hash=review.diff_hash,
            files=review.files,
        )

    def _request_review(self) -> ev.ReviewRequested:
        chunk, files = self._chunk, self._net()
        request = ev.ReviewRequested(
            request_id=f"review:{chunk.number}:{chunk.round}:{len(chunk.reviews) + 1}",
            chunk=chunk.number,
            round=chunk.round,
            diff_hash=diff_hash(files),
            files=files,
        )
        self._stream.emit(request)
        return request

    def _must_ask(self) -> bool:
        policy = self._stream.state.review
        return policy == "each" or (policy == "findings" and bool(self._chunk.findings))

    def _changed_on_disk(self) -> str | None:
        """What was approved is what is kept: the files must still be what the diff shows."""
        for change in self._net():
            if self._workspace.sha(change.path) != change.after:
                return f"{change.path} changed on disk since the chunk was closed: request changes, or put it back"
        return None

    def _resolve(
        self,
        request: ev.ReviewRequested,
        verdict: ReviewVerdict,
        by: str,
        comment: str = "",
        comments: tuple[ReviewComment, ...] = (),
    ) -> None:
        self._stream.emit(
            ev.ReviewResolved(
                request_id=request.request_id,
                chunk=request.chunk,
                round=request.round,
                verdict=verdict,
                by=by,
                diff_hash=request.diff_hash,
                comment=comment,
                comments=comments,
            )
        )

    async def _apply(self, verdict: ReviewVerdict, by: str, told: str) -> GateAnswer:
        match verdict:
            case "approve":
                return GateAnswer(text=f"Approved by {by}. The chunk is finished.", verdict="approve")
            case "request_changes":
                return GateAnswer(text=told)
            case "revert":
                await self._revert(by)
                return GateAnswer(text=f"Reverted by {by}.\n{told}".strip(), verdict="revert")
            case "stop":
                raise RunEnding("stopped", f"stopped at the review by {by}", STOPPED)

    async def _revert(self, by: str) -> None:
        chunk = self._chunk
        changes = self._net()
        if not changes:
            return
        try:
            files = self._workspace.revert(changes, chunk=chunk.number)
        except ConflictError as fault:
            raise RunEnding("stopped", f"not reverted: {fault}; nothing was touched", STOPPED) from None
        self._stream.emit(ev.ChunkReverted(chunk=chunk.number, files=files, by=by))


def _last_result(stream: Stream, number: int) -> CheckResult | None:
    chunk = stream.state.chunk_numbered(number)
    attempts = stream.state.final_check if number == 0 else (chunk.attempts if chunk else ())
    return next((a.result for a in reversed(attempts) if a.result is not None), None)


def _blocking(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(f for f in findings if f.severity == "block")


def _problems(findings: tuple[Finding, ...], result: CheckResult) -> list[str]:
    lines = [shown_finding(f) for f in _blocking(findings)]
    if not result.ok:
        errors = result.errors
        lines.append(f"Type check failed: {result.shown_command}")
        lines += [shown_diagnostic(d) for d in errors[:MOST_DIAGNOSTICS]]
        if len(errors) > MOST_DIAGNOSTICS:
            lines.append(f"and {len(errors) - MOST_DIAGNOSTICS} more errors")
    return lines


def shown_diagnostic(diagnostic: Diagnostic) -> str:
    code = f" [{diagnostic.code}]" if diagnostic.code else ""
    return f"{diagnostic.place}: {diagnostic.severity}: {diagnostic.message}{code}".lstrip(": ")


def shown_finding(finding: Finding) -> str:
    place = finding.path if finding.line is None else f"{finding.path}:{finding.line}"
    return f"{place}: rule {finding.rule}: {finding.message}"


def _told(review: ReviewState) -> str:
    """A review as the worker gets it: one message with every comment at its place."""
    lines = [f"Review by {review.by}: changes requested. The chunk stays open; make them and close it again."]
    if review.comment:
        lines.append(review.comment)
    for comment in review.comments:
        place = ":".join(str(p) for p in (comment.path, comment.line) if p is not None)
        lines.append(f"- {place}: {comment.text}" if place else f"- {comment.text}")
    return "\n".join(lines)
