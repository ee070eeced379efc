"""Anthropic's Messages API through its official SDK, one streamed turn at a time.

The only module that touches the SDK. Its import costs 1.4 s and 86 MB, so that happens in a thread, when
the first turn or `warm` asks for it. There are no retries here: the engine makes them, with its own bounds.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from core.models.anthropic_access import Access, Platform, find_access
from core.models.base import PASSING, FaultKind, ModelFault, ModelReply, ModelRequest, StreamItem
from core.models.messages_reply import ReplyBuilder
from core.models.messages_request import (
    CONTEXT_EDITING_BETA,
    context_editing,
    message_params,
    system_params,
    tool_params,
)
from core.models.prices import context_tokens, cost_usd
from core.untrusted import visible

if TYPE_CHECKING:
    from anthropic import (
        APIStatusError,
        AsyncAnthropic,
        AsyncAnthropicBedrock,
        AsyncAnthropicVertex,
        AsyncStream,
    )
    from anthropic.types import RawMessageStreamEvent

    Client: TypeAlias = AsyncAnthropic | AsyncAnthropicBedrock | AsyncAnthropicVertex

Effort: TypeAlias = Literal["low", "medium", "high", "xhigh", "max"]

CONNECT_S = 10.0
DRAIN_S = 2.0  # how long the end of a stream may take once the reply is whole
LONGEST_MESSAGE = 300

_BY_STATUS: dict[int, FaultKind] = {
    401: "auth",
    402: "auth",
    403: "auth",
    408: "timeout",
    409: "server",
    429: "rate_limited",
    504: "timeout",
    529: "overloaded",
}
# An error in mid-stream has the status 200 of the stream; only its type says what it is.
_BY_TYPE: dict[str, FaultKind] = {
    "authentication_error": "auth",
    "permission_error": "auth",
    "billing_error": "auth",
    "invalid_request_error": "bad_request",
    "not_found_error": "bad_request",
    "request_too_large": "bad_request",
    "rate_limit_error": "rate_limited",
    "timeout_error": "timeout",
    "overloaded_error": "overloaded",
}


class AnthropicModel:
    """A model of the API. `effort` None leaves thinking and effort to the model's own defaults.

    `environ` is the engineer's own environment (core.models.anthropic_access); `timeout_s` bounds the silence
    between two pieces of a reply.
    """

    scripted = False

    def __init__(
        self,
        name: str,
        *,
        max_output_tokens: int,
        effort: str | None,
        environ: Mapping[str, str],
        timeout_s: float = 180.0,
        platform: Platform = "anthropic",
        context_editing: bool = True,
    ) -> None:
        if effort is not None and effort not in get_args(Effort):
            raise ValueError(f"unknown effort {effort!r}: expected one of {', '.join(get_args(Effort))}")
        self.name = name
        self.context_tokens = context_tokens(name)
        self._max_output_tokens = max_output_tokens
        self._effort = cast(Effort | None, effort)
        self._environ = environ
        self._timeout_s = timeout_s
        self._platform = platform
        self._context_editing = context_editing
        self._client: Client | None = None

    async def warm(self) -> None:
        """Imports the SDK in a thread, so that the first turn need not wait for it."""
        await asyncio.to_thread(importlib.import_module, "anthropic")

    async def stream(self, request: ModelRequest) -> AsyncGenerator[StreamItem, None]:
        """Yields pieces, then exactly one ModelReply. Raises ModelFault where no whole reply came.

        Closing this iterator, or cancelling it, closes the connection of the stream.
        """
        access = find_access(self._environ, self._platform)
        client = await self._connect(access)
        builder = ReplyBuilder()
        request_id: str | None = None
        try:
            events = await self._request(client, request)
            request_id = events.response.headers.get("request-id")
            async with events:
                while (event := await anext(events, None)) is not None:
                    if piece := builder.take(event):
                        yield piece
                    if builder.complete:
                        await _drain(events)
                        break
        except _sdk_errors() as error:
            raise _model_fault(error, access) from error
        yield self._reply(builder, request_id)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def _connect(self, access: Access) -> Client:
        if self._client is None:
            self._client = await asyncio.to_thread(_make_client, access, self._timeout_s)
        return self._client

    async def _request(self, client: Client, request: ModelRequest) -> AsyncStream[RawMessageStreamEvent]:
        from anthropic import omit

        editing = context_editing(request, self.context_tokens) if self._context_editing else None
        return await client.messages.create(
            model=self.name,
            max_tokens=self._max_output_tokens,
            system=system_params(request) or omit,
            messages=message_params(request),
            tools=tool_params(request) or omit,
            # Without "summarized" some models think, and speak between two tool calls, in silence.
            thinking={"type": "adaptive", "display": "summarized"} if self._effort else omit,
            output_config={"effort": self._effort} if self._effort else omit,
            extra_headers={"anthropic-beta": CONTEXT_EDITING_BETA} if editing else None,
            extra_body={"context_management": editing} if editing else None,
            stream=True,
        )

    def _reply(self, builder: ReplyBuilder, request_id: str | None) -> ModelReply:
        usage = builder.usage()
        return ModelReply(
            stop_reason=builder.whole_stop_reason(),
            blocks=builder.blocks(),
            usage=usage,
            cost_usd=cost_usd(self.name, usage),
            request_id=request_id,
        )


def _make_client(access: Access, timeout_s: float) -> Client:
    import httpx2
    from anthropic import AsyncAnthropic, AsyncAnthropicBedrock, AsyncAnthropicVertex, not_given

    timeout = httpx2.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s))
    match access.platform:
        case "bedrock":
            return AsyncAnthropicBedrock(
                aws_region=access.region,
                api_key=access.token,
                base_url=access.url,
                max_retries=0,
                timeout=timeout,
            )
        case "vertex":
            return AsyncAnthropicVertex(
                region=access.region,
                project_id=access.project or not_given,
                access_token=access.token,
                base_url=access.url,
                max_retries=0,
                timeout=timeout,
            )
    return AsyncAnthropic(
        api_key=access.key,
        auth_token=access.token,
        base_url=access.url,
        max_retries=0,
        timeout=timeout,
    )


async def _drain(events: AsyncStream[RawMessageStreamEvent]) -> None:
    """Reads the stream to its end, so that the next turn finds the connection open. The reply is whole:
    whatever happens here can't take it back."""
    with suppress(Exception):
        async with asyncio.timeout(DRAIN_S):
            while await anext(events, None) is not None:
                pass


