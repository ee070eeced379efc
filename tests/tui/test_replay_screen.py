"""The replay screen by keys and mouse: moving, playing, searching; what waited then; diff and ledger."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from core.events import CheckFinished, DecisionRequested, RunFinished
from core.fold import fold
from tests.tui import journal_of_a_run as journal
from tests.tui import journal_of_decisions as decisions
from tests.tui.on_screen import NARROW, TINY, WIDE, Size
from tests.tui.recorded import HeldRecording, Replaying, of_journal, replaying
from tui.panels.base import Shown
from tui.screens.ledger import LedgerScreen
from tui.screens.review import ReviewScreen
from tui.screens.what_if import WhatIfScreen


def seqs_of(recording: HeldRecording, kind: type, *, failed: bool = False) -> list[int]:
    found = []
    for record in recording.records():
        event = record.event
        if isinstance(event, kind) and not (failed and isinstance(event, CheckFinished) and event.result.ok):
            found.append(record.seq)
    return found


def keys(shown: Replaying) -> str:
    return shown.text().split("\n")[-1]


# --- moving -----------------------------------------------------------------------------


async def test_it_opens_at_the_first_record_and_says_that_it_is_recorded() -> None:
    async with replaying(of_journal("python")) as shown:
        text = shown.text()
        assert shown.seq == 1 and "1 of 325" in text
        assert "recorded run" in text.split("\n")[0] and "recorded WISH-001" in text
        assert "‖ paused 1x" in text and "0:00 / 0:08" in text
        assert "space play" in keys(shown)


async def test_any_place_shows_what_a_live_run_had_shown_then() -> None:
    recording = of_journal("python-blocked")
    async with replaying(recording) as shown:
        for seq in (1, 19, 50, 102, 118, recording.length):
            shown.screen.jump(seq)
            await shown.settle()
            board = shown.screen.shown()
            state = fold(list(recording.records(last=seq)))
            assert board.state == state
            if state.chunk is not None:
                assert board.chunk is not None
                assert tuple(board.chunk.entries) == tuple(recording.entries(board.chunk.number, seq))


async def test_one_event_on_and_back_and_the_edges() -> None:
    async with replaying(of_journal("python")) as shown:
        await shown.press(".", ".", ".", ",")
        assert shown.seq == 3
        await shown.press("end")
        assert shown.seq == 325 and "325 of 325" in shown.text()
        await shown.press(".")
        assert shown.seq == 325
        await shown.press("home", ",")
        assert shown.seq == 1


async def test_failures_decisions_and_chunks_are_gone_to() -> None:
    recording = of_journal("python-blocked")
    failed = seqs_of(recording, CheckFinished, failed=True)
    asked = seqs_of(recording, DecisionRequested)
    async with replaying(recording) as shown:
        await shown.press("f", "f")
        assert shown.seq == failed[1] and "check after fix 1: failed, 1 error" in shown.text()
        await shown.press("F")
        assert shown.seq == failed[0]
        await shown.press("home", "d", "d")
        assert shown.seq == asked[1]
        await shown.press("D")
        assert shown.seq == asked[0]
        await shown.press(">")
        assert shown.event == "chunk_started" and shown.screen.frame.state.chunks[-1].number == 2
        await shown.press(".", "<")
        assert shown.event == "chunk_started" and shown.screen.frame.state.chunks[-1].number == 2
        await shown.press("<")
        assert shown.event == "chunk_started" and shown.screen.frame.state.chunks[-1].number == 1
        await shown.press("end", "f")
        assert shown.seq == recording.length and "There is no later failure." in shown.text()


async def test_a_number_of_steps_at_once_is_one_way() -> None:
    """Keys work while a place is being read; what they ask for meanwhile is gone to at once."""
    recording = of_journal("python")
    async with replaying(recording) as shown:
        recording.open.clear()
        for _ in range(30):
            await shown.pilot.press(".")
        assert shown.screen.position == 31 and not shown.screen.settled
        assert "31 of 325" in shown.text()
        recording.sought.clear()
        recording.open.set()
        await shown.settle()
        assert shown.seq == 31 and len(recording.sought) <= 2


async def test_a_panel_with_the_focus_leaves_the_timeline_its_keys() -> None:
    async with replaying(of_journal("python")) as shown:
        await shown.press("]", "end", "home", "g")
        assert shown.seq == 1 and shown.screen.line.typing == "go"


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_brackets_go_through_the_panels(size: Size) -> None:
    async with replaying(of_journal("python"), size) as shown:
        seen = []
        for _ in range(6):
            await shown.press("]")
            seen.append(shown.screen.columns.focused)
        assert len({panel.KEY for panel in seen if panel}) == 6
        await shown.press("[")
        assert shown.screen.columns.focused is seen[-2]


async def test_a_click_and_a_drag_on_the_timeline() -> None:
    async with replaying(of_journal("python")) as shown:
        timeline = shown.screen.query_one("#timeline")
        await shown.pilot.click(timeline, offset=(159, 1))
        await shown.settle()
        assert shown.seq == 325
        await shown.pilot.mouse_down(timeline, offset=(100, 1))
        await shown.pilot.hover(timeline, offset=(40, 1))
        await shown.settle()
        assert 75 < shown.seq < 85
        await shown.pilot.mouse_up(timeline, offset=(40, 1))
        await shown.pilot.hover(timeline, offset=(80, 1))
        await shown.settle()
        assert 75 < shown.seq < 85, "nothing is dragged any more"


async def test_left_and_right_on_the_timeline() -> None:
    async with replaying(of_journal("python")) as shown:
        shown.screen.query_one("#timeline").focus()
        await shown.press("right", "right", "left")
        assert shown.seq == 2


# --- playing ----------------------------------------------------------------------------


async def played(shown: Replaying, seconds: float) -> int:
    """The record that is shown after so many seconds of playing."""
    shown.clock.advance(seconds)
    before = shown.screen.position
    for _ in range(40):
        shown.screen._play_on()
        for worker in [w for w in shown.app.workers if w.group == "play" and not w.is_finished]:
            await worker.wait()
        await shown.settle()
        if shown.screen.position != before:
            break
    return shown.seq


async def test_it_plays_and_no_wait_is_longer_than_one_and_a_half_seconds() -> None:
    recording = HeldRecording(journal.at_review())
    async with replaying(recording) as shown:
        await shown.press("space")
        assert "▸ playing 1x" in shown.text() and "space pause" in keys(shown)
        # Seven seconds lie between two records.
        shown.clock.advance(0.9)
        shown.screen._play_on()
        await shown.settle()
        assert shown.seq == 1
        assert await played(shown, 0.7) == 2
        await shown.press("space")
        assert "‖ paused" in shown.text()


async def test_speed_and_the_end() -> None:
    recording = HeldRecording(journal.working())
    async with replaying(recording) as shown:
        await shown.press("5", "space")
        assert "playing 30x" in shown.text()
        assert await played(shown, 1.0) == 21
        shown.screen.jump(recording.length - 1)
        assert await played(shown, 1.0) == recording.length
        assert "‖ paused 30x" in shown.text()
        await shown.press("space")
        assert shown.seq == 1 and "playing" in shown.text(), "at the end it begins anew"


async def test_going_elsewhere_while_it_plays() -> None:
    recording = HeldRecording(journal.at_review())
    async with replaying(recording) as shown:
        await shown.press("space")
        shown.screen.jump(30)
        assert await played(shown, 1.0) == 30 and await played(shown, 0.6) == 31
        await shown.press("d")
        assert "‖ paused" in shown.text(), "a mark is gone to in order to look at it"


# --- a source that grows, has no times, is damaged --------------------------------------


async def test_what_is_read_meanwhile_can_be_gone_to() -> None:
    recording = of_journal("python")
    recording.shown, recording.indexed = 40, 0.12
    async with replaying(recording) as shown:
        assert "12% read so far" in shown.text() and "1 of 40" in shown.text()
        await shown.press("f")
        assert "no later failure that was read so far" in shown.text()
        recording.shown, recording.indexed = 325, 1.0
        shown.screen._tick()
        await shown.settle()
        assert "1 of 325" in shown.text() and "read so far" not in shown.text().split("\n")[-4]
        await shown.press("f")
        assert shown.event == "check_finished"


async def test_a_recording_that_is_empty_yet() -> None:
    recording = of_journal("python")
    recording.shown, recording.indexed = 0, 0.0
    async with replaying(recording) as shown:
        await shown.press(".", ">", "f", "space", "end", "v", "L", "escape", "g", "5", "enter", "escape")
        assert "0 of 0" in shown.text()
        recording.shown = 10
        shown.screen._tick()
        await shown.settle()
        assert "of 10" in shown.text()
        await shown.press(".")
        assert shown.seq > 0


async def test_a_damaged_one_says_up_to_where_it_opens() -> None:
    history = journal.at_review()[:40]
    damage = "/somewhere/far/away/journal.jsonl:42: not a JSON line: unexpected end of data"
    async with replaying(HeldRecording(history, damage=damage), NARROW) as shown:
        assert "damaged: opens up to record 40. journal.jsonl:42: not a JSON" in shown.text()
        await shown.press("end")
        assert shown.seq == 40


async def test_without_times_there_are_numbers_only() -> None:
    async with replaying(HeldRecording(journal.at_review(), timed=False)) as shown:
        await shown.press("end")
        text = shown.text()
        assert f"1x   {shown.seq} of {shown.seq} " in text
        assert not re.search(r"\d:\d\d", text)
        await shown.press("g", *"0:10", "enter")
        assert "no times" in shown.text() and shown.screen.line.typing == "go"
        await shown.press("escape")
        assert not shown.screen.line.typing


# --- go to, search ----------------------------------------------------------------------


async def test_go_to_by_typing() -> None:
    async with replaying(of_journal("python")) as shown:
        await shown.press("g", *"chunk 3", "enter")
        assert shown.event == "chunk_started" and not shown.screen.line.typing
        await shown.press("g", *"45%", "enter")
        assert shown.seq == round(325 * 0.45)
        await shown.press("g", *"never", "enter")
        assert "expected a time" in shown.text() and "Go to:" in shown.text()
        await shown.press("escape")
        assert shown.seq == round(325 * 0.45) and "Go to:" not in shown.text()
        await shown.press(".")
        assert shown.seq == round(325 * 0.45) + 1, "the keys are the timeline's again"


async def test_search_forwards_backwards_and_around() -> None:
    recording = of_journal("python")
    texts = [r.seq for r in recording.records() if "note_file" in repr(r)]
    async with replaying(recording) as shown:
        await shown.press("/", *"NOTE_file", "enter")
        assert shown.seq == texts[1], "record 1, where it stands, has it too"
        assert "note_file" in shown.text().split("\n")[-2] and "n find next" in keys(shown)
        await shown.press("n")
        assert shown.seq == texts[2]
        await shown.press("N", "N")
        assert shown.seq == texts[0]
        await shown.press("N")
        assert shown.seq == texts[-1] and "from the end on again" in shown.text()
        await shown.press("/", "ctrl+u", *"nowhere at all", "enter")
        assert "No record has 'nowhere at all'." in shown.text() and shown.seq == texts[-1]


# --- what waited then -------------------------------------------------------------------


async def test_a_question_is_shown_as_it_was_with_its_answer_and_takes_no_key() -> None:
    history = journal.at_review()
    raised = next(r.seq for r in history if r.event == journal.ASKED_DECISION)
    async with replaying(HeldRecording(history)) as shown:
        await shown.press("g", *str(raised), "enter")
        text = shown.text()
        assert "WAITING FOR YOU: decision" in text and "? Decision - Tier 2 preference" in text
        assert "Created item (recommended)" in text and "matches GET /items" in text
        assert f"answered at record {raised + 1} by user: Created item" in text
        await shown.press("0", "enter", "1", "enter", "x", "l", "t")
        assert shown.seq == raised and "Which tier" not in shown.text()
        assert not shown.screen.dock.query("TypedLine")


async def test_what_would_have_happened_is_shown_whole() -> None:
    history = journal.at_tier_four()
    async with replaying(HeldRecording(history)) as shown:
        await shown.press("end", "0", "pagedown", "pagedown")
        assert "not answered in this recording" in shown.text() or "Exactly what" in shown.text()
        prompt = shown.screen.dock.prompt
        assert prompt is not None
        said = "\n".join(line.rows(200)[0].plain for line in prompt.body.lines)
        assert "ALTER TABLE items DROP COLUMN saved;" in said and "WHERE owner IS NULL;" in said
        assert "✓ not answered" not in said and "not answered in this recording" in said


async def test_a_review_says_how_it_ended_and_a_batch_what_was_in_it() -> None:
    async with replaying(of_journal("python")) as shown:
        await shown.press("g", *"50", "enter")
        assert shown.event == "review_requested"
        assert "? Review - chunk 1" in shown.text()
        assert "answered at record 51 by answers file: approve" in shown.text()
        assert " approve " not in keys(shown)
    async with replaying(HeldRecording(decisions.batch_presented())) as shown:
        await shown.press("end")
        assert "put off until now" in shown.text()


@pytest.mark.parametrize(
    ("name", "words"), [("python", ""), ("python-blocked", "Go on with it: signoff resume WISH-001-")]
)
async def test_the_end_says_what_can_be_done_now(name: str, words: str) -> None:
    async with replaying(of_journal(name)) as shown:
        await shown.press("end")
        text = shown.text()
        assert ("✓ Complete" in text) == (not words) and ("signoff resume" in text) == bool(words)
        assert words in text


# --- the diff, the log, an earlier chunk ------------------------------------------------


async def test_the_diff_opens_from_the_blobs_to_be_read_only() -> None:
    async with replaying(of_journal("python")) as shown:
        await shown.press("v")
        assert "No file is changed yet." in shown.text()
        await shown.press("g", *"50", "enter", "v")
        assert isinstance(shown.app.screen, ReviewScreen)
        text = shown.text()
        assert "core/wishlist/item.py" in text and "A wishlist item that cannot be invalid" in text
        assert "approve" not in keys(shown)
        await shown.press("a", "c", "r", "x", "escape")
        assert shown.app.screen_stack == [shown.screen] and shown.seq == 50


async def test_a_content_that_is_lost_is_said() -> None:
    history = list(of_journal("python").records(last=50))
    async with replaying(HeldRecording(history)) as shown:
        await shown.press("end", "v")
        assert shown.app.screen is shown.screen
        assert "can't be shown: blob" in shown.text()
        await shown.press("3", "tab")
        await shown.screen.columns.chunk.open_tab("diff")
        await shown.settle()
        assert "can't be shown: blob" in shown.text()


async def test_an_earlier_chunk_through_the_plan() -> None:
    async with replaying(of_journal("python")) as shown:
        await shown.press("end")
        plan = shown.screen.columns.panel("plan")
        plan.focus_body()
        plan.body.select("step:1")
        await shown.press("enter")
        board: Shown = shown.screen.shown()
        assert board.pinned and board.chunk is not None and board.chunk.number == 1
        assert "open chunk: wishlist item and its port" in shown.text() and "esc latest chunk" in keys(shown)
        await shown.press("e")
        assert "## Chunk 1" in shown.text()
        await shown.press("e", "escape")
        assert not shown.screen.shown().pinned


# --- decisions --------------------------------------------------------------------------


async def test_the_ledger_has_all_decisions_those_to_come_too() -> None:
    async with replaying(of_journal("python")) as shown:
        await shown.press("d", "d", "L")
        assert isinstance(shown.app.screen, LedgerScreen)
        text = shown.text()
        assert "4 decisions: 2 auto, 2 asked" in text
        assert text.count("later") == 2
        await shown.press("end", "g")
        assert shown.event == "decision_requested" and len(shown.screen.frame.state.decisions) == 4


@pytest.mark.parametrize(
    ("name", "words"),
    [("python", "The run is complete"), ("python-blocked", "signoff resume WISH-001-20261124-123956-a232")],
)
async def test_the_ledger_of_a_recording_says_how_to_overturn(name: str, words: str) -> None:
    async with replaying(of_journal(name)) as shown:
        await shown.press("L")
        assert "overturn" not in keys(shown)
        await shown.press("v")
        assert words in " ".join(shown.text().replace("▌", "").split()) and isinstance(
            shown.app.screen, LedgerScreen
        )


async def test_what_if_is_of_the_decisions_up_to_here() -> None:
    async with replaying(of_journal("python")) as shown:
        await shown.press("W")
        assert "No decision was taken up to here." in shown.text()
        await shown.press("d", ".", "W")
        assert isinstance(shown.app.screen, WhatIfScreen)
        assert "Interruptions by level" in shown.text()


# --- small terminals, hostile texts -----------------------------------------------------


@pytest.mark.parametrize("size", [NARROW, TINY, (40, 10), (12, 3)])
async def test_every_key_works_in_every_size(size: Size) -> None:
    recording = of_journal("python-blocked")
    async with replaying(recording, size) as shown:
        await shown.press("f", "F", "d", "D", ">", "<", ".", ",", "]", "[", "e", "e")
        await shown.press("/", *"zz", "enter", "g", *"50%", "enter", "L", "escape", "?", "escape", "end")
        assert shown.seq == recording.length
        if size == TINY:
            lines = shown.text().split("\n")
            assert lines[0].strip().startswith("✗") and lines[-2].startswith("133/133")
            assert lines[-1].startswith(" space play")


async def test_texts_of_a_recording_are_no_markup_and_no_control_codes() -> None:
    said = "\x1b[2J\u202e[@click=app.quit]quit[/]"
    events = [*journal.first_chunk(), RunFinished(outcome="stopped", reason=said, exit_code=5)]
    recording = HeldRecording(journal.records([journal.started()], events)[1:], damage=f"x:1: {said}")
    recording.title = said
    async with replaying(recording) as shown:
        await shown.press("end", "/", *"quit", "enter")
        text = shown.text()
        assert "\x1b" not in text and "\u202e" not in text
        assert "[@click=app.quit]quit[/]" in text


async def test_leaving_ends_the_application() -> None:
    async with replaying(of_journal("python")) as shown:
        await shown.pilot.press("q")
        await shown.pilot.pause()
        assert shown.app.return_value is None and not shown.app.is_running


async def test_the_clock_of_the_run_stands_at_the_record() -> None:
    history = journal.at_review()
    async with replaying(HeldRecording(history)) as shown:
        shown.clock.moment += timedelta(days=3)
        await shown.press("g", *"10", "enter")
        assert "1:03" in shown.text().split("\n")[1]
