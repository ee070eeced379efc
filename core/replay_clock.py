"""How fast a recording is played: its real gaps, none too long to sit through, none too short to see."""

from __future__ import annotations

from collections.abc import Iterator

from core.events import Record

LONGEST_S = 1.5
SHORTEST_S = 0.1
UNTIMED_S = 1.0
"""A log without times: a record a second."""
SPEEDS = (1, 2, 4, 10, 30)


def wait_s(before: Record, after: Record, *, timed: bool) -> float:
    """Seconds between two records at speed 1. A clock that was set back counts as the shortest wait."""
    if not timed:
        return UNTIMED_S
    return min(max((after.at - before.at).total_seconds(), SHORTEST_S), LONGEST_S)


def play_on(records: Iterator[Record], budget_s: float, *, timed: bool) -> tuple[int, float]:
    """Plays for `budget_s` seconds of speed 1.

    `records` begin with the one that is shown, which must be there; no more of them are read than are played,
    and one. Returns the number of the record that is reached, and what is left of the budget: the part of
    the next wait that is over already.
    """
    shown = next(records)
    for after in records:
        wait = wait_s(shown, after, timed=timed)
        if wait > budget_s:
            break
        budget_s -= wait
        shown = after
    return shown.seq, budget_s
