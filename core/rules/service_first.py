"""Services first (the seed): a new route stands on a service. Only what the diff itself shows is held
against it: its handlers, its imports, and the other files of the chunk."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from core.domain import Finding, RuleSeverity
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.imports import imports_of
from core.rules.places import folders, is_python, is_test, is_typescript, line_of
from core.rules.python_text import dotted, python_tree
from core.rules.typescript_text import read_typescript

_ROUTE = re.compile(
    r"\.\s*(?:get|post|put|patch|delete|openapi)\s*(?:<[^()\n]{0,200}>)?\s*\(\s*(?:['\"`]|\w+Route\b)"
)
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
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
            line = _first_route(file) if _is_new_route(file) else None
            if line is not None and not any(_is_logic(text) for text in _imported(file)):
                yield found(self, file.path, line, "a new route without a service: write the service first")


def _is_new_route(file: ChangedFile) -> bool:
    return (
        file.before is None
        and file.after is not None
        and bool({"routes", "routers"}.intersection(folders(file.path)))
        and PurePosixPath(file.path).stem not in _PLAIN
        and not is_test(file.path)
    )


def _first_route(file: ChangedFile) -> int | None:
    text = file.after or ""
    if is_typescript(file.path):
        read = read_typescript(text)
        routes = (match for match in _ROUTE.finditer(read.uncommented) if read.code[match.start()] == ".")
        return next((line_of(text, match.start()) for match in routes), None)
    tree = python_tree(text) if is_python(file.path) else None
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                if _is_route(decorator):
                    return decorator.lineno
    return None


def _is_route(decorator: ast.expr) -> bool:
    call = dotted(decorator.func) if isinstance(decorator, ast.Call) else ""
    return call.rsplit(".", 1)[-1] in _METHODS and "mock" not in call


def _imported(file: ChangedFile) -> Iterator[str]:
    """Modules and names, relative ones too."""
    for taken in imports_of(file):
        yield from (taken.module, *taken.names)
    tree = python_tree(file.after or "") if is_python(file.path) else None
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.ImportFrom) and node.level:
            yield from (node.module or "", *(alias.name for alias in node.names))


def _is_logic(module: str) -> bool:
    return _LOGIC.search(module) is not None
