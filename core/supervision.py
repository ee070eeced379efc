"""Everything that is the human's: decisions, reviews, questions of the engine.

Three kinds of attendance: a person (requests wait, without any time limit), an answers file
(it answers at once, and is named as the one who did), or nobody (a decision that escalates
ends the run blocked, SPEC 5).
"""

from __future__ import annotations

from typing import Protocol

from core import events as ev
from core.answers_file import AnswersFile
from core.commands import AnswerDecision, AnswerInput, Command, DeclineDecision, ReviewChunk
from core.domain import (
    Answer,
    AutonomyLevel,
    DecisionRequest,
    PolicyOutcome,
    SettledDecision,
)
from core.ending import BAD_INPUT, NEEDS_DECISION, RunEnding
from core.inbox import Inbox
from core.stream import Stream


class Policy(Protocol):
    """The decision policy with its configuration bound (core.decisions.policy.decide)."""

    def __call__(
        self,
        request: DecisionRequest,
        *,
        autonomy: AutonomyLevel,
        settled: tuple[SettledDecision, ...],
        deferred_so_far: int,
    ) -> PolicyOutcome: ...


class Supervision:
    def __init__(
        self,
        stream: Stream,
        inbox: Inbox,
        policy: Policy,
        *,
        settled: tuple[SettledDecision, ...],
        attended: bool,
        stand_in: AnswersFile | None,
        earlier_ids: tuple[str, ...] = (),
    ) -> None:
        self._stream = stream
        self._inbox = inbox
        self._policy = policy
        self._settled = settled
        self.attended = attended
        self._stand_in = stand_in
        self._earlier_ids = earlier_ids

    # --- decisions ----------------------------------------------------------------------

    async def decide(self, request: DecisionRequest, *, chunk: int, call_id: str) -> Answer:
        """Puts a request through the policy; returns the answer, or ends the run blocked.

        The same request id (after a crash) is the same question: it is not asked twice.
        """
        known = self._stream.state.decision(request.id)
        if known is None:
            outcome = self._classify(request)
            self._stream.emit(
                ev.DecisionRequested(
                    chunk=chunk,
                    call_id=call_id,
                    request=request,
                    policy=outcome,
                    autonomy=self._stream.state.autonomy,
                )
            )
        elif known.answer is not None:
            return known.answer
        else:
            request, outcome = known.request, known.policy
        if outcome.outcome == "escalate":
            return await self._escalate(request, outcome, chunk)
        return self._settle_alone(request, outcome)

    def _classify(self, request: DecisionRequest) -> PolicyOutcome:
        # What the engine asks about is an act with exact bytes: an earlier answer never covers it.
        settled = self._all_settled() if request.raised_by == "worker" else ()
        deferred = sum(d.policy.outcome == "defer" for d in self._stream.state.decisions)
        return self._policy(
            request, autonomy=self._stream.state.autonomy, settled=settled, deferred_so_far=deferred
        )

    def _settle_alone(self, request: DecisionRequest, outcome: PolicyOutcome) -> Answer:
        choice = outcome.choice or "deferred: go on with the current scope"
        option = next((o.id for o in request.options if o.label == choice), None)
        answer = Answer(decision=choice, decided_by="auto", option=option, note="; ".join(outcome.reasons))
        recorded_as = None if outcome.outcome == "defer" else self._next_id("AUTO")
        self._stream.emit(ev.DecisionResolved(request_id=request.id, answer=answer, recorded_as=recorded_as))
        return answer

    async def _escalate(self, request: DecisionRequest, outcome: PolicyOutcome, chunk: int) -> Answer:
        command = await self._answer_to(request)
        if command is None:
            raise self._blocked(request, outcome, chunk)
        return self.record_answer(request, command)

    def record_answer(self, request: DecisionRequest, command: AnswerDecision) -> Answer:
        """Journals a human's answer; the blocker that the question had become is cleared."""
        chosen = request.option(command.option)
        answer = Answer(
            decision=chosen.label if chosen else command.text,
            decided_by=command.by,
            option=command.option,
            note=command.note,
            rejected=command.rejected,
            subject_sha=command.subject_sha,
            preference=command.preference,
        )
        self._stream.emit(
            ev.DecisionResolved(request_id=request.id, answer=answer, recorded_as=self._next_id("ARCH"))
        )
        for blocker in self._stream.state.blockers:
            if blocker.request_id == request.id:
                how = f"decided by {answer.decided_by}: {answer.decision}"
                self._stream.emit(ev.BlockerCleared(blocker_id=blocker.blocker_id, how=how))
        return answer

    async def _answer_to(self, request: DecisionRequest) -> AnswerDecision | None:
        """None when nobody answers: nobody is there, or the one who is there declines."""
        if self._stand_in is not None:
            stood_in = self._stand_in.decide(request)
            refusal = refuse_answer(request, stood_in) if stood_in else None
            if refusal is not None:
                raise self._answered_wrongly(request, f"{self._stand_in.name}: {refusal}")
            return stood_in
        if not self.attended:
            return None
        command = await self._inbox.wait(request.id, lambda c: refuse_answer(request, c))
        return command if isinstance(command, AnswerDecision) else None

    def _blocked(self, request: DecisionRequest, outcome: PolicyOutcome, chunk: int) -> RunEnding:
        recommended = request.option(request.recommendation)
        self._stream.emit(
            ev.BlockerRaised(
                blocker_id=f"blocker:{request.id}",
                kind="architectural" if outcome.architectural else "decision",
                reason=request.title,
                chunk=chunk,
                context=request.context,
                needed=request.title,
                options=tuple(_option_line(o.label, o.pros, o.cons) for o in request.options),
                recommendation=_recommendation(recommended.label if recommended else "", request.rationale),
                blocked_steps=request.blocks,
                request_id=request.id,
            )
        )
        kind = "Architectural decision required -" if outcome.architectural else "Decision required:"
        return RunEnding("blocked", f"{kind} {request.title}", NEEDS_DECISION)

    def _answered_wrongly(self, request: DecisionRequest, fault: str) -> RunEnding:
        """What stands in for the human is a file, which can't be asked again: the decision stays open."""
        asked = self._stream.state.decision(request.id)
        assert asked is not None, "what is asked is in the state"
        self._blocked(request, asked.policy, asked.chunk)
        return RunEnding("blocked", f"Decision required: {request.title} ({fault})", BAD_INPUT)

    def _all_settled(self) -> tuple[SettledDecision, ...]:
        taken = tuple(
            SettledDecision(
                id=d.recorded_as or d.request.id, question=d.request.title, decision=d.answer.decision
            )
            for d in self._stream.state.decisions
            if d.answer is not None and d.policy.outcome == "escalate" and d.request.raised_by == "worker"
        )
        return (*self._settled, *taken)

    def _next_id(self, prefix: str) -> str:
        """The next free `AUTO-NNN` or `ARCH-NNN`, over what stood there before and this run."""
        taken = [*self._earlier_ids, *(d.id for d in self._settled)]
        taken += [d.recorded_as for d in self._stream.state.decisions if d.recorded_as]
        numbers = [int(i.rpartition("-")[2]) for i in taken if i.startswith(f"{prefix}-") and i[-1].isdigit()]
        return f"{prefix}-{max(numbers, default=0) + 1:03d}"

    # --- reviews ------------------------------------------------------------------------

    async def review(self, request: ev.ReviewRequested) -> ReviewChunk:
        """The verdict on a chunk."""
        if self._stand_in is not None:
            return self._stand_in.review(request.request_id, request.chunk, request.round, request.diff_hash)
        if not self.attended:
            raise RunEnding("blocked", f"Review required: chunk {request.chunk}", NEEDS_DECISION)
        command = await self._inbox.wait(request.request_id, lambda c: refuse_review(request, c))
        assert isinstance(command, ReviewChunk)
        return command

    # --- questions of the engine --------------------------------------------------------

    async def ask(
        self,
        kind: str,
        request_id: str,
        title: str,
        detail: str,
        options: tuple[tuple[str, str], ...],
        *,
        chunk: int = 0,
    ) -> AnswerInput | None:
        """Asks the human something of the engine's own. None when nobody is there."""
        if not self.attended or self._stand_in is not None:
            return None
        pending = {p.request_id for p in self._stream.state.pending}
        if request_id not in pending:
            self._stream.emit(
                ev.InputRequested(
                    request_id=request_id,
                    kind=kind,  # type: ignore[arg-type]
                    title=title,
                    detail=detail,
                    options=options,
                    chunk=chunk,
                )
            )
        command = await self._inbox.wait(request_id, lambda c: refuse_input(options, c))
        assert isinstance(command, AnswerInput)
        self._stream.emit(
            ev.InputResolved(request_id=request_id, option=command.option, text=command.text, by=command.by)
        )
        return command


