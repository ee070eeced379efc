"""Queued decisions: unseen until they are put, then one list."""

from __future__ import annotations

from dataclasses import replace

from core.commands import AnswerDecision, Command, DeclineDecision
from core.events import DecisionRetiered
from tests.tui import journal_of_a_run as journal
from tests.tui import journal_of_decisions as decisions
from tests.tui.on_screen import NARROW, on_screen
from tui.dock.batch_prompt import BatchPrompt
from tui.dock.decision_prompt import DecisionPrompt


def answers(submitted: list[Command]) -> list[tuple[str, str | None]]:
    return [(c.request_id, c.option) for c in submitted if isinstance(c, AnswerDecision)]


async def test_queued_ones_are_counted_and_wait_for_nobody() -> None:
    async with on_screen(decisions.queued()) as shown:
        assert shown.screen.dock.kind == ""
        assert "Decisions 1✓ 4 queued" in shown.text()
        assert shown.text().count("queued: asked with") == 4


async def test_the_list_shows_each_with_its_tier_and_recommendation() -> None:
    async with on_screen(decisions.batch_presented(), NARROW) as shown:
        text = shown.text()
        assert "4 decisions put off until now" in text
        assert "○ T2 Order of the wishes  → As items.py does" in text
        assert "○ T2 Currency of a price  → no recommendation" in text
        assert "of 4" not in text, "a list is one thing that waits"


async def test_approving_all_is_asked_once_and_leaves_open_what_has_no_recommendation() -> None:
    async with on_screen(decisions.batch_presented()) as shown:
        await shown.press("A")
        assert "3 decisions as the worker recommends" in shown.text()
        assert "1 decision stays open" in shown.text()
        await shown.press("n")
        assert shown.view.submitted == []
        await shown.press("A", "y")
        assert answers(shown.view.submitted) == [("D-31", "1"), ("D-32", "1"), ("D-34", "1")]


async def test_one_raised_to_tier_four_is_not_approved_with_the_others() -> None:
    raised = decisions.retiered(4)[-1].event
    assert isinstance(raised, DecisionRetiered)
    history = decisions.then(decisions.batch_presented(), replace(raised, request_id="D-32"))
    async with on_screen(history) as shown:
        await shown.press("A", "y")
        assert answers(shown.view.submitted) == [("D-31", "1"), ("D-34", "1")]


async def test_one_is_reviewed_by_itself_and_escape_goes_back_to_the_list() -> None:
    async with on_screen(decisions.batch_presented()) as shown:
        await shown.press("2", "enter")
        prompt = shown.screen.dock.prompt
        assert isinstance(prompt, DecisionPrompt) and prompt.form.decision.request.id == "D-32"
        await shown.press("escape")
        assert isinstance(shown.screen.dock.prompt, BatchPrompt)
        await shown.press("2", "enter", "2", "enter")
        assert answers(shown.view.submitted) == [("D-32", "2")]
        await shown.go_to(decisions.then(decisions.batch_presented(), decisions.answered("D-32")))
        assert "✓ T2 Name of the limit  approved: As items.py does" in shown.text()
        assert "3 open" in shown.text()


async def test_a_second_enter_does_not_answer_what_the_first_one_opened() -> None:
    async with on_screen(decisions.batch_presented()) as shown:
        await shown.press("enter")
        await shown.press_at_once("enter", "enter")
        assert shown.view.submitted == []


async def test_rejecting_needs_a_note() -> None:
    async with on_screen(decisions.batch_presented()) as shown:
        await shown.press("R", "enter")
        assert "Write a note first" in shown.text() and shown.view.submitted == []
        await shown.press(*"by date", "enter")
        assert shown.view.submitted == [
            AnswerDecision(request_id="D-31", text="Not: As items.py does", note="by date", rejected=True)
        ]
        await shown.go_to(decisions.batch_half_done())
        assert "✗ T2 Order of the wishes  rejected: sort by date" in shown.text()
        assert "✓ T2 Page size of the list  approved" in shown.text()


async def test_what_is_decided_is_neither_opened_nor_rejected() -> None:
    async with on_screen(decisions.batch_presented()) as shown:
        await shown.go_to(decisions.batch_half_done())
        await shown.press("1", "enter", "R")
        assert isinstance(shown.screen.dock.prompt, BatchPrompt)
        assert "It is decided already" in shown.text()


async def test_keys_that_come_with_the_list_do_nothing() -> None:
    async with on_screen(decisions.queued()) as shown:
        await shown.go_to(decisions.batch_presented())
        await shown.press_at_once("A", "y", "R", "x", "enter")
        shown.clock.advance(0.1)
        await shown.press_at_once("A", "y", "R", "enter")
        prompt = shown.screen.dock.prompt
        assert isinstance(prompt, BatchPrompt) and prompt.stage == "choosing"
        assert shown.view.submitted == [] and len(shown.app.screen_stack) == 1


async def test_stopping_at_the_list_is_confirmed() -> None:
    async with on_screen(decisions.batch_presented()) as shown:
        await shown.press("x", "y")
        assert shown.view.submitted == [DeclineDecision(request_id="D-31")]


async def test_a_question_at_hand_and_the_list_are_two_that_wait() -> None:
    async with on_screen(decisions.then(decisions.batch_presented(), journal.DESTRUCTIVE)) as shown:
        assert "1 of 2" in shown.text()
        await shown.press("o")
        assert "Tier 4 DESTRUCTIVE" in shown.text() and "2 of 2" in shown.text()
