"""A set on the shelf, and the port that keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class OwnedSet:
    user_id: str
    set_number: str
    title: str
    added_at: datetime


class OwnedSetRepository(Protocol):
    def save(self, owned: OwnedSet) -> None:
        """Raises Conflict when the user owns the set already."""

    def of_user(self, user_id: str) -> list[OwnedSet]: ...
