"""The tool servers of a run: connected at its start, offered if approved, given up without harm (SPEC 8).

The order of the tools is that of the file and the servers' own: the cached prefix has them. Whatever happens
to a server is an event, and the run goes on.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core import events as ev
from core.domain import JsonObject
from core.mcp_approval import approval_of, approve, tools_sha
from core.mcp_clients import Connection, OfferedTool, ServerFault
from core.mcp_config import ServerConfig, is_wanted, read_servers, wanted_of
from core.stream import Stream
from core.supervision import Supervision
from core.tools.base import Tool
from core.tools.mcp import ServerTool
from core.untrusted import visible

API_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
LARGEST_SCHEMA = 20_000
MOST_RESTARTS = 2
MOST_SHOWN = 12
ALLOW, WITHOUT = "allow", "without"


class ToolServers:
    """`wanted` is the profile's `mcp_tools`; `connect_s` and `call_s` bound the waiting for a server."""

    def __init__(
        self,
        root: Path,
        stream: Stream,
        supervision: Supervision,
        *,
        wanted: Sequence[str],
        environ: Mapping[str, str],
        own: Mapping[str, str],
        connect_s: float,
        call_s: float,
    ) -> None:
        self._root = root
        self._stream = stream
        self._supervision = supervision
        self._wanted = wanted
        self._environ = environ
        self._own = own
        self._connect_s = connect_s
        self._call_s = call_s
        self._open: dict[str, Connection] = {}
        self._restarts: dict[str, int] = {}

    async def start(self) -> dict[str, Tool[Any]]:
        """The tools that can be used, by name. A server that can't is said to be unavailable."""
        configs = [c for c in read_servers(self._root) if is_wanted(self._wanted, c.name)]
        offers = await asyncio.gather(*(self._offer(config) for config in configs))
        tools: dict[str, Tool[Any]] = {}
        for config, offered in zip(configs, offers, strict=True):
            if offered is None or not await self._is_approved(config, offered):
                await self._drop(config.name)
                continue
            made = {tool.name: tool for tool in map(self._made(config), offered)}
            tools |= made
            self._stream.emit(ev.ServerChanged(server=config.name, available=True, tools=tuple(made)))
        return tools

    async def close(self) -> None:
        await asyncio.gather(*(self._drop(name) for name in list(self._open)))

    # --- connecting ---------------------------------------------------------------------

    async def _offer(self, config: ServerConfig) -> tuple[OfferedTool, ...] | None:
        """The tools of it that the profile lists; None when there are none to be had."""
        if not await self._may_start(config):
            return None
        try:
            offered = await self._connected(config)
        except ServerFault as fault:
            self._unavailable(config.name, str(fault))
            return None
        usable = usable_tools(config, self._wanted, offered)
        if not usable:
            self._unavailable(config.name, "it offers no tool that the profile lists")
            return None
        return usable

    async def _connected(self, config: ServerConfig) -> tuple[OfferedTool, ...]:
        log = self._stream.folder / "servers" / f"{config.name}.log"
        connection = Connection(config, self._root, environ=self._environ, own=self._own, log=log)
        self._open[config.name] = connection
        return await connection.connect(self._connect_s)

    def _made(self, config: ServerConfig) -> Any:
        async def call(tool: str, arguments: JsonObject) -> tuple[str, bool]:
            return await self._call(config, tool, arguments)

        return lambda tool: ServerTool(config.name, tool.name, tool.description, tool.input_schema, call)

    async def _drop(self, name: str) -> None:
        connection = self._open.pop(name, None)
        if connection is not None:
            await connection.close()

    # --- calling ------------------------------------------------------------------------

    async def _call(self, config: ServerConfig, tool: str, arguments: JsonObject) -> tuple[str, bool]:
        try:
            connection = await self._running(config)
            answer = await connection.call(tool, arguments, self._call_s)
        except ServerFault as fault:
            if (gone := self._open.get(config.name)) is None or not gone.alive:
                self._unavailable(config.name, str(fault))
            return f"the server {config.name} gave no answer: {fault}", True
        return answer.text, answer.failed

    async def _running(self, config: ServerConfig) -> Connection:
        """The connection; one that has died is made again, a few times in a run. ServerFault."""
        connection = self._open.get(config.name)
        if connection is not None and connection.alive:
            return connection
        if self._restarts.get(config.name, 0) >= MOST_RESTARTS:
            raise ServerFault("it has died too often in this run")
        self._restarts[config.name] = self._restarts.get(config.name, 0) + 1
        await self._drop(config.name)
        usable = usable_tools(config, self._wanted, await self._connected(config))
        known = approval_of(self._root, config)
        if known is None or known.tools != tools_sha(usable):
            await self._drop(config.name)
            raise ServerFault("it was started again and offers other tools than were approved")
        names = tuple(f"{config.name}__{t.name}" for t in usable)
        self._stream.emit(ev.ServerChanged(server=config.name, available=True, tools=names))
        return self._open[config.name]

    def _unavailable(self, name: str, why: str) -> None:
        self._stream.emit(ev.ServerChanged(server=name, available=False, why=why))

    # --- approval -----------------------------------------------------------------------

    async def _may_start(self, config: ServerConfig) -> bool:
        """A new one starts only where somebody can be shown its tools; a changed command is shown before."""
        known = approval_of(self._root, config)
        if known is None:
            if self._supervision.is_answered_by_a_person(f"server:{config.name}:"):
                return True
            self._unavailable(config.name, _not_approved(config))
            return False
        if known.command == config.command_sha:
            return True
        title = f"The command of the tool server {config.name} has changed"
        return await self._ask(config, title, f"Now: {config.shown}", config.command_sha)

    async def _is_approved(self, config: ServerConfig, tools: tuple[OfferedTool, ...]) -> bool:
        """Whether these tools of this command are approved; what is not yet is shown."""
        known, offered = approval_of(self._root, config), tools_sha(tools)
        if known is not None and (known.command, known.tools) == (config.command_sha, offered):
            return True
        what = "offers other tools than you approved" if known else "is new"
        detail = f"{config.shown}\n\n{_listed(tools)}"
        if not await self._ask(config, f"The tool server {config.name} {what}", detail, offered):
            return False
        approve(self._root, config, tools)
        return True

    async def _ask(self, config: ServerConfig, title: str, detail: str, sha: str) -> bool:
        answer = await self._supervision.ask(
            "server",
            f"server:{config.name}:{sha[:12]}",
            title,
            visible(detail),
            (
                (ALLOW, "Let the worker use it, now and in later runs"),
                (WITHOUT, "Go on without it"),
            ),
        )
        if answer is not None and answer.option == ALLOW:
            return True
        self._unavailable(config.name, "you went on without it" if answer else _not_approved(config))
        return False


def usable_tools(
    config: ServerConfig, wanted: Sequence[str], offered: Sequence[OfferedTool]
) -> tuple[OfferedTool, ...]:
    """Those that a profile lists and the API can take."""
    return tuple(tool for tool in offered if _is_usable(config.name, wanted, tool))


def _is_usable(server: str, wanted: Sequence[str], tool: OfferedTool) -> bool:
    return (
        wanted_of(wanted, server, tool.name)
        and API_NAME.fullmatch(f"{server}__{tool.name}") is not None
        and tool.input_schema.get("type") == "object"
        and len(json.dumps(tool.input_schema)) <= LARGEST_SCHEMA
    )


def _not_approved(config: ServerConfig) -> str:
    return f"not approved: signoff mcp approve {config.name}"


def _listed(tools: Sequence[OfferedTool]) -> str:
    lines = [f"{t.name}: {' '.join(t.description.split())}" for t in tools[:MOST_SHOWN]]
    more = len(tools) - MOST_SHOWN
    return "\n".join([*lines, *([f"and {more} more"] if more > 0 else [])])
