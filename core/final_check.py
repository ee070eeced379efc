"""The check of everything that a run changed, at its end: its cold command is the truth (SPEC 7)."""

from __future__ import annotations

from collections.abc import Callable

from core import events as ev
from core.check_gate import FIX_ATTEMPTS, MOST_DIAGNOSTICS, CheckGate, shown_diagnostic
from core.commands import CommandRefused, UndoChunk
from core.domain import CheckResult
from core.last_attempts import LastAttempts
from core.stream import Stream

WHOLE_RUN = 0


class FinalCheck:
    """`undo` takes the last approved chunk back; `is_as_left`: nobody changed since what the run left."""

    def __init__(
        self,
        stream: Stream,
        checks: CheckGate,
        last_attempts: LastAttempts,
        *,
        undo: Callable[[UndoChunk], object],
        is_as_left: Callable[[], bool],
    ) -> None:
        self._stream = stream
        self._checks = checks
        self._last_attempts = last_attempts
        self._undo = undo
        self._is_as_left = is_as_left

    async def problem(self) -> str | None:
        """What the worker is told of its latest completion report; None when the check passes, or when the
        supervisor undid a chunk (a message to the worker says so). Ends the run blocked after the last failed
        fix, unless a person wants it otherwise.
        """
        round_ = self._reports()
        attempt = self._attempt(round_)
        result = self._recorded(round_) or await self._check(round_, attempt)
        refusal = ""
        while not result.ok:
            told = self._attempts_left(round_, attempt)
            if told:
                return "\n".join([told, *_problems(result)])
            choice = await self._choice(round_, attempt, result, refusal)
            match choice.option if choice else "stop":
                case "edited":
                    result, refusal = await self._check(round_, attempt), ""
                case "revert":
                    refusal = self._undone(choice.by if choice else "")
                    if not refusal:
                        return None
                case "stop":
                    reason = f"the final type check still fails after {attempt} fix attempts"
                    raise self._checks.blocked("check", reason, (), result, chunk=None)
        return None

    def _reports(self) -> int:
        return sum(isinstance(record.event, ev.CompletionReported) for record in self._stream.records)

    def _attempt(self, round_: int) -> int:
        """How many completion reports before this one failed their check, since attempts are counted."""
        failed = {a.round for a in self._stream.state.final_check if _says_no(a.result)}
        return len(failed - {round_})

    async def _check(self, round_: int, attempt: int) -> CheckResult:
        chunks = self._stream.state.approved_chunks
        changed = tuple(sorted({change.path for chunk in chunks for change in chunk.closed_files}))
        return await self._checks.check(WHOLE_RUN, round_, attempt, changed)

    def _recorded(self, round_: int) -> CheckResult | None:
        """What the check said of this report before a crash, if it would say the same now."""
        attempts = self._stream.state.final_check
        last = attempts[-1] if attempts else None
        if last is None or last.round != round_ or last.result is None or last.result.environment_fault:
            return None
        return last.result if self._is_as_left() else None

    # --- what is still possible ---------------------------------------------------------

    def _attempts_left(self, round_: int, attempt: int) -> str:
        """What the worker is told of its attempts; "" when it has none left."""
        first = min((a.round for a in self._stream.state.final_check), default=round_)
        granted = self._last_attempts.granted(WHOLE_RUN, range(first, round_ + 1))
        left = FIX_ATTEMPTS + len(granted) - attempt
        if left <= 0:
            return ""
        told = f"not complete: the final type check fails. Open a chunk and fix it; attempts left: {left}."
        said = granted[-1].text.strip() if granted and attempt >= FIX_ATTEMPTS else ""
        return f"The supervisor granted this attempt, and says: {said}\n{told}" if said else told

    async def _choice(
        self, round_: int, attempt: int, result: CheckResult, refusal: str
    ) -> ev.InputResolved | None:
        approved = self._stream.state.approved_chunks
        last = f"{approved[-1].number} ({approved[-1].name})" if approved else ""
        return await self._last_attempts.choose(
            WHOLE_RUN,
            round_,
            f"The final type check does not pass after {attempt} fix attempts",
            [*filter(None, (refusal,)), *_problems(result)],
            back=f"Undo the last approved chunk, {last}, and let the worker go on from there" if last else "",
            anew=bool(refusal),
        )

    def _undone(self, by: str) -> str:
        """Takes the last approved chunk back; says why where that is not possible."""
        try:
            self._undo(UndoChunk(chunk=self._stream.state.approved_chunks[-1].number, by=by))
        except CommandRefused as refusal:
            return f"Not undone: {refusal}"
        return ""


def _says_no(result: CheckResult | None) -> bool:
    return result is not None and not result.ok and result.environment_fault is None


def _problems(result: CheckResult) -> list[str]:
    lines = [f"Type check failed: {result.shown_command}"]
    lines += [shown_diagnostic(d) for d in result.errors[:MOST_DIAGNOSTICS]]
    if len(result.errors) > MOST_DIAGNOSTICS:
        lines.append(f"and {len(result.errors) - MOST_DIAGNOSTICS} more errors")
    return lines
