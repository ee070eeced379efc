"""How long a replay waits between records, and what it has come to after a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import Paused, Record
from core.replay_clock import LONGEST_S, SHORTEST_S, UNTIMED_S, play_on, wait_s

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
GAPS = st.lists(st.floats(-5, 4000, allow_nan=False), max_size=30)


def recorded(gaps: list[float]) -> list[Record]:
    at, records = START, []
    for seq, gap in enumerate([0.0, *gaps], start=1):
        at += timedelta(seconds=gap)
        records.append(Record(seq=seq, run_id="r", at=at, event=Paused(by="user")))
    return records


@pytest.mark.parametrize(
    ("gap", "waited"), [(3600, LONGEST_S), (0.7, 0.7), (0.001, SHORTEST_S), (-30, SHORTEST_S)]
)
def test_real_gaps_are_kept_within_what_can_be_followed(gap: float, waited: float) -> None:
    before, after = recorded([gap])
    assert wait_s(before, after, timed=True) == pytest.approx(waited)


def test_without_times_each_record_has_its_second() -> None:
    before, after = recorded([0.0])
    assert wait_s(before, after, timed=False) == UNTIMED_S


@given(GAPS, st.lists(st.floats(0, 3), max_size=40))
def test_it_is_the_same_however_often_the_clock_is_looked_at(gaps: list[float], looks: list[float]) -> None:
    records = recorded(gaps)
    here, budget = 1, 0.0
    for elapsed in looks:
        here, budget = play_on(iter(records[here - 1 :]), budget + elapsed, timed=True)
    at_once, left = play_on(iter(records), sum(looks), timed=True)
    waits = [wait_s(a, b, timed=True) for a, b in pairwise(records)]
    # A wait that ends within rounding of the last look may be over for one of them only.
    assert abs(here - at_once) <= 1
    assert sum(waits[: here - 1]) + budget == pytest.approx(sum(waits[: at_once - 1]) + left)


def test_no_more_is_read_than_is_played_and_one() -> None:
    left = iter(recorded([1.0] * 50))
    assert play_on(left, 2.5, timed=True) == (3, 0.5)
    assert next(left).seq == 5
