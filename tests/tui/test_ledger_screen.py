"""The ledger on the whole screen, over a live run: filters, reasons, overturning. See also test_ledger.py."""

from __future__ import annotations

import pytest

from core.commands import OverturnDecision
from core.events import RunFinished
from core.fold import fold
from tests.tui import journal_of_a_run as journal
from tests.tui import journal_of_decisions as decisions
from tests.tui.on_screen import NARROW, TINY, OnScreen, Size, on_screen
from tui.screens.ledger import LedgerScreen
from tui.screens.ledger_lines import LedgerFilter, became, counted_words


def titles(shown: OnScreen) -> list[str]:
    """Of the decisions that the ledger shows, in order."""
    assert isinstance(shown.app.screen, LedgerScreen)
    state = shown.view.state
    keys = [line.key.partition(":")[2] for line in shown.app.screen.body.lines if line.key]
    return [d.request.title for d in state.decisions if d.request.id in keys]


def test_what_became_of_a_decision_is_one_word() -> None:
    assert [became(d) for d in fold(decisions.overturned()).decisions] == ["overturned"]
    assert [became(d) for d in fold(journal.at_decision()).decisions] == ["auto", "waiting"]
    many = tuple(fold(decisions.many_decided()).decisions)
    assert sum(int(words.split()[0]) for words in counted_words(many).partition(": ")[2].split(", ")) == len(
        many
    )


def test_the_filters_go_through_what_there_is_and_back_to_all() -> None:
    asked = tuple(fold(journal.at_decision()).decisions)
    chosen, tiers, outcomes = LedgerFilter(), [], []
    for _ in range(3):
        chosen = chosen.next_tier(asked)
        tiers.append(chosen.tier)
    for _ in range(3):
        chosen = chosen.next_outcome(asked)
        outcomes.append(chosen.outcome)
    assert tiers == ["T1", "T2", ""] and outcomes == ["auto", "waiting", ""]
    assert [d.request.id for d in asked if LedgerFilter(text="RESPONSE shape").lets(d)] == ["D-2"]
    assert [d.request.id for d in asked if LedgerFilter(tier="T1", text="response").lets(d)] == []


async def test_filters_by_keys_and_a_text_while_it_is_typed() -> None:
    async with on_screen(journal.at_tier_four()) as shown:
        await shown.press("escape", "2", "L")
        assert len(titles(shown)) == 2
        await shown.press("t")
        assert titles(shown) == ["Name of the table"] and "tier: T1" in shown.text()
        await shown.press("escape")
        assert len(titles(shown)) == 2, "one step back is without the filter"
        await shown.press("/", *"drop")
        assert titles(shown) == ["Drop the column items.saved"]
        await shown.press("enter", "o", "o")
        assert titles(shown) == ["Drop the column items.saved"] and "outcome: waiting" in shown.text()
        await shown.press("/", "escape", "escape", "escape")
        assert not isinstance(shown.app.screen, LedgerScreen)


async def test_an_entry_opens_with_the_question_its_options_and_the_reasons() -> None:
    async with on_screen(decisions.auto_decided(), NARROW) as shown:
        await shown.press("L")
        assert "auto · matrix · auto · chunk 1" in shown.text()
        assert "The plan names no table." not in shown.text()
        await shown.press("enter")
        text = shown.text()
        assert "The plan names no table." in text and "2 wishes" in text
        assert "moderate takes tier 1 by itself" in text and "chunks that rest on it: 1, 2" in text


async def test_overturning_from_it() -> None:
    async with on_screen(decisions.auto_decided()) as shown:
        await shown.press("L")
        assert "v overturn" in shown.text().split("\n")[-1]
        await shown.press("v", "2", "enter", *"our word", "enter")
        assert shown.view.submitted == [OverturnDecision(request_id="D-1", option="2", reason="our word")]
        assert isinstance(shown.app.screen, LedgerScreen)


async def test_it_follows_the_run_and_its_end() -> None:
    async with on_screen(journal.working()) as shown:
        await shown.press("L")
        before = len(titles(shown))
        await shown.go_to(journal.at_decision())
        assert len(titles(shown)) == before + 1
        ended = RunFinished(outcome="blocked", reason="later", exit_code=3)
        await shown.go_to(decisions.then(journal.at_decision(), ended))
        await shown.press("home", "v")
        assert isinstance(shown.app.screen, LedgerScreen) and shown.view.submitted == []
        words = " ".join(shown.text().replace("▌", "").split())
        assert f"signoff resume {journal.RUN_ID}" in words


async def test_what_a_person_decided_is_not_overturned() -> None:
    async with on_screen(decisions.remembered()) as shown:
        await shown.press("L", "end", "v")
        assert "decided by a person" in shown.text() and shown.view.submitted == []
        await shown.press("g")
        assert isinstance(shown.app.screen, LedgerScreen) and "This run is live" in shown.text()


@pytest.mark.parametrize("size", [NARROW, TINY])
async def test_what_if_and_back(size: Size) -> None:
    async with on_screen(decisions.many_decided(), size) as shown:
        await shown.press("L", "W", "escape", "?", "escape", "q")
        assert len(shown.app.screen_stack) == 1
