"""A keystroke that was meant for something else never approves anything (UX, "Decision prompt")."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual import events

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

    def key_came(self, event: events.Key | None = None) -> bool:
        """Takes note of a key. Whether a prompt may act on it.

        What counts is when it was pressed (`event.time`): a screen that is busy handles it late, when the
        guard would have opened.
        """
        waited_s = time.monotonic() - event.time if event is not None else 0.0
        came = self._monotonic() - max(0.0, waited_s)
        if came >= self._closed_until:
            return True
        self._closed_until = max(self._closed_until, came + QUIET_S)
        return False
