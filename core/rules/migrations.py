"""No new migration without a settled decision, and none that destroys data without one that names what goes
(SPEC 5, 6).

Looked at: what a migration does on its way up. What undoes it on the way down may drop what it made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from core.domain import Finding, RuleSeverity
from core.rules.base import ChangedFile, RuleContext
from core.rules.destruction import Drop, drops_in
from core.rules.found import found
from core.rules.new_migrations import is_migration_file, is_settled_migration
from core.rules.places import folders, is_test, stem
from core.rules.settled_drops import is_settled_drop

_FOLDERS = frozenset({"migrations", "migration", "migrate", "drizzle", "alembic"})
# `0002_x.down.sql`, but not `0005_slow_down_queue.sql`.
_DOWN_FILE = re.compile(r"(?i)(?:^|[._-])(?:down|undo|rollback)$")


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
    drops_what_is_settled = next(drops_in(path, text), None) is not None
    return not drops_what_is_settled and not is_settled_migration(path, text, context)


def unsettled_drops(path: str, before: str | None, after: str, context: RuleContext) -> Iterator[Drop]:
    """What the migration at `path` destroys on its way up, did not before, and nobody decided on."""
    if not _is_migration(path):
        return
    had = Counter(drop.named for drop in drops_in(path, before or ""))
    drops = list(drops_in(path, after))
    has = Counter(drop.named for drop in drops)
    settled = {drop.named: is_settled_drop(drop, context) for drop in drops}
    for drop in drops:
        is_new = has[drop.named] > had[drop.named]
        if is_new and not (settled[drop.named] or context.approves("migration", path, drop.named)):
            yield drop


def _is_migration(path: str) -> bool:
    above = {folder.casefold() for folder in folders(path)}
    down = _DOWN_FILE.search(stem(path)) or "down" in above
    return bool(_FOLDERS & above) and not down and not is_test(path)
