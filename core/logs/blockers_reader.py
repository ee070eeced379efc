"""BLOCKERS.md as people wrote it: its being there does not mean that anything is blocked (SPEC 12)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.domain import value
from core.logs.log_document import LogDocument, Section, read_document
from core.markdown import RULE, plain

_WHO = r"(?:there (?:are|is) |currently |we have )*"
_WHAT = r"(?:blockers?|blocking (?:issues?|items?)|issues?|impediments?)"
NOTHING = re.compile(
    rf"[\W_]*(?:(?:status|blockers?|result)[\W_]*)?{_WHO}"
    rf"(?:none\b(?! of)|n/?a\b|no(?: [\w-]+){{0,3}} {_WHAT}\b|not (?:currently )?blocked\b|unblocked\b"
    r"|clear\b|nothing\b)",
    re.IGNORECASE,
)
RESOLVED = re.compile(
    r"\b(?:resolved|cleared|closed|fixed|unblocked)\b|✅|\[x\]|~~.+~~|\ball clear\b", re.IGNORECASE
)
NOT_RESOLVED = re.compile(r"\b(?:un|not (?:yet )?)resolved\b|\bto be resolved\b", re.IGNORECASE)
STATUS = re.compile(r"[\s*_>-]*(?:status|state|resolution)[\s*_]*:[\s*_]*(.*)", re.IGNORECASE)
DATA = re.compile(
    r"[\s*_>-]*(?:story(?: id)?|date|timestamp|updated|worker|agent|phase|created)[\s*_]*:", re.IGNORECASE
)
# Sections that tell about blockers and are none.
ABOUT = re.compile(
    r"(?:(?:previously )?resolved|cleared|past|closed)\b.*|summary|notes?|history|overview|legend|token.*"
    r"|status|(?:next|recommended) steps?|resolution.*|references?"
)


@value
class Blocker:
    """`line` counts from 1; `status` is as it was written, "" where none is."""

    title: str
    line: int
    resolved: bool
    status: str = ""


@value
class BlockersRead:
    document: LogDocument
    blockers: tuple[Blocker, ...]

    @property
    def open(self) -> tuple[Blocker, ...]:
        return tuple(blocker for blocker in self.blockers if not blocker.resolved)

    @property
    def blocked(self) -> bool:
        return bool(self.open)


def read_blockers(data: bytes) -> BlockersRead:
    """Each section that names a blocker; of a file without sections, its text. Never raises."""
    document = read_document(data)
    return BlockersRead(document=document, blockers=tuple(_blockers(document)))


def _blockers(document: LogDocument) -> Iterator[Blocker]:
    about = 7  # the level of the section that is only about blockers, and that deeper ones belong to
    inside = 7  # the level of the last blocker: deeper sections are parts of it
    for section in document.sections:
        if section.level and section.level <= about:
            about = section.level if _is_about(section) else 7
        part = section.level > inside or section.level >= about
        rows = _rows(document, section)
        if part or not rows or _says_nothing(section, rows):
            continue
        inside = section.level if section.level > 1 else 7
        yield _blocker(section, rows)


def _is_about(section: Section) -> bool:
    return section.level > 1 and ABOUT.fullmatch(plain(section.title)) is not None


def _rows(document: LogDocument, section: Section) -> list[str]:
    """What a section says beneath its heading, without comments, rules and the story's data."""
    lines = document.read(section).lines[1 if section.level else 0 :]
    rows = [line.text.strip() for line in lines if not (line.code and not line.fence)]
    kept = [row for row in rows if row and not RULE.fullmatch(row)]
    return [row for row in kept if not _is_data(row)] if section.level <= 1 else kept


def _is_data(row: str) -> bool:
    """`**Story**: WISH-001`, `Date: ...` at the beginning of a file."""
    return DATA.match(row) is not None


def _says_nothing(section: Section, rows: list[str]) -> bool:
    in_title = section.level > 1 and NOTHING.fullmatch(section.title) is not None
    return in_title or NOTHING.match(rows[0]) is not None


def _blocker(section: Section, rows: list[str]) -> Blocker:
    status = next((match[1].strip() for row in rows if (match := STATUS.match(row))), "")
    told = f"{section.title}\n{status}"
    boxes = [row for row in rows if re.match(r"[-*+]\s+\[[ xX]\]", row)]
    ticked = bool(boxes) and all(row[row.index("[") + 1] in "xX" for row in boxes)
    resolved = ticked or bool(RESOLVED.search(told) and not NOT_RESOLVED.search(told))
    title = section.title if section.level > 1 else rows[0]
    return Blocker(title=title, line=section.line, resolved=resolved, status=status)
