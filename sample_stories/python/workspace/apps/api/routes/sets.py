"""HTTP for the sets service."""

from __future__ import annotations

from apps.api.body import text
from apps.api.router import Request, Response, Router
from apps.api.services.sets.service import SetsService
from packages.core.sets.owned_set import OwnedSet


def register(router: Router, sets: SetsService) -> None:
    def add_set(request: Request) -> Response:
        owned = sets.add(request.user_id, text(request.body, "set_number"), text(request.body, "title"))
        return Response(201, as_json(owned))

    def list_sets(request: Request) -> Response:
        return Response(200, {"sets": [as_json(owned) for owned in sets.owned_by(request.user_id)]})

    router.add("POST", "/sets", add_set)
    router.add("GET", "/sets", list_sets)


def as_json(owned: OwnedSet) -> dict[str, object]:
    return {
        "set_number": owned.set_number,
        "title": owned.title,
        "added_at": owned.added_at.isoformat(),
    }
