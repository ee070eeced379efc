"""What the Messages API itself refuses with 400, as far as this product could get it wrong."""

from __future__ import annotations

import json

from core.domain import JsonObject

MARKS = 4  # cache marks in one request


def refusal(request: JsonObject) -> str | None:
    """Why the API would answer this request with 400, or None: its rules on conversations and cache marks."""
    messages = _merged(request["messages"])
    if not messages or messages[0][0] != "user" or messages[-1][0] != "user":
        return "messages: must begin and end with the user"
    if json.dumps(request).count('"cache_control"') > MARKS:
        return f"more than {MARKS} cache marks"
    blocks = [*as_blocks(request.get("system", [])), *(block for _, content in messages for block in content)]
    if any(block["type"] == "text" and not block["text"].strip() for block in blocks):
        return "text content blocks must contain non-whitespace text"
    calls: list[str] = []
    for role, content in messages:
        if role == "user":
            answers = [block["tool_use_id"] for block in content if block["type"] == "tool_result"]
            if sorted(answers) != sorted(calls):
                return f"tool_use {calls} are answered by tool_result {answers}"
        calls = [block["id"] for block in content if block["type"] == "tool_use"]
        if len(set(calls)) != len(calls):
            return "tool_use ids must be unique"
    return None


def _merged(messages: list[JsonObject]) -> list[tuple[str, list[JsonObject]]]:
    """Messages of the same role in a row count as one."""
    merged: list[tuple[str, list[JsonObject]]] = []
    for message in messages:
        if merged and merged[-1][0] == message["role"]:
            merged[-1][1].extend(as_blocks(message["content"]))
        else:
            merged.append((message["role"], list(as_blocks(message["content"]))))
    return merged


def as_blocks(content: str | list[JsonObject]) -> list[JsonObject]:
    """The API takes a string for one text block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content
