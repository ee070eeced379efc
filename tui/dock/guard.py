"""A keystroke that was meant for something else never approves anything (UX, "Decision prompt")."""

from __future__ import annotations

from collections.abc import Callable

QUIET_S = 0.4


class Guard:
    """Closed for QUIET_S after a prompt appeared, and again after each key that came meanwhile."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._closed_until = float("-inf")

    def appeared(self) -> None:
        self._closed_until = self._monotonic() + QUIET_S

    @property
    def closed(self) -> bool:
        return self._monotonic() < self._closed_until

    def key_came(self) -> bool:
        """Takes note of a key. Whether a prompt may act on it."""
        if not self.closed:
            return True
        self._closed_until = self._monotonic() + QUIET_S
        return False
