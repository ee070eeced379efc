"""Acceptance criteria as stories and plans write them: checkboxes, headings, lists and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.domain import Criterion
from core.markdown import Document, Heading, Line, cells, is_table_rule, item, plain

_NUMBER = r"(\d{1,4}(?:\.\d{1,3})?[a-z]?)"
MENTION = re.compile(
    rf"\bAC[ \t\-_#]?{_NUMBER}(?:[ \t]*(?:-|–|\bto\b|\bthrough\b)[ \t]*(?:AC[ \t\-_#]?)?(\d{{1,4}}))?\b"
)
LEADING = re.compile(
    rf"\W*{MENTION.pattern}(?:\*\*|__)?\s*[:.)—–-]*\s*(?:(?:\*\*|__)(?=\s|$))?\s*(.*)", re.DOTALL
)
TRAILING = re.compile(r"\(AC[^()]*\)\s*$")
TEXT_COLUMNS = re.compile(r"criteri|description|requirement|text|deliverable|summary")
DONE_CELL = re.compile(r"\[[xX]\]|✅|✓|done|pass(?:ed)?|complete", re.IGNORECASE)
LONGEST_RANGE = 100


def criteria_in(text: str) -> tuple[str, ...]:
    """The criteria that a text names, as `AC-1`, each once; `AC 10-13` and `AC1-AC3` name all between."""
    found: dict[str, None] = {}
    for match in MENTION.finditer(text):
        found.update(dict.fromkeys(_ids(match[1], match[2])))
    return tuple(found)


def _ids(first: str, last: str | None) -> list[str]:
    if last and first.isdigit() and int(first) < int(last) <= int(first) + LONGEST_RANGE:
        return [f"AC-{n}" for n in range(int(first), int(last) + 1)]
    return [f"AC-{first.lstrip('0') or '0'}"]


def read_criteria(document: Document) -> tuple[Criterion, ...]:
    """The criteria of every section whose title speaks of acceptance criteria, in order.

    The first text of an id wins: a checklist comes before the table that maps it to steps.
    """
    found: dict[str, Criterion] = {}
    for section in _criteria_sections(document):
        for criterion in _in_section(document, section, taken=len(found)):
            found.setdefault(criterion.id, criterion)
    return tuple(found.values())


def _criteria_sections(document: Document) -> Iterable[Heading]:
    end = 0
    for heading in document.headings:
        title = plain(heading.title)
        named = "acceptance criteria" in title or title in ("acs", "ac checklist", "criteria")
        if named and heading.line > end and heading.line > 1:
            end = heading.end
            yield heading


def _in_section(document: Document, section: Heading, taken: int) -> list[Criterion]:
    own = [h for h in document.headings if section.holds(h) and MENTION.match(h.title)]
    if own:
        return [_of_heading(document, heading) for heading in own]
    lines = document.part(section.line + 1, section.end)
    return _of_table(lines) or _of_list(lines, taken)


def _of_heading(document: Document, heading: Heading) -> Criterion:
    """`### AC-1: text`, done when every checkbox beneath it is ticked."""
    ids, text = _split_id(heading.title)
    items = (item(line) for line in document.part(heading.line + 1, heading.end))
    boxes = [i.done for i in items if i and i.done is not None]
    return Criterion(id=ids[0], text=text, done=bool(boxes) and all(boxes))


def _split_id(text: str) -> tuple[list[str], str]:
    """The ids at a text's start (or in brackets at its end) and what is left of the text."""
    match = LEADING.fullmatch(text)
    if match:
        return _ids(match[1], match[2]), match[3].strip().removesuffix("**").strip()
    trailing = TRAILING.search(text)
    if trailing:
        return list(criteria_in(trailing[0])), text[: trailing.start()].strip()
    return [], text


def _of_table(lines: tuple[Line, ...]) -> list[Criterion]:
    found: list[Criterion] = []
    column = 1
    for line in lines:
        row = cells(line)
        if not row or is_table_rule(row):
            continue
        ids = criteria_in(row[0])
        if not ids:  # a header says which column holds the text
            column = next((i for i, c in enumerate(row) if i and TEXT_COLUMNS.search(plain(c))), column)
            continue
        text = row[column] if column < len(row) else ""
        done = any(DONE_CELL.fullmatch(cell) for cell in row[1:])
        found += [Criterion(id=each, text=text, done=done) for each in ids]
    return found


def _of_list(lines: tuple[Line, ...], taken: int) -> list[Criterion]:
    """List items at the outermost indent; with any checkbox there, only checkboxes and named ones."""
    items = [i for line in lines if (i := item(line))]
    outermost = min((i.indent for i in items), default=0)
    items = [i for i in items if i.indent <= outermost + 1]
    split = [(i, *_split_id(i.text)) for i in items]
    chosen = [s for s in split if s[0].done is not None or s[1]] or split
    found: list[Criterion] = []
    for each, ids, text in chosen:
        taken += 1
        names = ids or [f"AC-{taken}"]
        found += [Criterion(id=name, text=text, done=bool(each.done)) for name in names]
    return found
