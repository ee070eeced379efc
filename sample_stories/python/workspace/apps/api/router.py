"""Requests in, answers out: the one place that knows about status codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from packages.core.errors import Conflict, DomainError, NotFound, ValidationFailed

_STATUS: Mapping[type[DomainError], int] = {ValidationFailed: 400, NotFound: 404, Conflict: 409}


@dataclass(frozen=True)
class Request:
    user_id: str
    body: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    status: int
    body: Mapping[str, object]


Handler = Callable[[Request], Response]


class Router:
    def __init__(self) -> None:
        self._handlers: dict[tuple[str, str], Handler] = {}

    def add(self, method: str, path: str, handler: Handler) -> None:
        self._handlers[method, path] = handler

    def handle(self, method: str, path: str, request: Request) -> Response:
        handler = self._handlers.get((method, path))
        if handler is None:
            return Response(404, {"error": f"no route {method} {path}"})
        try:
            return handler(request)
        except DomainError as error:
            return Response(_STATUS[type(error)], {"error": str(error)})
