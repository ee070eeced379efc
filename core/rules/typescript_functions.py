"""What the functions of a TypeScript file are called, and which function an expression is, wraps or names."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from core.rules.typescript_tree import FUNCTIONS, arguments, bare, member, nodes, source

if TYPE_CHECKING:
    from tree_sitter import Node

# How far a name is followed: `get("/", list)`, `const list = withUser(readList)`, `readList`.
_DEEPEST = 4


@lru_cache(maxsize=16)
def declared_in(path: str, text: str) -> Declared:
    return Declared(path, text)


class Declared:
    """Names of a file and what stands for them. Of one name in several scopes, the nearest above counts."""

    def __init__(self, path: str, text: str) -> None:
        self._named: dict[str, list[Node]] = defaultdict(list)
        self._methods: dict[str, list[Node]] = defaultdict(list)
        for node in nodes(path, text, "function"):
            if node.type in ("function_declaration", "generator_function_declaration"):
                self._named[source(node.child_by_field_name("name"))].append(node)
        for node in nodes(path, text, "variable"):
            name, given = node.child_by_field_name("name"), node.child_by_field_name("value")
            if name is not None and name.type == "identifier" and given is not None:
                self._named[source(name)].append(bare(given))
        for node in nodes(path, text, "method"):
            self._methods[source(node.child_by_field_name("name"))].append(node)
        for node in nodes(path, text, "pair"):
            given = node.child_by_field_name("value")
            if given is not None and bare(given).type in FUNCTIONS:
                self._methods[source(node.child_by_field_name("key"))].append(bare(given))
        for each in (*self._named.values(), *self._methods.values()):
            each.sort(key=lambda node: node.start_byte)

    def value(self, identifier: Node) -> Node | None:
        """What the identifier is declared as."""
        return _nearest(self._named.get(source(identifier), []), identifier)

    def functions(self, node: Node, depth: int = 0) -> Iterator[Node]:
        """The functions that an expression is, wraps (`withUser(handler)`) or names, as far as they stand in
        the file."""
        node = bare(node)
        if depth > _DEEPEST:
            return
        if node.type in FUNCTIONS:
            yield node
        elif node.type == "array":
            yield from (f for last in node.named_children[-1:] for f in self.functions(last, depth + 1))
        elif node.type == "identifier":
            given = self.value(node)
            yield from self.functions(given, depth + 1) if given is not None else ()
        elif node.type == "member_expression":
            yield from self._of_member(node)
        elif node.type == "call_expression":
            yield from self._of_call(node, depth)

    def functions_of_property(self, given: Node, key: str) -> Iterator[Node]:
        """The functions at `key` of an object literal."""
        for part in given.named_children:
            if part.type == "pair" and source(part.child_by_field_name("key")) == key:
                value = part.child_by_field_name("value")
                yield from self.functions(value) if value is not None else ()
            elif part.type == "method_definition" and source(part.child_by_field_name("name")) == key:
                yield part
            elif part.type == "shorthand_property_identifier" and source(part) == key:
                named = _nearest(self._named.get(key, []), part)
                yield from self.functions(named) if named is not None else ()

    def _of_member(self, node: Node) -> Iterator[Node]:
        """`this.list`, and `wishes.list` of an object or a class of this file."""
        owner, name = member(node) or (node, "")
        made = self.value(owner) if owner.type == "identifier" else None
        if owner.type == "this" or (made is not None and made.type in ("object", "new_expression")):
            method = _nearest(self._methods.get(name, []), node)
            if method is not None:
                yield method

    def _of_call(self, call: Node, depth: int) -> Iterator[Node]:
        """What `this.list.bind(this)` binds, what a function of this file returns, or what is wrapped."""
        called = call.child_by_field_name("function")
        bound = member(called)
        if bound is not None and bound[1] == "bind":
            yield from self.functions(bound[0], depth + 1)
            return
        if called is not None and called.type == "identifier":
            made = self.value(called)
            returned = list(self._returned(made, depth)) if made is not None else []
            if returned:
                yield from returned
                return
        for argument in reversed(arguments(call)):
            wrapped = list(self.functions(argument, depth + 1))
            if wrapped:
                yield from wrapped
                return

    def _returned(self, function: Node, depth: int) -> Iterator[Node]:
        body = function.child_by_field_name("body") if function.type in FUNCTIONS else None
        if body is not None and body.type == "statement_block":
            last = body.named_child(body.named_child_count - 1) if body.named_child_count else None
            body = last.named_child(0) if last is not None and last.type == "return_statement" else None
        if body is not None:
            yield from self.functions(body, depth + 1)


def _nearest(found: list[Node], place: Node) -> Node | None:
    """The last one that is declared before `place`, or else the first after it."""
    at = bisect_left(found, place.start_byte, key=lambda node: node.start_byte)
    return (found[at - 1] if at else found[0]) if found else None
