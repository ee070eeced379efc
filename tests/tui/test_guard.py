from __future__ import annotations

import time

from textual import events

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


def pressed(seconds_ago: float) -> events.Key:
    """A key that a busy screen handles only now."""
    key = events.Key("enter", "\r")
    key.time = time.monotonic() - seconds_ago
    return key


def test_a_key_counts_from_when_it_was_pressed_not_from_when_it_is_handled() -> None:
    clock = SteppedClock()
    guard = Guard(clock.clock.monotonic)
    guard.appeared()
    clock.advance(2.0)
    assert not guard.key_came(pressed(seconds_ago=1.8))
    assert not guard.key_came(pressed(seconds_ago=1.5)), "keys that keep coming keep it closed"
    assert guard.key_came(pressed(seconds_ago=1.0))
    guard.appeared()
    assert not guard.key_came(pressed(seconds_ago=5.0)), "pressed before the prompt was there"
