"""A script of the scripted model, spoken over the real protocol: see tests/protocol_server.py.

script = load_script(path)
turns = with_faults(scripted_answer(script), {1: http_fault(429, "rate_limit_error"), 4: "cut"})
with ProtocolServer(turns) as server: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count

from core.domain import JsonObject, ReplyBlock, TextBlock, ThinkingBlock, ToolAnswer, ToolCall
from core.models.base import FaultKind, Message, ModelFault, ModelRequest, PromptBlock
from core.models.scripted import Script, ScriptedModel
from tests.protocol_server import Answer, Ending, HttpFault, Planned, Turn, http_fault, text, thinking, tool

STATUS: dict[FaultKind, tuple[int, str]] = {
    "rate_limited": (429, "rate_limit_error"),
    "overloaded": (529, "overloaded_error"),
    "server": (500, "api_error"),
    "timeout": (504, "timeout_error"),
    "auth": (401, "authentication_error"),
}


def scripted_answer(
    script: Script, approved: Callable[[JsonObject], int] | None = None
) -> Callable[[JsonObject], Answer]:
    """Answers each request as the script says. `approved` tells the number of approved chunks from a
    request; without it each new conversation (system prompt and first message) is the next chunk's."""
    model = ScriptedModel(script, speed=None)
    group_of = approved or _conversation_counter()

    def answer(request: JsonObject) -> Answer:
        group = group_of(request)
        try:
            reply = model.next_reply(model_request(request, group))
        except ModelFault as fault:
            status, error_type = STATUS.get(fault.kind, (400, "invalid_request_error"))
            return http_fault(status, error_type, fault.message)
        content = tuple(_sent(block) for block in reply.blocks)
        return Turn(content=content, stop_reason=reply.stop_reason, usage=reply.usage)

    return answer


def with_faults(
    answer: Callable[[JsonObject], Answer], faults: Mapping[int, HttpFault | Ending]
) -> Iterator[Planned]:
    """`answer` for ever, but request number n (from 0) meets `faults[n]`: an HTTP fault, or the reply that it
    would have got, ended so."""
    for number in count():
        fault = faults.get(number)
        if fault is None:
            yield answer
        elif isinstance(fault, HttpFault):
            yield fault
        else:
            yield _broken(answer, fault)


def _broken(answer: Callable[[JsonObject], Answer], ending: Ending) -> Callable[[JsonObject], Answer]:
    def broken(request: JsonObject) -> Answer:
        whole = answer(request)
        assert isinstance(whole, Turn)
        return replace(whole, ending=ending)

    return broken


def model_request(request: JsonObject, approved_chunks: int) -> ModelRequest:
    """The body of a Messages request as the ModelRequest that it came from (without its tools)."""
    return ModelRequest(
        system=tuple(PromptBlock(text=block["text"]) for block in request.get("system", ())),
        messages=tuple(
            Message(role=message["role"], blocks=tuple(map(_received, message["content"])))
            for message in request["messages"]
        ),
        tools=(),
        chunk=approved_chunks + 1,
        approved_chunks=approved_chunks,
    )


def _received(block: JsonObject) -> ReplyBlock | ToolAnswer:
    match block["type"]:
        case "text":
            return TextBlock(text=block["text"])
        case "thinking":
            return ThinkingBlock(thinking=block["thinking"], signature=block["signature"])
        case "tool_use":
            return ToolCall(id=block["id"], name=block["name"], input=block["input"])
        case "tool_result":
            return ToolAnswer(call_id=block["tool_use_id"], text=block["content"], is_error=block["is_error"])
    raise ValueError(f"no script makes a block of type {block['type']}")


def _sent(block: ReplyBlock) -> JsonObject:
    match block:
        case TextBlock():
            return text(block.text)
        case ThinkingBlock():
            return thinking(block.thinking)
        case ToolCall():
            return tool(block.name, block.input, id=block.id)
    raise ValueError(f"no script makes a block of type {block.type}")


def _conversation_counter() -> Callable[[JsonObject], int]:
    started: list[str] = []

    def group_of(request: JsonObject) -> int:
        first = model_request(request, 0)
        key = repr((first.system, first.messages[0]))
        if key not in started:
            started.append(key)
        return started.index(key)

    return group_of
