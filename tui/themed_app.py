"""What every application of Signoff has: themes, signals, a terminal that is left as it was found."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable
from functools import partial
from typing import ClassVar, TypeVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType

from tui.clock import Clock
from tui.safe_text import one_line
from tui.themes import DEFAULT_THEME, changes, load_themes

R = TypeVar("R")


class ThemedApp(App[R]):
    """Registers the themes, watches their files after the first frame and catches SIGTERM and SIGHUP."""

    TITLE = "signoff"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    App { background: $background; }
    Toast { max-width: 80%; }
    """

    def __init__(self, *, clock: Clock | None = None, theme: str | None = None) -> None:
        super().__init__()
        self.clock = clock or Clock()
        self._wanted_theme = theme or DEFAULT_THEME
        self._theme_problems = self._register_themes()

    def on_mount(self) -> None:
        self._catch_signals()
        for problem in self._theme_problems:
            self.notify(one_line(problem), markup=False, severity="warning")
        self.call_after_refresh(self.started)

    def started(self) -> None:
        """After the first frame. What an application does then comes before the call of this."""
        self.run_worker(self._reload_themes(), group="themes", exit_on_error=False)

    def _catch_signals(self) -> None:
        """SIGTERM and SIGHUP would leave the alternate screen and the mouse mode on."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, partial(self.exit, return_code=128 + number))

    def on_unmount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)

    def theme_commands(self) -> Iterable[SystemCommand]:
        """For the command palette."""
        for name in sorted(self._themes):
            yield SystemCommand(f"Theme: {name}", "Change the colours", partial(setattr, self, "theme", name))

    # --- themes -------------------------------------------------------------------------

    def _register_themes(self) -> tuple[str, ...]:
        themes, problems = load_themes()
        self._themes = themes
        for theme in themes.values():
            self.register_theme(theme)
        if self._wanted_theme not in themes:
            problems = (*problems, f"There is no theme {self._wanted_theme}; {DEFAULT_THEME} is used.")
            self._wanted_theme = DEFAULT_THEME
        self.theme = self._wanted_theme
        return problems

    async def _reload_themes(self) -> None:
        async for _ in changes():
            self._wanted_theme = self.theme
            for problem in self._register_themes():
                self.notify(one_line(problem), markup=False, severity="warning")
            self.refresh_css(animate=False)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"diff-added": "#1c3a24", "diff-removed": "#43201f"}
