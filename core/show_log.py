"""A log as a page for the terminal."""

from __future__ import annotations

from core.logs.backend_log_reader import BackendLogRead
from core.logs.log_chunk import LogChunk
from core.logs.log_labels import field_named
from core.page import Page


def log_page(log: BackendLogRead, name: str) -> Page:
    page = Page()
    page.title(f"{log.story_id or name}  {log.title}".rstrip())
    page.field("Signal", log.signal or "none: the log does not say that the work is complete")
    page.field("Chunks", str(len(log.chunks)) if log.chunks else "none with a heading of its own")
    page.field("Tokens", _tokens(log))
    for chunk in log.chunks:
        _chunk(page, chunk)
    in_chunks = {file.path for chunk in log.chunks for file in chunk.files}
    others = [path for path in log.files if path not in in_chunks]
    if others:
        page.heading("Files named outside of chunks" if log.chunks else "Files")
        for path in others:
            page.text(path)
    if not log.chunks:
        _sections(page, log)
    page.warnings(log.warnings)
    return page


def _sections(page: Page, log: BackendLogRead) -> None:
    """What a log without chunk headings is made of."""
    headed = [section for section in log.document.sections if section.level]
    if headed:
        page.heading("Sections")
    for section in headed:
        page.field(f"line {section.line}", f"{'  ' * (section.level - 1)}{section.title}")


def _tokens(log: BackendLogRead) -> str:
    sides = (("in", log.tokens.input), ("out", log.tokens.output))
    return ", ".join(f"{side} {number:,}" for side, number in sides if number is not None)


def _chunk(page: Page, chunk: LogChunk) -> None:
    number = "" if chunk.number is None else f"Chunk {chunk.number}  "
    page.heading(f"{number}{chunk.name}  (line {chunk.line})")
    page.field("Objective", chunk.objective)
    page.items(
        "Files", (f"{file.path}  ({file.action})" if file.action else file.path for file in chunk.files)
    )
    page.field("Summary", chunk.summary)
    page.items("Reused", chunk.reused)
    page.items("New", chunk.new)
    page.field("Why new", chunk.why)
    page.field("Core", chunk.core)
    page.field("Adapters", chunk.adapters)
    page.items("Commands", (f"{c.command}  → {c.result}" if c.result else c.command for c in chunk.commands))
    page.field("Notes", chunk.notes)
    told = {"files": chunk.files, "commands": chunk.commands}
    for label, text in chunk.other:
        if not told.get(field_named(label) or ""):
            page.field(label, text)
