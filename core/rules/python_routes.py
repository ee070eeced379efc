"""Routes in Python, by how they are registered: decorators (FastAPI, Flask, Sanic, aiohttp), calls on a
router (`router.add(..., handler)`, `add_get`, `add_url_rule`), `web.get("/", handler)`,
`Route("/", handler)`, and the methods of class-based views."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.rules.places import is_route_file
from core.rules.python_text import dotted, last_name, python_nodes
from core.rules.routes import Handler, Route

_ROUTERS = re.compile(r"(?:^|_)(?:app|application|api|router|routers|routes|bp|blueprint)\d*$")
_ROUTER_TYPES = frozenset(
    {"APIRouter", "FastAPI", "Flask", "Blueprint", "RouteTableDef", "Sanic", "Starlette", "Quart", "Router"}
)
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "options", "head"})
_DECORATORS = _VERBS | {"all", "route", "api_route", "websocket"}
_REGISTRATIONS = frozenset(
    {"add", "add_route", "add_api_route", "add_url_rule", "add_view", "add_websocket_route"}
    | {f"add_{verb}" for verb in _VERBS}
)
_VIEWS = frozenset({"View", "MethodView", "HTTPMethodView", "HTTPEndpoint", "APIView", "Resource"})

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_routes(path: str, text: str) -> Iterator[Route]:
    found = python_nodes(text)
    routers = set(_routers(found))
    registered = dict(_registered(found, routers))
    for node in found:
        if isinstance(node, ast.ClassDef):
            yield from _of_view(node)
        elif isinstance(node, _Function):
            decorated = any(_is_route(each, routers, path) for each in node.decorator_list)
            if decorated or node.name in registered:
                line = node.decorator_list[0].lineno if decorated else registered[node.name]
                yield _route(node.name, line, node)


def _route(key: str, line: int, function: _Function) -> Route:
    handler = Handler(first=function.lineno, last=function.end_lineno or function.lineno)
    return Route(key=key, line=line, handlers=(handler,))


def _routers(found: tuple[ast.AST, ...]) -> Iterator[str]:
    """Names that a router is assigned to: `wishes` of `wishes = APIRouter()`."""
    for node in found:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        if last_name(node.value) in _ROUTER_TYPES:
            yield from (last_name(target) for target in node.targets)


def _is_router(owner: ast.expr, routers: set[str]) -> bool:
    named = last_name(owner)
    return named in routers or _ROUTERS.search(named.casefold()) is not None


def _is_route(decorator: ast.expr, routers: set[str], path: str) -> bool:
    if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)):
        return False
    if decorator.func.attr not in _DECORATORS:
        return False
    return _is_router(decorator.func.value, routers) or (is_route_file(path) and _starts_at_root(decorator))


def _starts_at_root(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    return isinstance(first, ast.Constant) and str(first.value).startswith("/")


def _registered(found: tuple[ast.AST, ...], routers: set[str]) -> Iterator[tuple[str, int]]:
    """(name of a function, line) of each one that is handed to a router."""
    for node in found:
        if isinstance(node, ast.Call) and _registers(node, routers):
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                handed = argument
                if isinstance(handed, ast.Call) and last_name(handed.func) == "partial" and handed.args:
                    handed = handed.args[0]
                if isinstance(handed, ast.Name) or dotted(handed).startswith("self."):
                    yield last_name(handed), node.lineno


def _registers(call: ast.Call, routers: set[str]) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id in ("Route", "WebSocketRoute")
    if not isinstance(call.func, ast.Attribute):
        return False
    if dotted(call.func.value) == "web":
        return call.func.attr in _VERBS or call.func.attr == "route"
    return call.func.attr in _REGISTRATIONS and _is_router(call.func.value, routers)


def _of_view(view: ast.ClassDef) -> Iterator[Route]:
    """The methods of a class that answer a verb: those of a view, and Falcon's `on_get`."""
    is_view = any(last_name(base) in _VIEWS for base in view.bases)
    for method in view.body:
        if isinstance(method, _Function):
            verb = method.name.removeprefix("on_")
            answers = is_view if verb == method.name else len(method.args.args) >= 3
            if verb in _VERBS and answers:
                yield _route(f"{view.name}.{method.name}", method.lineno, method)
