"""raise_decision: a choice that the plan does not cover goes to the policy, and to the human (SPEC 5)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.decision_words import NOBODY_YET, settled_words
from core.domain import Answer, DecisionRequest, JsonObject, Option
from core.tools.base import Tool, ToolContext, ToolFailure, ToolInput, ToolResult


class OptionInput(ToolInput):
    label: str = Field(min_length=1)
    pros: str = ""
    cons: str = ""


class RaiseDecisionInput(ToolInput):
    title: str = Field(min_length=1, description="the question, in a few words")
    context: str = Field(min_length=1, description="what you implement, and why the plan does not settle it")
    options: list[OptionInput] = Field(min_length=2, description="ways to decide, each with its trade-offs")
    recommendation: int | None = Field(default=None, description="number of the option you recommend, from 1")
    rationale: str = Field(default="", description="why you recommend it")
    confidence: float | None = Field(default=None, ge=0, le=1)
    tier: int | None = Field(
        default=None,
        ge=1,
        le=5,
        description="1 clarification, 2 preference, 3 ambiguous scope, 4 destructive, 5 external dependency",
    )
    risk: Literal["low", "medium", "high"] | None = None
    architectural: bool = Field(
        default=False,
        description="package placement, endpoint contract, schema, auth, dependency, cross-cutting pattern",
    )
    fallback: str | None = Field(default=None, description="what to do if the choice turns out wrong")
    has_project_convention: bool = False
    matches_existing_patterns: bool = False
    reading: Literal["minimal", "expansive"] | None = Field(
        default=None, description="for ambiguous scope: does your recommendation do the least or more?"
    )
    blocks: list[str] = Field(default_factory=list, description="plan steps that wait for the answer")


class RaiseDecision(Tool[RaiseDecisionInput]):
    name = "raise_decision"
    description = "Raises a choice that the approved plan does not cover. Never make such a choice yourself."
    repeatable = True
    input_type = RaiseDecisionInput

    def shown(self, given: JsonObject) -> str:
        return f"raise decision: {given.get('title', '?')}"

    async def run(self, given: RaiseDecisionInput, context: ToolContext) -> ToolResult:
        options = tuple(
            Option(id=str(number), label=option.label, pros=option.pros, cons=option.cons)
            for number, option in enumerate(given.options, start=1)
        )
        if given.recommendation is not None and not 1 <= given.recommendation <= len(options):
            raise ToolFailure(f"raise_decision: there is no option {given.recommendation}")
        request = DecisionRequest(
            id=f"decision:{context.call_id}",
            title=" ".join(given.title.split()),
            context=given.context,
            options=options,
            recommendation=None if given.recommendation is None else str(given.recommendation),
            rationale=given.rationale,
            confidence=given.confidence,
            tier_view=given.tier,
            risk=given.risk,
            architectural=given.architectural,
            fallback=given.fallback,
            has_project_convention=given.has_project_convention,
            matches_existing_patterns=given.matches_existing_patterns,
            reading=given.reading,
            blocks=tuple(given.blocks) or (context.open_steps or ()),
        )
        return ToolResult(text=_told(request, await context.decide(request)))


def _told(request: DecisionRequest, answer: Answer) -> str:
    if answer.decided_by == NOBODY_YET:
        return (
            "Queued, not decided yet: the supervisor answers at the chunk's end at the latest; you are told. "
            "Go on with what does not depend on it; or build on your recommendation, knowing that it may be "
            f"turned down.\n(question: {request.title})"
        )
    return f"{settled_words(answer)}\n(question: {request.title})"
