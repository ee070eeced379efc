"""The sets that a user owns."""

from __future__ import annotations

from packages.core.clock import Clock, utc_now
from packages.core.errors import ValidationFailed
from packages.core.sets.owned_set import OwnedSet, OwnedSetRepository
from packages.core.sets.set_number import normalised


class SetsService:
    def __init__(self, sets: OwnedSetRepository, clock: Clock = utc_now) -> None:
        self._sets = sets
        self._clock = clock

    def add(self, user_id: str, set_number: str, title: str) -> OwnedSet:
        if not title.strip():
            raise ValidationFailed("a title is needed")
        owned = OwnedSet(
            user_id=user_id,
            set_number=normalised(set_number),
            title=title.strip(),
            added_at=self._clock(),
        )
        self._sets.save(owned)
        return owned

    def owned_by(self, user_id: str) -> list[OwnedSet]:
        return self._sets.of_user(user_id)
