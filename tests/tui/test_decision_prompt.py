"""The decision prompt by key: re-tier, elaborate, preferences, the act that is shown, the guard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.commands import AnswerDecision, ElaborateDecision, OverturnDecision, RetierDecision
from core.domain import PreferenceNote
from core.events import DecisionElaborated, Record
from tests.tui import journal_of_a_run as journal
from tests.tui import journal_of_decisions as decisions
from tests.tui.on_screen import NARROW, TINY, WIDE, OnScreen, Size, on_screen
from tui.dock.decision_form import ELABORATE_QUESTION
from tui.dock.decision_prompt import DecisionPrompt
from tui.typed_line import TypedLine


def prompt_of(shown: OnScreen) -> DecisionPrompt:
    prompt = shown.screen.dock.prompt
    assert isinstance(prompt, DecisionPrompt)
    return prompt


async def previewed(shown: OnScreen) -> None:
    """What the preview says is on the screen: it is worked out beside the event loop."""
    for worker in [w for w in shown.app.workers if w.group == "preview"]:
        await worker.wait()
    await shown.settle()


def typed(shown: OnScreen) -> str:
    return prompt_of(shown).query_one(TypedLine).value


async def test_the_prompt_says_all_reasons_and_what_was_decided_before() -> None:
    async with on_screen(decisions.after_earlier_ones(), NARROW) as shown:
        text = shown.text()
        assert "escalated: pattern `response shape` says" in text
        assert "moderate asks for tier 2, no locked preference" in text
        assert "Prior: ARCH-003 Response shape of POST /items → The created item" in text


async def test_a_long_reason_stands_in_full_among_the_lines() -> None:
    async with on_screen(decisions.of_a_long_text(), NARROW) as shown:
        assert shown.text().replace("\n", " ").count("goes on") == 8


async def test_a_long_context_is_read_by_page_and_the_option_comes_back_into_sight() -> None:
    async with on_screen(decisions.of_a_long_text(), NARROW) as shown:
        assert "Created item" not in shown.text()
        seen = ""
        for _ in range(4):
            await shown.press("pagedown")
            seen += shown.text()
        assert "1  Created item" in seen and "2  Id only" in seen and "Blocks: step 3" in seen
        await shown.press(*["pageup"] * 4, "enter")
        assert shown.view.submitted == [] and "▸" in shown.text()


# --- another tier -----------------------------------------------------------------------


async def test_another_tier_is_chosen_by_digit_and_enter() -> None:
    async with on_screen(journal.at_decision()) as shown:
        await shown.press("t")
        assert "external dependency" in shown.text() and "it is in this one" in shown.text()
        await shown.press("4", "enter")
        assert shown.view.submitted == [RetierDecision(request_id="D-2", tier=4)]
        await shown.go_to(decisions.retiered(4))
        assert "Tier 4 DESTRUCTIVE" in shown.text()
        assert "user put it in tier 4 (it was tier 2)" in shown.text()
        await shown.press("1", "enter")
        assert "Type the word" in shown.text()
        await shown.press(*"confirm", "enter")
        assert shown.view.submitted[1:] == [AnswerDecision(request_id="D-2", option="1")]


async def test_the_same_tier_and_escape_change_nothing() -> None:
    async with on_screen(journal.at_decision()) as shown:
        await shown.press("t", "enter", "t", "5", "escape")
        assert shown.view.submitted == []
        assert "Created item" in shown.text()


async def test_a_tier_that_comes_while_something_is_typed_takes_nothing_away() -> None:
    async with on_screen(journal.at_decision()) as shown:
        await shown.press("3", "enter", *"by sku")
        await shown.go_to(decisions.retiered(4))
        assert typed(shown) == "by sku"
        await shown.press("enter")
        assert shown.view.submitted == [] and "Type the word" in shown.text()


# --- asking back ------------------------------------------------------------------------


@pytest.mark.parametrize(("keys", "question"), [("", ELABORATE_QUESTION), ("why?", "why?")])
async def test_the_worker_is_asked_to_say_more(keys: str, question: str) -> None:
    async with on_screen(journal.at_decision()) as shown:
        await shown.press("e")
        assert ELABORATE_QUESTION in shown.text()
        await shown.press(*keys, "enter")
        assert shown.view.submitted == [ElaborateDecision(request_id="D-2", question=question)]
        assert shown.screen.columns.chunk.tab == "stream"


async def test_elsewhere_e_is_the_log_entry() -> None:
    async with on_screen(journal.at_decision()) as shown:
        await shown.press("tab")
        shown.screen.columns.go_to("chunk")
        await shown.press("e")
        assert shown.screen.columns.chunk.tab == "log"
        assert prompt_of(shown).form.stage == "choosing"


async def test_it_can_be_answered_while_the_worker_is_asked() -> None:
    history = decisions.asked_to_elaborate()
    async with on_screen(history) as shown:
        shown.clock.moment = history[-1].at.replace(microsecond=0)
        shown.screen._tick()
        await shown.settle()
        assert "The worker is asked, 0 s" in shown.text()
        await shown.press("e")
        assert "has been asked already" in shown.text()
        await shown.press("2", "enter")
        assert shown.view.submitted == [AnswerDecision(request_id="D-2", option="2")]


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_the_worker_says_comes_into_sight(size: Size) -> None:
    asked = replace(journal.ASKED_DECISION.request, context="A long story.\n" * 40)
    begin = decisions.then(journal.working(), replace(journal.ASKED_DECISION, request=asked))
    wanted = [record.event for record in decisions.elaborated()[-3:]]
    async with on_screen(begin, size) as shown:
        await shown.press("2")
        await shown.go_to(decisions.then(begin, *wanted))
        await shown.settle()
        text = shown.text()
        assert "You asked: What breaks if only the id is answered?" in text
        assert "The worker: The web client renders the card at once" in text
        assert prompt_of(shown).body.cursor_key == "option:2"


async def test_a_worker_that_could_not_be_asked_is_said() -> None:
    async with on_screen(decisions.elaborated("", "the model can't be reached")) as shown:
        assert "The worker could not be asked: the model can't be reached" in shown.text()


async def test_what_is_typed_is_not_disturbed_by_what_the_worker_says() -> None:
    async with on_screen(decisions.asked_to_elaborate()) as shown:
        await shown.press("3", "enter", *"by sku")
        said = DecisionElaborated(request_id="D-2", question=decisions.WHY, text="Nothing.")
        await shown.go_to(decisions.then(decisions.asked_to_elaborate(), said))
        assert "The worker: Nothing." in shown.text()
        await shown.press("enter")
        assert shown.view.submitted == [AnswerDecision(request_id="D-2", text="by sku")]


# --- preferences ------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "kind"), [("l", "lock"), ("w", "learn")])
async def test_an_answer_is_remembered_with_its_pattern(key: str, kind: str) -> None:
    async with on_screen(decisions.after_earlier_ones()) as shown:
        await shown.press("2", key)
        assert typed(shown) == "Response.*shape.*POST.*wishlist"
        await previewed(shown)
        assert "Would have absorbed 0 of 3 earlier escalations." in shown.text()
        await shown.press(*["backspace"] * len(".*POST.*wishlist"))
        await previewed(shown)
        assert "Would have absorbed 1 of 3 earlier escalations: Response shape of GET /items" in shown.text()
        await shown.press("enter")
        note = PreferenceNote(kind="lock" if kind == "lock" else "learn", pattern="Response.*shape")
        assert shown.view.submitted == [AnswerDecision(request_id="D-2", option="2", preference=note)]


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("", "the pattern is empty"),
        ("(", "the pattern is refused"),
        ("index", "does not match this question"),
    ],
)
async def test_a_pattern_that_can_not_be_used_is_not_sent(pattern: str, problem: str) -> None:
    async with on_screen(decisions.after_earlier_ones()) as shown:
        await shown.press("l", "ctrl+u", *pattern)
        await previewed(shown)
        assert problem in shown.text()
        await shown.press("enter")
        assert shown.view.submitted == []
        await shown.press("escape", "enter")
        assert shown.view.submitted == [AnswerDecision(request_id="D-2", option="1")]


async def test_on_the_free_answer_an_option_is_asked_for_first() -> None:
    async with on_screen(decisions.after_earlier_ones()) as shown:
        await shown.press("3", "l")
        assert "Choose an option first" in shown.text()


@pytest.mark.parametrize(
    ("history", "why"),
    [
        (lambda: decisions.at_tier(4), "No preference can decide tier 4"),
        (lambda: decisions.at_tier(5), "No preference can decide tier 5"),
        (lambda: decisions.at_tier(None), "Give it a tier first (t)"),
        (journal.at_tier_four, "it is an act at hand"),
    ],
)
async def test_where_no_preference_can_decide_the_key_says_why(
    history: Callable[[], list[Record]], why: str
) -> None:
    async with on_screen(history()) as shown:
        assert "lock" not in shown.text().split("\n")[-1]
        await shown.press("l")
        assert why in shown.text()
        titles = {c.title for c in shown.app.get_system_commands(shown.screen)}
        assert "Re-tier the question" in titles and "Lock as project preference" not in titles


# --- exactly what would happen ----------------------------------------------------------


async def test_an_act_is_confirmed_only_when_its_end_was_seen() -> None:
    answer = AnswerDecision(request_id="D-3", option="2", subject_sha="5" * 64)
    async with on_screen(decisions.of_a_long_subject(), NARROW) as shown:
        await shown.press("2", "enter", *"confirm", "enter")
        assert shown.view.submitted == []
        assert "(27 lines unseen)" in shown.text()
        await shown.press(*["pagedown"] * 20, "enter")
        assert "DELETE FROM saved_items WHERE id = 30;" in shown.text()
        assert shown.view.submitted == [answer]


async def test_an_act_is_read_with_the_focus_in_it() -> None:
    async with on_screen(decisions.of_a_long_subject(), WIDE) as shown:
        await shown.press("tab", "end")
        assert "DELETE FROM saved_items WHERE id = 30;" in shown.text()
        await shown.press("escape", "2", "enter", *"confirm", "enter")
        assert len(shown.view.submitted) == 1


# --- the guard --------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW, TINY])
async def test_keys_that_come_with_the_prompt_open_no_stage(size: Size) -> None:
    async with on_screen(journal.working(), size) as shown:
        await shown.go_to(journal.at_decision())
        await shown.press_at_once(*"telwAR", "enter")
        shown.clock.advance(0.1)
        await shown.press_at_once(*"telwx", "2", "enter")
        assert prompt_of(shown).form.stage == "choosing"
        assert shown.view.submitted == []
        await shown.press("t", "5", "enter")
        assert shown.view.submitted == [RetierDecision(request_id="D-2", tier=5)]


async def test_a_prompt_that_came_up_beneath_a_dialog_is_guarded_when_it_is_seen() -> None:
    async with on_screen(decisions.auto_decided()) as shown:
        await shown.press("2", "v", "2", "enter")
        await shown.go_to(decisions.then(decisions.auto_decided(), journal.ASKED_DECISION))
        await shown.press("enter")
        await shown.press_at_once("enter", "enter")
        assert [type(command) for command in shown.view.submitted] == [OverturnDecision]


# --- what the run says ------------------------------------------------------------------


async def test_after_a_refusal_the_question_can_be_answered_again() -> None:
    async with on_screen(journal.at_tier_four()) as shown:
        shown.view.refuse = "what was shown is not what would happen now"
        await shown.press("2", "enter", *"confirm", "enter")
        assert "what was shown is not what would happen now" in shown.text()
        shown.view.refuse = ""
        await shown.press("1", "enter", *"confirm", "enter")
        assert [c.option for c in shown.view.submitted if isinstance(c, AnswerDecision)] == ["1"]


async def test_what_is_in_front_stays_when_another_is_settled() -> None:
    others = decisions.then(decisions.at_tier(2), decisions.asked(decisions.question("D-8", "Second"), 1))
    three = decisions.then(others, decisions.asked(decisions.question("D-7", "Third"), 3))
    async with on_screen(three) as shown:
        await shown.press("o", "3", "enter", *"half")
        assert "2 of 3" in shown.text()
        await shown.go_to(decisions.then(three, decisions.answered("D-9")))
        assert "1 of 2" in shown.text() and typed(shown) == "half"


async def test_in_the_ledger_enter_brings_a_waiting_question_to_the_front() -> None:
    both = decisions.then(decisions.at_tier(2), decisions.asked(decisions.question("D-8", "Second"), 1))
    async with on_screen(both) as shown:
        await shown.press("tab")
        shown.screen.columns.go_to("decisions")
        await shown.press("home", "enter")
        assert prompt_of(shown).form.decision.request.id == "D-8"
