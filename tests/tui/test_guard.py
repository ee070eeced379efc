from __future__ import annotations

from tests.tui.journal_of_a_run import SteppedClock
from tui.dock.guard import Guard


def test_keys_are_refused_for_400_ms_after_a_prompt_appeared() -> None:
    clock = SteppedClock()
    guard = Guard(clock.clock.monotonic)
    assert guard.key_came()
    guard.appeared()
    assert not guard.key_came()
    clock.advance(0.41)
    assert guard.key_came()


def test_keys_that_keep_coming_keep_it_closed() -> None:
    clock = SteppedClock()
    guard = Guard(clock.clock.monotonic)
    guard.appeared()
    for _ in range(10):
        clock.advance(0.3)
        assert not guard.key_came()
    clock.advance(0.39)
    assert guard.closed
    clock.advance(0.02)
    assert guard.key_came()
