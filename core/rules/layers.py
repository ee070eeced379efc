"""Ports and adapters: services know nothing of HTTP, route handlers nothing of the database (the seed's
"Services first" and "Routes are thin")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.domain import Finding, RuleSeverity
from core.rules.base import ChangedFile, RuleContext
from core.rules.database_calls import DatabaseCall, database_calls
from core.rules.found import found
from core.rules.frameworks import (
    DATABASE_PYTHON,
    DATABASE_TYPESCRIPT,
    EDGES,
    HTTP_PYTHON,
    HTTP_TYPESCRIPT,
    NO_HTTP,
    SESSION_TYPES,
)
from core.rules.imports import Import, imports_of
from core.rules.places import folders, is_python, is_route_file, is_test, is_typescript, stem
from core.rules.routes import routes_of
from core.rules.typescript_tree import first_line, nodes, source

if TYPE_CHECKING:
    from tree_sitter import Node

_OWN_REQUEST = re.compile(r"\b(?:interface|type|class)\s+Request\b|\bas\s+Request\b")


class HttpInServices:
    id = "http-in-services"
    severity: RuleSeverity = "block"
    title = "No HTTP types or framework imports in services"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        for file in files:
            packages = _http_packages(file.path)
            for taken in imports_of(file) if packages else ():
                line = taken.touches(file.added)
                if line is not None and taken.comes_from(packages) and not _is_without_http(taken):
                    message = f"a service imports {taken.module}: keep HTTP in the route that calls it"
                    yield found(self, file.path, line, message)
            for line in _taken_requests(file) if packages and is_typescript(file.path) else ():
                message = "a service takes a Request: keep HTTP in the route that calls it"
                yield found(self, file.path, line, message)


def _http_packages(path: str) -> frozenset[str]:
    """What the file may not import; nothing where it is no service."""
    above = folders(path)
    if "services" not in above or is_test(path):
        return frozenset()
    below = {*above[above.index("services") + 1 :], stem(path)}
    if is_typescript(path):
        is_strict = path.startswith("apps/api/services/")
        return HTTP_TYPESCRIPT if is_strict or EDGES.isdisjoint(below) else frozenset()
    return HTTP_PYTHON if is_python(path) and EDGES.isdisjoint(below) else frozenset()


def _is_without_http(taken: Import) -> bool:
    """NestJS has its dependency injection and its HTTP in one package."""
    return taken.module == "@nestjs/common" and bool(taken.names) and NO_HTTP.issuperset(taken.names)


def _taken_requests(file: ChangedFile) -> Iterator[int]:
    """Added lines with a parameter of the platform's own type `Request`. An answer of that kind is no sign: a
    service that calls another one has it."""
    text = file.after or ""
    if "Request" not in text or _OWN_REQUEST.search(text):
        return
    if any("Request" in taken.names for taken in imports_of(file)):
        return
    for parameter in nodes(file.path, text, "parameter"):
        line = first_line(parameter)
        if line in file.added and _is_platform_request(parameter.child_by_field_name("type")):
            yield line


def _is_platform_request(annotation: Node | None) -> bool:
    named = annotation.named_child(0) if annotation is not None else None
    return named is not None and named.type == "type_identifier" and source(named) == "Request"


class DatabaseInRoutes:
    id = "db-in-routes"
    severity: RuleSeverity = "block"
    title = "No database calls in route handlers"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        for file in files:
            for line, what in sorted(_database_uses(file)):
                yield found(self, file.path, line, f"{what} in a route: move it into the domain's service")


def _database_uses(file: ChangedFile) -> Iterator[tuple[int, str]]:
    """In a file of routes all of it counts, elsewhere what stands in a handler."""
    text = file.after or ""
    everywhere = is_route_file(file.path)
    for taken in imports_of(file) if everywhere else ():
        line = taken.touches(file.added)
        if line is not None and _is_database(taken):
            yield line, f"import of {taken.module}"
    for call in database_calls(file.path, text) if everywhere else _in_handlers(file.path, text):
        line = next((n for n in range(call.first, call.last + 1) if n in file.added), None)
        if line is not None:
            yield line, f"database call {call.shown}"


def _is_database(taken: Import) -> bool:
    if taken.types_only or (taken.names and SESSION_TYPES.issuperset(taken.names)):
        return False
    return taken.comes_from(DATABASE_TYPESCRIPT | DATABASE_PYTHON)


def _in_handlers(path: str, text: str) -> Iterator[DatabaseCall]:
    inside = {
        line
        for route in routes_of(path, text)
        for handler in route.handlers
        for line in range(handler.first, handler.last + 1)
    }
    if inside:
        yield from (call for call in database_calls(path, text) if call.first in inside)
