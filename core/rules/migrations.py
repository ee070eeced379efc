"""No new migration without a settled decision, and none that destroys data without one that names what goes
(SPEC 5, 6).

Looked at: what a migration does on its way up. What undoes it on the way down may drop what it made.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.domain import Finding, RuleSeverity, value
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.new_migrations import is_migration_file, is_settled_migration
from core.rules.places import folders, is_python, is_test, is_typescript, line_of, name
from core.rules.python_text import is_docstring, python_code, python_nodes
from core.rules.settled import settled_texts
from core.rules.typescript_tree import member, nodes, source, without

if TYPE_CHECKING:
    from tree_sitter import Node

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


class UnsettledMigration:
    id = "migration"
    severity: RuleSeverity = "block"
    title = "No migration without a settled decision, none that drops what no decision names"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        for file in files:
            if file.after is None:
                continue
            drops = list(unsettled_drops(file.path, file.before, file.after, context))
            for drop in drops:
                line = next((n for n in range(drop.first, drop.last + 1) if n in file.added), None)
                if line is not None:
                    yield found(self, file.path, line, f"{drop.named} destroys data: raise a decision first")
            if not drops and file.before is None and _is_unsettled(file.path, file.after, context):
                message = "a migration that neither the plan nor a decision speaks of: raise a decision first"
                yield found(self, file.path, None, message)


def _is_unsettled(path: str, text: str, context: RuleContext) -> bool:
    if not (_is_migration(path) and is_migration_file(path, text)):
        return False
    # All that it drops is settled, and so is that there is a migration to do it.
    drops_what_is_settled = next(_drops(path, text), None) is not None
    return not drops_what_is_settled and not is_settled_migration(path, text, context)


def unsettled_drops(path: str, before: str | None, after: str, context: RuleContext) -> Iterator[Drop]:
    """What the migration at `path` destroys on its way up, did not before, and nobody decided on."""
    if not _is_migration(path):
        return
    had = Counter(drop.named for drop in _drops(path, before or ""))
    drops = list(_drops(path, after))
    has = Counter(drop.named for drop in drops)
    settled = {target: _is_settled(target, context) for target in {drop.target for drop in drops}}
    for drop in drops:
        is_new = has[drop.named] > had[drop.named]
        if is_new and not (settled[drop.target] or context.approves("migration", path, drop.named)):
            yield drop


def _is_migration(path: str) -> bool:
    above = {folder.casefold() for folder in folders(path)}
    down = _DOWN_FILE.search(name(path).rsplit(".", 1)[0]) or "down" in above
    return bool(_FOLDERS & above) and not down and not is_test(path)


def _is_settled(target: str, context: RuleContext) -> bool:
    short = target.casefold().rsplit(".", 1)[-1]
    named = re.compile(rf"(?<!\w){re.escape(short)}(?!\w)")
    return any(
        text.names(named) and _DESTRUCTIVE.search(f"{text.asked} {text.named}")
        for text in settled_texts(context, about=short)
    )


def _drops(path: str, text: str) -> Iterator[Drop]:
    if path.endswith(".sql"):
        yield from _in_sql(_SQL_NOISE.sub(_blank, _DOWN_PART.sub(_blank, text)))
    elif is_typescript(path):
        up = without(path, text, list(_down_parts(path, text)))
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


def _down_parts(path: str, text: str) -> Iterator[Node]:
    """What a migration in TypeScript does on its way down: whatever is called so."""
    for kind, label in (("function", "name"), ("variable", "name"), ("pair", "key"), ("assignment", "left")):
        for node in nodes(path, text, kind):
            named = node.child_by_field_name(label)
            of_object = member(named)
            if named is not None and (of_object[1] if of_object else source(named)) in _DOWN_NAMES:
                yield node


def _python_up(text: str) -> str:
    """The text with blanks for what does not run on the way up: down functions, docstrings, comments."""
    kept = python_code(text).split("\n")
    for node in python_nodes(text):
        is_down = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in _DOWN_NAMES
        if isinstance(node, ast.stmt) and (is_down or is_docstring(node)):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                kept[line - 1] = ""
    return "\n".join(kept)
