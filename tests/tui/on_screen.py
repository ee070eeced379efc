"""Driving the app in tests: what is on the screen as text, and keys pressed after the guard has opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from core.events import Record, RunFinished
from tests.tui.journal_of_a_run import RecordedView, SteppedClock
from tui.app import SignoffApp
from tui.screens.run import RunScreen

Size = tuple[int, int]
WIDE: Size = (160, 48)
NARROW: Size = (80, 24)
TINY: Size = (20, 5)


class OnScreen:
    def __init__(
        self, view: RecordedView, clock: SteppedClock, app: SignoffApp, pilot: Pilot[RunFinished]
    ) -> None:
        self.view = view
        self.clock = clock
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> RunScreen:
        return next(s for s in self.app.screen_stack if isinstance(s, RunScreen))

    def text(self) -> str:
        """All cells of the screen, a line a row."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text[:width] for strip in lines[:height])

    async def settle(self) -> None:
        for _ in range(2):
            await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Each key comes one second after the last one: the guard is open."""
        for key in keys:
            self.clock.advance(1.0)
            await self.pilot.press(key)
            await self.settle()

    async def press_at_once(self, *keys: str) -> None:
        """No time passes."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def go_to(self, history: list[Record]) -> None:
        self.view.go_to(history)
        await self.settle()
        self.screen.show_frame(self.screen._bridge.frame())
        await self.settle()


@asynccontextmanager
async def on_screen(
    history: list[Record], size: Size = WIDE, *, live: bool = True, view: RecordedView | None = None
) -> AsyncIterator[OnScreen]:
    view = view or RecordedView(history, live=live)
    clock = SteppedClock()
    app = SignoffApp(view, clock=clock.clock)
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        shown = OnScreen(view, clock, app, pilot)
        await shown.settle()
        yield shown
