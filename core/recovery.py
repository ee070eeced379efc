"""After a crash: what became of an effect whose result was never recorded?

A file is found by the hashes of its two states. A command that was running, or a call of a tool server,
is *unknown*: it is never run again by itself; the supervisor says what happened, and with nobody there
the worker is told that it is unknown (SPEC 3; RELIABILITY 3).
"""

from __future__ import annotations

from collections.abc import Callable

from core import events as ev
from core.command_words import command_words
from core.domain import ToolCall
from core.file_change import done_words, refused_words
from core.stream import Stream
from core.supervision import Supervision
from core.tools.base import ToolResult
from core.workspace import Workspace


class Recovery:
    """Looks at the records that stood when this process took the run up."""

    def __init__(
        self,
        stream: Stream,
        workspace: Workspace,
        supervision: Supervision,
        get_blob: Callable[[str], bytes],
    ) -> None:
        self._stream = stream
        self._workspace = workspace
        self._supervision = supervision
        self._get_blob = get_blob
        self._found = tuple(stream.records)
        self._started = _dangling_calls(self._found)

    def was_started(self, call_id: str) -> bool:
        """Whether an earlier process began this call and did not record its end."""
        return call_id in self._started

    def blocker_settled(self, call_id: str) -> str | None:
        """What the worker is told about a blocker that an earlier process recorded, or None.

        The supervisor answered it, or resumed the run after it: either way it is not raised again.
        """
        told: str | None = None
        for record in self._found:
            match record.event:
                case ev.BlockerRaised() if record.event.blocker_id == f"blocker:{call_id}":
                    told = "The run was resumed after your blocker. Go on, or report it again."
                case ev.InputResolved() if record.event.request_id == f"blocker:{call_id}":
                    if record.event.option == "go on":
                        told = f"The supervisor: {record.event.text.strip() or 'go on.'}"
                case _:
                    continue
        return told

    async def settle(self, call: ToolCall, *, unseen: bool) -> tuple[ToolResult, bool] | None:
        """The result of an interrupted call, or None: nothing was done yet, so do it now."""
        for record in reversed(self._found):
            event = record.event
            match event:
                case ev.ToolStarted(call_id=call.id):
                    return await self._ask(record, event.shown) if unseen else None
                case ev.FileChanged() if event.call_id == call.id:
                    return ToolResult(text=done_words(event.change)), False
                case ev.FileChangeStarted() if event.call_id == call.id:
                    return await self._settle_file(event)
                case ev.CommandFinished() if event.call_id == call.id:
                    output = self._get_blob(event.output).decode("utf-8", "replace") if event.output else ""
                    return ToolResult(text=command_words(event.run, output)), False
                case ev.CommandStarted() if event.call_id == call.id:
                    return await self._ask(record, " ".join(event.argv))
                case ev.ScopeDenied() if call.name != "run_command":  # which may have met several of them
                    return ToolResult(text=refused_words(event.path, event.reason)), True
                case ev.ChunkStarted() if call.name == "open_chunk":
                    return ToolResult(text=f"Chunk {event.chunk} is open."), False
                case _:
                    continue
        return None

    async def _settle_file(self, event: ev.FileChangeStarted) -> tuple[ToolResult, bool] | None:
        match self._workspace.recover(event.change):
            case "done":
                self._stream.emit(
                    ev.FileChanged(chunk=event.chunk, call_id=event.call_id, change=event.change)
                )
                return ToolResult(text=done_words(event.change)), False
            case "not done":
                return None
            case _:
                path = event.change.path
                text = (
                    f"{path} is neither as it was before this edit nor as the edit would leave it: somebody "
                    "changed it meanwhile. It was not touched; read it again."
                )
                return ToolResult(text=text), True

    async def _ask(self, started: ev.Record, shown: str) -> tuple[ToolResult, bool] | None:
        """About an effect that was begun, and whose end nobody saw."""
        assert isinstance(started.event, ev.CommandStarted | ev.ToolStarted)
        answer = await self._supervision.ask(
            "unknown_effect",
            f"unknown:{started.event.call_id}:{started.seq}",
            f"Did `{shown}` finish?",
            "The program died while it was under way; its result was not recorded.",
            (("again", "Run it again"), ("unknown", "Don't: tell the worker that its result is unknown")),
            chunk=started.event.chunk,
        )
        if answer is not None and answer.option == "again":
            return None
        text = f"unknown: the program died while `{shown}` ran. Find out what it did before you run it again."
        return ToolResult(text=text), True


def _dangling_calls(records: tuple[ev.Record, ...]) -> frozenset[str]:
    started: set[str] = set()
    for record in records:
        if isinstance(record.event, ev.ToolStarted):
            started.add(record.event.call_id)
        elif isinstance(record.event, ev.ToolFinished):
            started.discard(record.event.call_id)
    return frozenset(started)
