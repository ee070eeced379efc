"""What a chunk must pass once the worker closes it: log entry, rules, check, review (SPEC 4.3-4.5).

Each stage looks in the folded state for its own result first. So a resumed run goes through
the same gate and repeats nothing that was already recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from core import events as ev
from core.check_gate import (
    FIX_ATTEMPTS,
    MOST_DIAGNOSTICS,
    CheckGate,
    shown_diagnostic,
    shown_finding,
)
from core.chunk_files import net_changes
from core.domain import CheckResult, ChunkSummary, FileChange, Finding
from core.ending import RunEnding
from core.last_attempts import LastAttempts
from core.review_gate import GateAnswer, ReviewGate
from core.run_state import ChunkState
from core.stream import Stream

FindRuleBreaks = Callable[[tuple[FileChange, ...], ChunkState], tuple[Finding, ...]]


class Gate:
    def __init__(
        self,
        stream: Stream,
        *,
        checks: CheckGate,
        reviews: ReviewGate,
        last_attempts: LastAttempts,
        get_blob: Callable[[str], bytes],
        find_rule_breaks: FindRuleBreaks,
    ) -> None:
        self._stream = stream
        self._checks = checks
        self._reviews = reviews
        self._last_attempts = last_attempts
        self._get_blob = get_blob
        self._find_rule_breaks = find_rule_breaks

    async def close(self, summary: ChunkSummary, call_id: str) -> GateAnswer:
        """Takes a closing call through the gate. Ends the run blocked after the last failed fix,
        unless a person wants it otherwise."""
        self._record_closing(summary, call_id)
        again = False
        while True:
            await self._rules(again)
            result = await self._check(again)
            findings = self._chunk.standing_findings
            problems = _problems(findings, result)
            if problems:
                answer = await self._failed(problems, findings, result)
            else:
                answer = await self._reviews.review()
            if answer is not None:
                return answer
            # Somebody else changed the files meanwhile: what was checked is not what is there now.
            again = True

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
        return self._chunk.round - self._attempts_from - 1

    @property
    def _attempts_from(self) -> int:
        """The round after which attempts are counted."""
        reviewed = [r.round for r in self._chunk.reviews if r.verdict == "request_changes"]
        return max(self._chunk.attempts_from, *reviewed, 0)

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

    async def _rules(self, again: bool) -> tuple[Finding, ...]:
        chunk = self._chunk
        for record in reversed(self._stream.records):
            # A file that was changed since the closing was changed by somebody else.
            if again or isinstance(record.event, ev.ChunkClosed | ev.FileChanged):
                break
            if isinstance(record.event, ev.RulesChecked):
                return record.event.findings
        # In a thread: a big file must not keep pause and stop waiting.
        findings = await asyncio.to_thread(self._find_rule_breaks, self._net(), chunk)
        self._stream.emit(ev.RulesChecked(chunk=chunk.number, round=chunk.round, findings=findings))
        return findings

    async def _check(self, again: bool) -> CheckResult:
        chunk = self._chunk
        result = None if chunk.recheck or again else self._recorded()
        if result is not None:
            return result
        changed = tuple(change.path for change in self._net())
        return await self._checks.check(chunk.number, chunk.round, self._attempt, changed)

    def _recorded(self) -> CheckResult | None:
        """What the check said of this closing, as the files are now, before a crash."""
        for event in (record.event for record in reversed(self._stream.records)):
            match event:
                case ev.ChunkClosed() | ev.FileChanged():
                    return None
                case ev.CheckFinished() if event.chunk == self._chunk.number:
                    return event.result if event.result.environment_fault is None else None
                case _:
                    pass
        return None

    async def _failed(
        self, problems: list[str], findings: tuple[Finding, ...], result: CheckResult
    ) -> GateAnswer | None:
        """Back to the worker as the answer to its closing call. After the last fix the supervisor says how it
        goes on: None when they have edited the files; with nobody there it is the end."""
        while not (told := self._attempts_left()):
            choice = await self._last_attempts.choose(
                self._chunk.number,
                self._chunk.round,
                f"Chunk {self._chunk.number} does not pass after {self._attempt} fix attempts",
                problems,
                back="Revert the chunk, and let the worker go on from there",
            )
            match choice.option if choice else "stop":
                case "edited":
                    self._reviews.adopt_outside_edits()
                    return None
                case "revert":
                    by = choice.by if choice else ""
                    await self._reviews.revert(by)
                    return GateAnswer(text=f"Reverted by {by}.", verdict="revert")
                case "stop":
                    raise self._blocked(findings, result)
        return GateAnswer(text="\n".join([told, *problems]), is_error=True)

    def _attempts_left(self) -> str:
        """What the worker is told of the attempts that it has left; "" when it has none."""
        rounds = range(self._attempts_from + 1, self._chunk.round + 1)
        granted = self._last_attempts.granted(self._chunk.number, rounds)
        left = FIX_ATTEMPTS + len(granted) - self._attempt
        if left <= 0:
            return ""
        told = f"The chunk does not pass. Fix attempts left: {left}. Fix it and call close_chunk again."
        said = granted[-1].text.strip() if granted and self._attempt >= FIX_ATTEMPTS else ""
        return f"{told}\nThe supervisor granted this attempt, and says: {said}" if said else told

    def _blocked(self, findings: tuple[Finding, ...], result: CheckResult) -> RunEnding:
        chunk, blocking = self._chunk, _blocking(findings)
        after = f"after {self._attempt} fix attempts in chunk {chunk.number}"
        if result.ok:
            reason = f"rule {blocking[0].rule} is still broken {after}"
            ending = self._checks.blocked("rule", reason, blocking, result, chunk=chunk)
        else:
            reason = f"type check still fails {after}"
            ending = self._checks.blocked("check", reason, blocking, result, chunk=chunk)
        self._stream.emit(ev.ChunkFinished(chunk=chunk.number, verdict="blocked"))
        return ending


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
