"""No TODO as a substitute for a requirement (the seed): work put off in code that the chunk added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from core.domain import Finding, RuleSeverity
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.put_off import put_off


class Todo:
    id = "todo"
    severity: RuleSeverity = "warn"
    title = "No TODO or stub as a substitute for a requirement"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        now = [(file, list(put_off(file.path, file.after or ""))) for file in files]
        had = Counter(each.text for file in files for each in put_off(file.path, file.before or ""))
        # What was in the chunk's files before, wherever in them, has only moved.
        more = Counter(each.text for _, all_of_file in now for each in all_of_file) - had
        for file, all_of_file in now:
            for each in all_of_file:
                if each.line in file.added and more[each.text] > 0:
                    more[each.text] -= 1
                    message = f"{each.what}: do it in this chunk, or settle that it waits"
                    yield found(self, file.path, each.line, message)
