"""Pictures of the screens. `pytest --snapshot-update` after looking at snapshot_report.html."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core.events import Record, RunFinished
from tests.tui import journal_of_a_run as journal
from tests.tui.on_screen import NARROW, TINY, WIDE, Size
from tui.app import SignoffApp

History = Callable[[], list[Record]]


class Shot(NamedTuple):
    name: str
    history: History
    size: Size = WIDE
    keys: tuple[str, ...] = ()
    theme: str = "signoff-dark"


SHOTS = (
    Shot("working", journal.working),
    Shot("working-narrow", journal.working, NARROW),
    Shot("decision", journal.at_decision),
    Shot("decision-narrow", journal.at_decision, NARROW),
    Shot("tier-four", journal.at_tier_four, keys=("2", "enter")),
    Shot("review", journal.at_review),
    Shot("review-narrow", journal.at_review, NARROW),
    Shot("review-tiny", journal.at_review, TINY),
    Shot("review-diff-light", journal.at_review, keys=("d",), theme="signoff-light"),
    Shot("blocked", journal.at_blocked),
    Shot("blocked-high-contrast", journal.at_blocked, keys=("4", "enter"), theme="high-contrast"),
)


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_screen(snap_compare: Callable[..., bool], shot: Shot) -> None:
    view = journal.RecordedView(shot.history())
    clock = journal.SteppedClock()
    clock.moment = (view.state.updated_at or journal.START) + timedelta(seconds=4)
    app = SignoffApp(view, clock=clock.clock, theme=shot.theme)

    async def press(pilot: Pilot[RunFinished]) -> None:
        for _ in range(4):
            await pilot.pause()
        for key in shot.keys:
            clock.advance(1.0)
            await pilot.press(key)
            await pilot.pause()
        for typed in app.screen.query(Input):
            typed.cursor_blink = False
        await pilot.pause()

    assert snap_compare(app, terminal_size=shot.size, run_before=press)
