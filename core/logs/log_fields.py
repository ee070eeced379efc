"""A chunk's text as its fields: what each label says, in the order of the log."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from core.domain import value
from core.logs.log_labels import PART_OF, FieldName, Label, heading_label, label_of
from core.logs.log_signal import signal_in
from core.markdown import HEADING, RULE, Document, Line

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
    """That of the first label which is surely one, else of the first known one, else of the first."""
    labels = [each for each in found if each and not each.level]
    known = [each for each in labels if each.field] or labels
    first = next((each for each in known if each.firm), known[0] if known else None)
    return _Form(item=bool(first and first.item), indent=first.indent if first else 0)


def _split(body: tuple[Line, ...], found: list[Label | None], form: _Form) -> Iterator[LogField]:
    """A label begins a field, a rule or a signal ends one: what follows them has no label."""
    current, lines, begun = Label(label="", field=None, rest=""), list[Line](), 1
    for line, candidate in zip(body, found, strict=True):
        ends = not line.code and (RULE.fullmatch(line.text) is not None or signal_in(line) is not None)
        starts = candidate is not None and not ends and _begins(candidate, form, current, lines)
        if not ends and not starts:
            lines.append(line)
            continue
        yield _field(current, lines, begun)
        lines, begun = [], line.number
        current = candidate if candidate and starts else Label(label="", field=None, rest="")
    yield _field(current, lines, begun)


def _field(label: Label, lines: list[Line], begun: int) -> LogField:
    return LogField(field=label.field, label=label.label, inline=label.rest, lines=tuple(lines), line=begun)


def _begins(label: Label, form: _Form, current: Label, lines: list[Line]) -> bool:
    """Whether a label begins a field here, or is a part of what the label before it says."""
    if label.level:
        return True
    labelled = bool(current.label)
    said = bool(current.rest) or any(not line.blank for line in lines)
    whole = PART_OF.get(current.field, current.field) if current.field else None
    at_place = label.item == form.item and abs(label.indent - form.indent) <= 1
    as_line = not label.item and label.indent <= 1
    if label.field and whole and PART_OF.get(label.field) == whole:
        return True
    if label.field:
        return at_place or as_line or (label.firm and label.indent <= form.indent + 1)
    if label.strong:
        return as_line or (at_place and (said or not labelled))
    short = (
        len(label.label) <= LONGEST_UNKNOWN and len(label.label.split()) <= 5 and label.label[:1].isupper()
    )
    if label.item:
        return at_place and short and (said or not labelled)
    return as_line and short and not labelled
