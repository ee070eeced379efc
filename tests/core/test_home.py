"""What home lists of a workspace's runs and stories, in which order, and what a row opens."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.home import HomeRun, HomeStory, Selection, counts, selected_runs, selected_stories, with_newest
from core.home_runs import HomeRuns
from core.story_finder import FoundStory
from tests.home_workspace import Driver, busy_workspace, completed, make_root, make_run
from tests.tui import journal_of_a_run as journal

AT = datetime(2026, 11, 24, tzinfo=UTC)


def rows_of(root: Path) -> tuple[HomeRun, ...]:
    runs = HomeRuns(root)
    assert not runs.read(60.0)
    return runs.rows


def read(root: Path) -> dict[str, HomeRun]:
    return {run.story_id: run for run in rows_of(root)}


@pytest.fixture
def runs(tmp_path: Path) -> dict[str, HomeRun]:
    root, driver = busy_workspace(tmp_path)
    found = read(root)
    driver.die()
    return found


def test_each_run_has_its_status_and_opens_the_right_thing(runs: dict[str, HomeRun]) -> None:
    assert {story: (run.status, run.group, run.opens) for story, run in runs.items()} == {
        "WISH-001": ("Waiting for you", "needs", "resume"),
        "WISH-002": ("Waiting for you", "needs", "resume"),
        "WISH-003": ("Blocked", "needs", "replay"),
        "WISH-004": ("Interrupted", "needs", "ask"),
        "WISH-005": ("Working", "live", "watch"),
        "WISH-006": ("Complete", "ended", "replay"),
        "WISH-007": ("Damaged", "needs", "damage"),
    }


def test_a_row_says_how_far_the_run_is_and_what_it_needs(runs: dict[str, HomeRun]) -> None:
    asking = runs["WISH-002"]
    assert (asking.steps_done, asking.steps_total, asking.chunks, asking.cost_usd) == (1, 5, 2, 0.062)
    assert asking.title == "Wishlist: share a list" and asking.asks == "decision"
    assert asking.needs == ("decision: Response shape of POST /wishlist",)
    assert runs["WISH-001"].asks == "review"
    assert runs["WISH-003"].last == "the check still fails after two fix attempts"
    assert runs["WISH-004"].last == "broke off at: waiting for the model"
    assert runs["WISH-007"].last.startswith("journal.jsonl:5: ")


def test_a_waiting_run_that_a_process_drives_is_watched(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    folder = make_run(root, "WISH-001", "Add item", journal.at_review(), "20261124-100000")
    driver = Driver(folder, "WISH-001")
    run = read(root)["WISH-001"]
    driver.die()
    assert (run.status, run.group, run.opens) == ("Waiting for you", "needs", "watch")
    assert not run.resumable and read(root)["WISH-001"].opens == "resume"


def test_a_broken_off_run_needs_nobody_once_a_later_one_goes_on(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    old = make_run(root, "WISH-001", "Add item", journal.working(), "20261123-100000")
    new = make_run(root, "WISH-001", "Add item", completed(), "20261124-100000")
    groups = {run.folder: run.group for run in rows_of(root)}
    assert groups == {old: "ended", new: "ended"}


# --- keeping up -------------------------------------------------------------------------


def test_before_they_are_read_runs_are_known_by_their_names(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    make_run(root, "WISH-1-B", "Add item", journal.working(), "20261124-100000")
    runs = HomeRuns(root)
    runs.look()
    (run,) = runs.rows
    assert (run.story_id, run.status, run.group, run.opens) == ("WISH-1-B", "", "unread", "wait")
    assert run.updated_at == journal.working()[-1].at.replace(microsecond=0)


def test_rows_are_the_same_until_something_changes(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    folder = make_run(root, "WISH-001", "Add item", journal.working(), "20261124-100000")
    make_run(root, "WISH-002", "Share", completed(), "20261124-110000")
    driver, time = Driver(folder, "WISH-001"), 0.0
    runs = HomeRuns(root, monotonic=lambda: time)
    runs.read(60.0)
    before = runs.rows
    runs.read(60.0)
    assert runs.rows is before
    driver.die()
    runs.read(60.0)  # that its process is gone is seen
    runs.read(60.0)
    by_story = {run.story_id: run for run in runs.rows}
    assert by_story["WISH-001"].status == "Interrupted"
    assert by_story["WISH-002"] is next(run for run in before if run.story_id == "WISH-002")


def test_a_journal_that_grew_is_read_again_and_one_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    folder = make_run(root, "WISH-001", "Add item", journal.working()[:-1], "20261124-100000")
    runs = HomeRuns(root, monotonic=lambda: 0.0)
    runs.read(60.0)
    assert runs.rows[0].needs == ()
    asked = make_run(root, "WISH-009", "Another", journal.at_decision(), "20261124-100001")
    os.replace(asked / "journal.jsonl", folder / "journal.jsonl")
    runs.read(60.0)
    assert len(runs.rows) == 1 and runs.rows[0].asks == "decision"
    (folder / "journal.jsonl").unlink()
    runs.read(60.0)
    assert not runs.rows


def test_reading_stops_when_its_time_is_over_and_goes_on_with_the_next(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    for number in range(3):
        make_run(root, f"WISH-{number}", "Title", completed(), f"20261124-10000{number}")
    ticks = iter(range(1000))
    runs = HomeRuns(root, monotonic=lambda: float(next(ticks)))
    assert runs.read(2.0), "some are left"
    assert {run.status for run in runs.rows} == {"Complete", ""}
    while runs.read(2.0):
        pass
    assert {run.status for run in runs.rows} == {"Complete"}


def test_a_journal_that_takes_long_rests_before_it_is_read_again(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    folder = make_run(root, "WISH-001", "Add item", journal.working(), "20261124-100000")
    now = [0.0]

    def passing() -> float:
        now[0] += 0.5
        return now[0]

    runs = HomeRuns(root, monotonic=passing)
    runs.read(60.0)
    other = make_run(root, "WISH-009", "Another", completed(), "20261124-100001")
    os.replace(other / "journal.jsonl", folder / "journal.jsonl")
    runs.read(60.0)
    assert [run.status for run in runs.rows] == ["Interrupted"]
    now[0] += 60.0
    runs.read(60.0)
    assert [run.status for run in runs.rows] == ["Complete"]


@pytest.mark.parametrize("stands", ["nothing", "file", "link"])
def test_there_may_be_no_runs_to_look_at(tmp_path: Path, stands: str) -> None:
    root = make_root(tmp_path)
    if stands == "file":
        (root / ".signoff").write_text("", "utf-8")
    if stands == "link":
        other = make_root(tmp_path / "other")
        elsewhere = make_run(other, "WISH-001", "Add item", completed(), "20261124-100000")
        (root / ".signoff" / "runs").mkdir(parents=True)
        (root / ".signoff" / "runs" / elsewhere.name).symlink_to(elsewhere)
    assert rows_of(root) == ()


# --- what is listed ---------------------------------------------------------------------


def run(story: str, minute: int, **more: object) -> HomeRun:
    plain = HomeRun(
        run_id=f"{story}-2026-1-{minute:02}",
        folder=Path(story),
        story_id=story,
        status="Complete",
        outcome="complete",
        updated_at=AT.replace(minute=minute),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


LISTED = with_newest(
    [
        run("A-1", 1, cost_usd=0.5),
        run("B-1", 5, status="Waiting for you", outcome=None, needs=("review: chunk 2",)),
        run("A-2", 7, status="Working", outcome=None, held=True, title="Price alerts"),
        run("C-1", 3, status="Stopped", outcome="stopped", cost_usd=2.0, story_folder="f/done/C-1"),
        run("A-3", 9, status="Interrupted", outcome=None),
    ]
)


def listed(**selection: str) -> list[str]:
    chosen = Selection(**selection)  # type: ignore[arg-type]
    return [each.story_id for _, each in selected_runs(LISTED, chosen, {"A-2": "in-progress"})]


def test_those_that_need_you_come_first_and_those_that_ask_before_all() -> None:
    groups = [(group, each.story_id) for group, each in selected_runs(LISTED, Selection(), {})]
    assert groups == [("needs", "B-1"), ("needs", "A-3"), ("live", "A-2"), ("ended", "C-1"), ("ended", "A-1")]


@pytest.mark.parametrize(
    ("selection", "stories"),
    [
        ({"show": "needs"}, ["B-1", "A-3"]),
        ({"show": "live"}, ["A-2"]),
        ({"show": "ended"}, ["C-1", "A-1"]),
        ({"stage": "done"}, ["C-1"]),
        ({"stage": "in-progress"}, ["A-2"]),
        ({"search": "ALERTS price"}, ["A-2"]),
        ({"search": "chunk 2"}, ["B-1"]),
        ({"search": "nothing like it"}, []),
        ({"order": "newest"}, ["A-3", "A-2", "B-1", "C-1", "A-1"]),
        ({"order": "story"}, ["A-1", "A-2", "A-3", "B-1", "C-1"]),
        ({"order": "cost"}, ["C-1", "A-1", "A-3", "A-2", "B-1"]),
        ({"order": "cost", "show": "ended", "search": "a-"}, ["A-1"]),
    ],
)
def test_filters_search_and_order(selection: dict[str, str], stories: list[str]) -> None:
    assert listed(**selection) == stories


def test_the_counts_are_those_of_the_lists() -> None:
    assert counts(LISTED) == {"all": 5, "needs": 2, "live": 1, "ended": 2}


def story(story_id: str, stage: str) -> HomeStory:
    file = f"f/{stage}/{story_id}/{story_id}.md"
    return HomeStory(found=FoundStory(id=story_id, stage=stage, feature="f", file=file, planned=True))


def test_stories_come_by_stage_in_progress_first() -> None:
    stories = [
        story("A-1", "backlog"),
        story("A-2", "done"),
        story("A-3", "in-progress"),
        story("A-0", "done"),
    ]
    ids = [each.found.id for each in selected_stories(stories, Selection())]
    assert ids == ["A-3", "A-1", "A-0", "A-2"]
    assert [s.found.id for s in selected_stories(stories, Selection(stage="done", search="a-2"))] == ["A-2"]
    assert selected_stories(stories, Selection(show="live")) == []
