"""Reading and writing the workspace: read_file, edit_file, write_file, delete_file.

Every write goes through the scope guard of the workspace (SPEC 6). A write to a path that is neither in nor
out of scope, one that is an act beside (`core.acts`: a dependency, a port, ...), and every delete of a file
that the chunk did not make, is a decision of the human's and shows exactly what would happen (SPEC 5).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from pydantic import Field

from core.domain import ALLOW, FileChange, JsonObject
from core.file_change import done_words
from core.planned_write import PlannedWrite
from core.tools.base import Tool, ToolContext, ToolFailure, ToolInput, ToolResult
from core.tools.questions import delete_question, write_question
from core.untrusted import redact
from core.workspace import ConflictError, FileRefused

DEFAULT_LINES = 1_000
WHY = "why, if the plan does not name it: the file, a dependency, a changed port, a dropped table"
T = TypeVar("T")


class ReadFileInput(ToolInput):
    path: str = Field(description="workspace-relative path")
    offset: int = Field(default=1, ge=1, description="first line to give, from 1")
    limit: int = Field(default=DEFAULT_LINES, ge=1, le=5_000, description="how many lines at most")


class ReadFile(Tool[ReadFileInput]):
    name = "read_file"
    description = "Reads a text file of the workspace. Long files come in parts: use offset and limit."
    repeatable = True
    input_type = ReadFileInput

    def shown(self, given: JsonObject) -> str:
        return f"read {given.get('path', '?')}"

    async def run(self, given: ReadFileInput, context: ToolContext) -> ToolResult:
        data = _guarded(lambda: context.workspace.read(given.path))
        try:
            # As a whole: a part of a private key has no shape by which it could be known.
            text = redact(data.decode("utf-8"))
        except UnicodeDecodeError:
            raise ToolFailure(f"{given.path} is not UTF-8 text ({len(data)} bytes)") from None
        lines = text.splitlines(keepends=True)
        part = lines[given.offset - 1 : given.offset - 1 + given.limit]
        body = "".join(part)
        left = len(lines) - (given.offset - 1 + len(part))
        tail = f"\n[{left} more lines: read on with offset {given.offset + len(part)}]" if left > 0 else ""
        return ToolResult(text=(body or "[empty]") + tail, bytes_read=len(body.encode()))


class EditFileInput(ToolInput):
    path: str = Field(description="workspace-relative path")
    old: str = Field(min_length=1, description="the text to replace; it must occur exactly once")
    new: str = Field(description="what stands there afterwards")
    rationale: str = Field(default="", description=WHY)


class EditFile(Tool[EditFileInput]):
    name = "edit_file"
    description = "Replaces one exact piece of text in a file. Needs an open chunk."
    input_type = EditFileInput

    def shown(self, given: JsonObject) -> str:
        return f"edit {given.get('path', '?')}"

    async def run(self, given: EditFileInput, context: ToolContext) -> ToolResult:
        def plan() -> PlannedWrite:
            planned: PlannedWrite = context.workspace.plan_edit(given.path, given.old, given.new)
            return planned

        return _done(await _write(plan, given.rationale, context))


class WriteFileInput(ToolInput):
    path: str = Field(description="workspace-relative path")
    content: str = Field(description="the whole file")
    rationale: str = Field(default="", description=WHY)


class WriteFile(Tool[WriteFileInput]):
    name = "write_file"
    description = (
        "Writes a whole file, new or existing (read an existing one first; prefer edit_file). "
        "Needs an open chunk."
    )
    input_type = WriteFileInput

    def shown(self, given: JsonObject) -> str:
        return f"write {given.get('path', '?')}"

    async def run(self, given: WriteFileInput, context: ToolContext) -> ToolResult:
        def plan() -> PlannedWrite:
            planned: PlannedWrite = context.workspace.plan_write(given.path, given.content)
            return planned

        return _done(await _write(plan, given.rationale, context))


class DeleteFileInput(ToolInput):
    path: str = Field(description="workspace-relative path")
    rationale: str = Field(description="why the file has to go")


class DeleteFile(Tool[DeleteFileInput]):
    name = "delete_file"
    description = "Deletes a file. The supervisor is asked first, unless this chunk created it."
    input_type = DeleteFileInput

    def shown(self, given: JsonObject) -> str:
        return f"delete {given.get('path', '?')}"

    async def run(self, given: DeleteFileInput, context: ToolContext) -> ToolResult:
        context.require_open_chunk()
        _guarded(lambda: context.workspace.judge_write(given.path))
        if not _guarded(lambda: context.workspace.exists(given.path)):
            raise ToolFailure(f"{given.path} does not exist")
        if not _guarded(lambda: context.created_in_chunk(given.path)):
            await _ask_to_delete(given, context)
        change: FileChange = _guarded(
            lambda: context.workspace.delete(
                given.path, chunk=context.chunk, call_id=context.call_id, allow_adjacent=True
            )
        )
        return _done(change)


async def _ask_to_delete(given: DeleteFileInput, context: ToolContext) -> None:
    data = _guarded(lambda: context.workspace.read(given.path))
    request = delete_question(given.path, data, given.rationale, context)
    answer = await context.decide(request)
    if answer.option != ALLOW:
        raise ToolFailure(f"not deleted: {answer.decision}. {answer.note}".strip())
    if _guarded(lambda: context.workspace.read(given.path)) != data:
        raise ToolFailure(f"not deleted: {given.path} changed while the question was open; read it again")


async def _write(plan: Callable[[], PlannedWrite], rationale: str, context: ToolContext) -> FileChange:
    """Writes at once what is in scope and no act; anything else only as a person saw it."""
    context.require_open_chunk()
    planned = _guarded(plan)
    acts = await asyncio.to_thread(context.find_acts, planned.path, planned.before, planned.after)
    if not acts and planned.judgement.verdict == "in":
        return _carry_out(planned, context, approved=False)
    request = write_question(planned, acts, rationale, context)
    if not context.was_asked(request.id):
        _guarded(planned.refuse_unread)
    answer = await context.decide(request)
    if answer.option != ALLOW:
        raise ToolFailure(f"not written: {answer.decision}. {answer.note}".strip())
    return _carry_out(planned, context, approved=True)


def _carry_out(planned: PlannedWrite, context: ToolContext, *, approved: bool) -> FileChange:
    change: FileChange = _guarded(
        lambda: context.workspace.carry_out(
            planned, chunk=context.chunk, call_id=context.call_id, approved=approved
        )
    )
    return change


def _guarded(act: Callable[[], T]) -> T:
    try:
        return act()
    except (ConflictError, FileRefused) as fault:
        raise ToolFailure(str(fault)) from None


def _done(change: FileChange) -> ToolResult:
    return ToolResult(text=done_words(change))
