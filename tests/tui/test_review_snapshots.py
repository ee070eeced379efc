"""Pictures of the review screen, in every state it has."""

from __future__ import annotations

import pytest

from core.events import Record
from tests.tui import journal_of_a_review as journal
from tests.tui.journal_of_decisions import then
from tests.tui.on_screen import NARROW, TINY
from tests.tui.shots import Compare, Shot, is_as_before
from tests.tui.test_review_hostile import hostile_review

NEXT_FILE = "right_square_bracket"
SERVICE = ("d", NEXT_FILE, NEXT_FILE)
WRITTEN = (
    *("d", "n", "i", *"why", "ctrl+s"),
    *(NEXT_FILE, "n", "v", "down", "i", *"both", "ctrl+s"),
    *(NEXT_FILE, "n", "x"),
)


def second_round(history: list[Record]) -> journal.ReviewView:
    view = journal.ReviewView(history, journal.texts(journal.SERVICE_SECOND))
    view.outcomes = journal.OUTCOMES
    return view


def waived() -> list[Record]:
    return then(journal.with_findings(), journal.waived(journal.FINDINGS[0], "AC-3 comes with step 4"))


def hostile() -> list[Record]:
    return hostile_review().history


SHOTS = (
    Shot("opened", journal.at_review, keys=("d",)),
    Shot("unified", journal.at_review, keys=SERVICE),
    Shot("split", journal.at_review, keys=(*SERVICE, "vertical_line")),
    Shot("light", journal.at_review, keys=SERVICE, theme="signoff-light"),
    Shot("high-contrast", journal.at_review, keys=SERVICE, theme="high-contrast"),
    Shot("narrow", journal.at_review, NARROW, keys=SERVICE),
    Shot("tiny", journal.at_review, TINY, keys=SERVICE),
    Shot("comments", journal.at_review, keys=WRITTEN),
    Shot("writing", journal.at_review, NARROW, keys=(*SERVICE, "n", "v", "down", "down", "i", *"Why?")),
    Shot("selection", journal.at_review, keys=(*SERVICE, "n", "v", "down", "down")),
    Shot("folded", journal.at_review, NARROW, keys=("d", "G")),
    Shot("unfolded", journal.at_review, NARROW, keys=("d", "G", "enter", "n")),
    Shot("findings", journal.with_findings, keys=SERVICE),
    Shot("findings-split", journal.with_findings, keys=(*SERVICE, "vertical_line")),
    Shot("waived", waived, keys=SERVICE),
    Shot("second-round", journal.at_second_review, keys=("d",), view=second_round),
    Shot(
        "second-round-narrow", journal.at_second_review, NARROW, keys=(*SERVICE, "n", "n"), view=second_round
    ),
    Shot("unseen", journal.at_review, NARROW, keys=("d", "a")),
    Shot("read-only", journal.before_review, keys=("d",)),
    Shot("help", journal.at_review, keys=("d", "question_mark")),
    Shot("hostile", hostile, keys=("d",), view=lambda history: hostile_review()),
)


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_screen(snap_compare: Compare, shot: Shot) -> None:
    if shot.view is Shot._field_defaults["view"]:
        shot = shot._replace(view=journal.ReviewView)
    assert is_as_before(snap_compare, shot)