# --- what can go wrong ------------------------------------------------------------------


def _sdk_errors() -> tuple[type[Exception], ...]:
    """All that the SDK lets out. Called only once it is imported.

    httpx2's own errors come out of the middle of a stream; a ValueError or RuntimeError when what came is
    not JSON, or not of the shape of any event.
    """
    import anthropic
    import httpx2

    return (anthropic.AnthropicError, httpx2.HTTPError, httpx2.StreamError, ValueError, RuntimeError)


def _model_fault(error: Exception, access: Access) -> ModelFault:
    import anthropic
    import httpx2

    match error:
        case anthropic.APIStatusError():
            return _status_fault(error, access)
        case anthropic.APITimeoutError() | httpx2.TimeoutException():
            return _fault("timeout", "no answer from the API in time", access)
        case anthropic.APIConnectionError():
            return _fault("network", f"can't reach the API: {error.__cause__ or error.message}", access)
        case httpx2.HTTPError() | httpx2.StreamError():
            return _fault("cut", f"the reply broke off: {error or type(error).__name__}", access)
        case anthropic.AnthropicError():
            return _fault("bad_request", str(error), access)
    return _fault("server", f"the reply can't be read: {error}", access)


def _status_fault(error: APIStatusError, access: Access) -> ModelFault:
    status, headers = error.status_code, error.response.headers
    message = error.api_message or error.message
    if status < 400:
        kind = _BY_TYPE.get(error.type or "", "server")
        return _fault(kind, f"error in mid-stream: {message}", access)
    kind = _BY_STATUS.get(status, "server" if status >= 500 else "bad_request")
    fault = _fault(kind, f"HTTP {status}: {message}", access, _retry_after_s(headers.get("retry-after")))
    if headers.get("x-should-retry") == "false" or "spend_limit" in (error.error_code or ""):
        fault.retryable = False
    return fault


def _fault(kind: FaultKind, message: str, access: Access, retry_after_s: float | None = None) -> ModelFault:
    """A fault with one line of message, without the key in it."""
    line = " ".join(str(message).split())
    for secret in access.secrets:
        line = line.replace(secret, "***")
    line = visible(line, keep_newlines=False)[:LONGEST_MESSAGE]
    return ModelFault(kind, line, retryable=kind in PASSING, retry_after_s=retry_after_s)


def _retry_after_s(header: str | None) -> float | None:
    """Seconds from a `retry-after` header, a number or an HTTP date; None where it says nothing usable."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        from email.utils import parsedate_to_datetime

        try:
            seconds = (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return seconds if isfinite(seconds) and seconds >= 0 else None
