"""`server__tool`: a tool of a server that the workspace names and the profile lists (SPEC 8).

What it answers is data from outside: made visible, bounded, marked as such, and never an instruction.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from core.domain import JsonObject, ToolSpec
from core.tools.base import Tool, ToolContext, ToolFailure, ToolInput, ToolResult
from core.untrusted import redact, visible

LONGEST_TEXT = 40_000
LONGEST_DESCRIPTION = 2_000
LONGEST_SHOWN = 100

CallServer: TypeAlias = Callable[[str, JsonObject], Awaitable[tuple[str, bool]]]
"""A tool's own name and its arguments -> the answer's text and whether it failed. Never raises."""


class AnyInput(ToolInput):
    """What a server's tool takes is the server's to say, and to check."""


class ServerTool(Tool[AnyInput]):
    """Made for one tool of one server; `call_server` talks to it."""

    name = "server__tool"  # of an instance: its own
    description = ""
    input_type = AnyInput
    unseen = True

    def __init__(
        self, server: str, tool: str, description: str, schema: JsonObject, call_server: CallServer
    ) -> None:
        self.name = f"{server}__{tool}"  # type: ignore[misc]
        self._server = server
        self._tool = tool
        self._description = visible(description)[:LONGEST_DESCRIPTION]
        self._schema = schema
        self._call_server = call_server

    def shown(self, given: JsonObject) -> str:
        said = " ".join(f"{key}={value}" for key, value in given.items())
        return f"{self.name} {said}"[:LONGEST_SHOWN].rstrip()

    async def call(self, raw: JsonObject, context: ToolContext) -> ToolResult:
        """Raises ToolFailure with what the server said went wrong."""
        text, failed = await self._call_server(self._tool, raw)
        said = self._as_data(text)
        if failed:
            raise ToolFailure(said)
        return ToolResult(text=said, bytes_read=len(said.encode()))

    def spec(self) -> ToolSpec:
        return ToolSpec(name=self.name, description=self._description, input_schema=self._schema)

    def _as_data(self, text: str) -> str:
        clean = redact(visible(text))
        cut = len(clean) - LONGEST_TEXT
        if cut > 0:
            clean = f"{clean[:LONGEST_TEXT]}\n[{cut} more characters left out: ask for less]"
        clean = re.sub(r"</(?=server-output)", "< /", clean)
        return f'<server-output server="{self._server}" tool="{self._tool}">\n{clean}\n</server-output>'
