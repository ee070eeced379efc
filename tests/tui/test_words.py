"""The pure parts of the screen: header, keys, tokens, attention, layout."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.events import ReviewRequested
from core.fold import fold
from core.run_state import RunState
from tests.recorded_run import RecordedRun
from tests.tui import journal_of_a_run as journal
from tests.tui.on_screen import NARROW, WIDE, on_screen
from tui import attention
from tui.dock.prompt_lines import review_title
from tui.header import HeaderFacts, activity_words, chunk_words, header_rows
from tui.keys import Situation, keys_now
from tui.layout import Layout, load_layout, save_layout
from tui.live import Live, Piece
from tui.panels.check import attempts_line, short_command
from tui.panels.tokens import cost_words, short_count, sparkline
from tui.safe_text import row, safe, split_row
from tui.stream_lines import live_lines


def facts(state: RunState, *, seconds: int = 4, silent: float = 0.0, open_turn: bool = False) -> HeaderFacts:
    since = state.activity.since if state.activity else journal.START
    return HeaderFacts(state, Live(turn_open=open_turn), since + timedelta(seconds=seconds), silent)


def test_the_header_says_what_and_for_how_long() -> None:
    state = fold(journal.working())
    assert activity_words(facts(state)) == "waiting for the model, 4 s"
    assert activity_words(facts(state, seconds=75)) == "waiting for the model, 1:15"


def test_ten_silent_seconds_are_said() -> None:
    state = fold(journal.working())
    assert activity_words(facts(state, silent=12.0, open_turn=True)) == "no answer for 12 s"
    assert "no answer" not in activity_words(facts(state, silent=9.9, open_turn=True))


@pytest.mark.parametrize("width", [1, 5, 20, 40, 80, 110, 160])
@pytest.mark.parametrize("height", [1, 2])
def test_the_pill_never_disappears_and_no_row_is_too_wide(width: int, height: int) -> None:
    rows = header_rows(facts(fold(journal.at_review())), width, height)
    assert all(r.cell_length <= width for r in rows)
    assert any(r.plain.strip().startswith("?") for r in rows)


def test_a_scripted_model_and_a_missing_sandbox_are_said() -> None:
    state = fold(journal.working())
    text = "".join(r.plain for r in header_rows(facts(state), 160, 2))
    assert "scripted model" in text
    assert "no sandbox" in text
    quiet = replace(state, scripted=False, sandboxed=True)
    text = "".join(r.plain for r in header_rows(facts(quiet), 160, 2))
    assert "scripted" not in text
    assert "sandbox" not in text


def keys(situation: Situation) -> list[str]:
    return [hint.key for hint in keys_now(situation)]


def test_only_keys_that_work_now_are_offered() -> None:
    assert keys(Situation())[:4] == ["d", "m", "p", "s"]
    assert keys(Situation(prompt="review"))[:5] == ["a", "c", "r", "d", "x"]
    assert keys(Situation(prompt="decision", pending=2))[:7] == ["enter", "l", "w", "e", "t", "x", "o"]
    assert not {"l", "w"} & set(keys(Situation(prompt="decision", preferable=False)))
    assert keys(Situation(prompt="decision", stage="retiering")) == ["1-5", "enter", "esc"]
    assert keys(Situation(prompt="batch"))[:4] == ["A", "enter", "R", "x"]
    assert "v" not in keys(Situation()) and "v" in keys(Situation(overturnable=True))
    assert keys(Situation(prompt="decision", prompt_focused=False))[0] == "0"
    assert keys(Situation(prompt="decision", composer="message")) == ["enter", "ctrl+j", "esc"]
    assert keys(Situation(composer="message", composer_focused=False)) == ["m", "esc", "?"]
    assert keys(Situation(live=False, prompt="review")) == ["d", "?", "q"]
    assert "s" not in keys(Situation(stopping=True))


def test_an_unknown_price_is_said_not_invented() -> None:
    assert cost_words(None, 2.0) == "not priced"
    assert cost_words(0.314, 2.0) == "$0.31 of $2.00"


def test_counts_are_short_and_bars_reach_the_top() -> None:
    assert [short_count(n) for n in (0, 999, 1000, 9949, 9950, 42_300, 999_499, 1_300_000)] == [
        "0", "999", "1.0k", "9.9k", "10k", "42k", "999k", "1.3M",
    ]  # fmt: skip
    assert sparkline([0, 5, 10]) == "▁▅█"
    assert sparkline([0, 0]) == "▁▁"


def test_a_notification_holds_no_control_byte_and_no_field_of_its_own() -> None:
    sequence = attention.notice_sequences("a;b", "evil\x1b]52;c;x\x07")
    body = sequence.removeprefix("\x1b]9;").split("\x07")[0]
    assert "\x1b" not in body
    assert sequence.count("\x07") == 2
    assert "a,b" in sequence


def test_every_request_and_the_end_call_the_engineer() -> None:
    assert attention.calls(fold(journal.working())) == ()
    assert attention.calls(fold(journal.at_review())) == ("R-2",)
    assert attention.calls(fold(journal.at_blocked())) == ("ended:blocked",)


def test_sizes_are_remembered_within_bounds(tmp_path: Path) -> None:
    assert load_layout() == Layout()
    sizes = Layout().widened("left", 6).widened("right", -1000).weighted("plan", 2)
    save_layout(sizes)
    assert load_layout() == sizes
    assert sizes.right == 18


@pytest.mark.parametrize("content", ["", "[]", "{", '{"left": "x", "right": 1, "weights": {}}', "{}"])
def test_a_broken_layout_file_is_no_problem(content: str, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "layout.json").write_text(content, encoding="utf-8")
    assert load_layout() == Layout()


def test_safe_text_shows_controls_and_is_no_markup() -> None:
    assert safe("a\x1b[31m\u202eb").plain == "a␛[31m<U+202E>b"
    assert safe("[bold]x[/]").plain == "[bold]x[/]"
    assert safe("[@click=app.quit]x").spans == []
    assert "\n" not in row("a\nb").plain


def test_the_right_side_gives_way_first() -> None:
    left, right = row("left side"), row("right")
    assert split_row(left, right, 20).plain == "left side      right"
    assert split_row(left, right, 14).plain == "left side  ri…"
    assert split_row(left, right, 6).plain == "left …"


def test_a_pause_says_what_still_runs_and_the_key_that_ends_it() -> None:
    working = replace(fold(journal.working()), paused=True)
    assert activity_words(facts(working)) == "after this: waiting for the model, 4 s; p resumes"
    assert activity_words(facts(replace(working, activity=None))) == "p resumes"


def test_a_stop_that_is_to_come_is_always_said() -> None:
    for history in (journal.working(), journal.at_review()):
        state = replace(fold(history), stopping="boundary")
        assert activity_words(facts(state)).endswith("; stops when the chunk is finished")


def test_more_chunks_than_steps_are_not_counted_out_of_the_steps() -> None:
    state = fold(journal.at_review())
    assert chunk_words(state) == "chunk 2/5"
    assert chunk_words(replace(state, steps=state.steps[:1])) == "chunk 2"


def test_only_the_call_that_is_written_now_is_shown() -> None:
    pieces = (Piece("tool", '{"path": "a.py"}{"path": "b.py", "text": "x = {}'),)
    text = "\n".join(line.content.plain for line in live_lines(Live(pieces=pieces)))
    assert "b.py" in text
    assert "a.py" not in text


def test_all_attempts_since_the_first_check_are_in_the_line() -> None:
    run = RecordedRun("python-blocked")
    attempts = run.state.chunks[1].attempts
    assert attempts_line(attempts).content.plain == "initial 1✗ │ fix 1 1✗ │ fix 2 3✗"


def test_the_review_counts_reviews_not_closings() -> None:
    run = RecordedRun("python", ReviewRequested, nth=2)
    chunk = run.state.chunks[1]
    assert chunk.round > 1
    assert "round" not in review_title(chunk, 0, 1).plain


def test_a_check_command_is_shortened_to_what_tells_it_apart() -> None:
    long = "mypy --no-color-output --no-pretty --show-column-numbers --strict"
    assert short_command("mypy --strict services") == "mypy --strict services"
    assert short_command(long) == "mypy …"
    assert short_command(f"pnpm --filter api exec tsc --noEmit --pretty && {long} src") == (
        "pnpm … api exec tsc … && mypy … src"
    )


async def test_the_key_bar_says_it_short_where_it_does_not_fit() -> None:
    for size, words in ((WIDE, "l lock as project preference"), (NARROW, "l lock  w remember")):
        async with on_screen(journal.at_decision(), size) as shown:
            assert words in shown.text().split("\n")[-1]
