"""Services first (the seed): a new route stands on a service. Only what the diff itself shows is held
against it: its handlers, its imports, and the other files of the chunk."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.domain import Finding, RuleSeverity
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.imports import imports_of
from core.rules.places import folders, is_route_file, stem
from core.rules.routes import routes_of

# What holds business logic goes by many names; any of them is enough.
_LOGIC = re.compile(r"(?i)service|usecase|use-case|use_case|domain|core|@repo/|logic")
_PLAIN = frozenset({"index", "health", "healthcheck", "ping", "version", "docs", "openapi", "__init__"})


class ServiceBeforeRoute:
    id = "service-before-route"
    severity: RuleSeverity = "warn"
    title = "A service comes before its route"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        if any("services" in folders(file.path) for file in files):
            return
        for file in files:
            routes = routes_of(file.path, file.after or "") if _is_new_route_file(file) else ()
            if routes and not any(_is_logic(text) for text in _imported(file)):
                message = "a new route without a service: write the service first"
                yield found(self, file.path, routes[0].line, message)


def _is_new_route_file(file: ChangedFile) -> bool:
    return file.before is None and is_route_file(file.path) and stem(file.path) not in _PLAIN


def _imported(file: ChangedFile) -> Iterator[str]:
    for taken in imports_of(file):
        yield from (taken.module, *taken.names)


def _is_logic(module: str) -> bool:
    return _LOGIC.search(module) is not None
