"""What a step says about itself: objective, files, verification, what it depends on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.criteria import criteria_in
from core.domain import Step, value
from core.markdown import RULE, Document, Heading, Line, cells, item, label, plain
from core.named_files import (
    EXAMPLE,
    NO_CHANGE,
    files_listed,
    files_mentioned,
    files_of_table,
    files_of_tree,
    path_in,
)
from core.plan_steps import Found

OBJECTIVE = re.compile(r"objectives?|goal|purpose|aim|intent")
ACTION = re.compile(r"action|description|what|task|summary")
VERIFY = re.compile(r"(?:manual )?(?:verification|verify|validation|validate)\b.*|how to verify|done when")
DEPENDS = re.compile(r"depends(?: on)?|dependenc(?:y|ies)|blocked by|requires|prerequisites?")
FILES = re.compile(
    r"(?:(?:new|modified|changed|affected|target|source|test|key|main) )?files?(?: path)?"
    r"(?:\s(?:to (?:touch|create|modify|change|edit|update|add|delete)|involved|affected|changed|modified"
    r"|created|touched|and)\b.*)?|locations?|paths?|create|modify|update|add|delete|edit"
)
FILES_SECTION = re.compile(
    r"(?:(?:expected|affected|new|modified|changed|key|impacted) )?files?(?: .*)?|"
    r".*\bfiles? (?:to (?:touch|create|modify|change)|touch list|structure|list|changes|changed|affected)\b.*"
)
READ_ONLY = re.compile(r"\bread\b|\breference|\breuse\b|\bpatterns?\b|\bout of scope\b", re.IGNORECASE)
LABELS = (OBJECTIVE, ACTION, VERIFY, DEPENDS, FILES)
STEP_REFERENCE = re.compile(r"(?<![\w.-])(\d+(?:\.\d+)*[a-z]?|[A-Z]\d*(?:\.\d+)*)(?![\w-]|\.\d)")
STEP_RANGE = re.compile(r"(?<![\w.-])(\d{1,3})\s*[-–]\s*(\d{1,3})(?![\w-]|\.\d)")


@value
class Field:
    """`**Label**: inline` and the lines beneath it. Without a label: what stands before the first one."""

    label: str
    inline: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str | None:
        rows = [self.inline, *(line.text.strip() for line in self.lines if not _is_fence_mark(line))]
        return "\n".join(row for row in rows if row) or None


def read_step(document: Document, found: Found, known: frozenset[str]) -> Step:
    """The step at a place. `known` are the ids of all steps, the only ones it can depend on."""
    body = document.part(found.line + 1, found.end)
    fields = list(split_fields(body))
    return Step(
        id=found.id,
        title=found.title,
        line=found.line,
        objective=_text_of(fields, OBJECTIVE) or _text_of(fields, ACTION),
        files=_unique([*_files_in_title(found.title), *_files_of_fields(fields)]),
        verification=_text_of(fields, VERIFY),
        depends_on=_steps_named(_text_of(fields, DEPENDS) or "", known - {found.id}),
        criteria=criteria_in("\n".join([found.title, *(line.text for line in body if not line.code)])),
    )


def files_of_step(document: Document, found: Found, step: Step) -> tuple[str, ...]:
    """Every file that the step names to be written: its own, and those in its sentences; not those of
    its verification or of a pattern to follow."""
    named = list(step.files)
    for field in split_fields(document.part(found.line + 1, found.end)):
        read_already = FILES.fullmatch(field.label) or VERIFY.fullmatch(field.label)
        if read_already or EXAMPLE.search(field.label) or NO_CHANGE.search(field.label):
            continue
        named += files_mentioned(f"{field.label}: {field.inline}")
        for line in field.lines:
            named += [] if line.code else files_mentioned(line.text)
    return _unique(named)


def files_of_sections(document: Document) -> tuple[str, ...]:
    """The files of `Files To Touch` and its like, without the parts headed "no changes"."""
    found: list[str] = []
    end = 0
    for heading in document.headings:
        title = plain(heading.title)
        barred = any(READ_ONLY.search(t) for t in (*heading.parents[1:], heading.title))
        if (
            heading.line > end
            and FILES_SECTION.fullmatch(title)
            and not barred
            and not NO_CHANGE.search(heading.title)
        ):
            end = heading.end
            found += _files_of_lines(_changed_parts(document, heading))
    return _unique(found)


def split_fields(body: tuple[Line, ...]) -> Iterator[Field]:
    """The body as fields. A label begins one; a heading, a rule or a blank line behind content ends it."""
    name, inline, lines = "", "", list[Line]()
    bold = any(item(line) is None and (found := label(line)) and found[2] for line in body)
    for place, line in enumerate(body):
        started = None if bold and _is_property(line) else _label_of(line)
        if started is None and not _ends_field(name, inline, lines, line, body[place + 1 : place + 2]):
            lines.append(line)
            continue
        yield Field(label=name, inline=inline, lines=tuple(lines))
        name, inline = started or ("", "")
        lines = [] if started else [line]
    yield Field(label=name, inline=inline, lines=tuple(lines))


def _is_property(line: Line) -> bool:
    """`- description: at most 2000`: where labels are bold lines, this tells of a thing, not of the step."""
    entry = item(line)
    return entry is not None and entry.text[:1].islower()


def _label_of(line: Line) -> tuple[str, str] | None:
    """The label and its inline text, when the line begins a field (`**Files**: x`, `#### Files`)."""
    if line.code:
        return None
    if line.text.lstrip().startswith("#"):
        title = plain(line.text.lstrip("# \t"))
        return (title, "") if any(known.fullmatch(title) for known in LABELS) else None
    found = label(line)
    if not found:
        return None
    name, rest, strong = found
    head = line.text.partition(":")[0]
    if "`" in head or path_in(head.strip(" *-+_"), listed=True):
        return None  # `- **src/a.ts**: note` is a file with a note
    known = any(pattern.fullmatch(name) for pattern in LABELS)
    nested = line.text[:1].isspace() and not strong
    is_action_item = item(line) is not None and FILES.fullmatch(name) and files_listed(rest)
    return (name, rest) if (known or strong) and not nested and not is_action_item else None


def _ends_field(name: str, inline: str, lines: list[Line], line: Line, following: tuple[Line, ...]) -> bool:
    if line.code or not name:
        return False
    if line.text.lstrip().startswith("#") or RULE.fullmatch(line.text):
        return True
    has_content = bool(inline) or any(not each.blank for each in lines)
    if not line.blank or not has_content:
        return False
    loose_list = lines and item(lines[-1]) is not None and following and item(following[0]) is not None
    return not loose_list


def _is_fence_mark(line: Line) -> bool:
    return line.fence and line.text.strip().startswith(("```", "~~~"))


def _text_of(fields: list[Field], named: re.Pattern[str]) -> str | None:
    return next((f.text for f in fields if named.fullmatch(f.label) and f.text), None)


def _files_of_fields(fields: list[Field]) -> Iterator[str]:
    for field in fields:
        if not FILES.fullmatch(field.label) or READ_ONLY.search(field.label):
            continue
        if not re.match(r"\W*(?:none|n/?a|no files?)\b", field.inline, re.IGNORECASE):
            for part in re.split(r"[,;]\s+", field.inline):
                yield from files_listed(part)
        yield from _files_of_lines(field.lines)
    for field in fields:  # `- CREATE: path` outside of any field
        if not FILES.fullmatch(field.label):
            yield from (p for line in field.lines for p in _action_item(line))


def _action_item(line: Line) -> list[str]:
    found = label(line) if item(line) else None
    return files_listed(found[1]) if found and FILES.fullmatch(found[0]) else []


def _files_of_lines(lines: tuple[Line, ...]) -> list[str]:
    """The files of list items, tables and fenced trees."""
    found: list[str] = files_of_table(lines)
    found += files_of_tree(line.text for line in lines if line.fence and not _is_fence_mark(line))
    items = [entry for line in lines if (entry := item(line)) and not NO_CHANGE.search(entry.text)]
    outermost = min((entry.indent for entry in items), default=0)
    for entry in items:
        names_file_first = re.match(r"(?:\w+:?\s+)?[`\[*]", entry.text) or path_in(
            entry.text.split()[0], listed=True
        )
        listed = entry.indent <= outermost + 1 or names_file_first
        found += files_listed(entry.text) if listed else files_mentioned(entry.text)
    for line in lines:
        if not line.code and not item(line) and not cells(line):
            found += files_mentioned(line.text)
    return found


def _changed_parts(document: Document, section: Heading) -> tuple[Line, ...]:
    """The section's lines without the sub-sections, or groups beneath a bold line, of unchanged files."""
    inside = {h.line: h for h in document.headings if section.holds(h)}
    kept: list[Line] = []
    unchanged_group, unchanged_until = False, 0
    for line in document.part(section.line + 1, section.end):
        text = line.text.strip()
        barred = bool(NO_CHANGE.search(text) or READ_ONLY.search(text))
        if line.number in inside:
            unchanged_group = False
            unchanged_until = max(unchanged_until, inside[line.number].end if barred else 0)
        elif text.startswith("**") and not line.code:
            unchanged_group = barred and "`" not in text
        if not unchanged_group and line.number > unchanged_until:
            kept.append(line)
    return tuple(kept)


def _files_in_title(title: str) -> list[str]:
    """`Create schemas (audit/types.ts)`: a title's words count as files only with a folder."""
    words = (word.strip("`()[],:") for word in title.split())
    return [path for word in words if "/" in word and (path := path_in(word, listed=False))]


def _steps_named(text: str, known: frozenset[str]) -> tuple[str, ...]:
    text = STEP_RANGE.sub(_written_out, text)
    return _unique([name for name in STEP_REFERENCE.findall(text) if name in known])


def _written_out(match: re.Match[str]) -> str:
    first, last = int(match[1]), int(match[2])
    return ", ".join(str(n) for n in range(first, last + 1)) if first < last else match[0]


def _unique(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
