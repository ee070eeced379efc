"""The owned sets, kept in SQLite."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from packages.core.errors import Conflict
from packages.core.sets.owned_set import OwnedSet


class SqliteOwnedSets:
    """An OwnedSetRepository."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def save(self, owned: OwnedSet) -> None:
        try:
            with self._connection:
                self._connection.execute(
                    "INSERT INTO owned_sets (user_id, set_number, title, added_at) VALUES (?, ?, ?, ?)",
                    (owned.user_id, owned.set_number, owned.title, owned.added_at.isoformat()),
                )
        except sqlite3.IntegrityError as error:
            raise Conflict(f"set {owned.set_number} is on the shelf already") from error

    def of_user(self, user_id: str) -> list[OwnedSet]:
        rows = self._connection.execute(
            "SELECT * FROM owned_sets WHERE user_id = ? ORDER BY set_number", (user_id,)
        )
        return [_owned_set(row) for row in rows]


def _owned_set(row: sqlite3.Row) -> OwnedSet:
    return OwnedSet(
        user_id=row["user_id"],
        set_number=row["set_number"],
        title=row["title"],
        added_at=datetime.fromisoformat(row["added_at"]),
    )
