"""One chunk of a log as its reader understands it. What no field takes is kept under its label."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.domain import JsonObject, value
from core.logs.log_commands import LogCommand, commands_in
from core.logs.log_document import LogDocument, Section
from core.logs.log_fields import LogField, fields_of
from core.logs.log_files import (
    Action,
    LogFile,
    action_said,
    files_in_lines,
    files_inline,
    harvest,
    once,
)
from core.logs.log_labels import FieldName
from core.logs.log_words import is_none
from core.markdown import item

UNLABELLED = "text"


@value
class LogChunk:
    """`reuse` and so on are empty or None where the log does not say. `other` is every text that stands in
    none of the fields, by its label; `line` is that of the heading in the file."""

    number: int | str | None
    name: str
    line: int
    objective: str | None = None
    files: tuple[LogFile, ...] = ()
    summary: str | None = None
    reused: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    why: str | None = None
    core: str | None = None
    adapters: str | None = None
    commands: tuple[LogCommand, ...] = ()
    notes: str | None = None
    other: tuple[tuple[str, str], ...] = ()
    labelled: tuple[LogField, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_json(self) -> JsonObject:
        """The shape of SPEC 13."""
        return {
            "number": self.number,
            "name": self.name,
            "line": self.line,
            "objective": self.objective,
            "files": [{"path": file.path, "action": file.action} for file in self.files],
            "summary": self.summary,
            "reuse": {"reused": list(self.reused), "new": list(self.new), "why": self.why},
            "ports": {"core": self.core, "adapters": self.adapters},
            "commands": [{"command": each.command, "result": each.result} for each in self.commands],
            "notes": self.notes,
            "other": dict(self.other),
        }


def read_chunk(document: LogDocument, section: Section) -> LogChunk:
    """The chunk of a section of the kind "chunk"; never raises."""
    markdown = document.read(section)
    fields = fields_of(markdown)
    heading = section.chunk
    listed, run = _of(fields, "files"), _of(fields, "commands")
    return LogChunk(
        number=heading.number if heading else None,
        name=heading.name if heading else section.title,
        line=section.line,
        objective=_text(fields, "objective"),
        files=_files(fields) if listed else tuple(harvest(markdown.lines[1:])),
        summary=_text(fields, "summary"),
        reused=_entries(fields, "reused"),
        new=_entries(fields, "new"),
        why=_text(fields, "why"),
        core=_text(fields, "core"),
        adapters=_text(fields, "adapters"),
        commands=tuple(each for field in run for each in commands_in(field.inline, field.lines)),
        notes=_text(fields, "notes"),
        other=_other(fields, heading.heading if heading else ""),
        labelled=fields,
        warnings=tuple(_warnings(section, fields)),
    )


def _of(fields: Iterable[LogField], name: FieldName) -> list[LogField]:
    return [field for field in fields if field.field == name]


def _text(fields: Iterable[LogField], name: FieldName) -> str | None:
    texts = [field.text for field in _of(fields, name) if field.text]
    return "\n".join(texts) or None


def _files(fields: Iterable[LogField]) -> tuple[LogFile, ...]:
    found: list[LogFile] = []
    for field in _of(fields, "files"):
        otherwise = _action_of_label(field.label)
        found += files_inline(field.inline, otherwise) + files_in_lines(field.lines, otherwise)
    return tuple(once(found))


def _action_of_label(label: str) -> Action | None:
    """`Files created`, `New files`; `Files created/modified` says nothing of one file."""
    actions = {action for word in label.replace("/", " ").split() if (action := action_said(word))}
    return actions.pop() if len(actions) == 1 and "changed" not in label.casefold() else None


def _entries(fields: Iterable[LogField], name: FieldName) -> tuple[str, ...]:
    """Each item of the label, or the text on its line; `None` is no entry."""
    found: list[str] = []
    for field in _of(fields, name):
        found += [field.inline.strip()] if field.inline.strip() else []
        for line in field.lines:
            entry = item(line)
            text = entry.text if entry else line.text.strip()
            if not text:
                continue
            if entry or not found:
                found.append(text)
            else:
                found[-1] = f"{found[-1]} {text}"
    return tuple(text for text in found if not is_none(text))


def _other(fields: Iterable[LogField], heading: str) -> tuple[tuple[str, str], ...]:
    """Unknown labels, and of files and commands all that is said beyond the entries themselves."""
    found: dict[str, str] = {"Heading": heading} if heading else {}
    for field in fields:
        if field.field in (None, "reuse", "ports"):
            label = field.label or UNLABELLED
            if field.field is not None and not field.text:
                continue
        elif field.field in ("files", "commands") and _says_more(field):
            label = field.label
        else:
            continue
        found[label] = f"{found[label]}\n{field.text}" if label in found else field.text
    return tuple(found.items())


def _says_more(field: LogField) -> bool:
    """Whether the label says more than the entries that were read from it."""
    text = "\n".join(row for row in field.text.split("\n") if not row.strip().startswith(("```", "~~~")))
    if field.field == "files":
        files = [*files_inline(field.inline), *files_in_lines(field.lines)]
        known = [file.path for file in files]
    else:
        commands = commands_in(field.inline, field.lines)
        known = [part for each in commands for part in (each.command, each.result) if part]
    for part in sorted(known, key=len, reverse=True):
        text = text.replace(part, " ")
    if field.field == "files":
        text = re.sub(r"[A-Za-z]+", lambda word: "" if action_said(word[0]) else word[0], text)
    return not is_none(text) and re.search(r"[^\W\d_]", text) is not None


def _warnings(section: Section, fields: tuple[LogField, ...]) -> Iterable[str]:
    if not any(field.field for field in fields):
        yield f"line {section.line}: this chunk has none of the labels of a log entry"
