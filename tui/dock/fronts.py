"""What comes to the front of the dock, one after another: a question, a review, or a batch as one. Pure."""

from __future__ import annotations

from typing import TypeAlias

from core.run_state import DecisionState, PendingRequest, RunState

Front: TypeAlias = tuple[PendingRequest, ...]
"""One request; or those of a batch that are still open, oldest first."""

BATCH = "batch:"


def fronts(state: RunState) -> tuple[Front, ...]:
    groups: dict[str, list[PendingRequest]] = {}
    for request in state.pending:
        groups.setdefault(front_key(request), []).append(request)
    return tuple(tuple(group) for group in groups.values())


def front_key(request: PendingRequest) -> str:
    return f"{BATCH}{request.batch}" if request.batch else request.request_id


class BatchMembers:
    """Whose list it was when it was put: the state forgets it as its answers come."""

    def __init__(self) -> None:
        self._ids: dict[str, tuple[str, ...]] = {}

    def note(self, state: RunState) -> None:
        for request in state.pending:
            if request.batch and request.request_id not in self._ids.get(request.batch, ()):
                known = self._ids.get(request.batch, ())
                self._ids[request.batch] = (*known, request.request_id)

    def of(self, batch: str, state: RunState) -> tuple[DecisionState, ...]:
        """In the order in which they were raised."""
        ids = self._ids.get(batch, ())
        return tuple(d for d in state.decisions if d.request.id in ids)
