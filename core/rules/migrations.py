"""No migration that destroys data without a settled decision that names what goes (SPEC 5, 6).

Looked at: what a migration does on its way up. What undoes it on the way down may drop what it made.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from core.domain import Finding, RuleSeverity, value
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.places import folders, is_python, is_test, is_typescript, line_of, name
from core.rules.python_text import python_tree
from core.rules.settled import settled_texts
from core.rules.typescript_text import read_typescript

_FOLDERS = frozenset({"migrations", "migration", "migrate", "drizzle", "alembic"})
_DOWN_FILE = re.compile(r"(?i)(?:^|[._-])(?:down|undo|rollback)(?:[._-]|$)")
_DOWN_PART = re.compile(
    r"(?im)^[ \t]*--[ \t]*(?:migrate:down|\+(?:goose|migrate)[ \t]+down|(?:down|rollback)[ \t]*\r?$)[\s\S]*?"
    r"(?=^[ \t]*--[ \t]*(?:migrate:up|\+(?:goose|migrate)[ \t]+up)|\Z)"
)
_NAME = r"[\w.\"`\[\]$]{1,200}"
_SQL = (
    re.compile(rf"(?i)\b(DROP\s+TABLE)\s+(?:IF\s+EXISTS\s+)?({_NAME})"),
    re.compile(rf"(?i)\b(DROP\s+COLUMN)\s+(?:IF\s+EXISTS\s+)?({_NAME})"),
    re.compile(rf"(?i)\b(DROP\s+(?:SCHEMA|DATABASE))\s+(?:IF\s+EXISTS\s+)?({_NAME})"),
    re.compile(
        rf"(?i)\bALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?{_NAME}\s+(DROP)\s+"
        rf"(?!(?:COLUMN|CONSTRAINT|INDEX|KEY|PRIMARY|FOREIGN|CHECK|PARTITION)\b)({_NAME})"
    ),
    re.compile(rf"(?i)\b(TRUNCATE)\s+(?:TABLE\s+)?(?:ONLY\s+)?({_NAME})"),
)
_CREATED = re.compile(
    rf"(?i)\bCREATE\s+(?:(?:TEMP|TEMPORARY|UNLOGGED)\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?({_NAME})"
)
_SQL_NOISE = re.compile(r"--[^\n]*|/\*[\s\S]*?(?:\*/|\Z)|'(?:[^']|'')*'")
_CALL = re.compile(
    r"\b(dropTable|dropTableIfExists|dropColumn|dropColumns|drop_table|drop_column|truncate)"
    r"\s*\(\s*(?:['\"`]\w{1,200}['\"`]\s*,\s*)?['\"`]([\w.]{1,200})"
)
_DOWN_FUNCTION = re.compile(r"\b(?:function\s+down|down\s*(?::|=)\s*(?:async\s*)?|async\s+down|down)\s*\(")
_DOWN_NAMES = frozenset({"downgrade", "down", "backwards", "reverse", "rollback"})
_DESTRUCTIVE = re.compile(r"drop|remov|delet|truncat|destruct")


@value
class Drop:
    """What destroys data, at lines `first` to `last`: `what` it does (`DROP TABLE`), to which `target`."""

    first: int
    last: int
    what: str
    target: str

    @property
    def named(self) -> str:
        return f"{self.what} {self.target}"


class DestructiveMigration:
    id = "migration"
    severity: RuleSeverity = "block"
    title = "No destructive migration without a settled decision"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        for file in files:
            if file.after is None:
                continue
            for drop in unsettled_drops(file.path, file.before, file.after, context):
                line = next((n for n in range(drop.first, drop.last + 1) if n in file.added), None)
                if line is not None:
                    yield found(self, file.path, line, f"{drop.named} destroys data: raise a decision first")


def unsettled_drops(path: str, before: str | None, after: str, context: RuleContext) -> Iterator[Drop]:
    """What the migration at `path` destroys on its way up, did not before, and nobody decided on."""
    if not _is_migration(path):
        return
    had = Counter(drop.named for drop in _drops(path, before or ""))
    drops = list(_drops(path, after))
    has = Counter(drop.named for drop in drops)
    for drop in drops:
        is_new = has[drop.named] > had[drop.named]
        if is_new and not (
            context.approves("migration", path, drop.named) or _is_settled(drop.target, context)
        ):
            yield drop


def _is_migration(path: str) -> bool:
    above = {folder.casefold() for folder in folders(path)}
    down = _DOWN_FILE.search(name(path).rsplit(".", 1)[0]) or "down" in above
    return bool(_FOLDERS & above) and not down and not is_test(path)


def _is_settled(target: str, context: RuleContext) -> bool:
    named = re.compile(rf"(?<!\w){re.escape(target.casefold().rsplit('.', 1)[-1])}(?!\w)")
    return any(
        text.names(named) and _DESTRUCTIVE.search(f"{text.asked} {text.named}")
        for text in settled_texts(context)
    )


def _drops(path: str, text: str) -> Iterator[Drop]:
    if path.endswith(".sql"):
        yield from _in_sql(_SQL_NOISE.sub(_blank, _DOWN_PART.sub(_blank, text)))
    elif is_typescript(path):
        up = _without_down(text)
        yield from _in_code(up)
        yield from _in_sql(up)
    elif is_python(path):
        up = _python_up(text)
        yield from _in_code(up)
        yield from _in_sql(up)


def _in_sql(text: str) -> Iterator[Drop]:
    made: dict[str, int] = {}
    for match in _CREATED.finditer(text):
        made.setdefault(_plain(match[1]), match.start())
    for pattern in _SQL:
        for match in pattern.finditer(text):
            target = _plain(match[2])
            # A table that the migration made before, such as a temporary one, holds nothing of anybody's.
            if made.get(target, len(text)) > match.start():
                what = re.sub(r"\s+", " ", match[1]).upper()
                yield _drop(text, match, what, target)


def _in_code(text: str) -> Iterator[Drop]:
    for match in _CALL.finditer(text):
        yield _drop(text, match, match[1], match[2])


def _drop(text: str, match: re.Match[str], what: str, target: str) -> Drop:
    first, last = line_of(text, match.start()), line_of(text, match.end())
    return Drop(first=first, last=last, what=what, target=target)


def _plain(target: str) -> str:
    return re.sub(r"[\"`\[\]]", "", target).casefold().strip(".")


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _without_down(text: str) -> str:
    read = read_typescript(text)
    up = read.uncommented
    for match in _DOWN_FUNCTION.finditer(read.code):
        body = read.code.find("{", read.closing(match.end() - 1))
        if body >= 0:
            end = read.closing(body)
            up = up[: match.start()] + re.sub(r"[^\n]", " ", up[match.start() : end]) + up[end:]
    return up


def _python_up(text: str) -> str:
    """The text with blanks for what does not run on the way up: down functions, docstrings, comments."""
    tree = python_tree(text)
    kept = text.split("\n")
    for node in tree.body if tree else ():
        is_down = isinstance(node, ast.FunctionDef) and node.name in _DOWN_NAMES
        if is_down or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                kept[line - 1] = ""
    return "\n".join("" if line.lstrip().startswith("#") else line for line in kept)
