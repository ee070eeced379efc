"""A ModelRequest in the form of the Messages API.

What the API would refuse is left out or mended here, so that a conversation which the journal rebuilt is
always a valid request: empty text blocks, thinking without its signature (only another model can have
written it), messages that are empty then, and half surrogate pairs, which no JSON body can carry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from core.domain import (
    JsonObject,
    RedactedThinkingBlock,
    ReplyBlock,
    TextBlock,
    ThinkingBlock,
    ToolAnswer,
    ToolCall,
)
from core.models.base import Message, ModelRequest

if TYPE_CHECKING:
    from anthropic.types import (
        CacheControlEphemeralParam,
        MessageParam,
        RedactedThinkingBlockParam,
        TextBlockParam,
        ThinkingBlockParam,
        ToolParam,
        ToolResultBlockParam,
        ToolUseBlockParam,
    )

    BlockParam: TypeAlias = (
        TextBlockParam
        | ThinkingBlockParam
        | RedactedThinkingBlockParam
        | ToolUseBlockParam
        | ToolResultBlockParam
    )

CONTEXT_EDITING_BETA = "context-management-2025-06-27"
BYTES_PER_TOKEN = 4
CLEAR_FROM = 0.4  # of the model's context
CLEAR_AT_LEAST = 0.1
KEPT_RESULTS = 6


def system_params(request: ModelRequest) -> list[TextBlockParam]:
    params: list[TextBlockParam] = []
    for block in request.system:
        if not block.text.strip():
            continue
        param: TextBlockParam = {"type": "text", "text": _sendable(block.text)}
        if block.cache:
            param["cache_control"] = _cache_mark()
        params.append(param)
    return params


def message_params(request: ModelRequest) -> list[MessageParam]:
    params = (_message(message) for message in request.messages)
    return [param for param in params if param is not None]


def tool_params(request: ModelRequest) -> list[ToolParam]:
    return [
        {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}
        for tool in request.tools
    ]


def context_editing(request: ModelRequest, context_tokens: int) -> JsonObject | None:
    """Has the API leave out the oldest tool results of a long conversation; None for one that is not long.

    It costs the cache from there on once, so it is asked for only where the context begins to fill, and then
    a good part is left out at a time.
    """
    sizes = (len(str(param)) for message in request.messages for param in message.blocks)
    if sum(sizes) / BYTES_PER_TOKEN < CLEAR_FROM * context_tokens:
        return None
    edit = {
        "type": "clear_tool_uses_20250919",
        "trigger": {"type": "input_tokens", "value": int(CLEAR_FROM * context_tokens)},
        "keep": {"type": "tool_uses", "value": KEPT_RESULTS},
        "clear_at_least": {"type": "input_tokens", "value": int(CLEAR_AT_LEAST * context_tokens)},
        "exclude_tools": ["open_chunk", "raise_decision", "close_chunk"],
    }
    return {"edits": [edit]}


def _message(message: Message) -> MessageParam | None:
    content = [param for block in message.blocks if (param := _block(block)) is not None]
    if not content:
        return None
    if message.cache:
        _mark_last(content)
    if message.role == "user":
        return {"role": "user", "content": content}
    return {"role": "assistant", "content": content}


def _block(block: ReplyBlock | ToolAnswer) -> BlockParam | None:
    match block:
        case TextBlock():
            return {"type": "text", "text": _sendable(block.text)} if block.text.strip() else None
        case ThinkingBlock():
            if not block.signature:
                return None
            return {"type": "thinking", "thinking": block.thinking, "signature": block.signature}
        case RedactedThinkingBlock():
            return {"type": "redacted_thinking", "data": block.data}
        case ToolCall():
            return {"type": "tool_use", "id": block.id, "name": block.name, "input": _sendable(block.input)}
        case ToolAnswer():
            return {
                "type": "tool_result",
                "tool_use_id": block.call_id,
                "content": _sendable(block.text),
                "is_error": block.is_error,
            }


def _mark_last(content: list[BlockParam]) -> None:
    """Marks the last block that may carry a cache mark; thinking may not."""
    for param in reversed(content):
        if param["type"] == "thinking" or param["type"] == "redacted_thinking":
            continue
        param["cache_control"] = _cache_mark()
        return


def _cache_mark() -> CacheControlEphemeralParam:
    return {"type": "ephemeral"}


def _sendable(value: Any) -> Any:
    """`value` with each half of a surrogate pair replaced by `?`; the SDK can't encode them."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {_sendable(key): _sendable(item) for key, item in value.items()}
        case list():
            return [_sendable(item) for item in value]
    return value
