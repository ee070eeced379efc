"""The anthropic model against a real HTTP server that speaks the streaming protocol."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from core.domain import (
    RedactedThinkingBlock,
    TextBlock,
    ThinkingBlock,
    ToolAnswer,
    ToolCall,
    ToolSpec,
    Usage,
)
from core.models.anthropic_api import AnthropicModel
from core.models.base import Message, ModelFault, ModelReply, ModelRequest, PromptBlock, TextPiece
from core.models.prices import cost_usd
from tests.protocol_server import (
    Ending,
    HttpFault,
    Planned,
    ProtocolServer,
    Turn,
    http_fault,
    raw_event,
    text,
    thinking,
    tool,
)

KEY = "sk-test-1234567890"
MODEL = "claude-sonnet-5-5"
CALL = tool("write_file", {"path": "a.py", "content": "x = 1\n"})
ASK = ModelRequest(
    system=(PromptBlock(text="You are a worker.", cache=True),),
    messages=(Message(role="user", blocks=(TextBlock(text="Begin."),)),),
    tools=(ToolSpec(name="write_file", description="Writes.", input_schema={"type": "object"}),),
)


@asynccontextmanager
async def serving(
    *turns: Planned, timeout_s: float = 10.0, effort: str | None = None, model: str = MODEL
) -> AsyncIterator[tuple[AnthropicModel, ProtocolServer]]:
    with ProtocolServer(turns) as server:
        environ = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.url}
        made = AnthropicModel(
            model, max_output_tokens=1000, effort=effort, environ=environ, timeout_s=timeout_s
        )
        try:
            yield made, server
        finally:
            await made.close()


async def take(model: AnthropicModel, request: ModelRequest = ASK) -> tuple[list[TextPiece], ModelReply]:
    *pieces, reply = [item async for item in model.stream(request)]
    assert isinstance(reply, ModelReply)
    return [piece for piece in pieces if isinstance(piece, TextPiece)], reply


async def fault_of(*turns: Planned, timeout_s: float = 10.0) -> ModelFault:
    async with serving(*turns, timeout_s=timeout_s) as (model, _):
        with pytest.raises(ModelFault) as caught:
            await take(model)
    return caught.value


# --- whole replies ----------------------------------------------------------------------


async def test_a_reply_streams_in_pieces_and_comes_whole() -> None:
    turn = Turn(
        content=(thinking("Which file?"), text("I write a file."), CALL),
        stop_reason="tool_use",
        usage=Usage(input=1000, output=200, cache_read=3000, cache_write=400),
    )
    async with serving(turn) as (model, _):
        pieces, reply = await take(model)

    assert reply.blocks == (
        ThinkingBlock(thinking="Which file?", signature="signed"),
        TextBlock(text="I write a file."),
        ToolCall(id="toolu_1", name="write_file", input={"path": "a.py", "content": "x = 1\n"}),
    )
    assert (reply.stop_reason, reply.request_id) == ("tool_use", "req_test")
    assert reply.usage == Usage(input=1000, output=200, cache_read=3000, cache_write=400)
    # 2, 10, 0.10 and 2.50 dollars a million for input, output, cache reads and writes
    assert reply.cost_usd == pytest.approx(0.002 + 0.002 + 0.0003 + 0.001)
    streamed = {
        kind: "".join(p.text for p in pieces if p.kind == kind) for kind in ("text", "thinking", "tool")
    }
    assert streamed == {
        "thinking": "Which file?",
        "text": "I write a file.",
        "tool": json.dumps(CALL["input"]),
    }
    assert len(pieces) > 6


async def test_the_request_is_what_the_api_expects() -> None:
    request = ModelRequest(
        system=(PromptBlock(text="Stable."), PromptBlock(text="Log.", cache=True)),
        messages=(
            Message(role="user", blocks=(TextBlock(text="Begin."),), cache=True),
            Message(
                role="assistant",
                blocks=(
                    ThinkingBlock(thinking="", signature="abc"),
                    ThinkingBlock(thinking="written by another model"),
                    RedactedThinkingBlock(data="opaque"),
                    TextBlock(text=" "),
                    ToolCall(id="t1", name="read", input={"path": "a\ud800"}),
                ),
            ),
            Message(role="user", blocks=(ToolAnswer(call_id="t1", text="no such file", is_error=True),)),
            Message(role="assistant", blocks=()),
        ),
        tools=ASK.tools,
    )
    async with serving(Turn(content=(text("ok"),)), effort="high") as (model, server):
        await take(model, request)
        body, headers = server.requests[0], server.headers[0]

    mark = {"type": "ephemeral"}
    assert body == {
        "model": MODEL,
        "max_tokens": 1000,
        "stream": True,
        "thinking": {"type": "adaptive", "display": "summarized"},
        "output_config": {"effort": "high"},
        "system": [
            {"type": "text", "text": "Stable."},
            {"type": "text", "text": "Log.", "cache_control": mark},
        ],
        "tools": [{"name": "write_file", "description": "Writes.", "input_schema": {"type": "object"}}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Begin.", "cache_control": mark}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "", "signature": "abc"},
                    {"type": "redacted_thinking", "data": "opaque"},
                    {"type": "tool_use", "id": "t1", "name": "read", "input": {"path": "a?"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": "no such file", "is_error": True}
                ],
            },
        ],
    }
    assert KEY in headers["authorization"]


async def test_old_tool_results_are_cleared_by_the_api_where_the_context_fills() -> None:
    call = ToolCall(id="c", name="write_file", input={})
    answer = ToolAnswer(call_id="c", text="x" * 400_000)
    long = replace(
        ASK,
        messages=(
            *ASK.messages,
            Message(role="assistant", blocks=(call,)),
            Message(role="user", blocks=(answer,)),
        ),
    )
    turns = [Turn(content=(text("a"),)), Turn(content=(text("b"),))]
    async with serving(*turns, model="a-model-of-200k") as (model, server):
        await take(model)
        await take(model, long)
    short, cleared = server.requests
    assert "context_management" not in short and "anthropic-beta" not in server.headers[0]
    (edit,) = cleared["context_management"]["edits"]
    assert (edit["type"], edit["trigger"]["value"]) == ("clear_tool_uses_20250919", 80_000)
    assert server.headers[1]["anthropic-beta"] == "context-management-2025-06-27"


async def test_thinking_and_effort_are_left_to_the_model_without_an_effort() -> None:
    async with serving(Turn(content=(text("ok"),))) as (model, server):
        await take(model)
    assert "thinking" not in server.requests[0] and "output_config" not in server.requests[0]


async def test_a_cache_mark_skips_thinking_and_a_conversation_goes_on_over_one_connection() -> None:
    turns = [
        Turn(content=(CALL, thinking("late")), stop_reason="tool_use"),
        Turn(content=(text("done"),)),
    ]
    async with serving(*turns) as (model, server):
        _, reply = await take(model)
        messages = (
            *ASK.messages,
            Message(role="assistant", blocks=reply.blocks, cache=True),
            Message(role="user", blocks=(ToolAnswer(call_id="toolu_1", text=""),)),
        )
        await take(model, ModelRequest(system=ASK.system, messages=messages, tools=ASK.tools))
        assert server.connections == 1

    sent = server.requests[1]["messages"][1]["content"]
    assert [block.get("cache_control") for block in sent] == [{"type": "ephemeral"}, None]
    assert sent[1] == {"type": "thinking", "thinking": "late", "signature": "signed"}


# --- tool input -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw", ['{"a": 1, "a": 2}', '{"a": NaN}', '{"a": 1e999}', '{"a": ', "[1]", '{"a": "\\ud800"}', "nothing"]
)
async def test_tool_input_that_is_not_strict_json_is_a_fault_of_the_call(raw: str) -> None:
    async with serving(Turn(content=(tool("write_file", raw),), stop_reason="tool_use")) as (model, _):
        _, reply = await take(model)
    (call,) = reply.blocks
    assert isinstance(call, ToolCall) and call.fault and call.input == {}


async def test_no_tool_input_at_all_is_an_empty_one() -> None:
    async with serving(Turn(content=(tool("complete", ""),), stop_reason="tool_use")) as (model, _):
        _, reply = await take(model)
    assert reply.blocks == (ToolCall(id="toolu_1", name="complete", input={}),)


async def test_tool_input_that_comes_outside_the_stream_is_a_fault() -> None:
    start = {"type": "tool_use", "id": "t1", "name": "delete", "input": {"path": "a"}}
    events = [
        raw_event({"type": "content_block_start", "index": 0, "content_block": start}),
        raw_event({"type": "content_block_stop", "index": 0}),
    ]
    async with serving(Turn(content=tuple(events), stop_reason="tool_use")) as (model, _):
        _, reply = await take(model)
    (call,) = reply.blocks
    assert isinstance(call, ToolCall) and call.fault


# --- stops ------------------------------------------------------------------------------


async def test_max_tokens_is_reported_and_its_half_call_is_a_fault() -> None:
    half = tool("write_file", '{"path": "a.py", "content": "x =')
    async with serving(Turn(content=(half,), stop_reason="max_tokens")) as (model, _):
        _, reply = await take(model)
    (call,) = reply.blocks
    assert reply.stop_reason == "max_tokens"
    assert isinstance(call, ToolCall) and call.fault


@pytest.mark.parametrize("reason", ["refusal", "pause_turn", "a_reason_of_tomorrow"])
async def test_other_stop_reasons_are_passed_on_as_they_are(reason: str) -> None:
    async with serving(Turn(content=(), stop_reason=reason)) as (model, _):
        _, reply = await take(model)
    assert (reply.stop_reason, reply.blocks) == (reason, ())


async def test_blocks_and_events_of_tomorrow_are_kept_out() -> None:
    content = (
        {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}},
        raw_event({"type": "content_block_start", "index": 7, "content_block": {"type": "hologram"}}),
        raw_event({"type": "content_block_delta", "index": 7, "delta": {"type": "text_delta", "text": "?"}}),
        raw_event({"type": "content_block_stop", "index": 7}),
        raw_event({"type": "news", "of": ["tomorrow"]}),
        raw_event({"type": "content_block_delta", "index": 99, "delta": {"type": "text_delta", "text": "?"}}),
        text("still here"),
    )
    async with serving(Turn(content=content)) as (model, _):
        pieces, reply = await take(model)
    assert reply.blocks == (TextBlock(text="still here"),)
    assert "?" not in "".join(piece.text for piece in pieces)


# --- faults -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "retryable", "retry_after_s"),
    [
        (http_fault(429, "rate_limit_error", retry_after="7"), "rate_limited", True, 7.0),
        (http_fault(429, "rate_limit_error", retry_after="soon"), "rate_limited", True, None),
        (http_fault(429, "rate_limit_error", x_should_retry="false"), "rate_limited", False, None),
        (http_fault(529, "overloaded_error"), "overloaded", True, None),
        (http_fault(500, "api_error"), "server", True, None),
        (http_fault(504, "timeout_error"), "timeout", True, None),
        (http_fault(400, "invalid_request_error"), "bad_request", False, None),
        (http_fault(404, "not_found_error"), "bad_request", False, None),
        (http_fault(413, "request_too_large"), "bad_request", False, None),
        (http_fault(401, "authentication_error"), "auth", False, None),
        (http_fault(403, "permission_error"), "auth", False, None),
        (HttpFault(status=502, body="<html>\nBad\x1b[2J gateway"), "server", True, None),
    ],
)
async def test_http_faults(
    answer: HttpFault, kind: str, retryable: bool, retry_after_s: float | None
) -> None:
    fault = await fault_of(answer)
    assert (fault.kind, fault.retryable, fault.retry_after_s) == (kind, retryable, retry_after_s)
    assert f"HTTP {answer.status}" in fault.message
    assert fault.message.isprintable()


async def test_a_retry_after_date_is_seconds_from_now() -> None:
    past = await fault_of(http_fault(429, "rate_limit_error", retry_after="Wed, 21 Oct 2015 07:28:00 GMT"))
    future = await fault_of(http_fault(429, "rate_limit_error", retry_after="Wed, 21 Oct 2099 07:28:00 GMT"))
    assert past.retry_after_s is None
    assert future.retry_after_s is not None and future.retry_after_s > 1e9


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        ("no_stop", "cut"),
        ("cut", "cut"),
        ("drop", "cut"),
        ("reset", "cut"),
        ("error", "overloaded"),
    ],
)
async def test_a_stream_that_ends_in_the_middle_of_a_call_gives_no_reply(ending: Ending, kind: str) -> None:
    async with serving(Turn(content=(text("I"), CALL), stop_reason="tool_use", ending=ending)) as (model, _):
        items = []
        with pytest.raises(ModelFault) as caught:
            async for item in model.stream(ASK):
                items.append(item)
    assert (caught.value.kind, caught.value.retryable) == (kind, True)
    assert any(isinstance(item, TextPiece) and item.kind == "tool" for item in items)
    assert not any(isinstance(item, ModelReply) for item in items)


@pytest.mark.parametrize(
    ("error_type", "kind", "retryable"),
    [
        ("rate_limit_error", "rate_limited", True),
        ("api_error", "server", True),
        ("invalid_request_error", "bad_request", False),
        ("an_error_of_tomorrow", "server", True),
    ],
)
async def test_errors_in_mid_stream_are_told_apart_by_their_type(
    error_type: str, kind: str, retryable: bool
) -> None:
    fault = await fault_of(Turn(content=(CALL,), ending="error", error_type=error_type))
    assert (fault.kind, fault.retryable) == (kind, retryable)


async def test_a_stall_in_mid_stream_is_a_timeout() -> None:
    fault = await fault_of(Turn(content=(CALL,), ending="stall"), timeout_s=0.1)
    assert (fault.kind, fault.retryable) == ("timeout", True)


async def test_no_answer_at_all_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        environ = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": url}
        model = AnthropicModel(MODEL, max_output_tokens=10, effort=None, environ=environ, timeout_s=0.1)
        with pytest.raises(ModelFault) as caught:
            await take(model)
        await model.close()
    assert (caught.value.kind, caught.value.retryable) == ("timeout", True)


async def test_a_stream_that_is_not_json_is_a_fault_of_the_server() -> None:
    fault = await fault_of(Turn(content=(raw_event({"type": "news", "raw": "{half"}), text("a"))))
    assert (fault.kind, fault.retryable) == ("server", True)


async def test_a_reply_without_a_stop_reason_or_with_an_open_block_is_cut() -> None:
    unfinished = raw_event(
        {"type": "content_block_start", "index": 5, "content_block": {"type": "text", "text": "and"}}
    )
    assert (await fault_of(Turn(content=(text("a"),), stop_reason=None))).kind == "cut"
    assert (await fault_of(Turn(content=(text("a"), unfinished)))).kind == "cut"


async def test_no_server_is_a_network_fault() -> None:
    with ProtocolServer(()) as server:
        url = server.url
    environ = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": url}
    model = AnthropicModel(MODEL, max_output_tokens=10, effort=None, environ=environ)
    with pytest.raises(ModelFault) as caught:
        await take(model)
    await model.close()
    assert (caught.value.kind, caught.value.retryable) == ("network", True)


async def test_after_a_fault_the_same_model_goes_on() -> None:
    turns: list[Planned] = [
        http_fault(429, "rate_limit_error"),
        Turn(content=(CALL,), ending="reset"),
        Turn(content=(text("done"),)),
    ]
    async with serving(*turns) as (model, server):
        for _ in range(2):
            with pytest.raises(ModelFault):
                await take(model)
        _, reply = await take(model)
    assert reply.blocks == (TextBlock(text="done"),)
    assert server.requests[0] == server.requests[1] == server.requests[2]


async def test_the_key_is_not_in_a_message() -> None:
    fault = await fault_of(http_fault(401, "authentication_error", f"invalid key {KEY}"))
    assert KEY not in fault.message and "***" in fault.message


# --- access -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "kind", "named"),
    [
        ({}, "auth", "ANTHROPIC_API_KEY"),
        ({"ANTHROPIC_API_KEY": " \n"}, "auth", "ANTHROPIC_API_KEY"),
        ({"ANTHROPIC_AUTH_TOKEN": "a\nb"}, "auth", "ANTHROPIC_AUTH_TOKEN"),
        (
            {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "file:///etc"},
            "bad_request",
            "ANTHROPIC_BASE_URL",
        ),
        (
            {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "http://h:port"},
            "bad_request",
            "ANTHROPIC_BASE_URL",
        ),
    ],
)
async def test_what_is_missing_is_said_before_a_request(
    environ: dict[str, str], kind: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "of the process, not of the given environment")
    model = AnthropicModel(MODEL, max_output_tokens=10, effort=None, environ=environ)
    with pytest.raises(ModelFault) as caught:
        await take(model)
    assert (caught.value.kind, caught.value.retryable) == (kind, False)
    assert named in caught.value.message


async def test_the_given_environment_wins_over_that_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "wrong")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    with ProtocolServer([Turn(content=(text("hi"),))]) as server:
        environ = {"ANTHROPIC_AUTH_TOKEN": "a-token", "ANTHROPIC_BASE_URL": server.url}
        model = AnthropicModel(MODEL, max_output_tokens=10, effort=None, environ=environ)
        await take(model)
        await model.close()
    assert server.headers[0]["authorization"] == "Bearer a-token"
    assert "wrong" not in str(server.headers)


def test_an_unknown_effort_is_refused() -> None:
    with pytest.raises(ValueError, match="low, medium, high, xhigh, max"):
        AnthropicModel(MODEL, max_output_tokens=10, effort="huge", environ={})


# --- life -------------------------------------------------------------------------------


async def test_cancelling_closes_the_connection() -> None:
    async with serving(Turn(content=(CALL,), ending="stall"), timeout_s=60) as (model, server):
        began = asyncio.Event()

        async def consume() -> None:
            async for _ in model.stream(ASK):
                began.set()

        task = asyncio.create_task(consume())
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.wait_until_left)


async def test_leaving_the_stream_early_closes_the_connection() -> None:
    async with serving(Turn(content=(CALL,), ending="stall"), timeout_s=60) as (model, server):
        async with aclosing(model.stream(ASK)) as items:
            await anext(items)
        assert await asyncio.to_thread(server.wait_until_left)


def test_the_sdk_is_not_imported_with_the_module() -> None:
    probe = "import sys, core.models.registry; print('anthropic' in sys.modules, 'yaml' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]


# --- prices -----------------------------------------------------------------------------


def test_prices() -> None:
    usage = Usage(input=1_000, output=1_000, cache_read=1_000, cache_write=1_000)
    assert cost_usd("claude-opus-5-5", usage) == pytest.approx(0.004 + 0.020 + 0.0002 + 0.005)
    assert cost_usd("claude-haiku-4-5-20251001", usage) == cost_usd("claude-haiku-4-5", usage)
    assert cost_usd("a-model-of-tomorrow", usage) is None


def test_a_long_prompt_costs_more_where_the_list_says_so() -> None:
    at_the_limit = Usage(input=40_000, cache_read=60_000)
    over = Usage(input=40_001, cache_read=60_000)
    assert cost_usd("claude-haiku-5-5", at_the_limit) == pytest.approx(0.004 + 0.0006)
    assert cost_usd("claude-haiku-5-5", over) == pytest.approx((40_001 * 0.5 + 60_000 * 0.05) / 1e6)
