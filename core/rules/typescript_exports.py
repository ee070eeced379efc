"""Handlers that a route file exports for a framework or a platform to call: `export default`, `handler`, and
the verbs of file-based routing."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.rules.routes import Handler, Route
from core.rules.typescript_functions import Declared
from core.rules.typescript_tree import first_line, has_keyword, last_line, nodes, source

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMES = frozenset({"handler", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_REQUEST = re.compile(r"_?(?:req|request|c|ctx|context|event)\b|\{")


def exported_handlers(path: str, text: str, declared: Declared, taken: list[int]) -> Iterator[Route]:
    """`taken` are the lines, in order, where the file registers routes: a function around one is a plugin,
    no handler."""
    for node in nodes(path, text, "export"):
        for key, given in _exported(node):
            for function in declared.functions(given):
                first, last = first_line(function), last_line(function)
                at = bisect_left(taken, first)
                registers = at < len(taken) and taken[at] <= last
                if not registers and _takes_request(function):
                    yield Route(key=key, line=first, handlers=(Handler(first=first, last=last),))


def _exported(node: Node) -> Iterator[tuple[str, Node]]:
    """(key, what is exported)"""
    declaration = node.child_by_field_name("declaration")
    if has_keyword(node, "default"):
        given = node.child_by_field_name("value") or declaration
        if given is not None:
            yield "export default", given
    elif declaration is not None:
        is_function = declaration.type == "function_declaration"
        for part in [declaration] if is_function else declaration.named_children:
            name = source(part.child_by_field_name("name")) if part.type != "class_body" else ""
            if name in _NAMES:
                yield name, part if is_function else part.child_by_field_name("value") or part


def _takes_request(function: Node) -> bool:
    """Whether the first parameter is called as a request or a context is, or there is none."""
    parameters = function.child_by_field_name("parameters")
    first = function.child_by_field_name("parameter")
    if parameters is not None and parameters.named_child_count:
        first = parameters.named_child(0)
    return first is None or _REQUEST.match(source(first)) is not None
