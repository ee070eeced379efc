"""Where a text stands in a diff: in the lines of all hunks, folded files too, and in the paths. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.hunk import text_of
from tui.review.hunk_rows import HunkRows
from tui.review.places import Place
from tui.review.rows import DiffRow, HeadRow, Section, line_place


class Match(NamedTuple):
    """One line of the diff that has the text: `line` of `hunk` of `section`, in the order of the diff. The
    file's head is line -1 of hunk -1."""

    section: int
    hunk: int = -1
    line: int = -1


def pattern_of(text: str) -> re.Pattern[str]:
    """The text as it is; upper and lower case are the same unless it has an upper-case letter."""
    return re.compile(re.escape(text), 0 if text != text.lower() else re.IGNORECASE)


def matches(sections: Sequence[Section], pattern: re.Pattern[str]) -> Iterator[Match]:
    """In the order of the diff, a line once however often it has the text."""
    for place, section in enumerate(sections):
        if pattern.search(section.file.path):
            yield Match(place)
        for number, hunk in enumerate(section.file.hunks):
            yield from (Match(place, number, line) for line in _lines(text_of(hunk), pattern))


def _lines(text: str, pattern: re.Pattern[str]) -> Iterator[int]:
    line, at = 0, 0
    while (found := pattern.search(text, at)) is not None:
        line += text.count("\n", at, found.start())
        yield line
        at = text.find("\n", found.start()) + 1
        line += 1


def place_of_match(sections: Sequence[Section], match: Match) -> Place:
    section = sections[match.section]
    if match.hunk < 0:
        return Place(section.file.path)
    return line_place(section, section.file.hunks[match.hunk].lines[match.line])


def match_at(sections: Sequence[Section], row: DiffRow | HeadRow | None) -> Match:
    """Where the reader is, as a place among the matches; None is above all files."""
    if row is None:
        return Match(-1)
    place = sections.index(row.section)
    if isinstance(row, HeadRow):
        return Match(place)
    hunk = next(n for n, other in enumerate(row.section.file.hunks) if other is row.hunk)
    at = line_place(row.section, row.line)
    rows = HunkRows(row.section, row.hunk, split=False)  # a row of it is a line of the hunk
    return Match(place, hunk, rows.row_of(at.side, at.line or 0) or 0)
