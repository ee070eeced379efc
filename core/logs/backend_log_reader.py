"""BACKEND-LOG.md as people really wrote it: chunks, every file that it names, tokens, signal (SPEC 12).

Reads any bytes and never raises. What it does not understand stays in the document, in its place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from core.domain import JsonObject
from core.logs.log_chunk import LogChunk, read_chunk
from core.logs.log_document import LogDocument, Section, read_document
from core.logs.log_files import LogFile, harvest
from core.logs.log_signal import last_signal
from core.logs.log_tokens import TokenNumbers, token_numbers
from core.markdown import Document
from core.named_files import writable

STORY_ID = re.compile(r"(?<![\w-])([A-Z][A-Z0-9]{1,15}(?:-[A-Z][A-Z0-9]{0,15})*-\d{1,6}[A-Z]?)(?![\w])")
STORY_LINE = re.compile(r"[\s*_>-]*story(?:[ _-]?id)?[\s*_]*:(.{1,200})", re.IGNORECASE)
MOST_LOOKED_AT = 40
NO_STORY = ("AC-", "ARCH-", "UTF-", "SHA-", "ISO-", "RFC-", "CVE-", "HTTP-", "KB-", "AUTO-")
TOKENS = re.compile(r"\btokens?\b", re.IGNORECASE)


@dataclass(frozen=True)
class BackendLogRead:
    """A log with all that was read from it. `document.raw` is the file, byte for byte."""

    document: LogDocument
    story_id: str | None
    title: str
    chunks: tuple[LogChunk, ...]
    files: tuple[str, ...]
    tokens: TokenNumbers
    signal: str | None
    warnings: tuple[str, ...]

    def to_json(self) -> JsonObject:
        """The shape of SPEC 13."""
        return {
            "story_id": self.story_id,
            "chunks": [chunk.to_json() for chunk in self.chunks],
            "files": list(self.files),
            "tokens": {"input": self.tokens.input, "output": self.tokens.output},
            "signal": self.signal,
            "warnings": list(self.warnings),
        }


def read_log(data: bytes) -> BackendLogRead:
    document = read_document(data)
    chunks: list[LogChunk] = []
    files: list[str] = []
    tokens: list[tuple[int, TokenNumbers]] = []
    for section in document.sections:
        if section.kind == "chunk":
            chunks.append(read_chunk(document, section))
            files += (file.path for file in chunks[-1].files)
            continue
        markdown = document.read(section)
        files += (file.path for file in files_outside(section, markdown))
        numbers = token_numbers(markdown.lines, about_tokens=bool(TOKENS.search(section.title)))
        tokens += [(section.line, numbers)] if numbers.known else []
    signal = last_signal(document)
    return BackendLogRead(
        document=document,
        story_id=story_of(document),
        title=document.title.title if document.title else "",
        chunks=tuple(chunks),
        files=writable(files),
        # A log of several runs has several summaries; each counts only its own.
        tokens=tokens[-1][1] if tokens else TokenNumbers(),
        signal=signal,
        warnings=(
            *document.warnings,
            *(f"line {line}: an earlier token summary; the last one counts" for line, _ in tokens[:-1]),
            *_warnings(chunks, bool(files), signal),
        ),
    )


def files_outside(section: Section, markdown: Document) -> list[LogFile]:
    """The files of a section that is no chunk."""
    return harvest(markdown.lines[1:] if section.level else markdown.lines, section.title)


def story_of(document: LogDocument) -> str | None:
    """The story that the log names, near its beginning: in a heading of level 1, or a `Story:` line."""
    for section in document.sections[:MOST_LOOKED_AT]:
        if section.level == 1 and (found := _story_in(section.title)):
            return found
        for line in document.head(section).split("\n", MOST_LOOKED_AT)[:MOST_LOOKED_AT]:
            named = STORY_LINE.match(line)
            if named and (found := _story_in(named[1])):
                return found
    return None


def _story_in(text: str) -> str | None:
    return next((id_ for id_ in STORY_ID.findall(text[:400]) if not id_.startswith(NO_STORY)), None)


def _warnings(chunks: list[LogChunk], files: bool, signal: str | None) -> Iterator[str]:
    for chunk in chunks:
        yield from chunk.warnings
    counts = Counter(str(chunk.number) for chunk in chunks if chunk.number is not None)
    for number, count in counts.items():
        if count > 1:
            lines = ", ".join(str(chunk.line) for chunk in chunks if str(chunk.number) == number)
            yield f"chunk {number} comes {count} times: lines {lines}"
    if not chunks:
        yield (
            "no chunk headings; files are taken from headings, tables and lists"
            if files
            else "no chunks and no files"
        )
    if signal is None:
        yield "no completion signal"
