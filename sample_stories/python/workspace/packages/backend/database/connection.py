"""Opens the database and brings its tables up to date."""

from __future__ import annotations

import sqlite3
from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(path: str = ":memory:") -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    migrate(connection)
    return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Applies the migrations that this database has not seen, in the order of their numbers."""
    applied: int = connection.execute("PRAGMA user_version").fetchone()[0]
    for migration in sorted(MIGRATIONS.glob("*.sql")):
        number = int(migration.name.split("_")[0])
        if number > applied:
            connection.executescript(migration.read_text(encoding="utf-8"))
            connection.execute(f"PRAGMA user_version = {number}")
    connection.commit()
