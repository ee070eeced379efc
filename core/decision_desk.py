"""Where decisions are made: each goes through the policy, and to the human if the policy says so (SPEC 5).

A question waits without any time limit. Meanwhile the supervisor can give it another tier or have the worker
elaborate; neither answers it. In batch mode questions that can wait are queued and put as one list.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Protocol

from core import events as ev
from core.before_answer import BeforeAnswer, Elaborate
from core.commands import AnswerDecision, Command, ElaborateDecision, RetierDecision
from core.decision_blockers import answered_wrongly, blocked
from core.decision_ids import ARCH, AUTO, DecisionIds
from core.decision_words import NOBODY_YET
from core.domain import Answer, AutonomyLevel, DecisionRequest, PolicyOutcome, SettledDecision
from core.inbox import Inbox
from core.preference_keeper import PreferenceKeeper
from core.prior_decisions import prior_decisions
from core.refusals import refuse_decision
from core.run_state import DecisionState, RunState
from core.stream import Stream
from core.supervision import Supervision

MOST_QUEUED = 5


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
    """`settled` stood in the story's file when the run began, `elsewhere` in those of other stories.

    `known_of` gives what the knowledge base has on a question; `deferred_before` counts what earlier runs of
    the story put off. `may_be_queued` says what a batch takes.
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
        known_of: Callable[[str], tuple[SettledDecision, ...]] = lambda title: (),
        deferred_before: int = 0,
    ) -> None:
        self._stream = stream
        self._inbox = inbox
        self._before = BeforeAnswer(stream, self._judge)
        self._supervision = supervision
        self._policy = policy
        self._ids = ids
        self._preferences = preferences
        self._may_be_queued = may_be_queued
        self._settled = settled
        self._elsewhere = elsewhere
        self._known_of = known_of
        self._deferred_before = deferred_before

    @property
    def _state(self) -> RunState:
        return self._stream.state

    def catch_up(self) -> None:
        """What a crash kept from being recorded beside the decisions."""
        for blocker in self._state.blockers:
            decision = self._state.decision(blocker.request_id or "")
            if decision is not None and (decision.answer is not None or decision.void):
                self._clear(blocker, decision)
        self._before.catch_up()
        self._preferences.catch_up()

    # --- one question -------------------------------------------------------------------

    async def decide(
        self, request: DecisionRequest, *, chunk: int, call_id: str, elaborate: Elaborate
    ) -> Answer:
        """The answer, or the end of the run; `decided_by` is `nobody` for a question that was queued.

        The same request id (after a crash) is the same question: it is not asked twice.
        """
        decision = self._state.decision(request.id) or self._raise(request, chunk, call_id)
        if decision.batched:
            if len(self._state.queued_decisions) >= MOST_QUEUED:
                await self.present_queue(chunk, elaborate)
            # Its answer comes as a message, with those of the others.
            return Answer(decision="queued", decided_by=NOBODY_YET)
        if decision.answer is not None:
            return decision.answer
        if decision.policy.outcome != "escalate":
            return self._settle_alone(decision)
        return await self._escalate(decision, elaborate)

    def _raise(self, request: DecisionRequest, chunk: int, call_id: str) -> DecisionState:
        outcome = self._judge(request)
        self._stream.emit(
            ev.DecisionRequested(
                chunk=chunk,
                call_id=call_id,
                request=request,
                policy=outcome,
                autonomy=self._state.autonomy,
                batched=self._state.batch and self._may_be_queued(request, outcome),
                prior=self._prior(request.title) if outcome.outcome == "escalate" else (),
            )
        )
        for blocker in self._state.blockers:
            replaced = self._state.decision(blocker.request_id or "")
            if replaced is not None and replaced.void:
                self._clear(blocker, replaced)
        return self._known(request.id)

    def _prior(self, title: str) -> tuple[SettledDecision, ...]:
        """Of the story and its feature first; the knowledge base may know the same by another id."""
        here = prior_decisions(title, (*self._elsewhere, *self._settled_here()))
        settled = {(each.question, each.decision) for each in here}
        return (*here, *(k for k in self._known_of(title) if (k.question, k.decision) not in settled))

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
        taken: list[tuple[int, SettledDecision]] = []
        for decision in self._state.decisions:
            answer, request = decision.holds, decision.request
            by_policy = decision.policy.outcome != "escalate" and decision.overturned is None
            if answer is None or answer.rejected or by_policy or request.raised_by == "engine":
                continue
            new = decision.overturned.recorded_as if decision.overturned else decision.recorded_as
            said_at = decision.overturned_seq or decision.answered_seq
            settled = SettledDecision(
                id=new or request.id,
                question=request.title,
                decision=answer.decision,
                context=request.context,
            )
            taken.append((said_at, settled))
        taken.sort(key=lambda each: each[0])
        return (*self._settled, *(settled for _, settled in taken))

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
                self._before.retier(command)
            elif isinstance(command, ElaborateDecision):
                turns.append(asyncio.ensure_future(self._before.elaborate(command, elaborate)))
                turns[-1].add_done_callback(self._stop_on_fault(request_id))

        def refuses(command: Command) -> str | None:
            return refuse_decision(self._known(request_id), command)

        return _with_turns_ended(self._inbox.wait(request_id, refuses, before_answer), turns)

    def _stop_on_fault(self, request_id: str) -> Callable[[asyncio.Task[None]], None]:
        """A fault in a turn beside the conversation is the run's, such as a journal that can't be written."""

        def ended(turn: asyncio.Task[None]) -> None:
            error = None if turn.cancelled() else turn.exception()
            if error is not None:
                self._inbox.fail(request_id, error)

        return ended

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
                self._clear(blocker, self._known(request.id))
        self._preferences.settled(request.id)
        return answer

    def _clear(self, blocker: ev.BlockerRaised, decision: DecisionState) -> None:
        answer = decision.answer
        how = (
            f"decided by {answer.decided_by}: {answer.decision}" if answer else "another question replaced it"
        )
        self._stream.emit(ev.BlockerCleared(blocker_id=blocker.blocker_id, how=how))

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

    async def present_again(self, chunk: int, elaborate: Elaborate) -> None:
        """A list that an earlier process had put to the supervisor waits in this one too."""
        if any(p.batch for p in self._state.pending):
            await self.present_queue(chunk, elaborate)

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
            with suppress(asyncio.CancelledError, Exception):  # a fault has reached the inbox already
                await turn
