"""What a tool is: a schema the model sees, and an effect that only the engine can have.

Inputs are pydantic models: one definition gives the JSON schema and the strict validation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from core.domain import (
    Act,
    Answer,
    ChunkOpening,
    ChunkSummary,
    CommandRun,
    DecisionRequest,
    JsonObject,
    Plan,
    ToolSpec,
    WorkerProfile,
    value,
)


class ToolInput(BaseModel):
    """Strict: unknown keys and wrong types are refused, and said so to the model."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ToolFailure(Exception):
    """The tool did nothing; the text goes back to the model as an error."""


@value
class OpenChunk:
    opening: ChunkOpening


@value
class CloseChunk:
    summary: ChunkSummary


@value
class Complete:
    summary: str
    steps_left_open: tuple[tuple[str, str], ...]


@value
class ReportBlocker:
    reason: str
    context: str
    steps: tuple[str, ...]


Signal: TypeAlias = OpenChunk | CloseChunk | Complete | ReportBlocker


@value
class ToolResult:
    """What the tool did. A `signal` is for the chunk loop, which then makes the answer itself."""

    text: str
    bytes_read: int = 0
    signal: Signal | None = None


@dataclass(frozen=True)
class ToolContext:
    """What a call may use. `decide` puts a request through the policy and, if need be, to the human;
    `was_asked` says whether one of this id was before. `find_acts` says what writing a path does, given its
    bytes before (None: no file) and after. `search_knowledge` gives the result of `kb_search`, or a line why
    there is none; `was_found` whether a search of the run found an entry.
    """

    workspace: Any
    profile: WorkerProfile
    plan: Plan
    chunk: int
    call_id: str
    open_steps: tuple[str, ...] | None
    created_in_chunk: Callable[[str], bool]
    find_acts: Callable[[str, bytes | None, bytes], tuple[Act, ...]]
    was_asked: Callable[[str], bool]
    decide: Callable[[DecisionRequest], Awaitable[Answer]]
    run_command: Callable[[tuple[str, ...], bool], Awaitable[tuple[CommandRun, str]]]
    search_knowledge: Callable[[JsonObject, str], Awaitable[JsonObject | str]]
    was_found: Callable[[str], bool]

    def require_open_chunk(self) -> None:
        if self.open_steps is None:
            raise ToolFailure("no chunk is open: call open_chunk first (no edit is possible outside a chunk)")


I = TypeVar("I", bound=ToolInput)  # noqa: E741


class Tool(Generic[I]):
    """One tool. `repeatable`: running it twice is the same as once (reading, asking). `unseen`: what it does
    is done elsewhere, so that after a crash nobody knows whether it was."""

    name: ClassVar[str]
    description: ClassVar[str]
    repeatable: ClassVar[bool] = False
    unseen: ClassVar[bool] = False
    input_type: type[I]

    def shown(self, given: JsonObject) -> str:
        """The call in one line, for the screen. Takes the raw input, which may be anything."""
        raise AssertionError(f"{self.name} does not say how it is shown")

    async def run(self, given: I, context: ToolContext) -> ToolResult:
        raise AssertionError(f"{self.name} has no effect")

    async def call(self, raw: JsonObject, context: ToolContext) -> ToolResult:
        """Validates and runs. Raises ToolFailure with what is wrong, in the model's terms."""
        try:
            given = self.input_type.model_validate(raw)
        except ValidationError as fault:
            raise ToolFailure(f"{self.name}: {_first_problem(fault)}") from None
        return await self.run(given, context)

    def spec(self) -> ToolSpec:
        schema = _without_titles(self.input_type.model_json_schema())
        assert isinstance(schema, dict)
        schema.pop("description", None)
        return ToolSpec(name=self.name, description=self.description, input_schema=schema)


def _first_problem(fault: ValidationError) -> str:
    first = fault.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "input"
    more = f" (and {fault.error_count() - 1} more)" if fault.error_count() > 1 else ""
    return f"`{place}`: {first['msg']}{more}"


def _without_titles(schema: object) -> object:
    """Pydantic's generated titles cost tokens and say nothing."""
    if isinstance(schema, dict):
        return {
            key: _without_titles(inner)
            for key, inner in schema.items()
            if not (key == "title" and isinstance(inner, str))
        }
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    return schema
