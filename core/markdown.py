"""Markdown as people write it, by lines: headings, sections, list items, labels and tables.

Nothing here renders or changes text. A `#` inside a code fence, a comment or the front matter is no
heading. Line numbers count from 1.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

from core.domain import value

FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})([^`]*)")
HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*)")
ITEM = re.compile(r"([ \t]*)(?:[-*+•]|(\d{1,4})[.)])[ \t]+(?:\[([ xX✓✔])\][ \t]*)?(\S.*)")
LABEL = re.compile(
    r"[ \t]*(?:[-*+][ \t]+)?(?:"
    r"(\*\*|__)(?P<strong>[^*_\n][^*\n]{0,80}?)(?P<inside>:?)\1(?:[ \t]*\([^()]*\))?(?P<outside>:?)|"
    r"(?P<plain>[A-Za-z][\w /&'()-]{0,40}):(?=\s|$))"
    r"(?P<rest>.*)"
)
LONGEST_TITLE = 300
RULE = re.compile(r"[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*")


@value
class Line:
    """One line without its line end. `code` says that it stands in (or opens or ends) a fence,
    a comment or the front matter: text to keep, not structure."""

    number: int
    text: str
    code: bool = False
    fence: bool = False

    @property
    def blank(self) -> bool:
        return not self.text.strip()


@value
class Heading:
    """A heading and its section: the lines `line` to `end` (inclusive), deeper headings included."""

    level: int
    title: str
    line: int
    end: int
    parents: tuple[str, ...] = ()

    def holds(self, other: Heading) -> bool:
        return self.line < other.line <= self.end


@value
class Item:
    """A list item's first line. `done` is None where there is no checkbox; `number` of `1.` items."""

    indent: int
    number: str | None
    done: bool | None
    text: str


@value
class Document:
    lines: tuple[Line, ...]
    headings: tuple[Heading, ...]
    heading_lines: tuple[int, ...]
    front_matter: str | None
    warnings: tuple[str, ...] = ()

    @property
    def title(self) -> Heading | None:
        """The heading that names the document: its first one, when that is of level 1."""
        return self.headings[0] if self.headings and self.headings[0].level == 1 else None

    def around(self, line: int) -> tuple[str, ...]:
        """The titles of the sections that a line (no heading) stands in, outermost first."""
        place = bisect.bisect_right(self.heading_lines, line) - 1
        return (*self.headings[place].parents, self.headings[place].title) if place >= 0 else ()

    def within(self, titles: tuple[str, ...]) -> tuple[str, ...]:
        """Titles of sections without the document's own, which says nothing about a part of it."""
        own = self.title
        return titles[1:] if own and titles[:1] == (own.title,) else titles

    def next_heading(self, line: int) -> int:
        """The line of the next heading behind a line, one past the last line when there is none."""
        place = bisect.bisect_right(self.heading_lines, line)
        return self.heading_lines[place] if place < len(self.heading_lines) else len(self.lines) + 1

    def part(self, first: int, last: int) -> tuple[Line, ...]:
        """The lines `first` to `last`, inclusive."""
        return self.lines[max(first, 1) - 1 : last]


def read_markdown(text: str) -> Document:
    """The structure of any text; never raises."""
    rows = [row.removesuffix("\r") for row in text.removeprefix("\ufeff").split("\n")]
    front = _front_matter_end(rows)
    fenced, warnings = _fenced(rows, front)
    hidden = _commented(rows, fenced)
    lines = tuple(
        Line(number=i + 1, text=row, code=i < front or i in fenced or i in hidden, fence=i in fenced)
        for i, row in enumerate(rows)
    )
    headings = tuple(_headings(lines))
    return Document(
        lines=lines,
        headings=headings,
        heading_lines=tuple(h.line for h in headings),
        front_matter="\n".join(rows[1 : front - 1]) if front else None,
        warnings=tuple(warnings),
    )


def _front_matter_end(rows: list[str]) -> int:
    """How many lines the front matter takes with both its marks, 0 without one."""
    if rows[0].rstrip() != "---":
        return 0
    return next((i + 1 for i, row in enumerate(rows[1:], 1) if row.rstrip() in ("---", "...")), 0)


def _fenced(rows: list[str], start: int) -> tuple[set[int], list[str]]:
    """The lines that stand in fences. A fence that is never closed is taken as plain text: what
    follows it is more likely the rest of the document than code."""
    marks = {i: m for i in range(start, len(rows)) if (m := FENCE.fullmatch(rows[i]))}
    longest = _longest_closer_after(marks)
    inside: set[int] = set()
    warnings: list[str] = []
    opened: str | None = None
    for i in range(start, len(rows)):
        mark = marks.get(i)
        if opened is None and mark:
            if longest[i].get(mark[1][0], 0) < len(mark[1]):
                warnings.append(f"line {i + 1}: the code fence is never closed")
                continue
            opened = mark[1]
            inside.add(i)
        elif opened is not None:
            inside.add(i)
            if mark and mark[1][0] == opened[0] and len(mark[1]) >= len(opened) and not mark[2].strip():
                opened = None
    return inside, warnings


