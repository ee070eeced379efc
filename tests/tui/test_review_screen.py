"""Every key of the review screen, what is bound to the diff that was shown, and what outlives the screen."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.commands import FoldEdits, ReviewChunk, WaiveFinding
from core.diff import diff_hash
from core.events import ChunkFinished, ReviewResolved
from tests.tui import journal_of_a_review as journal
from tests.tui.journal_of_decisions import then
from tests.tui.on_screen import NARROW, TINY, WIDE, Size
from tests.tui.reviewing import Reviewing, reviewing
from tui.app import SignoffApp
from tui.review.rows import SplitRow, UnifiedRow
from tui.screens.confirm import Confirm
from tui.screens.help import HelpScreen

HASH = diff_hash(journal.changes(journal.texts()))
APPROVED = ReviewChunk(request_id="R-2", verdict="approve", diff_hash=HASH)
DRAFT_LINE = journal.SERVICE_AFTER.split("\n").index("        self._clock = clock") + 1


def under_cursor(shown: Reviewing) -> str:
    row = shown.diff.row
    return "\n".join(content.plain for content in row.rows(200)) if row is not None else ""


# --- what it shows ----------------------------------------------------------------------


async def test_it_shows_the_chunk_as_one() -> None:
    async with reviewing() as shown:
        text = shown.text()
        for words in (
            "Chunk 2 - wishlist service",
            "initial 1✗ │ fix 1 ✓",
            "4 files +317 -307",
            "1 decision",
            "Add an item for a user",
            "AC-1  An item can be added",
            "Response shape of POST /wishlist: Created item  by user, ARCH-001",
            "apps/api/routes/wishlist.ts  create",
        ):
            assert words in text


async def test_what_stands_at_its_lines() -> None:
    async with reviewing(journal.with_findings()) as shown:
        await shown.press("right_square_bracket", "right_square_bracket")
        rows = shown.text().split("\n")
        todo = next(n for n, row in enumerate(rows) if "# TODO" in row)
        assert "no-todo: a TODO stands for the work itself" in rows[todo + 1]
        rank = next(n for n, row in enumerate(rows) if "+ def _rank" in row)
        assert 'name-defined: Name "_rank" is not defined' in rows[rank + 1]
        await shown.press("g")
        assert "apps/api/app.py:12:1" in shown.text() and 'Missing argument "clock"' in shown.text()


async def test_the_next_round_shows_what_each_comment_led_to() -> None:
    view = journal.ReviewView(journal.at_second_review(), journal.texts(journal.SERVICE_SECOND))
    view.outcomes = journal.OUTCOMES
    async with reviewing(view=view) as shown:
        text = shown.text()
        await shown.press("right_square_bracket", "right_square_bracket")
        text += shown.text()
        for words in (
            "round 2",
            "Close. One set, whoever typed its number.",
            "C1 changed  stale: it was on line 17",
            "you said: This leaves 10497 and 10497-1 as two sets.",
            "worker: normalised() it is, with a test.",
            "C2 not changed",
            "C3 gone: its file is not in the diff any more",
            "the worker says nothing to it",
        ):
            assert words in text


async def test_a_waived_finding_says_why() -> None:
    waived = journal.waived(journal.FINDINGS[0], "AC-3 comes with the next step")
    async with reviewing(then(journal.with_findings(), waived)) as shown:
        await shown.press("right_square_bracket", "right_square_bracket")
        assert "waived by user: AC-3 comes with the next step" in shown.text()
        assert "1 finding (1 waived)" in shown.text()


# --- moving -----------------------------------------------------------------------------


async def test_n_goes_from_change_to_change() -> None:
    async with reviewing() as shown:
        await shown.press("n", "n", "n")
        assert "from packages.core.clock" in under_cursor(shown)
        await shown.press("n")
        assert "WishlistRepository) -> None:" in under_cursor(shown)
        await shown.press("N", "N")
        assert "def notes" in under_cursor(shown)


async def test_brackets_go_from_file_to_file() -> None:
    async with reviewing() as shown:
        await shown.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        assert journal.LOCK in under_cursor(shown)
        await shown.press("left_square_bracket")
        assert journal.SERVICE in under_cursor(shown)
        await shown.press("G", "g")
        assert journal.ROUTE in under_cursor(shown)


async def test_the_list_of_files_leads_to_them() -> None:
    async with reviewing() as shown:
        shown.screen.files.focus()
        await shown.press("down", "down")
        assert journal.SERVICE in under_cursor(shown)
        await shown.press("enter")
        assert shown.diff.has_focus
        await shown.press("right_square_bracket")
        assert shown.screen.files.cursor_key == journal.LOCK


async def test_split_keeps_the_line_under_the_cursor() -> None:
    async with reviewing() as shown:
        await shown.go_to_line(journal.SERVICE, DRAFT_LINE)
        await shown.press("vertical_line")
        row = shown.diff.row
        assert isinstance(row, SplitRow) and row.new is not None and row.new.new_no == DRAFT_LINE
        await shown.press("vertical_line")
        row = shown.diff.row
        assert isinstance(row, UnifiedRow) and row.line.new_no == DRAFT_LINE


async def test_split_needs_width() -> None:
    async with reviewing(size=NARROW) as shown:
        await shown.press("vertical_line")
        assert not any(isinstance(row, SplitRow) for row in shown.diff.lines)
        assert "1/4" in shown.text() and "need 100 columns" in shown.told()


async def test_a_folded_file_opens_and_folds_again() -> None:
    async with reviewing() as shown:
        await shown.press("G", "enter", "n")
        assert "pkg-0@1.0.0" in under_cursor(shown)
        await shown.go_to_line(journal.LOCK)
        await shown.press("enter")
        assert "600 changed lines folded" in shown.text()


# --- seen and reviewed ------------------------------------------------------------------


async def test_a_file_is_seen_once_its_last_line_was_on_the_screen() -> None:
    async with reviewing(size=NARROW) as shown:
        desk = shown.screen.desk
        await shown.press("right_square_bracket", "right_square_bracket")
        assert desk.mark(journal.SERVICE) == ""
        await shown.press(*["pagedown"] * 3)
        assert desk.mark(journal.SERVICE) == "seen"


async def test_a_folded_file_is_never_seen_until_it_is_opened() -> None:
    async with reviewing() as shown:
        await shown.press("G")
        assert shown.screen.desk.mark(journal.LOCK) == ""
        assert "1 not seen" in shown.text()
        await shown.press("enter", "G")
        assert shown.screen.desk.mark(journal.LOCK) == "seen"
        assert "all seen" in shown.text()


async def test_space_marks_a_file_as_reviewed() -> None:
    async with reviewing() as shown:
        await shown.press("G", "space")
        assert shown.screen.desk.mark(journal.LOCK) == "reviewed"
        await shown.press("space")
        assert shown.screen.desk.mark(journal.LOCK) == ""


# --- approving --------------------------------------------------------------------------


async def test_a_diff_that_was_seen_is_approved_at_once() -> None:
    async with reviewing() as shown:
        await shown.press("G", "space", "a")
        assert shown.view.submitted == [APPROVED]
        assert not shown.is_open


@pytest.mark.parametrize("size", [WIDE, NARROW, TINY])
async def test_what_was_not_seen_is_asked_about(size: Size) -> None:
    async with reviewing(size=size) as shown:
        await shown.press("a")
        assert shown.view.submitted == []
        assert isinstance(shown.shown.app.screen, Confirm)
        if size == WIDE:
            assert "2 of 4 files were not seen to the end: 614 changed lines." in shown.text()
        await shown.press("n")
        assert shown.view.submitted == [] and shown.is_open
        await shown.press("a", "y")
        assert shown.view.submitted == [APPROVED]
        assert not shown.is_open


async def test_approving_with_a_note() -> None:
    async with reviewing() as shown:
        await shown.press("G", "space", "A", *"good", "ctrl+s")
        assert shown.view.submitted == [
            ReviewChunk(request_id="R-2", verdict="approve", diff_hash=HASH, comment="good")
        ]


async def test_a_note_is_kept_when_something_was_not_seen() -> None:
    async with reviewing() as shown:
        await shown.press("A", *"good", "ctrl+s", "n")
        assert shown.view.submitted == [] and "good" in shown.text()
        await shown.press("ctrl+s", "y")
        (command,) = shown.view.submitted
        assert isinstance(command, ReviewChunk) and command.comment == "good"


async def test_unsent_comments_are_not_approved_away() -> None:
    async with reviewing() as shown:
        await shown.press("n", "x", "a", "A")
        assert shown.view.submitted == [] and "comments that are not sent" in shown.told()


async def test_revert_asks_first() -> None:
    async with reviewing() as shown:
        await shown.press("r")
        assert "4 files go back to the byte where chunk 2 began." in shown.text()
        await shown.press("n")
        assert shown.view.submitted == []
        await shown.press("r", "y")
        assert shown.view.submitted == [ReviewChunk(request_id="R-2", verdict="revert", diff_hash=HASH)]


# --- comments ---------------------------------------------------------------------------


async def test_comments_go_as_one_review() -> None:
    async with reviewing() as shown:
        await shown.go_to_line(journal.SERVICE, DRAFT_LINE)
        await shown.press("i", *"why", "ctrl+s")
        assert "your comment on line" in shown.text() and "1 comment not sent" in shown.text()
        await shown.press("right_square_bracket", "i", *"file", "ctrl+s")
        assert shown.view.submitted == []
        await shown.press("c", *"all", "ctrl+s")
        (command,) = shown.view.submitted
        assert isinstance(command, ReviewChunk)
        assert (command.verdict, command.comment) == ("request_changes", "all")
        line, file = command.comments
        assert (line.path, line.line, line.end_line, line.side, line.text) == (
            journal.SERVICE, DRAFT_LINE, None, "new", "why",
        )  # fmt: skip
        assert line.quote == "        self._clock = clock"
        assert (file.path, file.line, file.text) == (journal.LOCK, None, "file")
        assert not shown.is_open


async def test_a_removed_line_is_commented_on_as_it_was() -> None:
    async with reviewing() as shown:
        await shown.press("n", "n", "down", "i", *"why", "ctrl+s")
        (comment,) = shown.screen.desk.comments
        assert (comment.path, comment.side, comment.line) == (journal.OLD_FILE, "old", 2)
        assert comment.quote == "    # One wish a line."


async def test_a_selection_is_commented_on_as_one() -> None:
    async with reviewing() as shown:
        await shown.go_to_line(journal.SERVICE, DRAFT_LINE - 1)
        await shown.press("v", "down", "i", *"both", "ctrl+s")
        (comment,) = shown.screen.desk.comments
        assert (comment.line, comment.end_line) == (DRAFT_LINE - 1, DRAFT_LINE)
        assert comment.quote == "        self._items = items\n        self._clock = clock"
        assert not shown.diff.selecting


async def test_a_selection_stays_in_its_file() -> None:
    async with reviewing() as shown:
        await shown.press("n", "v", *["down"] * 30)
        assert {row.section.file.path for row in shown.diff.selected} == {journal.ROUTE}
        await shown.press("escape")
        assert not shown.diff.selecting and shown.is_open


async def test_a_hunk_goes_back_once() -> None:
    async with reviewing() as shown:
        await shown.press("n", "x", "x")
        (comment,) = shown.screen.desk.comments
        assert (comment.kind, comment.path, comment.line, comment.end_line) == ("reject", journal.ROUTE, 1, 7)
        assert comment.quote == journal.ROUTE_AFTER.rstrip("\n")
        assert "not this: lines 1-7 go back to the worker" in shown.text()
        await shown.press("c", "ctrl+s")
        assert len(shown.view.submitted) == 1


async def test_a_comment_is_taken_back() -> None:
    async with reviewing() as shown:
        await shown.press("n", "i", *"one", "ctrl+s", "i", *"two", "ctrl+s", "down")
        assert "your comment" in under_cursor(shown)
        await shown.press("backspace")
        assert [comment.text for comment in shown.screen.desk.comments] == ["two"]
        await shown.press("g", "delete")
        assert len(shown.screen.desk.comments) == 1


async def test_nothing_written_is_not_sent() -> None:
    async with reviewing() as shown:
        await shown.press("c", "ctrl+s")
        assert shown.view.submitted == [] and "Write what to change" in shown.told()
        await shown.press("escape", "n", "i", "ctrl+s")
        assert list(shown.screen.desk.comments) == []


async def test_a_typed_letter_is_no_command() -> None:
    async with reviewing() as shown:
        await shown.press("n", "i", *"axrcew", "tab", "a", "r", "x")
        assert shown.view.submitted == [] and shown.screen.desk.comments == ()


# --- findings ---------------------------------------------------------------------------


async def test_a_finding_is_waived_with_a_reason() -> None:
    async with reviewing(journal.with_findings()) as shown:
        await shown.go_to_line(journal.SERVICE, journal.FINDINGS[0].line)
        await shown.press("w")
        assert "Put the cursor on a finding" in shown.told()
        await shown.press("down", "w", "ctrl+s")
        assert shown.view.submitted == []
        await shown.press(*"known", "ctrl+s")
        assert shown.view.submitted == [
            WaiveFinding(chunk=2, rule="no-todo", path=journal.SERVICE, line=17, reason="known")
        ]
        assert shown.is_open


# --- the editor -------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with the chunk's files, and a terminal that can be handed over."""

    @contextmanager
    def suspend(app: SignoffApp) -> Iterator[None]:
        yield

    monkeypatch.setattr(SignoffApp, "suspend", suspend)
    monkeypatch.delenv("VISUAL", raising=False)
    (tmp_path / "service").mkdir()
    for path, (_, after) in journal.texts().items():
        if after is not None:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(after)
    return tmp_path


