"""Plays a recording: which record it has come to since the clock was looked at last. No widget."""

from __future__ import annotations

import asyncio

from core.recording import Recording
from core.replay_clock import SPEEDS, play_on
from tui.clock import Clock

LONGEST_STEP_S = 1.0
"""What is played in one step at most: a machine that slept does not make up for it."""


class Player:
    """`level`, 1 to 5, is how fast. Whoever goes elsewhere while it plays calls `put`."""

    def __init__(self, recording: Recording, clock: Clock) -> None:
        self.playing = False
        self.level = 1
        self._recording = recording
        self._clock = clock
        self._here = 0
        self._looked_at = 0.0
        self._budget_s = 0.0
        self._under_way = False

    @property
    def speed(self) -> int:
        return SPEEDS[self.level - 1]

    def start(self, seq: int) -> None:
        self.playing, self._looked_at = True, self._clock.monotonic()
        self.put(seq)

    def put(self, seq: int) -> None:
        """The part of a wait that was over counts no more."""
        self._here, self._budget_s = seq, 0.0

    def is_due(self) -> bool:
        """Takes note of the time. A step that is under way is waited for; the next one makes up for it."""
        now = self._clock.monotonic()
        elapsed, self._looked_at = min(now - self._looked_at, LONGEST_STEP_S), now
        self._budget_s += elapsed * self.speed
        return self.playing and self._here > 0 and not self._under_way

    async def step(self) -> int | None:
        """The record that is reached by now; None where it was stopped or put elsewhere meanwhile."""
        here, recording, budget = self._here, self._recording, self._budget_s
        self._under_way = True
        try:
            reached, left = await asyncio.to_thread(
                play_on, recording.records(here), budget, timed=recording.timed
            )
        finally:
            self._under_way = False
        if not self.playing or self._here != here:
            return None
        self._here, self._budget_s = reached, self._budget_s - (budget - left)
        return reached
