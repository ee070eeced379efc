"""What the supervisor can do with a waiting question before answering it: another tier, a question back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol, TypeAlias

from core import events as ev
from core.commands import ElaborateDecision, RetierDecision
from core.decision_words import words_of
from core.domain import DecisionRequest, PolicyOutcome
from core.models.base import ModelFault
from core.run_state import DecisionState
from core.stream import Stream

Elaborate: TypeAlias = Callable[[DecisionState, str], Awaitable[str]]


class Judge(Protocol):
    def __call__(self, request: DecisionRequest, retiered: int | None = None) -> PolicyOutcome: ...


class BeforeAnswer:
    """Neither answers the question: it goes on waiting."""

    def __init__(self, stream: Stream, judge: Judge) -> None:
        self._stream = stream
        self._judge = judge

    def _decision(self, request_id: str) -> DecisionState:
        decision = self._stream.state.decision(request_id)
        assert decision is not None, "what waits is in the state"
        return decision

    def catch_up(self) -> None:
        """What the worker had said before a crash kept it from being recorded: it is not asked for again."""
        asked: dict[str, ev.ElaborationRequested] = {}
        said: dict[str, str] = {}
        for record in self._stream.records:
            match record.event:
                case ev.ElaborationRequested() as event:
                    asked[event.request_id] = event
                    said.pop(event.request_id, None)
                case ev.ModelTurnFinished() as event if event.about:
                    said[event.about] = words_of(event.blocks)
                case ev.DecisionElaborated() as event:
                    said.pop(event.request_id, None)
                case _:
                    pass
        for request_id, text in said.items():
            self._say(asked[request_id], text, "")

    def retier(self, command: RetierDecision) -> None:
        """The question goes on waiting, whatever its new tier would have the policy do."""
        decision = self._decision(command.request_id)
        judged = self._judge(decision.request, retiered=command.tier)
        was = decision.policy.tier
        before = f"tier {was}" if was else "no tier"
        said = (f"{command.by} put it in tier {command.tier} (it was {before})", *judged.reasons)
        if judged.outcome != "escalate":
            said = (said[0], f"{self._stream.state.autonomy} would not ask for it: {judged.reasons[0]}")
        policy = replace(judged, outcome="escalate", reasons=said, choice=None)
        self._stream.emit(
            ev.DecisionRetiered(
                request_id=command.request_id, tier=command.tier, policy=policy, by=command.by
            )
        )

    async def elaborate(self, command: ElaborateDecision, elaborate: Elaborate) -> None:
        """A model turn beside the conversation. Its fault is told on the prompt and ends nothing."""
        decision, question = self._decision(command.request_id), command.question.strip()
        asked = ev.ElaborationRequested(request_id=command.request_id, question=question, by=command.by)
        self._stream.emit(asked)
        text = fault = ""
        try:
            text = await elaborate(decision, question)
        except ModelFault as why:
            fault = f"{why.kind.replace('_', ' ')}: {why.message}"
        self._say(asked, text, fault)

    def _say(self, asked: ev.ElaborationRequested, text: str, fault: str) -> None:
        said = text or ("" if fault else "[the worker said nothing]")
        self._stream.emit(
            ev.DecisionElaborated(
                request_id=asked.request_id, question=asked.question, text=said, fault=fault
            )
        )
