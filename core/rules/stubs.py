"""Functions that are only there to be filled in later, in TypeScript and Python.

What leaves its work to another by design is none: abstract methods, protocols, bases, classes that have
subclasses in the file. A body that is empty without a word about later is none either.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from core.domain import value
from core.rules.python_text import is_docstring, last_name, python_comments, python_nodes
from core.rules.typescript_tree import arguments, first_line, nodes, source, string_in

if TYPE_CHECKING:
    from tree_sitter import Node

_Function = ast.FunctionDef | ast.AsyncFunctionDef

_LATER = re.compile(
    r"(?i)\b(?:later|for now|placeholder|implement\w*|stub|fill (?:this |it )?in|not (?:done|written))\b"
)
_UNIMPLEMENTED = re.compile(r"(?i)\bnot (?:yet )?implemented\b|\bunimplemented\b|^\s*todo\b|\bimplement me\b")
_UNIMPLEMENTED_ERROR = re.compile(r"(?i)Not(?:Yet)?Implemented(?:Error|Exception)?|Unimplemented(?:Error)?")
_ABSTRACT_BASES = frozenset({"ABC", "ABCMeta", "Protocol"})
_OPEN_DECORATORS = frozenset({"abstractmethod", "overload"})
_MADE_FOR_SUBCLASSES = ("Base", "Abstract")
_LONGEST_EMPTY_BODY = 400


@value
class PutOff:
    """Work put off at a line. `text` is the same for it wherever it stands, so that a move can be told."""

    line: int
    what: str
    text: str


def python_stubs(text: str) -> Iterator[PutOff]:
    """`raise NotImplementedError`, and bodies such as `pass  # later`."""
    found = python_nodes(text)
    left_open = set(_left_open(found))
    said_later = {line for line, comment in python_comments(text) if _LATER.search(comment)}
    for node in found:
        if not isinstance(node, _Function) or id(node) in left_open:
            continue
        for line in _unimplemented(node):
            what = "raise NotImplementedError"
            yield PutOff(line=line, what=what, text=f"{what} in {node.name}")
        body = [each for each in node.body if not is_docstring(each)]
        if len(body) == 1 and body[0].lineno in said_later and _does_nothing(body[0]):
            yield PutOff(line=body[0].lineno, what="a stub", text=f"stub {node.name}")


def _unimplemented(function: _Function) -> Iterator[int]:
    """Lines that raise NotImplementedError, without those of functions and classes in the function."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Raise):
            if node.exc is not None and last_name(node.exc) == "NotImplementedError":
                yield node.lineno
        elif not isinstance(node, _Function | ast.ClassDef | ast.expr):
            waiting += ast.iter_child_nodes(node)


def _does_nothing(node: ast.stmt) -> bool:
    """`pass`, `...`, `return`, `return None`."""
    given = node.value if isinstance(node, ast.Expr | ast.Return) else None
    is_nothing = given is None or (isinstance(given, ast.Constant) and given.value in (None, ...))
    return isinstance(node, ast.Pass | ast.Expr | ast.Return) and is_nothing


def _left_open(found: tuple[ast.AST, ...]) -> Iterator[int]:
    """The ids of functions that another is meant to fill in."""
    classes = [node for node in found if isinstance(node, ast.ClassDef)]
    functions = [node for node in found if isinstance(node, _Function)]
    bases = {last_name(base) for each in classes for base in each.bases}
    for each in classes:
        own = {last_name(base) for base in (*each.bases, *(keyword.value for keyword in each.keywords))}
        if own & _ABSTRACT_BASES or each.name in bases or each.name.startswith(_MADE_FOR_SUBCLASSES):
            yield from (id(inner) for inner in each.body)
    for function in functions:
        if not _OPEN_DECORATORS.isdisjoint(map(last_name, function.decorator_list)):
            yield id(function)


def typescript_stubs(path: str, text: str) -> Iterator[PutOff]:
    """`throw new Error("not implemented")`, and bodies such as `{ /* later */ }`."""
    functions = nodes(path, text, "function")
    named = sorted((node.start_byte, _name(node)) for node in functions if _name(node))
    left_open = _outermost(node for node in nodes(path, text, "class") if _is_for_subclasses(node))
    for node in nodes(path, text, "throw"):
        if _is_unimplemented(node) and not _is_inside(node, left_open):
            what = "not implemented"
            yield PutOff(line=first_line(node), what=what, text=f"{what} in {_above(node, named)}")
    for node in functions:
        body = node.child_by_field_name("body")
        if body is not None and _is_empty_for_now(body) and not _is_inside(node, left_open):
            line = first_line(body.named_children[0])
            yield PutOff(line=line, what="a stub", text=f"stub {_above(body, named)}")


def _name(function: Node) -> str:
    return source(function.child_by_field_name("name"))


def _above(node: Node, named: list[tuple[int, str]]) -> str:
    """The name of the nearest function that begins before."""
    at = bisect_right(named, (node.start_byte, "\U0010ffff"))
    return named[at - 1][1] if at else ""


def _outermost(found: Iterable[Node]) -> list[tuple[int, int]]:
    """(start, end) of each node that is in no other, in order."""
    spans: list[tuple[int, int]] = []
    for node in found:
        if not spans or node.start_byte >= spans[-1][1]:
            spans.append((node.start_byte, node.end_byte))
    return spans


def _is_inside(node: Node, spans: list[tuple[int, int]]) -> bool:
    at = bisect_right(spans, node.start_byte, key=lambda span: span[0])
    return at > 0 and node.start_byte < spans[at - 1][1]


def _is_for_subclasses(node: Node) -> bool:
    name = source(node.child_by_field_name("name"))
    return node.type == "abstract_class_declaration" or name.startswith(_MADE_FOR_SUBCLASSES)


def _is_unimplemented(throw: Node) -> bool:
    """`throw new Error("not implemented")`, with or without `new`; `throw new NotImplementedError()`."""
    thrown = throw.named_child(0)
    if thrown is None or thrown.type not in ("new_expression", "call_expression"):
        return False
    is_new = thrown.type == "new_expression"
    named = source(thrown.child_by_field_name("constructor" if is_new else "function"))
    message = string_in(next(iter(arguments(thrown)), None)) or ""
    if _UNIMPLEMENTED_ERROR.fullmatch(named):
        return True
    return named.endswith("Error") and _UNIMPLEMENTED.search(message) is not None


def _is_empty_for_now(body: Node) -> bool:
    """A block with nothing but a comment that says that more is to come."""
    if body.type != "statement_block" or body.end_byte - body.start_byte > _LONGEST_EMPTY_BODY:
        return False
    inside = body.named_children
    only_comments = bool(inside) and all(node.type == "comment" for node in inside)
    return only_comments and any(_LATER.search(source(node)) for node in inside)
