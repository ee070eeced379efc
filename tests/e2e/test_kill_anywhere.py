"""SIGKILL at any record of runs that meet every kind of event: they end as they would have.

The full count (behind and before every record of both stories, over 1,000 kills) is `make kills`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core import events as ev
from tests.e2e.kill_runs import STORIES, Kill, journal, judge, play
from tests.e2e.kill_soak import main as soak

# Kinds that this version never writes, but keeps where a newer one did.
NEVER_WRITTEN = {"UnknownEvent"}
# A normal run kills each story at so many of the records that a kind of event is met at first.
KILLS = 3


@pytest.fixture(scope="module")
def wholes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("whole")
    wholes = {story: folder / story for story in STORIES}
    assert [play(story, place) for story, place in wholes.items()] == [0, 0]
    return wholes


def test_the_stories_meet_every_kind_of_event(wholes: dict[str, Path]) -> None:
    met = {type(record.event).__name__ for whole in wholes.values() for record in journal(whole)}
    every = {kind.__name__ for kind in ev.Event.__args__}
    assert every - met == NEVER_WRITTEN


@pytest.mark.parametrize("story", STORIES)
def test_killed_at_a_record_it_ends_as_it_would_have(
    wholes: dict[str, Path], tmp_path: Path, story: str
) -> None:
    records = journal(wholes[story])
    kinds = {type(record.event): record.seq for record in reversed(records[:-1])}
    points = sorted(kinds.values())
    for point in points[:: len(points) // KILLS + 1]:
        kill = Kill(story=story, at=(point, -2))
        verdict = judge(kill, wholes[story], tmp_path / kill.name)
        assert (verdict.difference, verdict.asked_twice) == ("", 0), kill.name


@pytest.mark.skipif("SIGNOFF_SOAK" not in os.environ, reason="half an hour: make soak")
def test_killed_at_every_record(tmp_path: Path) -> None:
    assert soak([str(tmp_path)]) == 0
