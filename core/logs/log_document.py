"""A log as the sections that it is made of, every byte in one of them (SPEC 12).

One fast scan finds the headings that stand in no fence and no comment; nothing else is read until somebody
asks. `raw` is the file again, byte for byte, whatever the bytes are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Literal, TypeAlias

from core.domain import value
from core.logs.chunk_heading import ChunkHeading, chunk_heading
from core.markdown import Document, read_markdown

# What can begin a heading, a fence or a comment. One byte before it is a line end, or the file begins.
_START = re.compile(
    rb"\n(?: {0,3}(?P<marks>#{1,6})[ \t]|[ \t>]*(?P<fence>`{3,}|~{3,})(?P<info>[^\n`]*)(?=\n|\Z)"
    rb"|[ \t]*(?P<comment><!--))"
)
OF_THE_RUN = re.compile(
    r"\btokens? (?:summary|usage|log|counts?|estimates?|tracking|report)\b|^\W*\w+ (?:COMPLETE|PARTIAL)\b"
    r"|^\W*(?:backend|implementation|fix) complete\b",
    re.IGNORECASE,
)
_BOM = b"\xef\xbb\xbf"

# Of a file beyond these bounds every byte is kept, and not all of it is read.
MOST_MARKS = 500_000
MOST_LINES = 200_000
MOST_BYTES = 8 * 1024 * 1024
HEAD = 16 * 1024

SectionKind: TypeAlias = Literal["chunk", "text"]


@value
class Section:
    """The bytes `start` to `end` of a log: a chunk, whole, or what stands outside of them: a heading with
    the text right beneath it (`level` 0: what comes before the first heading). `line` counts from 1."""

    kind: SectionKind
    start: int
    end: int
    line: int
    level: int
    title: str
    chunk: ChunkHeading | None = None


@dataclass(frozen=True)
class LogDocument:
    """`data` is the file; `sections` are all of it, in order."""

    data: bytes
    sections: tuple[Section, ...]
    warnings: tuple[str, ...]

    @property
    def raw(self) -> bytes:
        """The file again, from its sections."""
        return b"".join(self.data[section.start : section.end] for section in self.sections)

    @property
    def chunks(self) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.kind == "chunk")

    def text(self, section: Section) -> str:
        """The section as text with plain line ends; bytes that are not UTF-8 are replacement characters."""
        return _lines_of(self.data[section.start : section.end]).decode("utf-8", "replace")

    def head(self, section: Section) -> str:
        """The beginning of its text."""
        return _lines_of(self.data[section.start : min(section.end, section.start + HEAD)]).decode(
            "utf-8", "replace"
        )

    def read(self, section: Section) -> Document:
        """The section's structure; of a very long one that of its beginning.

        Its lines count from 1: add `section.line - 1`.
        """
        return read_markdown(self._beginning(section).decode("utf-8", "replace"))

    def _beginning(self, section: Section) -> bytes:
        """As much of a section as is read."""
        data = _lines_of(self.data[section.start : min(section.end, section.start + MOST_BYTES)])
        if data.count(b"\n") <= MOST_LINES:
            return data
        return data[: next(islice(re.finditer(rb"\n", data), MOST_LINES - 1, None)).end()]

    def is_read_whole(self, section: Section) -> bool:
        return len(self._beginning(section)) == section.end - section.start

    @cached_property
    def title(self) -> Section | None:
        """The heading that names the document."""
        first = next((section for section in self.sections if section.level), None)
        return first if first and first.level == 1 and first.kind == "text" else None


def read_document(data: bytes) -> LogDocument:
    """The sections of any bytes; never raises."""
    text = _lines_of(data)
    headings, warnings = _headings(text)
    sections = tuple(_sections(data, text, headings))
    document = LogDocument(data=data, sections=sections, warnings=())
    unread = [
        f"line {section.line}: too long to be read whole; all of it is kept"
        for section in sections
        if section.end - section.start > MOST_LINES and not document.is_read_whole(section)
    ]
    return replace(document, warnings=(*_undecodable(data), *warnings, *unread))


def _lines_of(data: bytes) -> bytes:
    r"""The same bytes with `\n` as the only line end, each at the same offset."""
    return data.replace(b"\r\n", b" \n").replace(b"\r", b"\n") if b"\r" in data else data


def _undecodable(data: bytes) -> list[str]:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = _lines_of(data).count(b"\n", 0, error.start) + 1
        shown = "such bytes are shown as \N{REPLACEMENT CHARACTER}"
        return [f"line {line}: not UTF-8; {shown}"]
    return []


@value
class _Start:
    """A line that begins with the marks of a heading, a fence or a comment: from `start` to `end`."""

    start: int
    end: int
    marks: bytes
    fence: bytes
    info: bytes
    comment: bool


@value
class _Heading:
    start: int
    level: int
    title: str
    chunk: ChunkHeading | None


def _headings(text: bytes) -> tuple[list[_Heading], list[str]]:
    """The headings outside of fences and comments. A fence or a comment that is never closed hides nothing,
    nor does one that only ends where a later chunk begins a fence of its own."""
    found: list[_Heading] = []
    hidden: list[_Heading] = []
    warnings: list[str] = []
    fence: _Start | None = None
    comment_end = -1
    for count, start in enumerate(_starts(text)):
        if count == MOST_MARKS:
            warnings.append(f"more than {MOST_MARKS:,} headings and fences; what follows is one text")
            break
        if start.start < comment_end:
            continue
        if start.marks:
            if heading := _heading(text, start):
                (found if fence is None else hidden).append(heading)
        elif start.comment:
            comment_end = _end_of_comment(text, start.end) if fence is None else -1
        elif fence is None:
            fence, hidden = start, []
        elif _closes(start, fence):
            fence = None
        elif start.info.strip() and any(heading.chunk for heading in hidden):
            warnings.append(_never_closed(text, fence))
            found += hidden
            fence, hidden = start, []
    if fence is not None:
        warnings.append(_never_closed(text, fence))
        found += hidden
    return found, warnings


def _never_closed(text: bytes, fence: _Start) -> str:
    line = text.count(b"\n", 0, fence.start) + 1
    return f"line {line}: the code fence is never closed"


def _starts(text: bytes) -> Iterator[_Start]:
    """Also that of the first line, which no line end comes before."""
    begin = len(_BOM) if text.startswith(_BOM) else 0
    front = _front_matter_end(text, begin)
    if not front:
        end = text.find(b"\n", begin)
        match = _START.match(b"\n" + text[begin : end if end >= 0 else len(text)])
        if match:
            yield _start(match, begin - 1)
    for match in _START.finditer(text, max(front - 1, 0)):
        yield _start(match, 0)


def _start(match: re.Match[bytes], moved: int) -> _Start:
    return _Start(
        start=match.start() + 1 + moved,
        end=match.end() + moved,
        marks=match["marks"] or b"",
        fence=match["fence"] or b"",
        info=match["info"] or b"",
        comment=match["comment"] is not None,
    )


def _front_matter_end(text: bytes, begin: int) -> int:
    """The offset behind the front matter, 0 without one."""
    if not re.compile(rb"---[ \t]*\n").match(text, begin):
        return 0
    end = re.compile(rb"\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)").search(text, begin + 3)
    return end.end() if end else 0


def _heading(text: bytes, start: _Start) -> _Heading | None:
    end = text.find(b"\n", start.end)
    line = text[start.end : end if end >= 0 else len(text)].decode("utf-8", "replace").strip()
    title = re.sub(r"(?:^|[ \t])#+$", "", line).strip()
    if not title:
        return None
    return _Heading(start=start.start, level=len(start.marks), title=title, chunk=chunk_heading(title))


def _closes(start: _Start, opened: _Start) -> bool:
    same = start.fence[:1] == opened.fence[:1]
    return same and len(start.fence) >= len(opened.fence) and not start.info.strip()


def _end_of_comment(text: bytes, start: int) -> int:
    """Where a comment that takes whole lines ends, or -1."""
    end = re.compile(rb"-->[ \t]*(?:\n|\Z)").search(text, start)
    return end.end() - 1 if end else -1


def _sections(data: bytes, text: bytes, headings: list[_Heading]) -> Iterator[Section]:
    """A chunk goes on over deeper headings, to the next chunk or a heading that is not deeper, or that is
    about the whole run."""
    tops: list[_Heading] = []
    for heading in headings:
        around = tops[-1] if tops else None
        deeper = around is not None and around.chunk is not None and heading.level > around.level
        if deeper and not heading.chunk and not OF_THE_RUN.search(heading.title):
            continue
        tops.append(heading)
    line, begun = 1, 0
    if not tops or tops[0].start > 0:
        end = tops[0].start if tops else len(data)
        yield Section(kind="text", start=0, end=end, line=1, level=0, title="")
    for heading, following in zip(tops, [*tops[1:], None], strict=False):
        line += text.count(b"\n", begun, heading.start)
        begun = heading.start
        yield Section(
            kind="chunk" if heading.chunk else "text",
            start=heading.start,
            end=following.start if following else len(data),
            line=line,
            level=heading.level,
            title=heading.title,
            chunk=heading.chunk,
        )
