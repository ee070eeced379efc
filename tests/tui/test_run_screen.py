"""Keys of the run screen, the guard, the prompts, the composer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.commands import (
    AnswerDecision,
    AnswerInput,
    DeclineDecision,
    Pause,
    ReviewChunk,
    SendMessage,
    SetAutonomy,
    Stop,
)
from core.domain import ReviewComment, Step
from core.events import (
    ChunkFinished,
    ConversationStarted,
    Event,
    InputRequested,
    Paused,
    Record,
    RunFinished,
    RunStarted,
    TextDelta,
    ToolStarted,
)
from tests.tui import journal_of_a_run as journal
from tests.tui.on_screen import NARROW, TINY, WIDE, Size, on_screen


def then(history: list[Record], *events: Event) -> list[Record]:
    last = history[-1]
    return [
        *history,
        *(Record(seq=last.seq + n, run_id=last.run_id, at=last.at, event=e) for n, e in enumerate(events, 1)),
    ]


async def test_approving_names_the_diff_that_was_shown() -> None:
    async with on_screen(journal.at_review()) as shown:
        await shown.press("a")
        assert "2 of 2 files were not seen to the end: 43 changed lines." in shown.text()
        await shown.press("y")
        assert shown.view.submitted == [ReviewChunk(request_id="R-2", verdict="approve", diff_hash="2" * 64)]


@pytest.mark.parametrize("size", [WIDE, NARROW, TINY])
async def test_a_key_meant_for_something_else_never_approves(size: Size) -> None:
    working = journal.records(journal.first_chunk(), journal.second_chunk_until_question())
    async with on_screen(working, size) as shown:
        await shown.go_to(journal.at_review())
        await shown.press_at_once("a", "a", "a")
        shown.clock.advance(0.39)
        await shown.press_at_once("a", "y")
        assert shown.view.submitted == [] and shown.app.screen is shown.screen
        shown.clock.advance(0.6)
        await shown.press_at_once("a", "y")
        assert shown.view.submitted == []
        await shown.press("y")
        assert len(shown.view.submitted) == 1


async def test_enter_in_the_moment_a_decision_appears_does_not_answer_it() -> None:
    async with on_screen(journal.working()) as shown:
        await shown.go_to(journal.at_decision())
        await shown.press_at_once("enter", "2", "enter")
        assert shown.view.submitted == []
        await shown.press("enter")
        assert shown.view.submitted == [AnswerDecision(request_id="D-2", option="1")]


async def test_a_digit_selects_and_enter_chooses() -> None:
    async with on_screen(journal.at_decision()) as shown:
        await shown.press("2")
        assert shown.view.submitted == []
        await shown.press("enter")
        assert shown.view.submitted == [AnswerDecision(request_id="D-2", option="2")]


async def test_keys_work_again_after_a_decision_was_answered() -> None:
    """The focus was in the prompt that went away: it must not stay there."""
    resolved = journal.records(
        journal.first_chunk(), journal.second_chunk_until_question(), journal.second_chunk_until_review()[:1]
    )
    async with on_screen(journal.at_decision()) as shown:
        await shown.press("enter")
        await shown.go_to(resolved)
        assert not shown.screen.frame.state.pending
        await shown.press("e")
        assert shown.screen.columns.chunk.tab == "log"
        await shown.go_to(journal.at_review())
        await shown.press("a", "y")
        assert isinstance(shown.view.submitted[-1], ReviewChunk)


async def test_a_free_answer() -> None:
    async with on_screen(journal.at_decision()) as shown:
        await shown.press("3", "enter", "s", "k", "u", "enter")
        assert shown.view.submitted == [AnswerDecision(request_id="D-2", text="sku")]


async def test_escape_leaves_a_free_answer_without_sending_it() -> None:
    async with on_screen(journal.at_decision()) as shown:
        await shown.press("3", "enter", "s", "escape", "1", "enter")
        assert shown.view.submitted == [AnswerDecision(request_id="D-2", option="1")]


async def test_the_prompt_says_why_it_escalated_and_what_it_blocks() -> None:
    async with on_screen(journal.at_decision()) as shown:
        text = shown.text()
        assert "Tier 2 preference" in text
        assert "moderate asks for tier 2, no locked preference" in text
        assert "step 3 Route POST /wishlist" in text
        assert "Created item (recommended)" in text


async def test_tier_four_is_confirmed_by_typing_the_word() -> None:
    async with on_screen(journal.at_tier_four()) as shown:
        assert "ALTER TABLE items DROP COLUMN saved;" in shown.text()
        await shown.press("2", "enter", "enter", "y", "e", "s", "enter")
        assert shown.view.submitted == []
        assert "Type the word" in shown.text()
        assert "Not confirmed" in shown.text()
        await shown.press(*["backspace"] * 3, *"confirm", "enter")
        assert shown.view.submitted == [AnswerDecision(request_id="D-3", option="2", subject_sha="5" * 64)]


async def test_a_message_being_typed_is_not_disturbed_by_a_prompt() -> None:
    async with on_screen(journal.working()) as shown:
        await shown.press("m", "h", "i")
        await shown.go_to(journal.at_decision())
        await shown.press("space", "a", "1")
        assert "decision waits" in shown.text()
        assert "Created item" not in shown.text()
        await shown.press("enter")
        assert shown.view.submitted == [SendMessage(text="hi a1")]
        assert "Created item" in shown.text()


async def test_a_draft_survives_closing_the_composer() -> None:
    async with on_screen(journal.working()) as shown:
        await shown.press("m", "h", "i", "escape", "m", "ctrl+j", "x", "enter")
        assert shown.view.submitted == [SendMessage(text="hi\nx")]


async def test_after_the_composer_closes_the_prompt_is_guarded_again() -> None:
    async with on_screen(journal.at_review()) as shown:
        await shown.press("m", "escape")
        await shown.press_at_once("a")
        assert shown.view.submitted == []


async def test_changes_are_requested_with_comments_on_lines() -> None:
    async with on_screen(journal.at_review()) as shown:
        await shown.press("d", "down", "down", "down", "i", "n", "o", "ctrl+s", "escape")
        assert "1 of your comments not sent yet" in shown.text()
        assert shown.view.submitted == []
        await shown.press("a")
        assert shown.view.submitted == []
        await shown.press("c", "s", "o", "ctrl+s")
        assert shown.view.submitted == [
            ReviewChunk(
                request_id="R-2",
                verdict="request_changes",
                diff_hash="2" * 64,
                comment="so",
                comments=(
                    ReviewComment(
                        text="no",
                        path="services/wishlist.py",
                        line=3,
                        quote="from domains.wishlist import Sku, WishlistItem",
                    ),
                ),
            )
        ]


async def test_empty_changes_are_not_sent() -> None:
    async with on_screen(journal.at_review()) as shown:
        await shown.press("c", "ctrl+s")
        assert shown.view.submitted == []


async def test_reverting_asks_once_more() -> None:
    async with on_screen(journal.at_review()) as shown:
        await shown.press("r", "n")
        assert shown.view.submitted == []
        await shown.press("r", "y")
        assert [c.verdict for c in shown.view.submitted if isinstance(c, ReviewChunk)] == ["revert"]


async def test_the_question_after_revert_is_guarded_too() -> None:
    async with on_screen(journal.at_review()) as shown:
        await shown.press("r")
        await shown.press_at_once("y")
        assert shown.view.submitted == []


async def test_steering() -> None:
    async with on_screen(journal.working()) as shown:
        await shown.press("p", "s", "S", "y")
        assert shown.view.submitted == [Pause(), Stop(when="boundary"), Stop(when="now")]
        await shown.go_to(then(journal.working(), Paused(by="user")))
        assert "PAUSED" in shown.text()


async def test_stopping_at_a_decision_is_confirmed() -> None:
    async with on_screen(journal.at_decision()) as shown:
        await shown.press("x")
        assert f"signoff resume {journal.RUN_ID}" in shown.text()
        await shown.press("y")
        assert shown.view.submitted == [DeclineDecision(request_id="D-2")]


async def test_a_question_of_the_engine() -> None:
    question = InputRequested(
        request_id="I-1",
        kind="environment",
        title="pnpm is not installed",
        detail="command not found: pnpm",
        options=(("retry", "Try again"), ("skip", "Go on without the check")),
    )
    async with on_screen(then(journal.working(), question)) as shown:
        assert "WAITING FOR YOU: input" in shown.text()
        await shown.press("2", "enter")
        assert shown.view.submitted == [AnswerInput(request_id="I-1", option="skip")]


async def test_several_questions_are_counted_and_turned() -> None:
    history = then(journal.at_decision(), journal.DESTRUCTIVE)
    async with on_screen(history) as shown:
        assert "1 of 2" in shown.text()
        await shown.press("o")
        assert "Tier 4 DESTRUCTIVE" in shown.text()
        assert "2 of 2" in shown.text()


async def test_a_refusal_is_told_in_its_line() -> None:
    async with on_screen(journal.at_review()) as shown:
        shown.view.refuse = "the diff has changed since it was shown [/]"
        await shown.press("a", "y")
        assert "the diff has changed" in shown.text()


async def test_a_recorded_run_can_be_read_but_not_steered() -> None:
    async with on_screen(journal.at_review(), live=False) as shown:
        await shown.press("a", "m", "p")
        assert shown.view.submitted == []
        assert "recorded run" in shown.text()
        await shown.press("d")
        assert "from http import HTTPStatus" in shown.text()


async def test_a_step_opens_its_chunk_and_escape_comes_back() -> None:
    async with on_screen(journal.at_review()) as shown:
        await shown.press("1", "home", "enter")
        assert "Chunk 1 - wishlist table" in shown.text()
        assert "Tokens of chunk 1" in shown.text()
        await shown.press("escape")
        assert "Chunk 2 - wishlist service" in shown.text()


async def test_a_diagnostic_and_a_decision_open_on_enter() -> None:
    async with on_screen(journal.at_blocked()) as shown:
        assert 'expected "Sku"' not in shown.text()
        await shown.press("4", "enter", "2", "enter")
        assert "expected" in shown.text()
        assert "ARCH-001" in shown.text()


async def test_panels_by_number_on_a_narrow_terminal() -> None:
    async with on_screen(journal.at_review(), NARROW) as shown:
        assert "? WAITING FOR YOU: review" in shown.text()
        assert "Review - chunk 2" in shown.text()
        await shown.press("5")
        assert "cache" in shown.text()
        await shown.press("1")
        assert "Route POST /wishlist" in shown.text()


async def test_columns_are_resized_by_key_and_remembered() -> None:
    async with on_screen(journal.at_review()) as shown:
        width = shown.screen.query_one("#left").size.width
        await shown.press("1", "greater_than_sign")
        assert shown.screen.query_one("#left").size.width == width + 2
    async with on_screen(journal.at_review()) as shown:
        assert shown.screen.query_one("#left").size.width == width + 2


async def test_the_end_says_where_the_files_are_and_the_next_command() -> None:
    async with on_screen(journal.at_blocked()) as shown:
        text = shown.text()
        assert "BLOCKED" in text
        assert "_implementation/BLOCKERS.md" in text
        assert f"signoff resume {journal.RUN_ID}" in text


async def test_leaving_a_live_run_says_how_to_resume_it() -> None:
    async with on_screen(journal.working()) as shown:
        await shown.press("q")
        assert f"signoff resume {journal.RUN_ID}" in shown.text()
        await shown.press("n")
        assert shown.app.is_running
        await shown.press("ctrl+q", "y")
    assert shown.app.return_code == 0


async def test_the_palette_holds_the_actions_and_autonomy() -> None:
    async with on_screen(journal.working()) as shown:
        commands = {c.title: c for c in shown.app.get_system_commands(shown.screen)}
        assert "Message to the worker" in commands
        assert "Theme: high-contrast" in commands
        commands["Autonomy: conservative"].callback()
        assert shown.view.submitted == [SetAutonomy(level="conservative")]


async def test_help_lists_the_keys() -> None:
    async with on_screen(journal.working()) as shown:
        await shown.press("question_mark")
        assert "go to a panel" in shown.text()
        await shown.press("escape")
        assert "go to a panel" not in shown.text()


async def test_what_streams_in_is_shown_before_it_is_in_the_journal() -> None:
    async with on_screen(journal.working()) as shown:
        shown.view.say(TextDelta(chunk=2, kind="text", text="half a sen"))
        await shown.settle()
        shown.screen.show_frame(shown.screen._bridge.frame())
        await shown.settle()
        assert "half a sen" in shown.text()


async def test_keys_in_the_key_bar_tabs_and_steps_take_the_mouse() -> None:
    async with on_screen(journal.at_review()) as shown:
        shown.clock.advance(1)
        await shown.pilot.click("#keys", offset=(1, 0))
        await shown.press("y")
        assert [c.verdict for c in shown.view.submitted if isinstance(c, ReviewChunk)] == ["approve"]
        await shown.pilot.click("#chunk-tabs", offset=(10, 0))
        await shown.settle()
        assert "from http import HTTPStatus" in shown.text()
        await shown.pilot.click("#plan-lines", offset=(5, 0))
        await shown.settle()
        assert "Chunk 1 - wishlist table" in shown.text()


async def test_a_click_in_the_moment_the_review_appears_approves_nothing() -> None:
    async with on_screen(journal.at_review()) as shown:
        await shown.pilot.click("#keys", offset=(1, 0))
        assert shown.view.submitted == []


async def test_a_column_is_resized_by_dragging_its_edge() -> None:
    async with on_screen(journal.at_review()) as shown:
        left = shown.screen.query_one("#left")
        width = left.size.width
        edge = shown.screen.query_one("#left-splitter").region
        await shown.pilot.mouse_down(offset=(edge.x, edge.y + 2))
        await shown.pilot.hover(offset=(edge.x - 5, edge.y + 2))
        await shown.pilot.mouse_up(offset=(edge.x - 5, edge.y + 2))
        await shown.settle()
        assert left.size.width == width - 5


async def test_a_panel_draws_again_only_when_its_slice_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_screen(journal.at_decision()) as shown:
        drawn: list[str] = []
        for panel in shown.screen.columns.panels:
            monkeypatch.setattr(panel, "draw", lambda _, key=panel.KEY: drawn.append(key))
        shown.screen.show_frame(shown.screen.frame)
        assert drawn == []
        await shown.go_to(then(journal.at_decision(), Paused(by="user")))
        assert "plan" not in drawn


@pytest.mark.parametrize("size", [NARROW, TINY])
async def test_the_word_can_be_seen_while_it_is_typed_on_small_terminals(size: Size) -> None:
    async with on_screen(journal.at_tier_four(), size) as shown:
        await shown.press(*["pagedown"] * 8, "2", "enter", *"conf")
        assert "conf" in shown.text().replace("confirm", "")
        assert "? " in shown.text().split("\n")[0]
        await shown.press(*"irm", "enter")
        assert shown.view.submitted == [AnswerDecision(request_id="D-3", option="2", subject_sha="5" * 64)]


async def test_the_subject_stays_in_sight_under_a_long_context() -> None:
    request = replace(journal.DESTRUCTIVE.request, context="A long story.\n" * 40)
    history = then(journal.working(), replace(journal.DESTRUCTIVE, request=request))
    async with on_screen(history, NARROW) as shown:
        assert "ALTER TABLE" in shown.text()


@pytest.mark.parametrize("size", [NARROW, TINY])
async def test_a_free_answer_can_be_seen_while_it_is_typed_on_small_terminals(size: Size) -> None:
    request = replace(journal.ASKED_DECISION.request, context="A long story.\n" * 40)
    history = then(journal.working(), replace(journal.ASKED_DECISION, request=request))
    async with on_screen(history, size) as shown:
        await shown.press("3", "enter", *"by sku")
        assert "by sku" in shown.text()


async def test_why_it_escalated_is_not_cut_on_a_narrow_terminal() -> None:
    policy = replace(journal.ASKED_DECISION.policy, reasons=("a long reason " * 5 + "its end",))
    history = then(journal.working(), replace(journal.ASKED_DECISION, policy=policy))
    async with on_screen(history, NARROW) as shown:
        assert "its end" in shown.text()


@pytest.mark.parametrize(
    "keys", [("a", "y"), ("c", "n", "o", "ctrl+s"), ("r", "y"), ("d", "a", "y"), ("d", "r", "y")]
)
async def test_after_a_verdict_the_stream_is_shown_again(keys: tuple[str, ...]) -> None:
    async with on_screen(journal.at_review()) as shown:
        await shown.press("e")
        assert shown.screen.columns.chunk.tab == "log"
        await shown.press(*keys)
        assert shown.view.submitted
        assert shown.screen.columns.chunk.tab == "stream"


async def test_the_palette_offers_only_what_works_now() -> None:
    def titles() -> set[str]:
        return {c.title for c in shown.app.get_system_commands(shown.screen)}

    async with on_screen(journal.working()) as shown:
        assert "Pause or resume" in titles()
        assert not titles() & {"Approve the chunk", "Go to the question", "Next question", "Latest chunk"}
        await shown.go_to(journal.at_review())
        assert {"Approve the chunk", "Go to the question"} <= titles()
        assert "Comment on the line" not in titles()
        await shown.go_to(journal.at_blocked())
        assert not titles() & {"Message to the worker", "Stop now", "Pause or resume"}


async def test_narrow_tabs_say_how_each_panel_stands() -> None:
    async with on_screen(journal.at_review(), NARROW) as shown:
        tabs = shown.text().split("\n")[2]
        assert "1 Plan 1/5" in tabs
        assert "4 Check ✓" in tabs
        assert "6 Rules 1!" in tabs


async def test_a_run_that_ended_shows_its_last_chunk_and_nothing_still_running() -> None:
    history = then(
        journal.working(),
        ToolStarted(call_id="c1", name="close_chunk", shown="close chunk", chunk=2, input={}),
        ChunkFinished(chunk=2, verdict="approved"),
        ConversationStarted(chunk=3),
        RunFinished(outcome="complete", reason="All done.", exit_code=0),
    )
    async with on_screen(journal.working()) as shown:
        shown.view.say(TextDelta(chunk=2, kind="text", text="half a sen"))
        await shown.go_to(
            then(journal.working(), RunFinished(outcome="stopped", reason="by you", exit_code=5))
        )
        assert "half a sen" not in shown.text()
        assert "! open" in shown.text()
        await shown.go_to(history)
        assert "Chunk 2 - wishlist service" in shown.text()
        assert "preparing" not in shown.text()
        assert "close chunk  ▸" not in shown.text()
        assert f"signoff journal show {journal.RUN_ID}" in shown.text()


async def test_an_option_that_is_out_of_sight_is_not_chosen_unseen() -> None:
    request = replace(journal.ASKED_DECISION.request, context="A long story.\n" * 40)
    history = then(journal.working(), replace(journal.ASKED_DECISION, request=request))
    async with on_screen(history, NARROW) as shown:
        assert "Created item" not in shown.text()
        await shown.press("enter")
        assert shown.view.submitted == []
        assert "Created item" in shown.text()
        await shown.press("enter")
        assert shown.view.submitted == [AnswerDecision(request_id="D-2", option="1")]


async def test_the_current_step_of_a_long_plan_is_in_sight() -> None:
    first, *rest = journal.working()
    assert isinstance(first.event, RunStarted)
    plan = first.event.plan
    steps = (*(Step(id=f"A{n}", title="earlier", line=1) for n in range(60)), *plan.steps)
    started = replace(first, event=replace(first.event, plan=replace(plan, steps=steps)))
    async with on_screen([started, *rest]) as shown:
        assert "▸ 2 " in shown.text()


async def test_nothing_is_approved_while_the_composer_covers_the_review() -> None:
    async with on_screen(journal.at_review()) as shown:
        await shown.press("m", "h", "i", "tab", "a", "r", "y", "x", "y")
        assert shown.view.submitted == []
        await shown.pilot.click("#chunk-stream")
        await shown.press("a", "p", "q", "y")
        assert shown.view.submitted == []
        await shown.press("m", "!", "enter")
        assert shown.view.submitted == [SendMessage(text="hi!")]
