"""Tool servers over the Model Context Protocol, stdio and HTTP: the only module that touches its SDK.

Its import costs most of a second; it happens in a thread, when the first server is connected.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain import JsonObject, value
from core.mcp_config import ServerConfig, filled_in
from core.orphan_watch import OrphanWatch
from core.process import MARKER, end_all, find_program
from core.untrusted import visible

if TYPE_CHECKING:
    from mcp.client import Client

MOST_TOOLS = 200
MOST_PAGES = 20
LONGEST_WHY = 300
CLOSE_S = 8.0
RELAY = Path(__file__).with_name("mcp_relay.py")


class ServerFault(Exception):
    """A server that can't be used, or did not answer: one line."""

    def __init__(self, why: object) -> None:
        line = visible(" ".join(str(why).split()), keep_newlines=False)
        super().__init__(line[:LONGEST_WHY] or type(why).__name__)


@value
class OfferedTool:
    """A tool as its server describes it."""

    name: str
    description: str
    input_schema: JsonObject


@value
class ServerAnswer:
    """`failed`: the server says so, or its text does (some report failures as ordinary text)."""

    text: str
    failed: bool


class Connection:
    """One server, from `connect` to `close`. What it starts carries a marker and is ended whatever comes."""

    def __init__(
        self,
        config: ServerConfig,
        root: Path,
        *,
        environ: Mapping[str, str],
        own: Mapping[str, str],
        log: Path,
    ) -> None:
        """`own` is the engineer's environment, for the variables that the file asks for; `environ` what any
        program of the workspace sees. `log` gets the server's stderr."""
        self.config = config
        self._root = root
        self._environ = environ
        self._own = own
        self._log = log
        self._token = uuid.uuid4().hex
        self._client: Client | None = None
        self._closing = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        return self._life is not None and not self._life.done()

    async def connect(self, timeout_s: float) -> tuple[OfferedTool, ...]:
        """Starts the server and asks for its tools. ServerFault when it is missing, slow or dies."""
        await asyncio.to_thread(importlib.import_module, "mcp.client")
        connected: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        # The SDK's contexts belong to the task that enters them: it is one of the connection's own.
        self._life = asyncio.create_task(self._live(connected))
        try:
            async with asyncio.timeout(timeout_s):
                self._client = await asyncio.shield(connected)
                return await self._tools()
        except TimeoutError:
            await self.close()
            raise ServerFault(f"no answer within {timeout_s:g} s") from None
        except BaseException as fault:
            await self.close()
            raise _as_server_fault(fault) from None

    async def call(self, tool: str, arguments: JsonObject, timeout_s: float) -> ServerAnswer:
        """ServerFault when no answer comes."""
        if self._client is None or not self.alive:
            raise ServerFault("it is not running any more")
        try:
            async with asyncio.timeout(timeout_s):
                result = await self._client.call_tool(tool, arguments, timeout_s)
        except TimeoutError:
            raise ServerFault(f"no answer within {timeout_s:g} s") from None
        except Exception as fault:
            if _is_closed(fault):
                await self.close()
            raise _as_server_fault(fault) from None
        text = _text_of(result)
        return ServerAnswer(text=text, failed=bool(result.is_error) or text.lstrip()[:5].lower() == "error")

    async def close(self) -> None:
        """Ends the server and all that it started."""
        self._closing.set()
        if self._life is not None:
            done, _ = await asyncio.wait({self._life}, timeout=CLOSE_S)
            if not done:
                self._life.cancel()
                await asyncio.wait({self._life}, timeout=CLOSE_S)
        self._client = None

    async def _tools(self) -> tuple[OfferedTool, ...]:
        assert self._client is not None, "connected first"
        found: list[OfferedTool] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._client.list_tools(cursor=cursor)
            found += (
                OfferedTool(name=t.name, description=t.description or "", input_schema=dict(t.input_schema))
                for t in page.tools
            )
            cursor = page.next_cursor
            if not cursor or len(found) >= MOST_TOOLS:
                break
        return tuple(found[:MOST_TOOLS])

    async def _live(self, connected: asyncio.Future[Client]) -> None:
        try:
            async with self._opened() as client:
                connected.set_result(client)
                await self._closing.wait()
        except BaseException as fault:
            if not connected.done():
                connected.set_exception(_as_server_fault(fault))
            if isinstance(fault, asyncio.CancelledError):
                raise
        finally:
            # Nobody may wait for a failed connection any more.
            if connected.done() and not connected.cancelled():
                connected.exception()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Client]:
        from mcp.client import Client

        if self.config.url:
            async with self._http_transport() as transport, Client(transport) as client:
                yield client
            return
        watch = OrphanWatch(f"{MARKER}={self._token}")
        try:
            # The relay keeps the server's own stderr; what it has to say itself goes nowhere.
            nowhere = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
            with nowhere:
                async with Client(self._stdio_transport(nowhere)) as client:
                    yield client
        finally:
            await asyncio.shield(end_all(None, self._token))
            watch.done()

    def _stdio_transport(self, errlog: Any) -> Any:
        from mcp.client.stdio import StdioServerParameters, stdio_client

        command, *arguments = (filled_in(part, self._own) for part in self.config.argv)
        given = {name: filled_in(text, self._own) for name, text in self.config.environ}
        cwd = self._root / self.config.cwd
        program = find_program(command, self._root, self._environ)
        if program is None:
            raise ServerFault(f"{command} not found")
        if not cwd.is_dir():
            raise ServerFault(f"{self.config.cwd}: no such folder")
        self._log.parent.mkdir(parents=True, exist_ok=True)
        parameters = StdioServerParameters(
            command=sys.executable,
            args=["-I", str(RELAY), str(self._log), program, *arguments],
            env={**self._environ, **given, MARKER: self._token},
            cwd=cwd,
            encoding_error_handler="replace",
        )
        return stdio_client(parameters, errlog=errlog)

    @asynccontextmanager
    async def _http_transport(self) -> AsyncIterator[Any]:
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        headers = {name: filled_in(text, self._own) for name, text in self.config.headers}
        url = filled_in(self.config.url, self._own)
        async with httpx2.AsyncClient(headers=headers, timeout=httpx2.Timeout(30.0, read=300.0)) as client:
            yield streamable_http_client(url, http_client=client)


def _text_of(result: Any) -> str:
    parts = [
        block.text if block.type == "text" else f"[{block.type} left out]" for block in result.content or ()
    ]
    if not parts and result.structured_content is not None:
        parts = [json.dumps(result.structured_content, ensure_ascii=False)]
    return "\n".join(parts)


def _is_closed(fault: Exception) -> bool:
    """Whether the other end is gone. The SDK says so of the call; the connection itself ends only with us."""
    from mcp import MCPError
    from mcp_types import CONNECTION_CLOSED

    return isinstance(fault, MCPError) and fault.code == CONNECTION_CLOSED


def _as_server_fault(fault: BaseException) -> BaseException:
    """The first thing that went wrong, out of the groups that the SDK's tasks make of it."""
    while isinstance(fault, BaseExceptionGroup) and fault.exceptions:
        fault = fault.exceptions[0]
    if isinstance(fault, ServerFault | asyncio.CancelledError | KeyboardInterrupt | SystemExit):
        return fault
    said = getattr(fault, "message", "") or getattr(fault, "strerror", "") or str(fault)
    return ServerFault(said or type(fault).__name__)
