"""TypeScript and JavaScript as the rules look at them: the nodes of tree-sitter's syntax tree.

The parser goes on after a syntax error, so a file that is half written is read as far as it can be. Lines
count from 1 and end at LF only, as those of a diff.

Nodes are collected by one walk. Queries of tree-sitter, and asking a node for its parent, are quadratic on
deep trees; nothing here is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node, TreeCursor

# What the rules look for, by the names that the grammar gives it.
_KINDS = {
    "comment": ("comment",),
    "import_statement": ("import",),
    "export_statement": ("export",),
    "call_expression": ("call",),
    "function_declaration": ("function",),
    "generator_function_declaration": ("function",),
    "function_expression": ("function",),
    "generator_function": ("function",),
    "arrow_function": ("function",),
    "method_definition": ("function", "method"),
    "variable_declarator": ("variable",),
    "pair": ("pair",),
    "assignment_expression": ("assignment",),
    "throw_statement": ("throw",),
    "class_body": ("class_body",),
    "class_declaration": ("class",),
    "abstract_class_declaration": ("class",),
    "required_parameter": ("parameter",),
}
FUNCTIONS = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "generator_function",
        "arrow_function",
        "method_definition",
    }
)
# What stands around an expression without changing what it is.
_AROUND = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "await_expression",
        "spread_element",
    }
)


@lru_cache(maxsize=2)
def _language(is_jsx: bool) -> Language:
    import tree_sitter_typescript
    from tree_sitter import Language

    # The grammar with JSX cannot read `<T>value`, which only .ts files have.
    grammar = tree_sitter_typescript.language_tsx if is_jsx else tree_sitter_typescript.language_typescript
    return Language(grammar())


@lru_cache(maxsize=16)
def _nodes(text: str, is_jsx: bool) -> Mapping[str, list[Node]]:
    from tree_sitter import Parser

    found: dict[str, list[Node]] = defaultdict(list)
    for node in _walk(Parser(_language(is_jsx)).parse(text.encode()).walk()):
        for kind in _KINDS.get(node.type, ()):
            found[kind].append(node)
    return found


def _walk(cursor: TreeCursor) -> Iterator[Node]:
    while True:
        node = cursor.node
        assert node is not None, "a cursor is always at a node"
        yield node
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def nodes(path: str, text: str, kind: str) -> list[Node]:
    """The nodes of one kind, in the order of their starts, outer ones first."""
    return _nodes(text, PurePosixPath(path).suffix not in (".ts", ".mts", ".cts")).get(kind, [])


def comments(path: str, text: str) -> Iterator[tuple[int, str]]:
    """(line, what the comment has in it), line by line."""
    for node in nodes(path, text, "comment"):
        for n, line in enumerate(source(node).split("\n"), first_line(node)):
            if line.strip():
                yield n, line.strip()


@lru_cache(maxsize=16)
def uncommented(path: str, text: str) -> str:
    """The text with blanks for its comments, of the same lines."""
    whole = text.encode()
    return _blanked(whole, [(node.start_byte, node.end_byte) for node in nodes(path, text, "comment")])


def without(path: str, text: str, left_out: list[Node]) -> str:
    """The text with blanks for its comments and for the nodes `left_out`, of the same lines."""
    all_out = [*nodes(path, text, "comment"), *left_out]
    return _blanked(text.encode(), sorted((node.start_byte, node.end_byte) for node in all_out))


def _blanked(whole: bytes, spans: list[tuple[int, int]]) -> str:
    pieces: list[bytes] = []
    at = 0
    for start, end in spans:
        if end > at:
            pieces.append(whole[at:start])
            pieces.append(re.sub(rb"[^\n]", b" ", whole[max(at, start) : end]))
            at = end
    return b"".join([*pieces, whole[at:]]).decode()


def first_line(node: Node) -> int:
    return node.start_point.row + 1


def last_line(node: Node) -> int:
    return node.end_point.row + 1


def source(node: Node | None) -> str:
    return (node.text or b"").decode() if node is not None else ""


def bare(node: Node) -> Node:
    """The expression without parentheses, `as`, `!`, `await` and `...` around it."""
    while node.type in _AROUND and node.named_child_count:
        inner = node.named_child(0)
        assert inner is not None, "it has one"
        node = inner
    return node


def string_in(node: Node | None) -> str | None:
    """What is between the quotes of a string or a template; None for any other expression."""
    is_string = node is not None and node.type in ("string", "template_string")
    return source(node)[1:-1] if is_string else None


def arguments(call: Node) -> list[Node]:
    """The arguments of a call, without comments; none of a tagged template."""
    given = call.child_by_field_name("arguments")
    if given is None or given.type != "arguments":
        return []
    return [node for node in given.named_children if node.type != "comment"]


def member(node: Node | None) -> tuple[Node, str] | None:
    """The object and the property name of `object.name`."""
    if node is None or node.type != "member_expression":
        return None
    owner, named = node.child_by_field_name("object"), node.child_by_field_name("property")
    return None if owner is None or named is None else (owner, source(named))


def has_keyword(node: Node, keyword: str) -> bool:
    return any(child.type == keyword for child in node.children)
