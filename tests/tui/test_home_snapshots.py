"""Pictures of home. `pytest --snapshot-update` after looking at snapshot_report.html."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core.home import Choice
from tests.home_workspace import busy_workspace, make_root, make_story
from tests.tui.at_home import home_app, read_all
from tests.tui.journal_of_a_run import SteppedClock
from tests.tui.on_screen import NARROW, TINY, WIDE, Size
from tests.tui.shots import Compare

NEW_RUN = ("end", "up", "up", "enter")


class HomeShot(NamedTuple):
    name: str
    size: Size = WIDE
    keys: tuple[str, ...] = ()
    theme: str = "signoff-dark"
    workspace: str = "busy"


SHOTS = (
    HomeShot("busy"),
    HomeShot("narrow", NARROW),
    HomeShot("tiny", TINY),
    HomeShot("light", theme="signoff-light", keys=("down", "down")),
    HomeShot("needs-you", NARROW, ("2", "down")),
    HomeShot("search", NARROW, ("slash", *"price")),
    HomeShot("newest", NARROW, ("s", "end")),
    HomeShot("new-run", NARROW, (*NEW_RUN, "3", "enter")),
    HomeShot("damaged", NARROW, ("down", "down", "down", "enter")),
    HomeShot("trust", NARROW, ("enter",)),
    HomeShot("help", NARROW, ("question_mark",)),
    HomeShot("empty", NARROW, workspace="empty"),
    HomeShot("no-runs", NARROW, workspace="stories"),
)


@pytest.fixture
def workspaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Path]]:
    """By short paths, the same each time: they are in the pictures."""
    monkeypatch.chdir(tmp_path)
    busy, driver = busy_workspace(Path("busy"))
    stories = make_root(Path("stories"))
    make_story(stories, "WISH-001", "Wishlist: add item")
    make_story(stories, "WISH-002", "Wishlist: share a list", stage="backlog", plan=False)
    yield {"busy": busy, "stories": stories, "empty": make_root(Path("empty"))}
    driver.die()


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_screen(snap_compare: Compare, workspaces: dict[str, Path], shot: HomeShot) -> None:
    clock = SteppedClock()
    app = home_app(workspaces[shot.workspace], clock, theme=shot.theme)

    async def press(pilot: Pilot[Choice]) -> None:
        await pilot.pause()
        await read_all(app, pilot)
        for key in shot.keys:
            clock.advance(1.0)
            await pilot.press(key)
            await pilot.pause()
        for typed in app.screen.query(Input):
            typed.cursor_blink = False
        await pilot.pause()

    assert snap_compare(app, terminal_size=shot.size, run_before=press)
