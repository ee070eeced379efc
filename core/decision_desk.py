"""Where decisions are made: each goes through the policy, and to the human if the policy says so (SPEC 5).

A question waits without any time limit. Meanwhile the supervisor can give it another tier or have the worker
elaborate; neither answers it. In batch mode questions that can wait are queued and put as one list.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Protocol, TypeAlias

from core import events as ev
from core.commands import AnswerDecision, Command, ElaborateDecision, RetierDecision
from core.decision_blockers import answered_wrongly, blocked
from core.decision_ids import ARCH, AUTO, DecisionIds
from core.decision_words import NOBODY_YET
from core.domain import Answer, AutonomyLevel, DecisionRequest, PolicyOutcome, SettledDecision
from core.inbox import Inbox
from core.models.base import ModelFault
from core.preference_keeper import PreferenceKeeper
from core.prior_decisions import prior_decisions
from core.refusals import refuse_decision
from core.run_state import DecisionState, RunState
from core.stream import Stream
from core.supervision import Supervision

MOST_QUEUED = 5

Elaborate: TypeAlias = Callable[[DecisionState, str], Awaitable[str]]


class Policy(Protocol):
    """The decision policy with its configuration bound (core.decisions.policy.decide)."""

    def __call__(
        self,
        request: DecisionRequest,
        *,
        autonomy: AutonomyLevel,
        settled: tuple[SettledDecision, ...],
        deferred_so_far: int,
        retiered: int | None = None,
    ) -> PolicyOutcome: ...


class DecisionDesk:
    """`settled` stood in the story's file when the run began, `elsewhere` in those of other stories;
    `deferred_before` counts what earlier runs of the story put off. `may_be_queued` says what a batch takes.
    """

    def __init__(
        self,
        stream: Stream,
        inbox: Inbox,
        supervision: Supervision,
        policy: Policy,
        *,
        ids: DecisionIds,
        preferences: PreferenceKeeper,
        may_be_queued: Callable[[DecisionRequest, PolicyOutcome], bool],
        settled: tuple[SettledDecision, ...] = (),
        elsewhere: tuple[SettledDecision, ...] = (),
        deferred_before: int = 0,
    ) -> None:
        self._stream = stream
        self._inbox = inbox
        self._supervision = supervision
        self._policy = policy
        self._ids = ids
        self._preferences = preferences
        self._may_be_queued = may_be_queued
        self._settled = settled
        self._elsewhere = elsewhere
        self._deferred_before = deferred_before

    @property
    def _state(self) -> RunState:
        return self._stream.state

    # --- one question -------------------------------------------------------------------

    async def decide(
        self, request: DecisionRequest, *, chunk: int, call_id: str, elaborate: Elaborate
    ) -> Answer:
        """The answer, or the end of the run; `decided_by` is `nobody` for a question that was queued.

        The same request id (after a crash) is the same question: it is not asked twice.
        """
        decision = self._state.decision(request.id) or self._raise(request, chunk, call_id)
        if decision.answer is not None:
            return decision.answer
        if decision.policy.outcome != "escalate":
            return self._settle_alone(decision)
        if not decision.batched:
            return await self._escalate(decision, elaborate)
        if len(self._state.queued_decisions) >= MOST_QUEUED:
            await self.present_queue(chunk, elaborate)
        return self._known(request.id).answer or Answer(decision="queued", decided_by=NOBODY_YET)

    def _raise(self, request: DecisionRequest, chunk: int, call_id: str) -> DecisionState:
        outcome = self._judge(request)
        known = (*self._elsewhere, *self._settled_here())
        self._stream.emit(
            ev.DecisionRequested(
                chunk=chunk,
                call_id=call_id,
                request=request,
                policy=outcome,
                autonomy=self._state.autonomy,
                batched=self._state.batch and self._may_be_queued(request, outcome),
                prior=prior_decisions(request.title, known) if outcome.outcome == "escalate" else (),
            )
        )
        return self._known(request.id)

    def _known(self, request_id: str) -> DecisionState:
        decision = self._state.decision(request_id)
        assert decision is not None, "what was raised is in the state"
        return decision

    def _judge(self, request: DecisionRequest, retiered: int | None = None) -> PolicyOutcome:
        # What the engine asks about is an act with exact bytes: an earlier answer never covers it.
        settled = self._settled_here() if request.raised_by == "worker" else ()
        deferred = sum(d.policy.outcome == "defer" for d in self._state.decisions)
        return self._policy(
            request,
            autonomy=self._state.autonomy,
            settled=settled,
            deferred_so_far=self._deferred_before + deferred,
            retiered=retiered,
        )

    def _settled_here(self) -> tuple[SettledDecision, ...]:
        """What people decided for this story, oldest first: before the run and in it."""
        taken = []
        for decision in self._state.decisions:
            answer, request = decision.holds, decision.request
            by_policy = decision.policy.outcome != "escalate" and decision.overturned is None
            if answer is None or answer.rejected or by_policy or request.raised_by == "engine":
                continue
            new = decision.overturned.recorded_as if decision.overturned else decision.recorded_as
            taken.append(
                SettledDecision(id=new or request.id, question=request.title, decision=answer.decision)
            )
        return (*self._settled, *taken)

    def _settle_alone(self, decision: DecisionState) -> Answer:
        request, outcome = decision.request, decision.policy
        choice = outcome.choice or "deferred: go on with the current scope"
        option = next((o.id for o in request.options if o.label == choice), None)
        answer = Answer(decision=choice, decided_by="auto", option=option, note="; ".join(outcome.reasons))
        recorded_as = None if outcome.outcome == "defer" else self._ids.next(AUTO)
        self._stream.emit(ev.DecisionResolved(request_id=request.id, answer=answer, recorded_as=recorded_as))
        self._preferences.settled(request.id)
        return answer

    # --- the human ----------------------------------------------------------------------

    def _escalate(self, decision: DecisionState, elaborate: Elaborate) -> Coroutine[None, None, Answer]:
        """The question waits from the call on: an answer always finds it."""
        person = self._supervision.attended and self._supervision.stand_in is None
        return self._answered(decision, self._asked(decision.request.id, elaborate) if person else None)

    async def _answered(
        self, decision: DecisionState, person: Coroutine[None, None, Command] | None
    ) -> Answer:
        command = await person if person is not None else self._stood_in(decision)
        if not isinstance(command, AnswerDecision):
            asked = self._known(decision.request.id)
            raise blocked(self._stream, self._state.queued_decisions if asked.batched else (asked,))
        return self.record_answer(decision.request, command)

    def _stood_in(self, decision: DecisionState) -> AnswerDecision | None:
        """The answers file's answer; None when it has none, and when nobody is there at all."""
        stand_in = self._supervision.stand_in
        answer = stand_in.decide(decision.request) if stand_in is not None else None
        refusal = refuse_decision(decision, answer) if answer is not None else None
        if stand_in is not None and refusal is not None:
            raise answered_wrongly(self._stream, decision, f"{stand_in.name}: {refusal}")
        return answer

    def _asked(self, request_id: str, elaborate: Elaborate) -> Coroutine[None, None, Command]:
        """Waits for the answer; what comes before it (another tier, a question back) is done at once."""
        turns: list[asyncio.Task[None]] = []

        def before_answer(command: Command) -> None:
            if isinstance(command, RetierDecision):
                self._retier(command)
            elif isinstance(command, ElaborateDecision):
                turns.append(asyncio.ensure_future(self._elaborate(command, elaborate)))

        def refuses(command: Command) -> str | None:
            return refuse_decision(self._known(request_id), command)

        return _with_turns_ended(self._inbox.wait(request_id, refuses, before_answer), turns)

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
        # What was turned down settles nothing: the same question may come again.
        recorded_as = None if answer.rejected else self._ids.next(ARCH)
        self._stream.emit(ev.DecisionResolved(request_id=request.id, answer=answer, recorded_as=recorded_as))
        for blocker in self._state.blockers:
            if blocker.request_id == request.id:
                how = f"decided by {answer.decided_by}: {answer.decision}"
                self._stream.emit(ev.BlockerCleared(blocker_id=blocker.blocker_id, how=how))
        self._preferences.settled(request.id)
        return answer

    def _retier(self, command: RetierDecision) -> None:
        """The question goes on waiting, whatever its new tier would have the policy do."""
        decision = self._known(command.request_id)
        judged = self._judge(decision.request, retiered=command.tier)
        was = decision.policy.tier
        before = f"tier {was}" if was else "no tier"
        said = (f"{command.by} put it in tier {command.tier} (it was {before})", *judged.reasons)
        if judged.outcome != "escalate":
            said = (said[0], f"{self._state.autonomy} would not ask for it: {judged.reasons[0]}")
        policy = replace(judged, outcome="escalate", reasons=said, choice=None)
        self._stream.emit(
            ev.DecisionRetiered(
                request_id=command.request_id, tier=command.tier, policy=policy, by=command.by
            )
        )

    async def _elaborate(self, command: ElaborateDecision, elaborate: Elaborate) -> None:
        """A model turn beside the conversation. Its fault is told on the prompt and ends nothing."""
        decision, question = self._known(command.request_id), command.question.strip()
        self._stream.emit(
            ev.ElaborationRequested(request_id=command.request_id, question=question, by=command.by)
        )
        text = fault = ""
        try:
            text = await elaborate(decision, question) or "[the worker said nothing]"
        except ModelFault as why:
            fault = f"{why.kind.replace('_', ' ')}: {why.message}"
        self._stream.emit(
            ev.DecisionElaborated(request_id=command.request_id, question=question, text=text, fault=fault)
        )

    # --- the queue ----------------------------------------------------------------------

    async def present_queue(self, chunk: int, elaborate: Elaborate) -> None:
        """Puts all queued questions to the supervisor as one list and waits until each is answered."""
        queued = self._state.queued_decisions
        if not queued:
            return
        if not self._supervision.attended and self._supervision.stand_in is None:
            self._present(queued, chunk)
            raise blocked(self._stream, queued)
        answers = [asyncio.ensure_future(self._escalate(decision, elaborate)) for decision in queued]
        try:
            self._present(queued, chunk)
            await asyncio.gather(*answers)
        finally:
            for answer in answers:
                answer.cancel()
            await asyncio.gather(*answers, return_exceptions=True)

    def _present(self, queued: tuple[DecisionState, ...], chunk: int) -> None:
        shown = {p.request_id for p in self._state.pending if p.batch}
        ids = tuple(decision.request.id for decision in queued)
        if not set(ids) <= shown:
            batch_id = f"batch:{chunk}:{self._state.seq}"
            self._stream.emit(ev.BatchPresented(batch_id=batch_id, chunk=chunk, request_ids=ids))


async def _with_turns_ended(
    answer: Coroutine[None, None, Command], turns: list[asyncio.Task[None]]
) -> Command:
    """The answer. What the worker was still saying before it is cut off."""
    try:
        return await answer
    finally:
        for turn in turns:
            turn.cancel()
            with suppress(asyncio.CancelledError):
                await turn