def editor(folder: Path, does: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor that notes its arguments and then `does` something to `$file`."""
    script, noted = folder / "nano", folder / "noted"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{noted}"\nfor file; do :; done\n{does}\n', "utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("EDITOR", f"'{script}' --flag")
    return noted


async def test_an_edit_becomes_part_of_the_chunk(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = editor(root, 'echo "# mine" >> "$file"', monkeypatch)
    view = journal.ReviewView(journal.at_review())
    view.root = root
    async with reviewing(view=view) as shown:
        await shown.go_to_line(journal.SERVICE, DRAFT_LINE)
        await shown.press("e")
        assert noted.read_text("utf-8").splitlines() == [
            "--flag",
            f"+{DRAFT_LINE}",
            str(root / journal.SERVICE),
        ]
        assert view.submitted == [FoldEdits(request_id="R-2")]


@pytest.mark.parametrize(
    ("does", "words"), [("true", "Nothing was changed"), ("exit 3", "ended with code 3")]
)
async def test_an_edit_that_changes_nothing_says_so(
    root: Path, monkeypatch: pytest.MonkeyPatch, does: str, words: str
) -> None:
    editor(root, does, monkeypatch)
    view = journal.ReviewView(journal.at_review())
    view.root = root
    async with reviewing(view=view) as shown:
        await shown.press("n", "e")
        assert view.submitted == [] and words in shown.told()


async def test_an_editor_that_is_not_there_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view = journal.ReviewView(journal.at_review())
    view.root = root
    monkeypatch.setenv("EDITOR", "/no/such/editor")
    async with reviewing(view=view) as shown:
        await shown.press("n", "e")
        assert "can't be started" in shown.told()
        await shown.press("n", "e")
        assert "is not there: it can't be edited" in shown.told()
        assert view.submitted == []


async def test_a_terminal_that_cannot_be_handed_over_says_so(tmp_path: Path) -> None:
    view = journal.ReviewView(journal.at_review())
    view.root = tmp_path
    (tmp_path / journal.ROUTE).parent.mkdir(parents=True)
    (tmp_path / journal.ROUTE).write_text("x", "utf-8")
    async with reviewing(view=view) as shown:
        await shown.press("n", "e")
        assert "can't be handed to an editor" in shown.told()


# --- guard, rounds, leaving -------------------------------------------------------------


async def test_keys_that_come_as_the_diff_appears_say_nothing_about_it() -> None:
    async with reviewing() as shown:
        await shown.press("escape", "d")
        await shown.press_at_once("a", "x", "space", "i", "r", "y")
        assert shown.view.submitted == [] and shown.screen.desk.comments == ()
        assert shown.shown.app.screen is shown.screen and not shown.screen.composing


async def test_a_review_that_is_asked_anew_is_shown_anew_and_guarded() -> None:
    edited = journal.texts(journal.SERVICE_SECOND)
    async with reviewing() as shown:
        await shown.press("G", "space", "n", "x")
        comments = shown.screen.desk.comments
        shown.view.show(edited)
        await shown.go_to(then(journal.at_review(), *journal.asked(edited, 1, "R-2b")))
        assert "its review is asked anew" in shown.told()
        assert shown.screen.desk.comments == comments
        assert shown.screen.desk.mark(journal.LOCK) == "reviewed"
        shown.screen.desk.remove(0)
        shown.screen.guard.appeared()
        await shown.press_at_once("a")
        assert shown.view.submitted == []
        await shown.see_everything(shown.screen.desk.files)
        await shown.press("a")
        new = diff_hash(journal.changes(edited))
        assert shown.view.submitted == [ReviewChunk(request_id="R-2b", verdict="approve", diff_hash=new)]


async def test_an_approval_that_was_being_confirmed_is_of_the_diff_that_was_shown() -> None:
    """RELIABILITY 7: the run refuses it, since the review is another one now."""
    edited = journal.texts(journal.SERVICE_SECOND)
    async with reviewing() as shown:
        await shown.press("a")
        shown.view.show(edited)
        await shown.go_to(then(journal.at_review(), *journal.asked(edited, 1, "R-2b")))
        await shown.press("y")
        assert shown.view.submitted == [APPROVED]


async def test_what_was_done_outlives_the_screen_until_the_review_is_settled() -> None:
    async with reviewing() as shown:
        await shown.press("G", "space", "g", "n", "x", "i", *"draft", "escape", "escape")
        assert not shown.is_open
        assert "1 of your comments not sent yet" in shown.text()
        await shown.press("d")
        assert len(shown.screen.desk.comments) == 1
        assert shown.screen.desk.mark(journal.LOCK) == "reviewed"
        await shown.press("n", "i")
        assert shown.screen.composer is not None and shown.screen.composer.area.text == "draft"
        settled = ReviewResolved(
            request_id="R-2", chunk=2, round=1, verdict="request_changes", by="user", diff_hash=HASH
        )
        await shown.go_to(then(journal.at_review(), settled))
        assert list(shown.screen.desk.comments) == []
        await shown.press("ctrl+s")
        assert "This review is over" in shown.told()


async def test_a_chunk_that_is_not_under_review_can_only_be_read() -> None:
    async with reviewing(journal.before_review()) as shown:
        assert "read only" in shown.text()
        await shown.press("n", "a", "x", "c", "r", "space", "i")
        assert shown.view.submitted == [] and not shown.screen.composing
        assert shown.shown.app.screen is shown.screen
        await shown.go_to(journal.at_review())
        assert "The chunk waits for your review now" in shown.told()
        await shown.press("x")
        assert len(shown.screen.desk.comments) == 1


async def test_a_recorded_run_can_be_read_and_not_steered() -> None:
    async with reviewing(live=False) as shown:
        assert "read only" in shown.text()
        await shown.press("a", "n", "x")
        assert shown.view.submitted == []


async def test_an_approved_chunk_stays_readable() -> None:
    approved = ReviewResolved(
        request_id="R-2", chunk=2, round=1, verdict="approve", by="user", diff_hash=HASH
    )
    done = then(journal.at_review(), approved, ChunkFinished(chunk=2, verdict="approved"))
    async with reviewing(done) as shown:
        assert "✓ approved: read only" in shown.text()


async def test_enter_on_the_diff_tab_opens_the_review_at_that_line() -> None:
    async with reviewing() as shown:
        await shown.press("escape")
        chunk = shown.shown.screen.columns.chunk
        await chunk.open_tab("diff")
        chunk.body.focus()
        await shown.press("down", "down", "enter")
        assert shown.is_open and "2 + " in under_cursor(shown)


async def test_help_lists_the_keys_of_the_review_and_the_palette_its_actions() -> None:
    async with reviewing() as shown:
        await shown.press("question_mark")
        assert isinstance(shown.shown.app.screen, HelpScreen) and "not this: the change" in shown.text()
        await shown.press("escape", "n")
        titles = {c.title for c in shown.shown.app.get_system_commands(shown.screen)}
        assert {"Not this", "Edit the file", "Autonomy: moderate"} <= titles
        assert "Waive the finding" not in titles


async def test_the_key_bar_takes_the_mouse() -> None:
    async with reviewing() as shown:
        await shown.shown.pilot.click("#keys", offset=(3, 0))
        await shown.shown.settle()
        assert isinstance(shown.shown.app.screen, Confirm)
