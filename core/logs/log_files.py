"""The files of a log: what a label, a heading, a table or a list says was changed (SPEC 12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from core.domain import value
from core.logs.log_words import says_none
from core.markdown import HEADING, Line, cells, is_table_rule, item, label, plain
from core.named_files import CODE, LINK, files_listed, files_mentioned, files_of_tree, path_in

Action: TypeAlias = Literal["create", "modify", "delete", "rename"]

_ACTIONS: dict[Action, str] = {
    "create": r"creat(?:e|ed|es|ing)|new(?: file)?|add(?:ed)?|(?:auto-)?generated?|wrote|written|scaffolded",
    "modify": r"modif(?:y|ied|ies)|updated?|edit(?:ed)?|changed?|extended?|refactored|fixed",
    "delete": r"delet(?:e|ed)|removed?|dropped",
    "rename": r"renamed?|moved?",
}
_WORDS = {action: re.compile(rf"(?:{words})(?!\w)", re.IGNORECASE) for action, words in _ACTIONS.items()}
_BRACKETED = re.compile(r"[(\[]([^()\[\]]{1,80})[)\]]")
_NOTED = re.compile(r"[\s*_`:)\]]*(?:[-–—:→]|=>)\s*(?:\*\*|_)?([^.;,]*)")
_VERB = re.compile(
    r"[^\w`\[./@(]{0,8}(?:\*\*|_)?([A-Za-z][A-Za-z-]{0,20}(?: file)?)(?:\*\*|_)?\s*:?\s*(?=[`\w.\[@/(*])"
)
_LEAD = re.compile(r"[\s*_>☑✅✓✔☐-]*(?:\d+[.)]\s+)?(?:\*\*)?")
_PATHS_COLUMN = re.compile(r"\b(?:files?|paths?|location|module)\b")
_ACTION_COLUMN = re.compile(r"\b(?:actions?|change type|type|status|change|operation)\b")
_PATH_LABEL = re.compile(
    r"(?:full |file |new |test |source )?(?:paths?|files?|location)(?: path)?|created?|modified|new"
)
_TREE = re.compile(r"\b(?:structure|tree|layout|files?)\b")
LONGEST = 4000


@value
class LogFile:
    """`path` as it was written; `action` is None where the log does not say."""

    path: str
    action: Action | None


def action_said(text: str) -> Action | None:
    """The action that a word or a note begins with."""
    said = text.strip(" *_`:-–—")
    return next((action for action, words in _WORDS.items() if words.match(said)), None)


def files_in_lines(lines: Sequence[Line], otherwise: Action | None = None) -> list[LogFile]:
    """The files that stand where files are listed: items, tables, trees, lines of their own."""
    found = _of_tables(lines, otherwise) + _of_fences(lines, otherwise)
    indents = [entry.indent for line in lines if (entry := item(line))]
    outermost = min(indents, default=0)
    group, group_indent = otherwise, outermost
    for line in lines:
        entry = item(line)
        text = entry.text if entry else line.text.strip()
        if line.code or not text or cells(line):
            continue
        if text.rstrip("*_ ").endswith(":"):  # `- Created:`, with the files beneath it
            group, group_indent = action_said(text) or otherwise, entry.indent if entry else -1
        listed = entry is not None and entry.indent <= outermost + 1
        if listed or _begins_with_path(text):
            inside = entry is None or entry.indent > group_indent
            found += _of_entry(text, group if inside else otherwise)
    return once(found)


def files_inline(text: str, otherwise: Action | None = None) -> list[LogFile]:
    """The files behind a label on its own line: one, or several with commas between."""
    if says_none(text):
        return []
    parts = re.split(r"[,;]\s+(?=[`\w./@\[])", text[:LONGEST])
    return once(file for part in parts for file in _of_entry(part, otherwise))


def _of_entry(text: str, otherwise: Action | None) -> list[LogFile]:
    """`` `path` (CREATE)``, `NEW: path - note`, `path`, `[path](link)`; several paths share their note."""
    text = text[:LONGEST]
    if says_none(text):
        return []
    verb = _VERB.match(text)
    said = action_said(verb[1]) if verb else None
    rest = text[verb.end() :] if verb and said else text
    paths = files_listed(rest) or _absolute(rest) or (files_listed(text) if said else [])
    action = said or (_action_around(rest, paths[-1]) if paths else None) or otherwise
    return [LogFile(path=path, action=action) for path in paths]


def _absolute(text: str) -> list[str]:
    """A path that begins with `/` is a file only with an ending: `/api/items` is a route."""
    words = CODE.findall(text) or text.split()[:1]
    return [word for word in words if re.match(r"/[^/]+/", word) and path_in(word[1:], listed=False)]


def _action_around(text: str, path: str) -> Action | None:
    """`(CREATE)`, `[NEW]`, `- created`: what stands in brackets, or begins the note."""
    before, _, behind = text.rpartition(path)
    for match in (*_BRACKETED.finditer(behind), *_BRACKETED.finditer(before)):
        if action := action_said(match[1]):
            return action
    noted = _NOTED.match(behind)
    note = noted[1].strip(" *_`") if noted else ""
    # `- Add a schema` says what was done in the file; `- CREATE`, `- new file` what was done with it.
    alone = re.fullmatch(r"[A-Za-z-]+(?: file)?", note) or re.match(r"[A-Z]{3,}\b", note)
    return action_said(note) if alone else None


def _begins_with_path(text: str) -> bool:
    text = text[:LONGEST]
    lead = _LEAD.match(text)
    head = text[lead.end() :] if lead else text
    verb = _VERB.match(head)
    if verb and action_said(verb[1]):
        head = head[verb.end() :]
    marked = CODE.match(head) or LINK.match(head)
    if marked:
        return path_in(marked[1], listed=True) is not None
    first = head.split(maxsplit=1)[0].strip("*()[],:;") if head.strip() else ""
    return path_in(first, listed=False) is not None


def _of_tables(lines: Iterable[Line], otherwise: Action | None) -> list[LogFile]:
    found: list[LogFile] = []
    header: tuple[str, ...] | None = None
    for line in lines:
        row = cells(line)
        if row is None:
            header = None
        elif header is None:
            header = tuple(plain(cell) for cell in row)
        elif not is_table_rule(row):
            found += _of_row(row, header, otherwise)
    return found


def _of_row(row: tuple[str, ...], header: tuple[str, ...], otherwise: Action | None) -> list[LogFile]:
    """The files of the column that its title says so of, else of a first cell that begins with one."""
    place = next((i for i, title in enumerate(header) if _PATHS_COLUMN.search(title)), None)
    if place is None and row and _begins_with_path(row[0]):
        place = 0
    if place is None or place >= len(row):
        return []
    columns = (i for i, title in enumerate(header) if i != place and _ACTION_COLUMN.fullmatch(title))
    said = next(columns, len(row))
    action = action_said(row[said]) if said < len(row) else None
    files = _of_entry(row[place], None)
    return [LogFile(path=file.path, action=file.action or action or otherwise) for file in files]


def _of_fences(lines: Sequence[Line], otherwise: Action | None) -> list[LogFile]:
    rows = [line.text for line in lines if line.fence and not line.text.strip().startswith(("```", "~~~"))]
    return [LogFile(path=path, action=otherwise) for path in files_of_tree(rows)]


# --- outside of labels ------------------------------------------------------------------


def harvest(lines: Sequence[Line], title: str = "") -> list[LogFile]:
    """The files of text without labels for them: of its headings, tables, lists, `Path:` lines and trees.

    A file that a sentence only mentions counts when it is in backticks and no example.
    """
    under = action_said(title)
    found = _of_entry(title, None) if "/" in title or "`" in title else []
    found += _of_tables(lines, under)
    if _TREE.search(plain(title)):
        found += _of_fences(lines, under)
    for line in lines:
        if line.code or cells(line):
            continue
        found += _of_line(line, under)
        if heading := HEADING.fullmatch(line.text):
            under = action_said(heading[2])
    return once(found)


def _of_line(line: Line, under: Action | None) -> Iterator[LogFile]:
    heading, entry, named = HEADING.fullmatch(line.text), item(line), label(line)
    text = heading[2] if heading else entry.text if entry else line.text.strip()
    if named and _PATH_LABEL.fullmatch(named[0]):
        yield from files_inline(named[1], action_said(named[0]) or under)
    elif _begins_with_path(text):
        yield from _of_entry(text, under)
    elif not heading:
        named_in_text = files_mentioned(text[:LONGEST])
        yield from (LogFile(path=path, action=None) for path in named_in_text if "/" in path)


def once(files: Iterable[LogFile]) -> list[LogFile]:
    """Each path once, with the first action that is said of it."""
    found: dict[str, LogFile] = {}
    for file in files:
        known = found.get(file.path)
        if known is None or (known.action is None and file.action):
            found[file.path] = file
    return list(found.values())
