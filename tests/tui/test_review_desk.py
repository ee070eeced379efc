"""What is kept of a review while it waits, and what an edit in between does to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.domain import ReviewComment
from core.events import ReviewResolved
from core.fold import fold
from core.run_state import DecisionState, RunState
from tests.tui import journal_of_a_review as journal
from tests.tui.journal_of_decisions import then
from tui.review.commenting import on_hunk, place_words
from tui.review.desk import ReviewDesk, moved, unseen_words
from tui.review.editor import editor_argv
from tui.review.notes import names_file


def desk_at(history_state: RunState, texts: journal.Texts) -> ReviewDesk:
    desk = ReviewDesk(lambda chunk, path: texts.get(path, (None, None)))
    desk.follow(history_state)
    return desk


def asked_anew(texts: journal.Texts) -> RunState:
    request = journal.asked(texts, 1, "R-2b")
    return fold(then(journal.at_review(), *request))


def test_marks_stay_with_files_that_are_as_they_were() -> None:
    edited = journal.texts(journal.SERVICE_SECOND)
    desk = desk_at(fold(journal.at_review()), edited)
    desk.saw(journal.SERVICE)
    desk.saw(journal.ROUTE)
    desk.toggle_reviewed(journal.LOCK)
    desk.follow(asked_anew(edited))
    assert desk.mark(journal.SERVICE) == ""
    assert desk.mark(journal.ROUTE) == "seen"
    assert desk.mark(journal.LOCK) == "reviewed"


def test_reviewed_is_taken_back_to_what_was_seen() -> None:
    desk = desk_at(fold(journal.at_review()), journal.texts())
    desk.toggle_reviewed(journal.ROUTE)
    desk.toggle_reviewed(journal.ROUTE)
    assert desk.mark(journal.ROUTE) == ""
    desk.saw(journal.ROUTE)
    desk.toggle_reviewed(journal.ROUTE)
    desk.toggle_reviewed(journal.ROUTE)
    assert desk.mark(journal.ROUTE) == "seen"


def test_a_comment_moves_with_its_lines() -> None:
    edited = journal.texts("# a line above\n" + journal.SERVICE_AFTER)
    desk = desk_at(fold(journal.at_review()), edited)
    line = journal.SERVICE_AFTER.split("\n").index("        self._clock = clock") + 1
    desk.add(ReviewComment(text="why?", path=journal.SERVICE, line=line, quote="        self._clock = clock"))
    desk.add(ReviewComment(text="as it is", path=journal.ROUTE, line=1, quote="not there"))
    desk.follow(asked_anew(edited))
    assert [comment.line for comment in desk.comments] == [line + 1, 1]


def test_the_nearest_of_equal_places_is_taken() -> None:
    comment = ReviewComment(text="x", path="a", line=5, end_line=6, quote="a\nb")
    assert moved(comment, ["a", "b", "-", "-", "-", "a", "b"]) == replace(comment, line=6, end_line=7)
    assert moved(comment, ["a", "-"]) == comment


def test_a_settled_review_leaves_nothing() -> None:
    history = journal.at_review()
    desk = desk_at(fold(history), journal.texts())
    desk.saw(journal.ROUTE)
    desk.add(ReviewComment(text="x"))
    desk.drafts["changes", ""] = "draft"
    review = desk.review
    assert review is not None
    resolved = ReviewResolved(
        request_id="R-2", chunk=2, round=1, verdict="request_changes", by="user", diff_hash=review.diff_hash
    )
    desk.follow(fold(then(history, resolved)))
    assert (desk.review, desk.comments, desk.drafts, desk.mark(journal.ROUTE)) == (None, (), {}, "")


def test_the_command_is_bound_to_the_review_that_was_shown() -> None:
    desk = desk_at(fold(journal.at_review()), journal.texts())
    shown = desk.review
    assert shown is not None
    desk.follow(asked_anew(journal.texts(journal.SERVICE_SECOND)))
    command = desk.command(shown, "approve")
    assert (command.request_id, command.diff_hash) == ("R-2", shown.diff_hash)
    assert desk.review is not None and desk.review.diff_hash != shown.diff_hash


def test_what_was_not_seen_is_counted() -> None:
    desk = desk_at(fold(journal.at_review()), journal.texts())
    desk.saw(journal.ROUTE)
    desk.toggle_reviewed(journal.LOCK)
    words = unseen_words(desk.unseen(), len(desk.files))
    assert words[0] == "2 of 4 files were not seen to the end: 17 changed lines."
    assert words[1:] == [f"  {journal.OLD_FILE}  +0 -3", f"  {journal.SERVICE}  +10 -4"]


# --- comments ---------------------------------------------------------------------------


def test_a_hunk_that_is_turned_down_is_quoted_as_it_is_now() -> None:
    view = journal.ReviewView(journal.at_review())
    service = next(file for file in view.files if file.path == journal.SERVICE)
    comment = on_hunk(service.path, service.hunks[0])
    assert (comment.kind, comment.side) == ("reject", "new")
    lines = journal.SERVICE_AFTER.split("\n")
    assert comment.line is not None
    assert comment.quote.split("\n") == lines[comment.line - 1 : comment.end_line]
    assert place_words(comment) == f"{journal.SERVICE}:{comment.line}-{comment.end_line}"


def test_a_hunk_that_only_removes_is_quoted_as_it_was() -> None:
    view = journal.ReviewView(journal.at_review())
    gone = next(file for file in view.files if file.path == journal.OLD_FILE)
    comment = on_hunk(gone.path, gone.hunks[0])
    assert (comment.side, comment.line, comment.end_line) == ("old", 1, 3)
    assert comment.quote == journal.NOTES.rstrip("\n")


# --- decisions at files -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("context", "named"),
    [
        ("see apps/api/routes/wishlist.ts.", True),
        ("`apps/api/routes/wishlist.ts` answers", True),
        ("see apps/api/routes/wishlist.tsx", False),
        ("see old/apps/api/routes/wishlist.ts", False),
        ("see apps/api/routes/wishlist.ts.map", False),
        ("see wishlist.ts", False),
    ],
)
def test_a_decision_stands_at_a_file_that_it_names_exactly(context: str, named: bool) -> None:
    (decision,) = (d for d in fold(journal.at_review()).decisions if d.request.id == "D-2")
    assert isinstance(decision, DecisionState)
    decision = replace(decision, request=replace(decision.request, context=context))
    assert names_file(decision, journal.ROUTE) is named


# --- the editor -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "argv"),
    [
        ({}, ["vi", "+7", "/w/a b.py"]),
        ({"EDITOR": "nano -w"}, ["nano", "-w", "+7", "/w/a b.py"]),
        ({"EDITOR": "nano", "VISUAL": "/usr/bin/nvim"}, ["/usr/bin/nvim", "+7", "/w/a b.py"]),
        ({"VISUAL": "code"}, ["code", "--wait", "--goto", "/w/a b.py:7"]),
        ({"VISUAL": "code -w"}, ["code", "-w", "--goto", "/w/a b.py:7"]),
        ({"VISUAL": "hx"}, ["hx", "/w/a b.py:7"]),
        ({"VISUAL": "'/opt/my editor/ed' --x"}, ["/opt/my editor/ed", "--x", "/w/a b.py"]),
    ],
)
def test_the_editor_is_started_at_the_line(environ: dict[str, str], argv: list[str]) -> None:
    assert editor_argv(environ, Path("/w/a b.py"), 7) == argv


def test_an_editor_that_is_no_command_is_refused() -> None:
    with pytest.raises(ValueError, match="quotation"):
        editor_argv({"EDITOR": "vi 'x"}, Path("a"), None)
