"""Python as the rules look at it: its syntax tree (from `ast`) and its comments. A file that does not parse
has no tree (the type check says so); its comments and its text are read all the same."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache

from core.rules.places import line_of, lines

# Comments and strings, so that neither is taken for the other. Possessive: no text makes it go back.
_COMMENT_OR_STRING = re.compile(
    r"(?P<comment>\#[^\n]*)"
    r'|"""(?:[^"\\]++|\\[\s\S]|"(?!""))*+(?:"""|\Z)'
    r"|'''(?:[^'\\]++|\\[\s\S]|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n]++|\\[\s\S])*+"?'
    r"|'(?:[^'\\\n]++|\\[\s\S])*+'?"
)


@lru_cache(maxsize=16)
def python_tree(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            # The file's own style is not what is asked here.
            warnings.simplefilter("ignore")
            # Python ends a line at a lone CR too; the numbers must be those of the diff.
            return ast.parse(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", " "))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=16)
def python_nodes(text: str) -> tuple[ast.AST, ...]:
    """Every node of the file, outer ones first; none where it does not parse."""
    tree = python_tree(text)
    return tuple(ast.walk(tree)) if tree else ()


def python_comments(text: str) -> Iterator[tuple[int, str]]:
    """(line, comment)"""
    for match in _COMMENT_OR_STRING.finditer(text):
        if match["comment"]:
            yield line_of(text, match.start()), match[0]


@lru_cache(maxsize=16)
def python_code(text: str) -> str:
    """The text with blanks for its comments, of the same length and lines."""
    return _COMMENT_OR_STRING.sub(lambda m: " " * len(m[0]) if m["comment"] else m[0], text)


@lru_cache(maxsize=16)
def python_blank_lines(text: str) -> frozenset[int]:
    """Lines that are empty, only a comment, or a docstring's."""
    blank = {n for n, line in enumerate(lines(python_code(text)), 1) if not line.strip()}
    for node in python_nodes(text):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_docstring(node.body[0]):
            blank.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return frozenset(blank)


def is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain on a name; "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def last_name(node: ast.expr) -> str:
    """The last part of a name as it stands: `c` of `a.b.c`, `B` of `B[int]`, `get` of `r.get("/")`."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
