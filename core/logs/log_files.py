"""The files of a log: what a label, a heading, a table or a list says was changed (SPEC 12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from core.domain import value
from core.logs.log_fields import says_none
from core.markdown import HEADING, Line, cells, is_table_rule, item, label, plain
from core.named_files import CODE, LINK, files_listed, files_mentioned, files_of_tree, path_in

Action: TypeAlias = Literal["create", "modify", "delete", "rename"]

_ACTIONS: dict[Action, str] = {
    "create": r"creat(?:e|ed|es|ing)|new(?: file)?|add(?:ed)?|generated?|auto-generated|wrote|written|scaffolded",
    "modify": r"modif(?:y|ied|ies)|updated?|edit(?:ed)?|changed?|extended?|refactored|fixed|m|no new file",
    "delete": r"delet(?:e|ed)|removed?|dropped",
    "rename": r"renamed?|moved?",
}
_WORDS = {action: re.compile(rf"(?:{words})(?!\w)", re.IGNORECASE) for action, words in _ACTIONS.items()}
_BRACKETED = re.compile(r"[(\[]\s*([^()\[\]]{1,80})[)\]]")
_NOTED = re.compile(r"^[\s*_`:)\]]*(?:[-–—:→]|=>)\s*(?:\*\*|_)?([^.;,]*)")
_VERB = re.compile(
    r"[^\w`\[./@(]{0,8}(?:\*\*|_)?([A-Za-z][A-Za-z-]*(?: file)?)(?:\*\*|_)?\s*:?\s*(?=[`\w.\[@/(*])"
)
_PATHS_COLUMN = re.compile(r"\b(?:files?|paths?|location|module)\b")
_ACTION_COLUMN = re.compile(r"\b(?:actions?|change type|type|status|change|operation)\b")
_PATH_LABEL = re.compile(
    r"(?:(?:full |file |new |test |source )?(?:paths?|files?|location)(?: path)?)|created?|modified|new"
)
_TREE = re.compile(r"\b(?:structure|tree|layout|files?)\b")


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
    items = [(line, entry) for line in lines if (entry := item(line))]
    outermost = min((entry.indent for _, entry in items), default=0)
    for line in lines:
        entry = item(line)
        if line.code or cells(line):
            continue
        if entry:
            listed = entry.indent <= outermost + 1
            found += _of_entry(entry.text, otherwise) if listed or _begins_with_path(entry.text) else []
        elif _begins_with_path(line.text):
            found += _of_entry(line.text.strip(), otherwise)
    return _once(found)


def files_inline(text: str, otherwise: Action | None = None) -> list[LogFile]:
    """The files behind a label on its own line: one, or several with commas between."""
    if says_none(text):
        return []
    parts = re.split(r"[,;]\s+(?=[`\w./@\[])", text)
    return _once([file for part in parts for file in _of_entry(part, otherwise)])


def _of_entry(text: str, otherwise: Action | None) -> list[LogFile]:
    """`` `path` (CREATE)``, `NEW: path - note`, `path`, `[path](link)`; several paths share their note."""
    if says_none(text):
        return []
    verb = _VERB.match(text)
    said = action_said(verb[1]) if verb else None
    rest = text[verb.end() :] if verb and said else text
    paths = files_listed(rest) or _absolute(rest) or (files_listed(text) if said else [])
    if not paths:
        return []
    action = said or _action_behind(rest, paths[-1]) or otherwise
    return [LogFile(path=path, action=action) for path in paths]


def _absolute(text: str) -> list[str]:
    words = CODE.findall(text) or text.split()[:1]
    return [
        word for word in words if word.startswith("/") and path_in(word[1:], listed=False) and "/" in word[1:]
    ]


def _action_behind(text: str, path: str) -> Action | None:
    """`(CREATE)`, `[NEW]`, `- created`: what stands in brackets, or begins the note."""
    behind = text[text.rfind(path) + len(path) :] if path in text else text
    for match in _BRACKETED.finditer(behind):
        if action := action_said(match[1]):
            return action
    before = text[: text.find(path)] if path in text else ""
    for match in _BRACKETED.finditer(before):
        if action := action_said(match[1]):
            return action
    noted = _NOTED.match(behind)
    if not noted:
        return None
    note = noted[1].strip(" *_`")
    # `- Add a schema` says what was done in the file; `- CREATE`, `- new file` what was done with it.
    alone = re.fullmatch(r"[A-Za-z-]+(?: file)?", note) or re.match(r"[A-Z]{3,}\b", note)
    return action_said(note) if alone else None


def _begins_with_path(text: str) -> bool:
    head = re.sub(r"^[\s*_>☑✅✓✔☐-]*(?:\d+[.)]\s+)?(?:\*\*)?", "", text)
    verb = _VERB.match(head)
    if verb and action_said(verb[1]):
        head = head[verb.end() :]
    if head.startswith("`"):
        marked = CODE.match(head)
        return bool(marked and path_in(marked[1], listed=True))
    link = LINK.match(head)
    if link:
        return bool(path_in(link[1], listed=True))
    first = head.split()[0].strip("*()[],:;") if head.split() else ""
    return bool(path_in(first, listed=False))


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
    place = next((i for i, title in enumerate(header) if _PATHS_COLUMN.search(title)), None)
    if place is None:
        place = 0 if row and _begins_with_path(row[0]) else None
    if place is None or place >= len(row):
        return []
    said = next((i for i, title in enumerate(header) if i != place and _ACTION_COLUMN.fullmatch(title)), None)
    action = action_said(row[said]) if said is not None and said < len(row) else None
    return [
        LogFile(path=file.path, action=file.action or action or otherwise)
        for file in _of_entry(row[place], None)
    ]


def _of_fences(lines: Sequence[Line], otherwise: Action | None) -> list[LogFile]:
    rows = [line.text for line in lines if line.fence and not line.text.strip().startswith(("```", "~~~"))]
    return [LogFile(path=path, action=otherwise) for path in files_of_tree(rows)]


# --- outside of labels ------------------------------------------------------------------


def harvest(lines: Sequence[Line], title: str = "") -> list[LogFile]:
    """The files of text that has no labels for them: of its headings, tables, lists, `Path:` lines and trees.

    A file that a sentence only mentions counts when it is in backticks and no example.
    """
    under = action_said(title) if title else None
    found = list(_of_entry(title, None)) if title and ("/" in title or "`" in title) else []
    found += _of_tables(lines, under)
    if _TREE.search(plain(title)):
        found += _of_fences(lines, under)
    for line in lines:
        if line.code or cells(line):
            continue
        found += _of_line(line, under)
        if heading := HEADING.fullmatch(line.text):
            under = action_said(heading[2])
    return _once(found)


def _of_line(line: Line, under: Action | None) -> Iterator[LogFile]:
    heading, entry, named = HEADING.fullmatch(line.text), item(line), label(line)
    text = heading[2] if heading else entry.text if entry else line.text.strip()
    if named and _PATH_LABEL.fullmatch(named[0]):
        yield from files_inline(named[1], action_said(named[0]) or under)
    elif _begins_with_path(text):
        yield from _of_entry(text, under)
    elif entry or not heading:
        yield from (LogFile(path=path, action=None) for path in files_mentioned(text) if "/" in path)


def _once(files: Iterable[LogFile]) -> list[LogFile]:
    """Each path once, with the first action that is said of it."""
    found: dict[str, LogFile] = {}
    for file in files:
        known = found.get(file.path)
        if known is None or (known.action is None and file.action):
            found[file.path] = file
    return list(found.values())
