"""Home: what a row opens, what is asked first, and a list that moves under nobody's cursor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.home import Choice
from core.trust import trust
from tests.home_workspace import Driver, busy_workspace, completed, make_root, make_run, make_story
from tests.tui import journal_of_a_run as journal
from tests.tui.at_home import at_home, home_app
from tests.tui.journal_of_a_run import SteppedClock
from tests.tui.on_screen import NARROW, TINY, WIDE, Size
from tui.home_list import HomeList
from tui.home_work import HomeWork
from tui.screens.confirm import Confirm
from tui.screens.new_run import NewRunScreen


@dataclass
class Shop:
    root: Path
    driver: Driver


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    root, driver = busy_workspace(tmp_path)
    yield Shop(root, driver)
    driver.die()


def run_key(shop: Shop, story: str) -> str:
    runs = (shop.root / ".signoff" / "runs").iterdir()
    return next(f"run:{folder.name}" for folder in runs if folder.name.startswith(f"{story}-"))


def chosen(kind: str, key: str, **more: object) -> Choice:
    return Choice(kind=kind, key=key, run_id=key.removeprefix("run:"), **more)  # type: ignore[arg-type]


# --- opening ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("story", "keys", "kind"),
    [
        ("WISH-001", ("enter",), "resume"),
        ("WISH-002", ("r",), "resume"),
        ("WISH-003", ("enter",), "replay"),
        ("WISH-003", ("r", "y"), "resume"),
        ("WISH-004", ("enter", "y"), "resume"),
        ("WISH-004", ("p",), "replay"),
        ("WISH-005", ("enter",), "watch"),
        ("WISH-005", ("w",), "watch"),
        ("WISH-006", ("enter",), "replay"),
        ("WISH-006", ("e",), "export"),
        ("WISH-007", ("enter", "y"), "replay"),
    ],
)
async def test_a_run_opens_as_what_it_is(shop: Shop, story: str, keys: tuple[str, ...], kind: str) -> None:
    trust(shop.root)
    key = run_key(shop, story)
    async with at_home(shop.root) as home:
        await home.go_to(key)
        await home.press(*keys)
        assert home.choice == chosen(kind, key)


@pytest.mark.parametrize(("story", "keys"), [("WISH-004", "enter"), ("WISH-003", "r"), ("WISH-007", "enter")])
async def test_what_is_asked_first_may_be_declined(shop: Shop, story: str, keys: str) -> None:
    trust(shop.root)
    async with at_home(shop.root) as home:
        await home.go_to(run_key(shop, story))
        await home.press(keys)
        assert isinstance(home.app.screen, Confirm)
        await home.press("n")
        assert home.is_at_home and home.choice is None


async def test_a_key_that_comes_with_a_question_does_not_answer_it(shop: Shop) -> None:
    trust(shop.root)
    async with at_home(shop.root) as home:
        await home.go_to(run_key(shop, "WISH-004"))
        await home.press("enter")
        await home.pilot.press("y")
        await home.pilot.pause()
        assert isinstance(home.app.screen, Confirm) and home.choice is None


async def test_an_untrusted_workspace_is_asked_about_before_anything_of_it_runs(shop: Shop) -> None:
    key = run_key(shop, "WISH-001")
    async with at_home(shop.root) as home:
        await home.press("enter")
        assert "not trusted yet" in home.text() and home.choice is None
        await home.press("y")
        assert home.choice == chosen("resume", key, trust=True)


async def test_looking_needs_no_trust(shop: Shop) -> None:
    async with at_home(shop.root) as home:
        await home.go_to(run_key(shop, "WISH-005"))
        await home.press("enter")
        assert home.choice is not None and home.choice.kind == "watch"


async def test_a_damaged_run_says_what_and_how_to_mend_it(shop: Shop) -> None:
    key = run_key(shop, "WISH-007")
    async with at_home(shop.root) as home:
        await home.go_to(key)
        await home.press("enter")
        shown = home.text()
        assert "journal.jsonl:5:" in shown and "signoff journal repair" in shown


async def test_each_key_is_shown_only_where_it_works(shop: Shop) -> None:
    async with at_home(shop.root) as home:
        expected = {
            run_key(shop, "WISH-001"): {"enter": "review", "r": "resume", "p": "replay", "n": "new run"},
            run_key(shop, "WISH-002"): {"enter": "answer", "r": "resume", "p": "replay", "n": "new run"},
            run_key(shop, "WISH-005"): {"enter": "watch", "p": "replay", "w": "watch"},
            run_key(shop, "WISH-006"): {"enter": "replay", "p": "replay", "n": "new run"},
            run_key(shop, "WISH-007"): {"enter": "what is wrong", "p": "replay"},
            "story:plans/features/wishlist/in-progress/WISH-008": {"enter": "start a run", "n": "new run"},
        }
        found = {}
        for key in expected:
            await home.go_to(key)
            found[key] = {k: v for k, v in home.keys.items() if k in ("enter", "r", "p", "w", "n")}
        assert found == expected


# --- starting a run ---------------------------------------------------------------------

NEW = "story:plans/features/wishlist/in-progress/WISH-008"


async def test_a_story_without_a_run_is_started_with_what_was_chosen(shop: Shop) -> None:
    trust(shop.root)
    async with at_home(shop.root) as home:
        await home.go_to(NEW)
        await home.press("enter", "3", "enter", *"scripted:a.yaml", "enter")
        choice = home.choice
        assert choice is not None and choice.story is not None
        assert (choice.kind, choice.story.id, choice.model, choice.autonomy) == (
            "start",
            "WISH-008",
            "scripted:a.yaml",
            "moderate",
        )


async def test_without_a_choice_the_settings_and_the_story_say(shop: Shop) -> None:
    async with at_home(shop.root) as home:
        await home.go_to(NEW)
        await home.press("n", "enter", "enter")
        assert "not trusted yet" in home.text()
        await home.press("y")
        choice = home.choice
        assert choice is not None
        assert (choice.kind, choice.model, choice.autonomy, choice.trust) == ("start", None, None, True)


async def test_a_start_can_be_left_at_each_step(shop: Shop) -> None:
    async with at_home(shop.root) as home:
        await home.go_to(NEW)
        await home.press("enter", "enter", "escape")
        assert isinstance(home.app.screen, NewRunScreen)
        await home.press("escape")
        assert home.is_at_home and home.choice is None


async def test_another_run_beside_one_that_is_not_complete_is_pointed_out(shop: Shop) -> None:
    async with at_home(shop.root) as home:
        await home.go_to(run_key(shop, "WISH-003"))
        await home.press("n")
        assert "is not complete (blocked)" in home.text()


async def test_a_story_without_a_plan_says_what_is_missing(shop: Shop) -> None:
    async with at_home(shop.root) as home:
        await home.go_to("story:plans/features/wishlist/backlog/WISH-009")
        await home.press("enter")
        assert home.is_at_home and "no plan yet: a run needs" in home.text()


# --- the list ---------------------------------------------------------------------------


async def test_the_first_frame_names_the_runs_before_a_journal_was_read(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(work: HomeWork, show: object) -> None:
        """Stands for a disk that takes its time."""

    monkeypatch.setattr(HomeWork, "follow", nothing)
    app = home_app(shop.root, SteppedClock())
    async with app.run_test(size=WIDE):
        keys = [line.key for line in app.home.query_one(HomeList).lines if line.key]
        assert sorted(key[4:12] for key in keys if key.startswith("run:")) == [
            f"WISH-00{n}" for n in range(1, 8)
        ]


async def test_the_cursor_stays_on_its_row_and_its_place_when_others_come_and_go(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    for number in range(30):
        make_run(root, f"OLD-{number:02}", "Title", completed(), f"20261124-0900{number:02}")
    async with at_home(root, NARROW) as home:
        await home.press(*["down"] * 14)
        key, line = home.cursor, row_of(home.text(), home.cursor)
        make_run(root, "NEW-1", "Asks", journal.at_decision(), "20261124-100000")
        make_run(root, "NEW-2", "Asks too", journal.at_review(), "20261124-100001")
        await home.read_all()
        assert (home.cursor, row_of(home.text(), key)) == (key, line)
        assert "? 2 need you" in home.text()


def row_of(text: str, key: str) -> int:
    story = key.removeprefix("run:").rsplit("-", 3)[0]
    return next(n for n, line in enumerate(text.split("\n")) if story in line)


async def test_until_somebody_moves_it_the_cursor_is_on_what_needs_you_most(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    make_run(root, "OLD-1", "Title", completed(), "20261124-090000")
    async with at_home(root) as home:
        assert home.cursor.startswith("run:OLD-1")
        make_run(root, "NEW-1", "Asks", journal.at_decision(), "20261124-080000")
        await home.read_all()
        assert home.cursor.startswith("run:NEW-1")


async def test_home_begins_where_it_was_left(shop: Shop) -> None:
    key = run_key(shop, "WISH-005")
    async with at_home(shop.root, NARROW, at=key) as home:
        assert home.cursor == key


async def test_a_live_run_shows_what_it_does_as_it_goes_on(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    records = journal.working()
    folder = make_run(root, "WISH-001", "Add item", records[:4], "20261124-100000")
    driver = Driver(folder, "WISH-001")
    async with at_home(root) as home:
        assert "WORKING" in home.text() and "INTERRUPTED" not in home.text()
        driver.die()
        await home.read_all()
        await home.read_all()
        assert "INTERRUPTED" in home.text()


async def test_filters_by_key_and_by_tab(shop: Shop) -> None:
    async with at_home(shop.root) as home:
        await home.press("3")
        assert "WISH-005" in home.text() and "WISH-001" not in home.text()
        await home.pilot.click("#home-shows", offset=(36, 0))
        await home.pilot.pause()
        assert home.app.home.selection.show == "ended" and "WISH-006" in home.text()
        await home.press("escape")
        assert "WISH-001" in home.text() and "WISH-008" in home.text()


async def test_search_narrows_while_it_is_typed(shop: Shop) -> None:
    async with at_home(shop.root) as home:
        await home.press("slash", *"price q")
        assert "Nothing here fits" in home.text()
        await home.press("backspace", "backspace", "enter", "down")
        shown = home.text()
        assert "WISH-003" in shown and "WISH-004" in shown and "WISH-001" not in shown
        await home.press("escape")
        assert "WISH-001" in home.text()


async def test_stages_and_orders_go_round(shop: Shop) -> None:
    async with at_home(shop.root) as home:
        seen = []
        for _ in range(4):
            await home.press("t")
            seen.append(home.app.home.selection.stage)
        assert seen == ["in-progress", "backlog", "done", ""]
        await home.press("s")
        assert "newest first" in home.text() and "Need you  " not in home.text()


async def test_a_title_is_told_as_soon_as_its_file_is_read(shop: Shop) -> None:
    async with at_home(shop.root) as home:
        assert "Wishlist: reorder by hand" in home.text()


@pytest.mark.parametrize("size", [WIDE, NARROW, TINY])
async def test_names_and_titles_from_the_disk_are_only_text(tmp_path: Path, size: Size) -> None:
    root = make_root(tmp_path)
    hostile = "WISH-1[b][@click=app.bell]\x1b]52;c;aGk=\x07"
    make_story(root, hostile, "[red]title[/nothing]\\x1b[2J")
    make_run(root, "WISH-2", "[/x]\x1b[2J\u202e title\nof lines", journal.at_decision(), "20261124-100000")
    async with at_home(root, size) as home:
        for key in ("down", "enter", "escape", "up", "slash", "[", "escape"):
            await home.press(key)
        shown = home.text()
        assert "\x1b" not in shown and "\u202e" not in shown and "WISH-2" in shown


@pytest.mark.parametrize("size", [WIDE, NARROW, (40, 10), TINY, (10, 3), (2, 2)])
async def test_every_size_can_be_drawn_and_the_status_stays(shop: Shop, size: Size) -> None:
    async with at_home(shop.root, size) as home:
        await home.press("down", "question_mark", "escape", "n", "escape", "3", "4", "2", "1", "end", "home")
        if size[0] >= 20:
            assert "WISH-001" in home.text() and "review" in home.text()


@pytest.mark.parametrize("story", ["nothing", "a story"])
async def test_where_there_is_nothing_the_next_step_is_named(tmp_path: Path, story: str) -> None:
    root = make_root(tmp_path)
    if story == "a story":
        make_story(root, "WISH-001", "Add item")
    async with at_home(root) as home:
        shown = home.text()
        if story == "nothing":
            assert "no stories and no runs here yet" in shown and "signoff demo" in shown
        else:
            assert "No runs yet: enter on a story starts one." in shown and "Add item" in shown


async def test_the_palette_has_the_actions_that_work_now(shop: Shop) -> None:
    async with at_home(shop.root) as home:
        await home.go_to(run_key(shop, "WISH-005"))
        titles = {command.title for command in home.app.get_system_commands(home.app.home)}
        assert {"Open", "Watch the run", "Replay the run", "Quit"} <= titles
        assert "Resume the run" not in titles and "New run of the story" not in titles
