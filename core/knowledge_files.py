"""`signoff kb import DIR`: lessons out of files that people, or runs, wrote.

Markdown becomes an entry a section; decisions files an entry a decision; `.json` and `.jsonl` hold entries as
`{content, role, entry_type, tags}`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from core.domain import value
from core.knowledge import LONGEST_CONTENT, ROLES, Lesson, Role
from core.logs.architectural import FILE, read_settled
from core.markdown import Document, read_markdown
from core.untrusted import is_secret_path, visible
from core.yaml_file import YamlFault, expect_mapping, parse_yaml

LARGEST_FILE = 2 * 1024 * 1024
MOST_FILES = 5_000
SHORTEST = 20
SKIPPED = frozenset({"node_modules", "__pycache__"})


@value
class Harvest:
    """What a file gave, or the one line why nothing."""

    file: str
    lessons: tuple[Lesson, ...] = ()
    problem: str = ""


def harvest(folder: Path) -> Iterator[Harvest]:
    """One for each file below `folder` of a kind that can be read; no links, hidden folders or secrets."""
    left = MOST_FILES
    for place, below, names in os.walk(folder):
        below[:] = sorted(d for d in below if d not in SKIPPED and not d.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            read = READERS.get(path.suffix.lower())
            if read is None or path.is_symlink() or is_secret_path(name):
                continue
            if left == 0:
                return
            left -= 1
            yield _harvest_of(path, path.relative_to(folder).as_posix(), read)


def _harvest_of(path: Path, shown: str, read: Any) -> Harvest:
    try:
        if path.stat().st_size > LARGEST_FILE:
            return Harvest(file=shown, problem=f"larger than {LARGEST_FILE // 1024 // 1024} MB")
        text = path.read_bytes().decode("utf-8")
        return Harvest(file=shown, lessons=tuple(read(text, shown)))
    except OSError as fault:
        return Harvest(file=shown, problem=fault.strerror or "cannot be read")
    except UnicodeDecodeError:
        return Harvest(file=shown, problem="not UTF-8 text")
    except (ValueError, YamlFault) as fault:
        return Harvest(file=shown, problem=visible(str(fault), keep_newlines=False))


def _markdown(text: str, file: str) -> Iterator[Lesson]:
    """Each section that says something, under its headings. Front matter may give `tags`, `role`, `type`."""
    document = read_markdown(text)
    front = _front(document, file)
    starts = [heading.line for heading in document.headings]
    for heading, end in zip(document.headings, [*starts[1:], len(document.lines) + 1], strict=True):
        lines = [line.text for line in document.part(heading.line + 1, end - 1)]
        body = "\n".join(lines).strip()
        if len(body) >= SHORTEST:
            title = " / ".join((*heading.parents, heading.title))
            yield _lesson({**front, "content": f"{title}\n{body}"}, file)
    first = "\n".join(
        line.text for line in document.part(1, starts[0] - 1 if starts else len(document.lines))
    )
    if not starts and len(first.strip()) >= SHORTEST:
        yield _lesson({**front, "content": first}, file)


def _front(document: Document, file: str) -> dict[str, Any]:
    try:
        front = expect_mapping(parse_yaml(document.front_matter or "", file), file)
    except YamlFault:
        return {}
    return {"tags": front.get("tags"), "role": front.get("role"), "entry_type": front.get("type")}


def _yaml(text: str, file: str) -> Iterator[Lesson]:
    """ARCHITECTURAL-DECISIONS.yaml of any story; any other YAML file says nothing that could be known."""
    if file.rsplit("/", 1)[-1] != FILE:
        return
    settled, _ = read_settled(text, file)
    for each in settled:
        why = f" Because: {each.rationale}" if each.rationale else ""
        content = f"{each.question} -> {each.decision}.{why}"
        yield _lesson({"content": content, "entry_type": "decision", "tags": ["architecture"]}, file)


def _json(text: str, file: str) -> Iterator[Lesson]:
    found = json.loads(text)
    entries = found.get("entries", found.get("results")) if isinstance(found, dict) else found
    if not isinstance(entries, list):
        raise ValueError("expected a list of {content, role, entry_type, tags}")
    for number, entry in enumerate(entries, start=1):
        yield _lesson(entry, f"{file}, entry {number}")


def _json_lines(text: str, file: str) -> Iterator[Lesson]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield _lesson(json.loads(line), f"{file}:{number}")


def _lesson(raw: object, place: str) -> Lesson:
    content = raw.get("content") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(content, str) or not content.strip():
        raise ValueError(f"{place}: expected an entry with `content`, a text")
    role, tags = raw.get("role"), raw.get("tags")
    return Lesson(
        content=content.strip()[:LONGEST_CONTENT],
        role=cast(Role, role) if role in ROLES else "all",
        entry_type=str(raw.get("entry_type") or "note"),
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        source=place,
    )


READERS = {".md": _markdown, ".yaml": _yaml, ".yml": _yaml, ".json": _json, ".jsonl": _json_lines}
