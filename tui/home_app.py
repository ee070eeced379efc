"""The application around home. It ends with what was chosen there; tui/home_command.py opens it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from textual import events
from textual.app import SystemCommand
from textual.screen import Screen

from core.home import Choice
from tui.clock import Clock
from tui.home_keys import PALETTE
from tui.home_work import HomeWork
from tui.screens.home import HomeScreen
from tui.themed_app import ThemedApp


class HomeApp(ThemedApp[Choice]):
    """`at` is the row on which the cursor begins, `notice` what is to be said of what was opened before."""

    def __init__(
        self,
        root: Path,
        *,
        at: str = "",
        notice: str = "",
        clock: Clock | None = None,
        theme: str | None = None,
    ) -> None:
        super().__init__(clock=clock, theme=theme)
        self.work = HomeWork(root)
        self._at = at
        self._notice = notice

    def get_default_screen(self) -> Screen[None]:
        return HomeScreen(self.work, self.clock, at=self._at, choose=self.exit)

    @property
    def home(self) -> HomeScreen:
        return next(screen for screen in self.screen_stack if isinstance(screen, HomeScreen))

    def started(self) -> None:
        """After the first frame: the journals and the folders."""
        if self._notice:
            self.home.tell(self._notice)
        self.run_worker(self.home.follow(), group="home")
        super().started()

    async def on_event(self, event: events.Event) -> None:
        """A key that came while a question had just appeared never reaches it."""
        if isinstance(event, events.Key) and not event.is_forwarded and not self._admits(event):
            return
        await super().on_event(event)

    def _admits(self, event: events.Key) -> bool:
        # By name: the questions are imported when they are first asked.
        admits: Callable[[events.Key], bool] | None = getattr(self.screen, "admits", None)
        return admits is None or admits(event)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        if isinstance(screen, HomeScreen):
            for title, help_text, action in PALETTE:
                if screen.offers(action):
                    yield SystemCommand(title, help_text, partial(screen.run_action, action))
        yield from self.theme_commands()
        yield SystemCommand("Quit", "Runs that other processes drive go on", self.action_quit)
