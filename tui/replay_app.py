"""The Textual application around one recording."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from textual.app import SystemCommand
from textual.screen import Screen

from core.recorded_view import RecordedView
from core.recording import Recording
from tui.clock import Clock
from tui.screens.commanding import CommandScreen
from tui.screens.replay import ReplayScreen
from tui.themed_app import ThemedApp


class ReplayApp(ThemedApp[None]):
    """Shows `recording` from its first record on. Whoever opened it closes it."""

    def __init__(self, recording: Recording, *, clock: Clock | None = None, theme: str | None = None) -> None:
        super().__init__(clock=clock, theme=theme)
        self.recording = recording

    def get_default_screen(self) -> Screen[None]:
        return ReplayScreen(RecordedView(self.recording, min(1, self.recording.length)), self.clock)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the command palette holds: every action of the screen, the themes."""
        if isinstance(screen, CommandScreen):
            for title, help_text, action in screen.PALETTE:
                if screen.offers(action.partition("(")[0]):
                    yield SystemCommand(title, help_text, partial(_run_on, screen, action))
        yield from self.theme_commands()
        yield SystemCommand("Quit", "Nothing was changed", self.exit)


async def _run_on(screen: CommandScreen[Any], action: str) -> None:
    await screen.run_action(action)
