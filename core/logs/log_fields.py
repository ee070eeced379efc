"""A chunk's text as its fields: what each label says, in the order of the log."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from core.domain import value
from core.logs.log_labels import PART_OF, FieldName, Label, heading_label, label_of
from core.logs.log_signal import signal_in
from core.markdown import HEADING, ITEM, RULE, Document, Line

LONGEST_UNKNOWN = 60


@value
class LogField:
    """What stands under one label. `field` is None for a label that is not known, and "" as `label` for text
    without one. `line` counts within the section."""

    field: FieldName | None
    label: str
    inline: str
    lines: tuple[Line, ...]
    line: int

    @property
    def text(self) -> str:
        """All that the label says, its marks kept, without the indentation that all of it has."""
        body = textwrap.dedent("\n".join(line.text.rstrip() for line in self.lines)).strip("\n")
        return "\n".join(part for part in (self.inline.strip(), body) if part)


def fields_of(document: Document) -> tuple[LogField, ...]:
    """The fields of a chunk, its heading left out. What is empty and without a label is left out."""
    body = document.lines[1:]
    found = [_label_at(line) for line in body]
    form = _form(found)
    return tuple(field for field in _split(body, found, form) if field.label or field.text)


@value
class _Form:
    """How this chunk writes its labels: as list items of an indent, or as lines."""

    item: bool
    indent: int


def _label_at(line: Line) -> Label | None:
    if line.code:
        return None
    heading = HEADING.fullmatch(line.text)
    if heading:
        return heading_label(heading[2].rstrip("# \t"), len(heading[1]))
    return label_of(line)


def _form(found: list[Label | None]) -> _Form:
    """That of the first label which is surely one, else of the first known one."""
    known = [each for each in found if each and each.field and not each.level]
    first = next((each for each in known if each.firm), known[0] if known else None)
    return _Form(item=bool(first and first.item), indent=first.indent if first else 0)


def _split(body: tuple[Line, ...], found: list[Label | None], form: _Form) -> Iterator[LogField]:
    field: FieldName | None = None
    label, inline, lines, begun = "", "", list[Line](), 0
    whole: FieldName | None = None
    for line, candidate in zip(body, found, strict=True):
        ends = not line.code and (RULE.fullmatch(line.text) or signal_in(line))
        started = candidate if not ends else None
        if started and not _begins(started, form, whole, bool(label), bool(inline or _said(lines))):
            started = None
        if not ends and not started:
            lines.append(line)
            continue
        yield LogField(field=field, label=label, inline=inline, lines=tuple(lines), line=begun)
        field, label, inline, lines, begun = None, "", "", [], line.number
        if started:
            field, label, inline = started.field, started.label, started.rest
            whole = PART_OF.get(field, field) if field else None
        else:
            whole = None
    yield LogField(field=field, label=label, inline=inline, lines=tuple(lines), line=begun)


def _said(lines: list[Line]) -> bool:
    return any(not line.blank for line in lines)


def _begins(label: Label, form: _Form, whole: FieldName | None, labelled: bool, said: bool) -> bool:
    """Whether a label begins a field here, or is a part of what the label before it says."""
    if label.level:
        return True
    at_place = label.item == form.item and abs(label.indent - form.indent) <= 1
    as_line = not label.item and label.indent <= 1
    if label.field and PART_OF.get(label.field) == whole and whole:
        return True
    if label.field:
        return at_place or as_line or (label.firm and label.indent <= form.indent + 1)
    if label.strong:
        return as_line or (at_place and (said or not labelled))
    short = (
        len(label.label) <= LONGEST_UNKNOWN and len(label.label.split()) <= 5 and label.label[:1].isupper()
    )
    if label.item:
        return at_place and short and said
    return as_line and short and not labelled


def starts_item(line: Line) -> bool:
    return not line.code and ITEM.fullmatch(line.text) is not None and not RULE.fullmatch(line.text)


def is_none(text: str) -> bool:
    """`None`, `N/A`, `-`, `nothing`, with or without a full stop: nothing is said."""
    return bool(
        re.fullmatch(
            r"[\s*_`(\[-]*(?:none|n/?a|not applicable|nothing|no(?: files?| commands?| changes?)?|-+|–|—)?[\s*_`.)\]]*",
            text,
            re.IGNORECASE,
        )
    )


def says_none(text: str) -> bool:
    """It begins by saying that there is nothing: `None (data only)`, `N/A - docs`."""
    return bool(
        re.match(
            r"[\s*_`(\[-]*(?:none|n/?a|not applicable|nothing|no (?:new |other |additional )?(?:files?|commands?|changes?))"
            r"\b(?![/-]\w)",
            text,
            re.IGNORECASE,
        )
    )
