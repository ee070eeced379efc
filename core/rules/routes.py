"""The routes that a file registers, and the handlers that it has for them, in TypeScript and Python."""

from __future__ import annotations

from functools import lru_cache

from core.domain import value
from core.rules.places import is_python, is_test, is_typescript


@value
class Handler:
    """The function of a route: lines count from 1, both ends included."""

    first: int
    last: int


@value
class Route:
    """`key` names it in both versions of its file: `POST /wishes`, or the function's name. `handlers` are
    those that stand in the file."""

    key: str
    line: int
    handlers: tuple[Handler, ...]


@lru_cache(maxsize=32)
def routes_of(path: str, text: str) -> tuple[Route, ...]:
    """In the order of their lines. A test's routes are none: they are there to be called by it."""
    from core.rules.python_routes import python_routes
    from core.rules.typescript_routes import typescript_routes

    found: list[Route] = []
    if is_typescript(path) and not is_test(path):
        found += typescript_routes(path, text)
    elif is_python(path) and not is_test(path):
        found += python_routes(path, text)
    return tuple(sorted(found, key=lambda route: route.line))
