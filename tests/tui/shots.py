"""One picture of a screen: where the run stands, the size, the keys pressed before it is taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from core.events import Record, RunFinished
from tests.tui import journal_of_a_run as journal
from tests.tui.on_screen import WIDE, Size
from tui.app import SignoffApp
from tui.bridge import FRAME_S

History = Callable[[], list[Record]]
Compare = Callable[..., bool]
OFF_THE_LOOP = ("preview", "what-if", "undo", "colours", "diff")


class Shot(NamedTuple):
    name: str
    history: History
    size: Size = WIDE
    keys: tuple[str, ...] = ()
    theme: str = "signoff-dark"
    then: History | None = None
    view: Callable[[list[Record]], journal.RecordedView] = journal.RecordedView


def is_as_before(snap_compare: Compare, shot: Shot) -> bool:
    """Four seconds after the last record of its history (`then` goes on from there), each key a second after
    the one before."""
    view = shot.view(shot.history())
    clock = journal.SteppedClock()
    clock.moment = (view.state.updated_at or journal.START) + timedelta(seconds=4)
    app = SignoffApp(view, clock=clock.clock, theme=shot.theme)

    async def press(pilot: Pilot[RunFinished]) -> None:
        for _ in range(4):
            await pilot.pause()
        if shot.then is not None:
            view.go_to(shot.then())
            await pilot.pause(2 * FRAME_S)
        for key in shot.keys:
            clock.advance(1.0)
            await pilot.press(key)
            await pilot.pause()
            await come_back(app)
            await pilot.pause()
        for typed in (*app.screen.query(Input), *app.screen.query(TextArea)):
            typed.cursor_blink = False
        await come_back(app)
        await pilot.pause()

    return snap_compare(app, terminal_size=shot.size, run_before=press)


async def come_back(app: SignoffApp) -> None:
    """What is worked out off the event loop is there before the next key, and before the picture."""
    for worker in [w for w in app.workers if w.group in OFF_THE_LOOP and not w.is_finished]:
        await worker.wait()
