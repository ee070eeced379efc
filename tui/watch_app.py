"""The Textual application around a run that another terminal drives."""

from __future__ import annotations

from textual import on
from textual.screen import Screen

from core.ending import BAD_INPUT
from core.watching import WatchedRun
from tui.app import SignoffApp
from tui.clock import Clock
from tui.screens.watch import WatchScreen


class WatchApp(SignoffApp):
    """Ends by itself only when the journal is lost."""

    def __init__(self, run: WatchedRun, *, clock: Clock | None = None, theme: str | None = None) -> None:
        super().__init__(run, clock=clock, theme=theme)
        self._run = run

    def get_default_screen(self) -> Screen[None]:
        return WatchScreen(self._run, self.clock)

    @on(WatchScreen.Lost)
    def _lost(self) -> None:
        self.exit(return_code=BAD_INPUT)
