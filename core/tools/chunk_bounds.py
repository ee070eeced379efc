"""open_chunk, close_chunk, complete, report_blocker: how the worker marks where it is (SPEC 4)."""

from __future__ import annotations

from pydantic import Field

from core.domain import ChunkOpening, ChunkSummary, Citation, CommentAnswer, JsonObject
from core.tools.base import (
    CloseChunk,
    Complete,
    OpenChunk,
    ReportBlocker,
    Tool,
    ToolContext,
    ToolFailure,
    ToolInput,
    ToolResult,
)


class OpenChunkInput(ToolInput):
    name: str = Field(min_length=1, max_length=120, description="short name, as the log's heading has it")
    objective: str = Field(min_length=1, description="what this chunk achieves")
    steps: list[str] = Field(min_length=1, description="ids of the plan steps it works on")
    criteria: list[str] = Field(default_factory=list, description="acceptance criteria it serves, as AC-1")


class OpenChunkTool(Tool[OpenChunkInput]):
    name = "open_chunk"
    description = "Opens the next chunk: one coherent set of edits. No edit is possible before."
    input_type = OpenChunkInput

    def shown(self, given: JsonObject) -> str:
        return f"open chunk: {given.get('name', '?')}"

    async def run(self, given: OpenChunkInput, context: ToolContext) -> ToolResult:
        if context.open_steps is not None:
            raise ToolFailure("a chunk is open already: close it before you open another")
        known = {step.id for step in context.plan.steps}
        unknown = [step for step in given.steps if step not in known]
        if unknown:
            raise ToolFailure(f"the plan has no step {', '.join(unknown)}; its steps are {_ids(context)}")
        opening = ChunkOpening(
            name=" ".join(given.name.split()),
            objective=given.objective,
            steps=tuple(given.steps),
            criteria=tuple(given.criteria),
        )
        return ToolResult(text=f"chunk {context.chunk} is open", signal=OpenChunk(opening=opening))


class CommentAnswerInput(ToolInput):
    comment: str = Field(description="its id, such as C1")
    answer: str = Field(min_length=1)


class CitationInput(ToolInput):
    entry: str = Field(description="id of a knowledge base entry, such as KB-12")
    summary: str = Field(min_length=1, description="what you used of it")


class CloseChunkInput(ToolInput):
    summary: str = Field(min_length=1, description="what changed")
    reused: list[str] = Field(default_factory=list, description="packages and modules reused")
    new: list[str] = Field(default_factory=list, description="what was made new")
    why_new: str = Field(default="", description="why new was necessary")
    core: str = Field(default="", description="ports and adapters: what stayed in core")
    adapters: str = Field(default="", description="ports and adapters: what stayed in adapters")
    notes: str = Field(default="", description="notes and risks")
    steps_left_open: list[str] = Field(
        default_factory=list, description="steps of this chunk that a later chunk still has to finish"
    )
    answers: list[CommentAnswerInput] = Field(
        default_factory=list, description="after a review: what you did about each of its comments"
    )
    cited: list[CitationInput] = Field(
        default_factory=list, description="knowledge base entries that this chunk rests on"
    )


class CloseChunkTool(Tool[CloseChunkInput]):
    name = "close_chunk"
    description = (
        "Closes the chunk: it is logged, its rules and its type check run, then the supervisor reviews it. "
        "A failure or requested changes come back as the answer: fix them and close again."
    )
    input_type = CloseChunkInput

    def shown(self, given: JsonObject) -> str:
        return "close chunk"

    async def run(self, given: CloseChunkInput, context: ToolContext) -> ToolResult:
        context.require_open_chunk()
        unknown = [each.entry for each in given.cited if not context.was_found(each.entry)]
        if unknown:
            raise ToolFailure(f"no search of this run found {', '.join(unknown)}: cite what was found")
        summary = ChunkSummary(
            summary=given.summary,
            reused=tuple(given.reused),
            new=tuple(given.new),
            why_new=given.why_new,
            core_note=given.core,
            adapters_note=given.adapters,
            notes=given.notes,
            steps_left_open=tuple(given.steps_left_open),
            answers=tuple(CommentAnswer(comment=each.comment, text=each.answer) for each in given.answers),
            cited=tuple(Citation(entry=each.entry, summary=each.summary) for each in given.cited),
        )
        return ToolResult(text="", signal=CloseChunk(summary=summary))


class LeftOpen(ToolInput):
    step: str
    why: str = Field(min_length=1)


class CompleteInput(ToolInput):
    summary: str = Field(min_length=1, description="what the story has now")
    steps_left_open: list[LeftOpen] = Field(
        default_factory=list, description="steps that are not your work, each with the reason"
    )


class CompleteTool(Tool[CompleteInput]):
    name = "complete"
    description = "Reports that all your work on the story is done. Every plan step must be accounted for."
    input_type = CompleteInput

    def shown(self, given: JsonObject) -> str:
        return "report completion"

    async def run(self, given: CompleteInput, context: ToolContext) -> ToolResult:
        if context.open_steps is not None:
            raise ToolFailure("a chunk is open: close it before you report completion")
        left = tuple((item.step, item.why) for item in given.steps_left_open)
        return ToolResult(text="", signal=Complete(summary=given.summary, steps_left_open=left))


class ReportBlockerInput(ToolInput):
    reason: str = Field(min_length=1, description="one line: what keeps you from going on")
    context: str = Field(default="", description="what you were doing, what you tried")
    steps: list[str] = Field(default_factory=list, description="plan steps that are blocked")


class ReportBlockerTool(Tool[ReportBlockerInput]):
    name = "report_blocker"
    description = "Stops because something outside your reach is missing. Use raise_decision for choices."
    input_type = ReportBlockerInput

    def shown(self, given: JsonObject) -> str:
        return f"report blocker: {given.get('reason', '?')}"

    async def run(self, given: ReportBlockerInput, context: ToolContext) -> ToolResult:
        signal = ReportBlocker(
            reason=" ".join(given.reason.split()), context=given.context, steps=tuple(given.steps)
        )
        return ToolResult(text="", signal=signal)


def _ids(context: ToolContext) -> str:
    return ", ".join(step.id for step in context.plan.steps)