def _longest_closer_after(marks: dict[int, re.Match[str]]) -> dict[int, dict[str, int]]:
    """By line of a mark: the longest closing run of each fence character on later lines."""
    after: dict[int, dict[str, int]] = {}
    longest: dict[str, int] = {}
    for i in sorted(marks, reverse=True):
        after[i] = longest
        run, info = marks[i][1], marks[i][2]
        if not info.strip():
            longest = longest | {run[0]: max(len(run), longest.get(run[0], 0))}
    return after


def _commented(rows: list[str], fenced: set[int]) -> set[int]:
    """The lines of comments that take whole lines, from `<!--` to the line that ends with `-->`."""
    hidden: set[int] = set()
    opened: list[int] = []
    for i, row in enumerate(rows):
        if i in fenced:
            continue
        if opened:
            opened.append(i)
        elif row.lstrip().startswith("<!--"):
            opened = [i]
        if opened and row.rstrip().endswith("-->"):
            hidden.update(opened)
            opened = []
    return hidden


def _headings(lines: tuple[Line, ...]) -> Iterator[Heading]:
    found = [(m, line.number) for line in lines if not line.code and (m := HEADING.fullmatch(line.text))]
    ends = _section_ends([(len(m[1]), number) for m, number in found], len(lines))
    above: list[tuple[int, str]] = []
    for (match, number), end in zip(found, ends, strict=True):
        level, title = len(match[1]), _without_closing_marks(match[2])
        while above and above[-1][0] >= level:
            above.pop()
        yield Heading(
            level=level, title=title, line=number, end=end, parents=tuple(title for _, title in above)
        )
        above.append((level, title))


def _section_ends(found: list[tuple[int, int]], last: int) -> list[int]:
    """The last line of each section: the one before the next heading that is not deeper."""
    next_of_level = [last + 1] * 7
    ends: list[int] = []
    for level, number in reversed(found):
        ends.append(min(next_of_level[: level + 1]) - 1)
        next_of_level[level] = number
    return ends[::-1]


def _without_closing_marks(title: str) -> str:
    title = title.rstrip()
    bare = title.rstrip("#")
    return bare.rstrip() if bare != title and bare.endswith((" ", "\t")) else title


def plain(title: str) -> str:
    """A title for comparing: lower case, without marks, numbers before it and brackets behind it."""
    text = re.sub(r"[*_`~]+", "", title[:LONGEST_TITLE]).strip().casefold()
    text = re.sub(r"^[^\w(]+|^(?:\d+\.)*\d+[.):]?\s+", "", text)
    text = re.sub(r"\s*\([^()]*\)\s*$", "", text)
    return text.strip(" :.-–—")


def item(line: Line) -> Item | None:
    """The list item that a line begins."""
    match = None if line.code else ITEM.fullmatch(line.text)
    if not match or RULE.fullmatch(line.text):
        return None
    indent, number, box, text = match.groups()
    done = None if box is None else box != " "
    return Item(indent=len(indent.expandtabs(4)), number=number, done=done, text=text.rstrip())


def label(line: Line) -> tuple[str, str, bool] | None:
    """`**Files**: x`, `- **Files:** x`, `Files: x` as (plain label, rest, whether it is strong)."""
    match = None if line.code else LABEL.fullmatch(line.text)
    if not match:
        return None
    strong = match["strong"]
    if strong is not None and not (match["inside"] or match["outside"]):
        return None
    return plain(strong or match["plain"]), match["rest"].strip(), strong is not None


def cells(line: Line) -> tuple[str, ...] | None:
    """The cells of a table row, or None. A `|` in backticks or behind a backslash divides nothing."""
    text = line.text.strip()
    if line.code or not text.startswith("|") or len(text) < 2:
        return None
    parts = [""]
    quoted = escaped = False
    for char in text[1:]:
        if char == "|" and not quoted and not escaped:
            parts.append("")
            continue
        quoted ^= char == "`" and not escaped
        escaped = char == "\\" and not escaped
        parts[-1] += char
    if not parts[-1].strip():
        parts.pop()
    return tuple(part.strip() for part in parts)


def is_table_rule(row: tuple[str, ...]) -> bool:
    """Whether a row is the `|---|:--|` line beneath a table's header."""
    return all(re.fullmatch(r":?-+:?", cell) for cell in row)
