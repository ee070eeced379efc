"""Undo of the last approved chunk, on the run screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from core import events as ev
from core.blobs import BlobFault
from core.commands import UndoChunk
from core.domain import ChunkOpening
from core.fold import fold
from core.undo_plan import UndoChoice, UndoPlan
from tests.tui import journal_of_a_run as journal
from tests.tui import journal_of_an_undo as undo
from tests.tui.journal_of_decisions import then
from tests.tui.on_screen import NARROW, TINY, WIDE, OnScreen, Size, on_screen
from tests.tui.shots import Compare, Shot, come_back, is_as_before
from tests.tui.test_hostile_text import HOSTILE, control_characters
from tui.screens.undo import UndoScreen
from tui.screens.undo_lines import undoable

SETTLE_ALL = ("enter", "down", "down", "down", "down", "enter", "down", "enter")
SETTLED: tuple[tuple[str, UndoChoice], ...] = (
    (undo.TABLES, "keep"),
    (undo.PORT, "back"),
    ("domains/latest.py", "keep"),
)
ENDED = ev.RunFinished(outcome="complete", reason="done", exit_code=0)
SHOTS = (
    Shot("undo", undo.approved, keys=("u",), view=undo.planned(undo.clean())),
    Shot("undo-narrow", undo.approved, NARROW, keys=("u",), view=undo.planned(undo.clean())),
    Shot("undo-conflicts", undo.approved, keys=("u",), view=undo.planned(undo.edited_since())),
    Shot(
        "undo-conflicts-narrow",
        undo.approved,
        NARROW,
        keys=("u", *SETTLE_ALL, "down"),
        view=undo.planned(undo.edited_since()),
    ),
    Shot("undone", undo.undone),
)


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_screen(snap_compare: Compare, shot: Shot) -> None:
    assert is_as_before(snap_compare, shot)


@asynccontextmanager
async def asked(
    plan: UndoPlan, size: Size = WIDE, history: list[ev.Record] | None = None
) -> AsyncIterator[OnScreen]:
    """The undo screen has just appeared."""
    records = history or undo.approved()
    async with on_screen(records, size, view=undo.planned(plan)(records)) as shown:
        await press_u(shown)
        yield shown


async def press_u(shown: OnScreen) -> None:
    await shown.press("u")
    await come_back(shown.app)
    await shown.settle()


def key_bar(shown: OnScreen) -> str:
    return shown.text().split("\n")[-1]


# --- nothing was edited since -----------------------------------------------------------


@pytest.mark.parametrize("key", ["y", "enter"])
async def test_it_shows_what_goes_back_and_then_does_it(key: str) -> None:
    async with asked(undo.clean()) as shown:
        text = shown.text()
        assert "Undo chunk 1" in text and "step 1 is open again" in text
        assert "domains/wishlist.py  deleted  +0 -22" in text
        assert "scripts/migrate.sh  mode 755 becomes 644" in text
        await shown.press(key)
        assert shown.view.submitted == [UndoChunk(chunk=1)]
        assert len(shown.app.screen_stack) == 1


@pytest.mark.parametrize("key", ["escape", "n", "q"])
async def test_it_can_be_left(key: str) -> None:
    async with asked(undo.clean()) as shown:
        await shown.press(key)
        assert shown.view.submitted == [] and len(shown.app.screen_stack) == 1


@pytest.mark.parametrize("key", ["y", "enter"])
async def test_keys_of_the_first_moment_undo_nothing(key: str) -> None:
    async with asked(undo.clean()) as shown:
        await shown.press_at_once(key)
        shown.clock.advance(0.3)
        await shown.press_at_once(key)
        shown.clock.advance(0.3)
        await shown.press_at_once(key)
        assert shown.view.submitted == [] and isinstance(shown.app.screen, UndoScreen)
        await shown.press(key)
        assert shown.view.submitted == [UndoChunk(chunk=1)]


async def test_a_click_of_the_first_moment_undoes_nothing() -> None:
    async with asked(undo.clean()) as shown:
        lines = shown.app.screen.query_one("#undo-lines")
        last = (4, lines.size.height - 1)
        await shown.pilot.click(lines, offset=last)
        assert shown.view.submitted == []
        shown.clock.advance(1.0)
        await shown.pilot.click(lines, offset=last)
        assert shown.view.submitted == [UndoChunk(chunk=1)]


async def test_what_the_run_refuses_is_said() -> None:
    async with asked(undo.clean()) as shown:
        shown.view.refuse = "under way: pytest; undo when it has ended"
        await shown.press("y")
        assert "under way: pytest" in shown.text() and shown.view.submitted == []


# --- edited since -----------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_each_file_edited_since_is_settled_before_it_can_be_confirmed(size: Size) -> None:
    async with asked(undo.edited_since(), size) as shown:
        assert "3 files to settle" in shown.text()
        await shown.press("y")
        assert " y " not in shown.text()
        await shown.press(*SETTLE_ALL[:-1], "y")
        assert shown.view.submitted == [] and isinstance(shown.app.screen, UndoScreen)
        await shown.press(SETTLE_ALL[-1])
        await shown.press("y")
        assert shown.view.submitted == [UndoChunk(chunk=1, conflicts=SETTLED)]


async def test_the_second_enter_on_a_choice_confirms_nothing_and_the_last_choice_holds() -> None:
    async with asked(undo.edited_since()) as shown:
        await shown.press(*SETTLE_ALL, "enter", "enter")
        assert shown.view.submitted == []
        await shown.press("home", "down", "enter", "end", "enter")
        assert shown.view.submitted == [UndoChunk(chunk=1, conflicts=((undo.TABLES, "merge"), *SETTLED[1:]))]


async def test_only_what_is_possible_can_be_chosen() -> None:
    async with asked(undo.edited_since()) as shown:
        text = shown.text()
        assert text.count("keep it as it is now") == 3
        assert text.count("take the chunk's change out") == 1
        assert text.count("put it back") == 2
        assert text.count("It does not merge: lines 4, 5.") == text.count("It does not merge") == 1


async def test_where_all_is_back_already_that_is_said() -> None:
    async with asked(replace(undo.clean(), files=())) as shown:
        assert "Every file is back" in shown.text()
        await shown.press("y")
        assert shown.view.submitted == [UndoChunk(chunk=1)]


# --- when it is offered -----------------------------------------------------------------


async def test_the_key_bar_offers_it_where_it_works() -> None:
    async with on_screen(undo.approved()) as shown:
        assert "u undo chunk 1" in key_bar(shown)
        await shown.go_to(then(undo.approved(), ENDED))
        assert "undo" not in key_bar(shown)
    for history, live in ((undo.undone(), True), (undo.approved(), False), (journal.working()[:2], True)):
        async with on_screen(history, live=live) as shown:
            assert "undo" not in key_bar(shown) and not shown.screen.offers("undo_chunk")


def test_a_chunk_that_is_open_stands_in_the_way_once_it_has_changes() -> None:
    opening = ChunkOpening(name="service", objective="It", steps=("2",))
    opened = then(undo.approved(), ev.ChunkStarted(chunk=2, opening=opening))
    assert undoable(fold(opened)) == 1
    changed = then(opened, ev.FileChanged(chunk=2, call_id="t9", change=journal.SERVICE))
    assert undoable(fold(changed)) == 0


async def test_the_palette_has_it_too() -> None:
    async with on_screen(undo.approved(), view=undo.planned(undo.clean())(undo.approved())) as shown:
        shown.app.action_command_palette()
        await shown.settle()
        await shown.press(*"undo the last")
        await shown.pilot.pause(0.3)
        await shown.press("enter")
        await come_back(shown.app)
        await shown.settle()
        assert isinstance(shown.app.screen, UndoScreen)


@pytest.mark.parametrize("fault", [None, BlobFault("blob aaaa is missing")])
async def test_why_there_is_nothing_to_undo_is_said(
    fault: BlobFault | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_screen(undo.undone()) as shown:
        if fault is not None:

            def broken() -> UndoPlan:
                raise fault

            monkeypatch.setattr(shown.view, "undo_plan", broken)
        await press_u(shown)
        assert ("nothing to undo" if fault is None else "is missing") in shown.text()
        assert len(shown.app.screen_stack) == 1


async def test_after_the_end_it_says_the_command() -> None:
    async with on_screen(then(undo.approved(), ENDED)) as shown:
        await press_u(shown)
        assert f"signoff undo {journal.RUN_ID}" in shown.text()
        assert len(shown.app.screen_stack) == 1
    async with asked(undo.clean()) as shown:
        await shown.go_to(then(undo.approved(), ENDED))
        await shown.press("y")
        assert f"signoff undo {journal.RUN_ID}" in shown.text() and shown.view.submitted == []


async def test_while_something_is_written_u_is_a_letter() -> None:
    async with on_screen(undo.approved(), view=undo.planned(undo.clean())(undo.approved())) as shown:
        await shown.press("m")
        await press_u(shown)
        assert len(shown.app.screen_stack) == 1 and shown.view.submitted == []


# --- afterwards -------------------------------------------------------------------------


async def test_an_undone_chunk_says_so_and_its_step_is_open_again() -> None:
    async with on_screen(undo.undone()) as shown:
        text = shown.text()
        assert "Chunk 1 - wishlist table ! undone" in text
        assert "○ 1 Wishlist table and model" in text and "Plan 0/5" in text


@pytest.mark.parametrize("size", [WIDE, NARROW, TINY])
async def test_hostile_names_are_shown_as_they_are(size: Size) -> None:
    plan = undo.edited_since()
    conflict = replace(plan.conflicts[0], path=HOSTILE, why=HOSTILE)
    named = replace(plan.files[0], change=replace(plan.files[0].change, path=HOSTILE))
    async with asked(replace(plan, name=HOSTILE, files=(named,), conflicts=(conflict,)), size) as shown:
        seen = shown.text()
        await shown.press("pagedown", "enter", "end")
        seen += shown.text()
        assert control_characters(seen) == set()
        await shown.press("home", "enter", "enter", "y")
        assert shown.view.submitted == [UndoChunk(chunk=1, conflicts=((HOSTILE, "keep"),))]
