"""Calls on what is clearly a database, by the names that people give it, in TypeScript and Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.domain import value
from core.rules.places import is_python, is_typescript
from core.rules.python_text import dotted, python_nodes
from core.rules.typescript_tree import (
    arguments,
    bare,
    first_line,
    last_line,
    member,
    nodes,
    source,
    string_in,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_DATABASES = frozenset({"db", "database", "tx", "trx", "prisma"})
_GIVES_DATABASE = re.compile(r"(?:get|use)(?:Db|DB|Database|Prisma)")
_QUERIES = frozenset(
    [
        "select",
        "selectDistinct",
        "insert",
        "update",
        "delete",
        "execute",
        "transaction",
        "findMany",
        "findFirst",
        "findUnique",
        "upsert",
        "$transaction",
        "$queryRaw",
        "$executeRaw",
    ]
)
_OF_MODEL = _QUERIES | frozenset(
    ["findFirstOrThrow", "findUniqueOrThrow", "create", "createMany", "count", "aggregate"]
)

_CONNECTIONS = frozenset({"db", "database", "session", "db_session", "conn", "connection", "cursor", "cur"})
_PYTHON_QUERIES = frozenset(
    [
        "execute",
        "executemany",
        "executescript",
        "query",
        "scalars",
        "scalar",
        "fetch",
        "fetchrow",
        "fetchval",
        "commit",
        "rollback",
        "flush",
        "add_all",
        "refresh",
    ]
)
_OF_MANAGER = frozenset(
    ["get", "filter", "exclude", "create", "all", "update", "bulk_create", "get_or_create", "first"]
)


@value
class DatabaseCall:
    """`shown` as it is written, without its arguments; lines count from 1."""

    first: int
    last: int
    shown: str


def database_calls(path: str, text: str) -> Iterator[DatabaseCall]:
    if is_typescript(path):
        yield from _typescript(path, text)
    elif is_python(path):
        yield from _python(text)


def _typescript(path: str, text: str) -> Iterator[DatabaseCall]:
    for call in nodes(path, text, "call"):
        function = call.child_by_field_name("function")
        called = member(function)
        if function is None or called is None or called[1] not in _OF_MODEL:
            continue
        owner, method = called
        names = _names(owner)
        if _is_query(names, method):
            shown = ".".join([*names[-3:], method])
            yield DatabaseCall(first=first_line(owner), last=last_line(function), shown=f"{shown}()")


def _names(owner: Node) -> list[str]:
    """`c.var.db` as its last names, `c.get("db")` as `db`; at most four."""
    names: list[str] = []
    node = bare(owner)
    while len(names) < 4 and (of_object := member(node)) is not None:
        names.insert(0, of_object[1])
        node = bare(of_object[0])
    if node.type == "identifier":
        names.insert(0, source(node))
    elif node.type == "call_expression":
        names.insert(0, _given_by(node))
    return names


def _given_by(call: Node) -> str:
    called = call.child_by_field_name("function")
    of_object = member(called)
    first = string_in(next(iter(arguments(call)), None))
    if of_object is not None and of_object[1] == "get" and first in _DATABASES:
        return first
    named = source(called) if called is not None and called.type == "identifier" else ""
    return "db" if _GIVES_DATABASE.fullmatch(named) else ""


def _is_query(names: list[str], method: str) -> bool:
    """`db.select`, `prisma.user.create`, `db.query.users.findMany`."""
    if method in _QUERIES and names and names[-1] in _DATABASES:
        return True
    if len(names) >= 2 and names[-2] == "prisma":
        return True
    return len(names) >= 3 and names[-2] == "query" and names[-3] in _DATABASES


def _python(text: str) -> Iterator[DatabaseCall]:
    for node in python_nodes(text):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            *_, owner, called = ["", *dotted(node.func).split(".")]
            if (called in _PYTHON_QUERIES and owner in _CONNECTIONS) or (
                called in _OF_MANAGER and owner == "objects"
            ):
                name = dotted(node.func)
                yield DatabaseCall(
                    first=node.lineno, last=node.func.end_lineno or node.lineno, shown=f"{name}()"
                )
