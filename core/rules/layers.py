"""Ports and adapters: services know nothing of HTTP, route handlers nothing of the database (the seed's
"Services first" and "Routes are thin")."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from core.domain import Finding, RuleSeverity
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.frameworks import (
    DATABASE_PYTHON,
    DATABASE_TYPESCRIPT,
    HTTP_PYTHON,
    HTTP_TYPESCRIPT,
    PYTHON_EDGES,
    SESSION_TYPES,
)
from core.rules.imports import Import, imports_of
from core.rules.places import folders, is_python, is_test, is_typescript, line_of
from core.rules.python_text import dotted, python_tree
from core.rules.typescript_text import read_typescript

_QUERY = re.compile(
    r"(?<![\w$])(?:db|database|tx|trx|prisma(?:\s*\.\s*\w+)?)\s*\.\s*"
    r"(?:select|selectDistinct|insert|update|delete|execute|transaction|findMany|findFirst|findUnique|upsert"
    r"|query\s*\.\s*\w+\s*\.\s*\w+)\s*\("
)
_CONNECTIONS = frozenset({"db", "database", "session", "db_session", "conn", "connection", "cursor", "cur"})
_PYTHON_QUERIES = frozenset({"execute", "executemany", "executescript", "query", "scalars", "scalar"})


class HttpInServices:
    id = "http-in-services"
    severity: RuleSeverity = "block"
    title = "No HTTP types or framework imports in services"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        for file in files:
            packages = _http_packages(file.path)
            for taken in imports_of(file) if packages else ():
                line = taken.touches(file.added)
                if line is not None and taken.comes_from(packages):
                    message = f"a service imports {taken.module}: keep HTTP in the route that calls it"
                    yield found(self, file.path, line, message)


def _http_packages(path: str) -> frozenset[str]:
    if is_test(path):
        return frozenset()
    if is_typescript(path):
        return HTTP_TYPESCRIPT if path.startswith("apps/api/services/") else frozenset()
    above = folders(path)
    if not is_python(path) or "services" not in above:
        return frozenset()
    below = {*above[above.index("services") + 1 :], PurePosixPath(path).stem}
    return frozenset() if PYTHON_EDGES & below else HTTP_PYTHON


class DatabaseInRoutes:
    id = "db-in-routes"
    severity: RuleSeverity = "block"
    title = "No database calls in route handlers"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        for file in files:
            if not {"routes", "routers"}.intersection(folders(file.path)) or is_test(file.path):
                continue
            for line, what in sorted(_database_uses(file)):
                yield found(self, file.path, line, f"{what} in a route: move it into the domain's service")


def _database_uses(file: ChangedFile) -> Iterator[tuple[int, str]]:
    for taken in imports_of(file):
        line = taken.touches(file.added)
        if line is not None and _is_database(taken):
            yield line, f"import of {taken.module}"
    for first, last, what in _calls(file):
        line = next((n for n in range(first, last + 1) if n in file.added), None)
        if line is not None:
            yield line, f"database call {what}"


def _is_database(taken: Import) -> bool:
    if taken.types_only or (taken.names and SESSION_TYPES.issuperset(taken.names)):
        return False
    return taken.comes_from(DATABASE_TYPESCRIPT | DATABASE_PYTHON)


def _calls(file: ChangedFile) -> Iterator[tuple[int, int, str]]:
    """(first line, last line, as written) of each call on what is clearly a database."""
    text = file.after or ""
    if is_typescript(file.path):
        code = read_typescript(text).code
        for match in _QUERY.finditer(code):
            shown = re.sub(r"\s+", "", match[0])
            yield line_of(code, match.start()), line_of(code, match.end()), f"{shown})"
    tree = python_tree(text) if is_python(file.path) else None
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = dotted(node.func)
            *_, owner, called = ["", *name.split(".")]
            if called in _PYTHON_QUERIES and owner in _CONNECTIONS:
                yield node.lineno, node.func.end_lineno or node.lineno, f"{name}()"
