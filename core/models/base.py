"""What the engine asks of a model: one streamed turn, whole or not at all."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Literal, Protocol, TypeAlias

from core.domain import ReplyBlock, TextBlock, ToolAnswer, ToolSpec, Usage, value


@value
class PromptBlock:
    """A block of the system prompt. `cache` puts a cache mark behind it."""

    text: str
    cache: bool = False


@value
class Message:
    """One message of the conversation. `cache` puts a cache mark on its last block."""

    role: Literal["user", "assistant"]
    blocks: tuple[ReplyBlock | TextBlock | ToolAnswer, ...]
    cache: bool = False


@value
class ModelRequest:
    """One turn's request. `chunk` and `approved_chunks` place it in the run (the scripted
    model answers by them); the API never sees them."""

    system: tuple[PromptBlock, ...]
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    chunk: int = 1
    approved_chunks: int = 0


@value
class TextPiece:
    """A piece of the reply as it streams. `tool` pieces are raw JSON of a tool's input."""

    kind: Literal["text", "thinking", "tool"]
    text: str


@value
class ModelReply:
    """A reply that came whole: the stream ended as the protocol says it ends.

    `stop_reason` is the API's word; the engine executes tool calls only for `tool_use`.
    """

    blocks: tuple[ReplyBlock, ...]
    stop_reason: str
    usage: Usage
    cost_usd: float | None = None
    request_id: str | None = None


StreamItem: TypeAlias = TextPiece | ModelReply

FaultKind: TypeAlias = Literal[
    "rate_limited",
    "overloaded",
    "server",
    "network",
    "timeout",
    "cut",
    "auth",
    "bad_request",
    "refused",
    "exhausted",
]

# The faults that another try of the same request may not meet.
PASSING: frozenset[FaultKind] = frozenset(
    {"rate_limited", "overloaded", "server", "network", "timeout", "cut"}
)


class ModelFault(Exception):
    """A turn that gave no whole reply. Nothing of it may be executed.

    `retry_after_s` is what the server asked for, if it did; the engine bounds it.
    """

    def __init__(
        self,
        kind: FaultKind,
        message: str,
        *,
        retryable: bool,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind: FaultKind = kind
        self.message = message
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class Model(Protocol):
    """A worker's model. `name` is shown and priced; `scripted` is said on screen (SPEC 10)."""

    name: str
    scripted: bool
    context_tokens: int

    def stream(self, request: ModelRequest) -> AsyncGenerator[StreamItem, None]:
        """Yields pieces, then exactly one ModelReply, last. Raises ModelFault otherwise."""
        ...

    async def close(self) -> None: ...
