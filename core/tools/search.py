"""Finding things: list_files and search. Bounded, so that an answer never floods the conversation."""

from __future__ import annotations

import asyncio

from pydantic import Field

from core.domain import JsonObject
from core.tools.base import Tool, ToolContext, ToolFailure, ToolInput, ToolResult
from core.untrusted import visible
from core.workspace import FileRefused

MOST_FILES = 500
MOST_HITS = 200


class ListFilesInput(ToolInput):
    path: str = Field(default=".", description="folder to list, workspace-relative")
    glob: str = Field(default="**", description="gitignore-style glob, such as **/*.py")


class ListFiles(Tool[ListFilesInput]):
    name = "list_files"
    description = "Lists files below a folder, leaving out what git ignores."
    repeatable = True
    input_type = ListFilesInput

    def shown(self, given: JsonObject) -> str:
        return f"list {given.get('path', '.')} {given.get('glob', '')}".rstrip()

    async def run(self, given: ListFilesInput, context: ToolContext) -> ToolResult:
        try:
            paths = await asyncio.to_thread(
                context.workspace.list_files, given.path, given.glob, MOST_FILES + 1
            )
        except (FileRefused, ValueError) as fault:
            raise ToolFailure(str(fault)) from None
        more = "\n[more files: narrow it with path or glob]" if len(paths) > MOST_FILES else ""
        text = "\n".join(_shown(path) for path in paths[:MOST_FILES]) or "[no such files]"
        return ToolResult(text=text + more)


class SearchInput(ToolInput):
    pattern: str = Field(min_length=1, description="RE2 regular expression, matched line by line")
    path: str = Field(default=".", description="folder or file to search, workspace-relative")
    glob: str = Field(default="**", description="gitignore-style glob, such as **/*.ts")


class Search(Tool[SearchInput]):
    name = "search"
    description = "Searches the text files of the workspace. Answers path:line: text."
    repeatable = True
    input_type = SearchInput

    def shown(self, given: JsonObject) -> str:
        return f"search {given.get('pattern', '?')}"

    async def run(self, given: SearchInput, context: ToolContext) -> ToolResult:
        try:
            hits = await asyncio.to_thread(
                context.workspace.search, given.pattern, given.path, given.glob, MOST_HITS + 1
            )
        except (FileRefused, ValueError) as fault:
            raise ToolFailure(str(fault)) from None
        lines = [f"{_shown(hit.path)}:{hit.line}: {hit.text}" for hit in hits[:MOST_HITS]]
        more = "\n[more hits: narrow it]" if len(hits) > MOST_HITS else ""
        text = "\n".join(lines) or "[nothing found]"
        return ToolResult(text=text + more, bytes_read=len(text.encode()))


def _shown(path: str) -> str:
    """A name may hold anything, a line end and bytes that are no text too."""
    return visible(path, keep_newlines=False)
