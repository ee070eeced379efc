"""The tools, by name. A profile lists those that its worker may use; none listed means all."""

from __future__ import annotations

from typing import Any

from core.tools.base import Tool
from core.tools.chunk_bounds import CloseChunkTool, CompleteTool, OpenChunkTool, ReportBlockerTool
from core.tools.command import RunCommand
from core.tools.decide import RaiseDecision
from core.tools.files import DeleteFile, EditFile, ReadFile, WriteFile
from core.tools.kb import KbSearch
from core.tools.search import ListFiles, Search

TOOLS: dict[str, type[Tool[Any]]] = {
    "read_file": ReadFile,
    "list_files": ListFiles,
    "search": Search,
    "kb_search": KbSearch,
    "open_chunk": OpenChunkTool,
    "edit_file": EditFile,
    "write_file": WriteFile,
    "delete_file": DeleteFile,
    "run_command": RunCommand,
    "raise_decision": RaiseDecision,
    "close_chunk": CloseChunkTool,
    "report_blocker": ReportBlockerTool,
    "complete": CompleteTool,
}


# Those that a worker which may only read goes without.
WRITING = frozenset({"edit_file", "write_file", "delete_file", "run_command"})


def tools_for(names: tuple[str, ...]) -> dict[str, Tool[Any]]:
    """The tools of a profile, in the registry's order (the cached prefix needs a stable one)."""
    return {name: make() for name, make in TOOLS.items() if not names or name in names}
