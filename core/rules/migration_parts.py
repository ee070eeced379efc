"""The part of a migration's text that does something on its way up, with blanks for all else: comments,
strings that nothing executes, what undoes it on the way down."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.rules.python_text import is_docstring, last_name, python_code, python_nodes
from core.rules.typescript_tree import member, nodes, source, without

if TYPE_CHECKING:
    from tree_sitter import Node

_DOWN_PART = re.compile(
    r"(?im)^[ \t]*--[ \t]*(?:migrate:down|\+(?:goose|migrate)[ \t]+down|(?:down|rollback)[ \t]*\r?$)[\s\S]*?"
    r"(?=^[ \t]*--[ \t]*(?:migrate:up|\+(?:goose|migrate)[ \t]+up)|\Z)"
)
# `/*! ... */` is no comment to MySQL. What is executed from a string, or named in quotes, stays.
_SQL_NOISE = re.compile(
    r"(?P<noise>--[^\n]*|/\*(?!!)[\s\S]*?(?:\*/|\Z))"
    r"|(?i:\b(?:EXECUTE|EXEC|IMMEDIATE|sp_executesql|PREPARE\s+\w{1,60}\s+FROM))\s*(?:\(\s*|format\s*\(\s*)*"
    r"(?:[NnEe]?'(?:[^']|'')*')"
    r"|\"[^\"\n]*\"|`[^`\n]*`"
    r"|(?P<text>'(?:[^']|'')*')"
)
_DOWN_NAMES = frozenset({"downgrade", "down", "backwards", "reverse", "rollback"})
_BACKWARDS = frozenset({"reverse_sql", "reverse_code"})


def sql_up(text: str) -> str:
    return _SQL_NOISE.sub(_without_noise, _DOWN_PART.sub(_blank, text))


def typescript_up(path: str, text: str) -> str:
    return without(path, text, list(_down_parts(path, text)))


def python_up(text: str) -> str:
    """What is blank: down functions, docstrings, comments, and what `RunSQL` takes back with."""
    kept = python_code(text).split("\n")
    for node in python_nodes(text):
        is_down = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in _DOWN_NAMES
        if isinstance(node, ast.stmt) and (is_down or is_docstring(node)):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                kept[line - 1] = ""
        elif isinstance(node, ast.Call):
            for given in _backwards(node):
                _blank_span(kept, given)
    return "\n".join(kept)


def _backwards(call: ast.Call) -> Iterator[ast.expr]:
    yield from (keyword.value for keyword in call.keywords if keyword.arg in _BACKWARDS)
    if last_name(call.func) in ("RunSQL", "RunPython"):
        yield from call.args[1:2]


def _blank_span(kept: list[str], node: ast.expr) -> None:
    """Columns of `ast` count bytes; the lines get as many blanks as they lose characters, or bytes."""
    last = node.end_lineno or node.lineno
    for n in range(node.lineno, last + 1):
        line = kept[n - 1].encode()
        start = node.col_offset if n == node.lineno else 0
        end = node.end_col_offset if n == last and node.end_col_offset is not None else len(line)
        kept[n - 1] = (line[:start] + b" " * (min(end, len(line)) - start) + line[end:]).decode(
            "utf-8", "replace"
        )


def _down_parts(path: str, text: str) -> Iterator[Node]:
    """What a migration in TypeScript does on its way down: whatever is called so."""
    for kind, label in (("function", "name"), ("variable", "name"), ("pair", "key"), ("assignment", "left")):
        for node in nodes(path, text, kind):
            named = node.child_by_field_name(label)
            of_object = member(named)
            if named is not None and (of_object[1] if of_object else source(named)) in _DOWN_NAMES:
                yield node


def _without_noise(match: re.Match[str]) -> str:
    return _blank(match) if match["noise"] or match["text"] else match[0]


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
