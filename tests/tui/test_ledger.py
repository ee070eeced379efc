"""The ledger: the basis of every decision, overturning one, and what another level would have done."""

from __future__ import annotations

import pytest

from core.commands import OverturnDecision
from core.events import RunFinished
from tests.tui import journal_of_a_run as journal
from tests.tui import journal_of_decisions as decisions
from tests.tui.on_screen import NARROW, TINY, WIDE, OnScreen, Size, on_screen
from tui.screens.what_if import WhatIfScreen


def squeezed(shown: OnScreen) -> str:
    """The left column's words in one line."""
    return " ".join(" ".join(line[:34].strip("│┃ ") for line in shown.text().split("\n")).split())


async def test_an_entry_says_its_basis_its_reasons_and_what_rests_on_it() -> None:
    async with on_screen(decisions.auto_decided()) as shown:
        await shown.press("2", "enter")
        words = squeezed(shown)
        assert "auto · matrix · auto · chunk 1" in words
        assert "moderate takes tier 1 by itself" in words
        assert "chunks that rest on it: 1, 2" in words


async def test_an_entry_says_what_became_of_the_question() -> None:
    async with on_screen(decisions.remembered(), NARROW) as shown:
        await shown.press("2", "home", "enter")
        text = shown.text()
        assert "asked · matrix · user · ARCH-001 · chunk 2" in text
        assert "re-tiered by the supervisor: it came in tier 2" in text
        assert "the worker was asked 1 time to say more" in text
        assert "preference response-shape: locked as project preference" in text


async def test_an_overturned_one_keeps_what_it_was() -> None:
    async with on_screen(decisions.overturned()) as shown:
        words = squeezed(shown)
        assert "! T1 Name of the table wishes was: wishlist_items, overturned by user:" in words
        assert "wishes is what the product calls them" in words


async def test_overturning_by_an_option_and_a_reason() -> None:
    async with on_screen(decisions.auto_decided()) as shown:
        await shown.press("2", "v")
        assert "chunks that rest on it: 1, 2" in shown.text()
        await shown.press("1", "enter")
        assert "That is what holds already." in shown.text()
        await shown.press("2", "enter", *"our word", "enter")
        assert shown.view.submitted == [OverturnDecision(request_id="D-1", option="2", reason="our word")]


async def test_overturning_in_free_words() -> None:
    async with on_screen(decisions.auto_decided(), NARROW) as shown:
        await shown.press("2", "v", "3", "enter", "enter")
        assert "Write what holds instead" in shown.text()
        await shown.press(*"saved", "enter", "enter")
        assert shown.view.submitted == [OverturnDecision(request_id="D-1", text="saved")]


async def test_escape_goes_one_step_back_and_then_out() -> None:
    async with on_screen(decisions.auto_decided()) as shown:
        await shown.press("2", "v", "2", "enter", "x", "escape", "escape")
        assert shown.view.submitted == [] and len(shown.app.screen_stack) == 1


async def test_overturning_is_guarded() -> None:
    async with on_screen(decisions.auto_decided()) as shown:
        await shown.press("2", "v")
        await shown.press_at_once("2", "enter", "enter")
        shown.clock.advance(0.1)
        await shown.press_at_once("enter", "enter")
        assert shown.view.submitted == []


async def test_only_what_was_decided_without_a_human_is_overturned() -> None:
    async with on_screen(decisions.remembered()) as shown:
        await shown.press("v")
        assert "Put the cursor on a decision" in shown.text()
        await shown.press("2", "home", "v")
        assert "decided by a person" in shown.text()
        assert "overturn" not in shown.text().split("\n")[-1]
        await shown.press("down")
        assert "v overturn" in shown.text().split("\n")[-1]
        await shown.go_to(decisions.then(decisions.remembered(), decisions.overturned()[-1].event))
        await shown.press("v")
        assert "overturned already" in shown.text() and len(shown.app.screen_stack) == 1


async def test_nothing_is_overturned_in_a_recorded_run_nor_after_its_end() -> None:
    async with on_screen(decisions.auto_decided(), live=False) as shown:
        await shown.press("2", "v")
        assert len(shown.app.screen_stack) == 1
    ended = RunFinished(outcome="complete", reason="done", exit_code=0)
    async with on_screen(decisions.then(decisions.auto_decided(), ended)) as shown:
        await shown.press("2", "v")
        assert len(shown.app.screen_stack) == 1


async def worked_out(shown: OnScreen) -> None:
    for worker in [w for w in shown.app.workers if w.group == "what-if"]:
        await worker.wait()
    await shown.settle()


@pytest.mark.parametrize("size", [WIDE, NARROW, TINY])
async def test_what_if_counts_the_interruptions_of_each_level(size: Size) -> None:
    async with on_screen(decisions.many_decided(), size, live=False) as shown:
        await shown.press("W")
        await worked_out(shown)
        assert isinstance(shown.app.screen, WhatIfScreen)
        if size != TINY:
            lines = shown.text().split("\n")
            interruptions = [line for line in lines if "▇" in line]
            assert "moderate" in interruptions[1] and "this run" in interruptions[1]
            row = next(line for line in lines if "Response shape of POST" in line and "asks" in line)
            assert row.split("asks")[-1].split()[:2] == ["auto", "!"]
        await shown.press("escape")
        assert len(shown.app.screen_stack) == 1


async def test_what_if_says_why_on_enter() -> None:
    async with on_screen(decisions.many_decided()) as shown:
        await shown.press("W")
        await worked_out(shown)
        await shown.press("enter")
        assert "conservative: asks" in shown.text()
        await shown.press("enter")
        assert "conservative: asks" not in shown.text()


async def test_without_decisions_there_is_no_what_if() -> None:
    async with on_screen(journal.working()[:1]) as shown:
        await shown.press("W")
        assert "No decision was taken yet." in shown.text()
