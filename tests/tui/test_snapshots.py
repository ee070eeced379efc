"""Pictures of the screens. `pytest --snapshot-update` after looking at snapshot_report.html."""

from __future__ import annotations

import pytest

from tests.tui import journal_of_a_run as journal
from tests.tui.on_screen import NARROW, TINY
from tests.tui.shots import Compare, Shot, is_as_before

SHOTS = (
    Shot("working", journal.working),
    Shot("working-narrow", journal.working, NARROW),
    Shot("decision", journal.at_decision),
    Shot("decision-narrow", journal.at_decision, NARROW),
    Shot("tier-four", journal.at_tier_four, keys=("2", "enter")),
    Shot("review", journal.at_review),
    Shot("review-narrow", journal.at_review, NARROW),
    Shot("review-tiny", journal.at_review, TINY),
    Shot("review-diff-light", journal.at_review, keys=("3", "shift+tab", "right"), theme="signoff-light"),
    Shot("blocked", journal.at_blocked),
    Shot("blocked-high-contrast", journal.at_blocked, keys=("4", "enter"), theme="high-contrast"),
)


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_screen(snap_compare: Compare, shot: Shot) -> None:
    assert is_as_before(snap_compare, shot)
