"""SCOPE.md and SCOPE.yaml: which surfaces a story touches (SPEC 12)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from core.domain import JsonObject, Scope
from core.markdown import Document, cells, is_table_rule, item, plain, read_markdown
from core.story import read_text, shown_path
from core.yaml_file import YamlFault, expect_mapping, parse_yaml

Flags = dict[str, bool]

SURFACES = {
    "backend": ("backend", "api", "server"),
    "frontend": ("frontend", "ui", "web", "front-end"),
    "infra": ("infra", "infrastructure", "config", "devops"),
}
YES = re.compile(r"(?:true|yes|y|x|✅|✓|✔|☑|\[x\]|in scope|impacted|affected)", re.IGNORECASE)
NO = re.compile(
    r"(?:false|no|n|none|n/a|❌|✗|✘|☐|\[ ?\]|out of scope|not impacted|unaffected)", re.IGNORECASE
)
FLAG = re.compile(
    r"[\s>*+-]*(?:\*\*|__|`)?([A-Za-z][A-Za-z/ -]{1,30}?)(?:\*\*|__|`)?\s?[:=]\s?(?:\*\*|__|`)?\s?"
    r"(true|false|yes|no|✅|❌)(?:\*\*|__|`)?(?![\w-])(.*)",
    re.IGNORECASE,
)


def read_scope(implementation_dir: Path, root: Path | None = None) -> Scope:
    """SCOPE.md, else SCOPE.yaml, else a Scope that says `absent`. InputFault for a file that is there
    but can't be read."""
    for name, parse in (
        ("SCOPE.md", parse_scope_markdown),
        ("SCOPE.yaml", parse_scope_yaml),
        ("SCOPE.yml", parse_scope_yaml),
    ):
        path = implementation_dir / name
        if path.exists() or path.is_symlink():
            return parse(read_text(path, root), shown_path(path, root))
    return Scope()


def parse_scope_markdown(text: str, source: str) -> Scope:
    """The flags of a table, else of `backend: true` lines; a file with neither is prose."""
    document = read_markdown(text)
    flags, conflicts = _table_flags(document)
    kind: Literal["table", "flags", "prose"] = "table"
    if not flags:
        flags, conflicts = _line_flags(document)
        kind = "flags" if flags else "prose"
    warnings = [f"{source}: {c}" for c in conflicts]
    if kind == "prose" and text.strip():
        warnings.append(f"{source}: no table and no `backend: true` lines; it is kept as prose")
    return Scope(
        backend=flags.get("backend"),
        frontend=flags.get("frontend"),
        infra=flags.get("infra"),
        source=kind,
        text=text,
        notes=_notes(document),
        warnings=tuple(warnings),
    )


def parse_scope_yaml(text: str, source: str) -> Scope:
    """`touches.backend` and so on (or the same keys at the top). Invalid YAML is kept, with a warning."""
    try:
        data = expect_mapping(parse_yaml(text, source), source)
    except YamlFault as fault:
        return Scope(source="yaml", text=text, warnings=(str(fault),))
    touches = data.get("touches")
    given = touches if isinstance(touches, dict) else data
    flags, warnings = _yaml_flags(given, source)
    notes = next((data[k] for k in ("summary", "notes", "description") if isinstance(data.get(k), str)), None)
    return Scope(
        backend=flags.get("backend"),
        frontend=flags.get("frontend"),
        infra=flags.get("infra"),
        source="yaml",
        text=text,
        notes=notes,
        warnings=tuple(warnings),
    )


def _yaml_flags(given: JsonObject, source: str) -> tuple[Flags, list[str]]:
    flags: Flags = {}
    warnings: list[str] = []
    for surface in SURFACES:
        said = given.get(surface)
        verdict = said if isinstance(said, bool) else _verdict(said) if isinstance(said, str) else None
        if verdict is not None:
            flags[surface] = verdict
        elif said is not None:
            warnings.append(f"{source}: {surface} is {said!r}, expected true or false")
    if not flags and not warnings:
        warnings.append(f"{source}: expected touches.backend, touches.frontend and touches.infra")
    return flags, warnings


def _surface(name: str) -> str | None:
    """Which surface a name such as `Backend/API` or `frontend/UI` means."""
    words = re.split(r"[/,&\s]+", plain(name))
    return next((s for s, names in SURFACES.items() if words and words[0] in names), None)


def _verdict(cell: str) -> bool | None:
    """YES, `true`, `No - not needed`: the answer that a cell begins with."""
    text = re.sub(r"[*_`]", "", cell).strip()
    first = re.split(r"\s+[-–—(]|[,;:.(]\s*", text, maxsplit=1)[0].strip() or text
    if YES.fullmatch(first):
        return True
    if NO.fullmatch(first):
        return False
    return None


def _keep_first(flags: Flags, conflicts: list[str], surface: str, verdict: bool, line: int) -> None:
    if flags.setdefault(surface, verdict) != verdict:
        conflicts.append(
            f"line {line} says {surface} {str(verdict).lower()} after the opposite; the first one counts"
        )


def _table_flags(document: Document) -> tuple[Flags, list[str]]:
    flags: Flags = {}
    conflicts: list[str] = []
    for line in document.lines:
        row = cells(line)
        if not row or len(row) < 2 or is_table_rule(row):
            continue
        surface = _surface(row[0])
        verdict = next((v for cell in row[1:] if (v := _verdict(cell)) is not None), None)
        if surface and verdict is not None:
            _keep_first(flags, conflicts, surface, verdict, line.number)
    return flags, conflicts


def _line_flags(document: Document) -> tuple[Flags, list[str]]:
    """`backend: true`, `- **backend/API**: YES - why`, `- [x] Backend`; also inside a fence."""
    flags: Flags = {}
    conflicts: list[str] = []
    for line in document.lines:
        match = FLAG.fullmatch(line.text)
        box = item(line)
        if match and (surface := _surface(match[1])):
            _keep_first(flags, conflicts, surface, match[2].casefold() in ("true", "yes", "✅"), line.number)
        elif box and box.done is not None and (surface := _surface(box.text)) and len(box.text.split()) <= 3:
            _keep_first(flags, conflicts, surface, box.done, line.number)
    return flags, conflicts


def _notes(document: Document) -> str | None:
    """What explains the flags: a note behind one (`backend: what is said of it`), and the notes' own text."""
    parts = (*_notes_of_flags(document), _text_of_notes(document))
    return "\n".join(part for part in parts if part) or None


def _notes_of_flags(document: Document) -> Iterator[str]:
    for line in document.lines:
        row, match = cells(line), FLAG.fullmatch(line.text)
        if row and len(row) > 2 and (surface := _surface(row[0])) and not is_table_rule(row):
            said = " ".join(cell for cell in row[1:] if cell and _verdict(cell) is None)
        elif match and (surface := _surface(match[1])):
            said = match[3].strip(" \t\r-–—:(),.")
        else:
            continue
        if said:
            yield f"{surface}: {said}"


def _text_of_notes(document: Document) -> str | None:
    """The text of the section (or the `notes:` line) that is for them."""
    for heading in document.headings:
        if plain(heading.title) in ("notes", "scope summary", "summary"):
            body = document.part(heading.line + 1, heading.end)
            return "\n".join(line.text for line in body).strip() or None
    for line in document.lines:
        match = re.fullmatch(r"[\s*+-]*notes(?:\*\*)?:(?:\*\*)?\s*(\S.*)", line.text, re.IGNORECASE)
        if match:
            return match[1].strip()
    return None
