"""Whether a migration that the chunk adds was decided on: the plan names its file or speaks of a migration,
or the plan or a person names a table that it makes or changes."""

from __future__ import annotations

import re

from core.rules.base import RuleContext
from core.rules.places import is_python, is_typescript, name
from core.rules.planned_files import names, planned_files
from core.rules.settled import SettledText, settled_texts, word

_NUMBERED = re.compile(r"(?i)^(?:v?\d|[0-9a-f]{8,})")
_UP = re.compile(
    r"\bdef (?:upgrade|forwards)\b|\bclass Migration\b|MigrationInterface\b|\bexports\.up\b"
    r"|\bexport (?:(?:async )?function|const) up\b"
)
# Not a part of a path.
_MIGRATION = re.compile(r"(?<![\w@/.-])migrations?(?![\w/-]|\.\w)")
_SAYS_NONE = re.compile(r"[^\w\n]{0,9}(?:is |are )?(?:no|none|not|false|n/a|isn['’]t|aren['’]t)\b")
_TABLE = re.compile(
    r"(?i)\b(?:create|alter)\s+(?:temp\s+|temporary\s+)?table\s+(?:if\s+(?:not\s+)?exists\s+)?(?:only\s+)?"
    r"[\"`\[]?(?:\w{1,99}[\"`\]]?\.[\"`\[]?)?(\w{1,99})"
    r"|\b(?:create_?table|alter_?table|add_?column)\w*\s*\(\s*['\"`](\w{1,99})"
)
_ABOUT_SCHEMA = re.compile(r"table|column|schema|index|database|\bddl\b")


def is_migration_file(path: str, text: str) -> bool:
    """Whether a file in a migrations folder is one: not an index, a runner, or what a generator keeps."""
    if is_typescript(path) or is_python(path):
        return _NUMBERED.match(name(path)) is not None or _UP.search(text) is not None
    return path.casefold().endswith(".sql")


def is_settled_migration(path: str, text: str, context: RuleContext) -> bool:
    if any(names(each, path) for each in planned_files(context.plan)):
        return True
    in_words = any(_speaks_of_migration(said) for said in settled_texts(context, about="migration"))
    tables = {match[1] or match[2] for match in _TABLE.finditer(text)}
    return in_words or any(_is_decided(table, context) for table in tables)


def _speaks_of_migration(said: SettledText) -> bool:
    return any(not _SAYS_NONE.match(said.named, match.end()) for match in said.places(_MIGRATION))


def _is_decided(table: str, context: RuleContext) -> bool:
    return any(
        text.names(word(table)) and _ABOUT_SCHEMA.search(f"{text.asked} {text.named}")
        for text in settled_texts(context, about=table)
    )
