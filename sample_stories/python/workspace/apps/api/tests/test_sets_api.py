from __future__ import annotations

from datetime import UTC, datetime

from apps.api.app import build_app
from apps.api.router import Request, Router
from packages.backend.database.connection import open_database


def app() -> Router:
    return build_app(open_database(), clock=lambda: datetime(2026, 2, 6, 10, tzinfo=UTC))


def test_a_set_is_added_and_listed() -> None:
    router = app()
    added = router.handle(
        "POST", "/sets", Request("ada", {"set_number": "10497-1", "title": "Galaxy Explorer"})
    )
    assert added.status == 201
    assert router.handle("GET", "/sets", Request("ada")).body == {
        "sets": [{"set_number": "10497", "title": "Galaxy Explorer", "added_at": "2026-02-06T10:00:00+00:00"}]
    }


def test_the_same_set_twice_is_a_conflict() -> None:
    router = app()
    body = {"set_number": "10497", "title": "Galaxy Explorer"}
    router.handle("POST", "/sets", Request("ada", body))
    assert router.handle("POST", "/sets", Request("ada", body)).status == 409


def test_a_title_that_is_not_text_is_refused() -> None:
    answer = app().handle("POST", "/sets", Request("ada", {"set_number": "10497", "title": 7}))
    assert (answer.status, answer.body) == (400, {"error": "title must be text"})
