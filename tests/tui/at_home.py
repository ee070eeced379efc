"""Home in tests: everything is read before a test looks, and time passes between keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from textual.pilot import Pilot

from core.home import Choice
from tests.tui.journal_of_a_run import START, SteppedClock
from tests.tui.on_screen import WIDE, Size
from tui.home_app import HomeApp
from tui.home_list import HomeList
from tui.key_bar import KeyBar


def home_app(root: Path, clock: SteppedClock, *, at: str = "", theme: str = "signoff-dark") -> HomeApp:
    """Nine minutes after the runs of `busy_workspace` began."""
    clock.moment = START + timedelta(minutes=9)
    return HomeApp(root, at=at, clock=clock.clock, theme=theme)


async def read_all(app: HomeApp, pilot: Pilot[Choice]) -> None:
    await app.work.read_runs(app.home.draw)
    await app.work.find_stories(app.home.draw)
    await pilot.pause()


class AtHome:
    def __init__(self, app: HomeApp, pilot: Pilot[Choice], clock: SteppedClock) -> None:
        self.app = app
        self.pilot = pilot
        self.clock = clock

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.clock.advance(1.0)
            await self.pilot.press(key)
            await self.pilot.pause()

    async def read_all(self) -> None:
        await read_all(self.app, self.pilot)

    def text(self) -> str:
        """All cells of the screen, a line a row."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text[:width] for strip in lines[:height])

    @property
    def is_at_home(self) -> bool:
        """Nothing is asked on top of it."""
        return self.app.screen is self.app.home

    @property
    def cursor(self) -> str:
        return self.app.home.query_one(HomeList).cursor_key

    async def go_to(self, key: str) -> None:
        rows = self.app.home.query_one(HomeList)
        rows.touched = True
        rows.select(key)
        await self.pilot.pause()

    @property
    def keys(self) -> dict[str, str]:
        return {hint.key: hint.label for hint in self.app.home.query_one(KeyBar).hints}

    @property
    def choice(self) -> Choice | None:
        return self.app.return_value


@asynccontextmanager
async def at_home(root: Path, size: Size = WIDE, *, at: str = "") -> AsyncIterator[AtHome]:
    clock = SteppedClock()
    app = home_app(root, clock, at=at)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        home = AtHome(app, pilot, clock)
        await home.read_all()
        yield home
