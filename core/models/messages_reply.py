"""Puts the events of one Messages stream together to one reply, whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from core.domain import RedactedThinkingBlock, ReplyBlock, TextBlock, ThinkingBlock, ToolCall, Usage
from core.models.base import ModelFault, TextPiece
from core.untrusted import strict_json

if TYPE_CHECKING:
    from anthropic.types import (
        RawContentBlockDeltaEvent,
        RawContentBlockStartEvent,
        RawMessageStreamEvent,
    )

_COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


@dataclass
class _Open:
    """A block as it grows. `kind` is the API's word; blocks of other kinds are kept out of the reply."""

    kind: str
    id: str = ""
    name: str = ""
    data: str = ""
    signature: str = ""
    input_given: bool = False
    parts: list[str] = field(default_factory=list)
    stopped: bool = False

    def add(self, kind: Literal["text", "thinking", "tool"], text: object) -> TextPiece | None:
        if not isinstance(text, str) or not text:
            return None
        self.parts.append(text)
        return TextPiece(kind=kind, text=text)


class ReplyBuilder:
    """Feed it every event with `take`; when `complete` is true the reply is whole.

    The SDK builds its event objects without validating them: a field may hold anything or nothing.
    """

    def __init__(self) -> None:
        self.complete = False
        self.stop_reason: str | None = None
        self._blocks: dict[int, _Open] = {}
        self._usage: dict[str, int] = {}

    def take(self, event: RawMessageStreamEvent) -> TextPiece | None:
        """Adds one event; gives the piece of text that came with it, if any. Unknown events are ignored."""
        if event.type == "content_block_delta":
            return self._grow(event)
        if event.type == "content_block_start":
            return self._open(event)
        if event.type == "content_block_stop":
            if block := self._blocks.get(event.index):
                block.stopped = True
        elif event.type == "message_start":
            self._count(getattr(event.message, "usage", None))
        elif event.type == "message_delta":
            self.stop_reason = _text(getattr(event.delta, "stop_reason", None)) or self.stop_reason
            self._count(event.usage)
        elif event.type == "message_stop":
            self.complete = True
        return None

    def blocks(self) -> tuple[ReplyBlock, ...]:
        built = (_build(block) for block in self._blocks.values())
        return tuple(block for block in built if block is not None)

    def whole_stop_reason(self) -> str:
        """The API's stop reason. Raises ModelFault `cut` where the stream did not come to its end:
        the SDK raises nothing when a connection is closed in the middle (RELIABILITY)."""
        if not self.complete:
            raise ModelFault("cut", "the reply broke off before its end", retryable=True)
        if self.stop_reason is None or not all(block.stopped for block in self._blocks.values()):
            raise ModelFault("cut", "the reply ended without being finished", retryable=True)
        return self.stop_reason

    def usage(self) -> Usage:
        return Usage(
            input=self._usage.get("input_tokens", 0),
            output=self._usage.get("output_tokens", 0),
            cache_read=self._usage.get("cache_read_input_tokens", 0),
            cache_write=self._usage.get("cache_creation_input_tokens", 0),
        )

    def _open(self, event: RawContentBlockStartEvent) -> TextPiece | None:
        start = event.content_block
        block = _Open(kind=_text(getattr(start, "type", None)))
        self._blocks[event.index] = block
        if start.type == "text":
            return block.add("text", start.text)
        if start.type == "thinking":
            block.signature = _text(start.signature)
            return block.add("thinking", start.thinking)
        if start.type == "redacted_thinking":
            block.data = _text(start.data)
        elif start.type == "tool_use":
            block.id, block.name = _text(start.id), _text(start.name)
            block.input_given = bool(start.input)
        return None

    def _grow(self, event: RawContentBlockDeltaEvent) -> TextPiece | None:
        block, delta = self._blocks.get(event.index), event.delta
        if block is None:
            return None
        if delta.type == "text_delta" and block.kind == "text":
            return block.add("text", delta.text)
        if delta.type == "input_json_delta" and block.kind == "tool_use":
            return block.add("tool", delta.partial_json)
        if delta.type == "thinking_delta" and block.kind == "thinking":
            return block.add("thinking", delta.thinking)
        if delta.type == "signature_delta" and block.kind == "thinking":
            block.signature += _text(delta.signature)
        return None

    def _count(self, usage: object) -> None:
        """The counts of `message_delta` are cumulative: what they name replaces what came before."""
        for name in (
            "input_tokens",
            "output_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
        ):
            count = getattr(usage, name, None)
            if isinstance(count, int):
                self._usage[name] = count


def _build(block: _Open) -> ReplyBlock | None:
    text = "".join(block.parts)
    match block.kind:
        case "text":
            return TextBlock(text=text) if text else None
        case "thinking":
            return ThinkingBlock(thinking=text, signature=block.signature)
        case "redacted_thinking":
            return RedactedThinkingBlock(data=block.data)
        case "tool_use":
            return _tool_call(block, text)
    return None


def _tool_call(block: _Open, text: str) -> ToolCall:
    """The call with its input from the raw text alone. What is not strict JSON is a fault, never run."""
    if block.input_given:
        return ToolCall(id=block.id, name=block.name, input={}, fault="its input did not come as text")
    try:
        return ToolCall(id=block.id, name=block.name, input=strict_json(text) if text else {})
    except ValueError as error:
        return ToolCall(id=block.id, name=block.name, input={}, fault=str(error))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
