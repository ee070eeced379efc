"""What the text of a migration destroys on its way up: SQL, also inside of code, and calls of query builders.

What undoes it on the way down may drop what it made, and so may a migration what it made itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.domain import value
from core.rules.migration_parts import python_up, sql_up, typescript_up
from core.rules.places import is_python, is_typescript, line_of

_NAME = r"[\w.\"`\[\]$]{1,200}"
# A name that is made up at run time: `{name}`, `${name}`, `%s`, `%I`, `' || name`, `" + name`.
_COMPUTED = r"\$?\{[^{}\n]{0,80}\}|%\w|['\"`]{1,3}\s{0,9}(?:\|\||\+|%|,)\s{0,9}[\w.]{1,80}"
_NOT_A_NAME = r"(?!(?:DROP|ADD|ALTER|RENAME|MODIFY|CHANGE|CASCADE|RESTRICT)\b)"
_NAMES = rf"((?:{_COMPUTED}|{_NAME})(?:\s*,\s*(?:ONLY\s+)?{_NOT_A_NAME}(?:{_COMPUTED}|{_NAME}))*)"
_IF = r"(?:IF\s+EXISTS\s+)?"
_SQL = (
    re.compile(rf"(?i)\b(DROP\s+(?:FOREIGN\s+)?TABLE)\s+{_IF}{_NAMES}"),
    re.compile(rf"(?i)\b(DROP\s+COLUMN)\s+{_IF}{_NAMES}"),
    re.compile(rf"(?i)\b(DROP\s+(?:SCHEMA|DATABASE|PARTITION))\s+{_IF}{_NAMES}"),
    re.compile(rf"(?i)\b(TRUNCATE)\s+(?:TABLE\s+)?(?:ONLY\s+)?{_NAMES}"),
    re.compile(rf"(?i)\b(DELETE\s+FROM)\s+(?:ONLY\s+)?({_COMPUTED}|{_NAME})"),
)
_ALTER = re.compile(rf"(?i)\bALTER\s+TABLE\s+{_IF}(?:ONLY\s+)?(?:{_COMPUTED}|{_NAME})(?=\s)([^;]{{0,2000}})")
# In the actions of an ALTER TABLE: `DROP note` is a column, `ALTER COLUMN a DROP NOT NULL` drops nothing.
_BARE_COLUMN = re.compile(
    rf"(?i)(?:^|,)\s*(DROP)\s+{_IF}"
    rf"(?!(?:COLUMN|CONSTRAINT|INDEX|KEY|PRIMARY|FOREIGN|CHECK|PARTITION|IF)\b)({_NAME})"
)
_UPDATE = re.compile(
    rf"(?i)\bUPDATE\s+(?:ONLY\s+)?({_COMPUTED}|{_NAME})\s+(?:AS\s+)?(?:\w{{1,60}}\s+)?SET\s([^;]{{0,2000}})"
)
_TO_NULL = re.compile(rf"(?i)({_NAME})\s*=\s*NULL\b")
_WHERE = re.compile(r"(?i)\b(?:WHERE|FROM)\b")
# Not `IF NOT EXISTS`: what is there already keeps what it holds. A temporary one is the migration's own.
_CREATED = re.compile(
    rf"(?i)\bCREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?!IF\b)({_NAME})"
    rf"|\bCREATE\s+(?:(?:LOCAL|GLOBAL)\s+)?TEMP(?:ORARY)?\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?({_NAME})"
)
_RENAMED = re.compile(rf"(?i)\bRENAME\s+TO\s+({_NAME})")

_OF_TABLE = frozenset(
    {"dropTable", "dropTableIfExists", "drop_table", "DeleteModel", "truncate", "deleteFrom", "bulkDelete"}
)
_OF_COLUMN = frozenset({"dropColumn", "drop_column", "removeColumn", "RemoveField"})
_OF_COLUMNS = frozenset({"dropColumns", "dropSchema", "dropSchemaIfExists"})
_CALL = re.compile(
    rf"(?<!\w)({'|'.join(sorted(_OF_TABLE | _OF_COLUMN | _OF_COLUMNS, key=len, reverse=True))})"
    r"\s*\(([^()]{0,300})"
)
# knex("wishes").where(...).del(), Wish.objects.all().delete()
_OF_ROWS = re.compile(
    r"(?:\(\s*['\"`]([\w.]{1,200})['\"`]\s*\)|\b(\w{1,100})\.objects)"
    r"(?:\s*\.\w{1,60}\([^()]{0,200}\)){0,5}?\s*\.(del|delete|truncate)\s*\("
)
_GIVEN = re.compile(r"^(?:(\w{1,60})\s*=(?!=)\s*)?(.*)$", re.DOTALL)
_LITERAL = re.compile(r"^['\"`]([\w.]{1,200})['\"`]$")


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


def drops_in(path: str, text: str) -> Iterator[Drop]:
    if path.casefold().endswith(".sql"):
        yield from _in_sql(sql_up(text))
    elif is_typescript(path):
        up = typescript_up(path, text)
        yield from _in_code(up)
        yield from _in_sql(up)
    elif is_python(path):
        up = python_up(text)
        yield from _in_code(up)
        yield from _in_sql(up)


def _in_sql(text: str) -> Iterator[Drop]:
    own = _own_tables(text)
    for place, what, written in _statements(text):
        for target in map(_plain, written.split(",") if not re.search(_COMPUTED, written) else [written]):
            if own.get(target, len(text)) > place:
                spaced = re.sub(r"\s+", " ", what).upper()
                yield _drop(text, place, place + len(what), spaced, target)


def _own_tables(text: str) -> dict[str, int]:
    """The tables that the migration makes, and where. One that got the name of another may be the other."""
    made: dict[str, int] = {}
    for match in _CREATED.finditer(text):
        made.setdefault(_plain(match[1] or match[2]), match.start())
    renamed = {_plain(match[1]) for match in _RENAMED.finditer(text)}
    return {table: place for table, place in made.items() if table not in renamed}


def _statements(text: str) -> Iterator[tuple[int, str, str]]:
    """(place, what it does, the names it does it to)"""
    for pattern in _SQL:
        for match in pattern.finditer(text):
            yield match.start(1), match[1], match[2]
    for alter in _ALTER.finditer(text):
        for match in _BARE_COLUMN.finditer(alter[1]):
            yield alter.start(1) + match.start(1), match[1], match[2]
    for update in _UPDATE.finditer(text):
        where = _WHERE.search(update[2])
        for match in _TO_NULL.finditer(update[2], 0, where.start() if where else len(update[2])):
            yield update.start(2) + match.start(), "SET NULL", f"{update[1]}.{match[1]}"


def _in_code(text: str) -> Iterator[Drop]:
    for match in _CALL.finditer(text):
        for target in _targets(match[1], match[2]):
            yield _drop(text, match.start(), match.end(), match[1], target)
    for match in _OF_ROWS.finditer(text):
        yield _drop(text, match.start(), match.end(), match[3], match[1] or match[2])


def _targets(called: str, given: str) -> Iterator[str]:
    """What a call is about, by its arguments: what is no literal stands as it is written."""
    parts = [_GIVEN.match(part.strip()) for part in given.split(",") if part.strip()]
    arguments = [(match[1] or "", match[2].strip()) for match in parts if match]
    named = dict(arguments)
    placed = [value for key, value in arguments if not key and not value.startswith(("{", "["))]
    if called in _OF_TABLE:
        chosen = [named.get("table_name") or named.get("name") or next(iter(placed), "")]
    elif called in _OF_COLUMN:
        chosen = [named.get("column_name") or named.get("name") or next(reversed(placed[:2]), "")]
    else:
        chosen = placed
    for each in chosen:
        literal = _LITERAL.match(each)
        # `truncate(text)` shortens a text; a table that it empties is called by its name.
        if literal or (each and called != "truncate"):
            yield literal[1] if literal else " ".join(each.split())


def _drop(text: str, start: int, end: int, what: str, target: str) -> Drop:
    return Drop(first=line_of(text, start), last=line_of(text, end), what=what, target=target)


def _plain(target: str) -> str:
    return re.sub(r"[\"`\[\]]", "", target).casefold().strip(". \n\t\r")
