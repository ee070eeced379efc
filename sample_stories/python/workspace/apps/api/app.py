"""Puts the application together: adapters into services, services into routes."""

from __future__ import annotations

import sqlite3

from apps.api.router import Router
from apps.api.routes import sets
from apps.api.services.sets.service import SetsService
from packages.backend.database.owned_sets import SqliteOwnedSets
from packages.core.clock import Clock, utc_now


def build_app(connection: sqlite3.Connection, clock: Clock = utc_now) -> Router:
    router = Router()
    sets.register(router, SetsService(SqliteOwnedSets(connection), clock))
    return router