def refuse_answer(request: DecisionRequest, command: Command) -> str | None:
    """Why this command does not answer the request, or None if it does."""
    if isinstance(command, DeclineDecision):
        return None
    if not isinstance(command, AnswerDecision):
        return f"{request.title} waits for a decision"
    if command.option is None and not command.text.strip():
        return "an answer is an option or a text"
    if command.option is not None and request.option(command.option) is None:
        known = ", ".join(f"{o.id} ({o.label})" for o in request.options)
        return f"there is no option {command.option}; the options are {known}"
    return None


def refuse_review(request: ev.ReviewRequested, command: Command) -> str | None:
    if not isinstance(command, ReviewChunk):
        return f"chunk {request.chunk} waits for a review"
    if command.verdict == "approve" and command.diff_hash != request.diff_hash:
        return "the diff changed since it was shown: look at it again"
    if command.verdict == "request_changes" and not (command.comment.strip() or command.comments):
        return "say what to change: a comment, or comments on lines"
    return None


def refuse_input(options: tuple[tuple[str, str], ...], command: Command) -> str | None:
    if not isinstance(command, AnswerInput):
        return "this question waits for one of its options"
    if command.option not in {option for option, _ in options}:
        return f"there is no option {command.option}"
    return None


def _option_line(label: str, pros: str, cons: str) -> str:
    trade_offs = [*([f"+ {pros}"] if pros else []), *([f"- {cons}"] if cons else [])]
    return f"{label} ({'; '.join(trade_offs)})" if trade_offs else label


def _recommendation(label: str, rationale: str) -> str:
    return ": ".join(part for part in (label, rationale) if part)
