"""Routes in TypeScript, by how they are registered: `app.get("/", ...middleware, handler)` (Hono, Express,
Fastify), `openapi(route, handler)`, `route({ handler })`, and decorated methods (NestJS)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.domain import value
from core.rules.places import is_route_file
from core.rules.routes import Handler, Route
from core.rules.typescript_exports import exported_handlers
from core.rules.typescript_functions import Declared, declared_in
from core.rules.typescript_tree import (
    FUNCTIONS,
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

_METHODS = frozenset(
    {"get", "post", "put", "patch", "delete", "options", "head", "all", "on", "openapi", "route"}
)
_DECORATOR = re.compile(r"@(Get|Post|Put|Patch|Delete|Options|Head|All)\s*(?=\()")
_ROUTER = re.compile(r"(?i)(?:app|api|router|server|fastify|hono|routes|express)$")
_MAKES_ROUTER = re.compile(r"\w*Hono|express|Express|Router|[fF]astify|Elysia")
_SHOWN = 60


@value
class _Chain:
    """What a chain of calls is on: its root, and the path where one of them is `.route("/wishes")`."""

    root: Node
    path: str | None = None


@value
class _Call:
    """A call on something by the name of a method: `.get("/wishes", handler)`."""

    method: str
    given: tuple[Node, ...]
    place: Node
    chain: _Chain


def typescript_routes(path: str, text: str) -> Iterator[Route]:
    declared = declared_in(path, text)
    registered = list(_registered(path, text, declared))
    yield from registered
    yield from _of_decorators(path, text)
    if is_route_file(path):
        yield from exported_handlers(path, text, declared, [route.line for route in registered])


def _registered(path: str, text: str, declared: Declared) -> Iterator[Route]:
    calls, chains = _calls(path, text)
    in_route_file = is_route_file(path)
    over = 0
    for call in calls:
        key = _key(call)
        # Inside of a handler, `cache.get("key", () => ...)` is no route.
        if key is None or call.place.start_byte < over:
            continue
        if not (in_route_file or _is_router(call.chain.root, declared, chains)):
            continue
        handlers = tuple(dict.fromkeys(_handlers(call, declared)))
        if handlers or " /" in key:
            spans = tuple(Handler(first=first_line(each), last=last_line(each)) for each in handlers)
            yield Route(key=key, line=first_line(call.place), handlers=spans)
        over = max([over, *(each.end_byte for each in handlers if _is_inside(each, call.place))])


def _is_inside(node: Node, other: Node) -> bool:
    return other.start_byte <= node.start_byte and node.end_byte <= other.end_byte


def _calls(path: str, text: str) -> tuple[list[_Call], dict[int, _Chain]]:
    """The calls that may register a route, in the order of their arguments (the first of a chain is first),
    and the chain of every call by the id of its node."""
    found: list[tuple[Node, Node, Node, str]] = []
    for node in nodes(path, text, "call"):
        called, given = member(node.child_by_field_name("function")), node.child_by_field_name("arguments")
        if called is not None and given is not None:
            found.append((given, node, *called))
    calls: list[_Call] = []
    chains: dict[int, _Chain] = {}
    for place, node, owner, method in sorted(found, key=lambda each: each[0].start_byte):
        arguments_given = tuple(arguments(node)) if method in _METHODS else ()
        chain = _chain(bare(owner), method, arguments_given, chains)
        chains[node.id] = chain
        if arguments_given:
            calls.append(_Call(method=method, given=arguments_given, place=place, chain=chain))
    return calls, chains


def _chain(owner: Node, method: str, given: tuple[Node, ...], known: dict[int, _Chain]) -> _Chain:
    before = known.get(owner.id) or _Chain(root=owner)
    if method == "route" and len(given) == 1:
        return _Chain(root=before.root, path=string_in(given[0]))
    return before


def _is_router(root: Node, declared: Declared, chains: dict[int, _Chain]) -> bool:
    if root.type == "identifier":
        made = declared.value(root)
        if made is not None:
            made = bare(made)
            root_made = chains[made.id].root if made.id in chains else made
            if _makes_router(root_made):
                return True
        return _ROUTER.search(source(root)) is not None
    of_object = member(root)
    return _makes_router(root) or (of_object is not None and _ROUTER.search(of_object[1]) is not None)


def _makes_router(node: Node) -> bool:
    """`new Hono()`, `express()`; the root of `express.Router()` is `express`."""
    maker = node.child_by_field_name("constructor" if node.type == "new_expression" else "function")
    named = maker if maker is not None else node
    return named.type == "identifier" and _MAKES_ROUTER.fullmatch(source(named)) is not None


def _key(call: _Call) -> str | None:
    """`GET /wishes` if the call may register a route, by the shape of what it is given."""
    given, method = call.given, call.method.upper()
    if method == "ROUTE":
        return _key_of_object(given[0]) if len(given) == 1 and given[0].type == "object" else None
    if call.chain.path is not None:
        return f"{method} {call.chain.path}"
    if method == "OPENAPI":
        return _shown(f"{method} {source(given[0])}") if len(given) >= 2 else None
    at = 1 if method == "ON" else 0
    if len(given) < at + 2 or not _may_be_path(given[at]):
        return None
    where = string_in(given[at])
    return _shown(f"{method} {source(given[at]) if where is None else where}")


def _shown(key: str) -> str:
    return " ".join(key.split())[:_SHOWN]


def _may_be_path(node: Node) -> bool:
    text = string_in(node)
    if text is not None:
        return "://" not in text
    return node.type in ("identifier", "member_expression", "array", "regex")


def _key_of_object(node: Node) -> str | None:
    """Fastify and hapi: `{ method: "GET", url: "/wishes", handler }`."""
    said = {
        source(part.child_by_field_name("key")): part.child_by_field_name("value")
        for part in node.named_children
        if part.type == "pair"
    }
    where = string_in(said.get("url") or said.get("path"))
    return None if where is None else _shown(f"{string_in(said.get('method')) or 'ROUTE'} {where}")


def _handlers(call: _Call, declared: Declared) -> Iterator[Node]:
    """Functions that stand in the call, and what its handler is, wraps or names: the last argument, except
    that `openapi(route, handler, hook)` ends with a hook."""
    given = call.given[:2] if call.method == "openapi" else call.given
    for argument in map(bare, given):
        if argument.type in FUNCTIONS:
            yield argument
        elif argument.type == "object":
            yield from declared.functions_of_property(argument, "handler")
    yield from declared.functions(given[-1])


def _of_decorators(path: str, text: str) -> Iterator[Route]:
    for body in nodes(path, text, "class_body"):
        key = None
        for child in body.named_children:
            if child.type == "decorator":
                found = _DECORATOR.match(source(child))
                key = f"{found[1].upper()} {_first_string(child)}".strip() if found else key
            elif child.type != "comment":
                if key is not None and child.type == "method_definition":
                    handler = Handler(first=first_line(child), last=last_line(child))
                    yield Route(key=key, line=first_line(child), handlers=(handler,))
                key = None


def _first_string(decorator: Node) -> str:
    call = decorator.named_child(0)
    first = next(iter(arguments(call)), None) if call is not None else None
    return string_in(first) or ""
