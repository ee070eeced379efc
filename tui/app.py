"""The Textual application around one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

from rich.text import Text
from textual import events, on
from textual.app import SystemCommand
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from core.commands import SetAutonomy
from core.domain import AutonomyLevel
from core.events import RunFinished
from tui import attention
from tui.bridge import RunView
from tui.clock import Clock
from tui.dock.guard import Guard
from tui.lines_view import LinesView
from tui.safe_text import one_line
from tui.screens.board import RunBoard
from tui.screens.commanding import CommandScreen
from tui.screens.confirm import Confirm
from tui.screens.overturn import OverturnScreen
from tui.screens.run import RunScreen
from tui.screens.undo import UndoScreen
from tui.themed_app import ThemedApp

BUG_EXIT = 1
GUARDED = (CommandScreen, Confirm, OverturnScreen, UndoScreen)
LEVELS: tuple[AutonomyLevel, ...] = ("conservative", "moderate", "aggressive")


class SignoffApp(ThemedApp[RunFinished]):
    """Shows `view`; drives it after the first frame when it is live.

    `finished` is how the run ended, `failure` what the engine raised; the caller makes the exit code of them.
    """

    def __init__(self, view: RunView, *, clock: Clock | None = None, theme: str | None = None) -> None:
        super().__init__(clock=clock, theme=theme)
        self.view = view
        self.finished: RunFinished | None = None
        self.failure: BaseException | None = None
        self._called: tuple[str, ...] = attention.calls(view.state)
        self._terminal_title = ""
        self._engine: Worker[RunFinished] | None = None

    # --- life ---------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        return RunScreen(self.view, self.clock)

    def started(self) -> None:
        """After the first frame: the engine."""
        if self.view.live:
            self._engine = self.run_worker(self.view.drive(), group="engine", exit_on_error=False)
        super().started()

    @on(Worker.StateChanged)
    def _engine_changed(self, event: Worker.StateChanged) -> None:
        if event.worker is not self._engine:
            return
        if event.state is WorkerState.SUCCESS:
            self.finished = cast(RunFinished, event.worker.result)
        elif event.state is WorkerState.ERROR:
            self.failure = event.worker.error
            words = f"Signoff failed: {event.worker.error}. The journal is safe: {self._resume_words()}"
            self.exit(return_code=BUG_EXIT, message=Text(one_line(words)))

    def _resume_words(self) -> str:
        return f"signoff resume {self.view.run_id}"

    async def action_quit(self) -> None:
        """Leaves. A run that has not ended is asked about once: it stays in its journal."""
        if not self.run_goes_on:
            self.exit(self.finished)
            return
        lines = ["The run stays in its journal, as it is now.", f"Go on later with: {self._resume_words()}"]
        guard = Guard(self.clock.monotonic)
        self.push_screen(Confirm("Quit", lines, "quit", "stay", guard), self._quit_answered)

    @property
    def run_goes_on(self) -> bool:
        return self.view.live and self.view.state.outcome is None

    def _quit_answered(self, agreed: bool | None) -> None:
        if agreed:
            self.exit(self.finished)

    # --- keys ---------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """A key that came while a prompt had just appeared never reaches it."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            screen = self.screen
            if isinstance(screen, GUARDED) and not screen.admits(event):
                return
            if isinstance(self.focused, LinesView) and await self._acted(event.key):
                return
        await super().on_event(event)

    async def _acted(self, key: str) -> bool:
        """What a key does that is pressed in a list, done before the next key is looked at: a letter that is
        typed right after the one that opens a text field is written there, on a slow machine too."""
        active = self.screen.active_bindings.get(key)
        if active is None or not active.enabled:
            return False
        await self.run_action(active.binding.action, active.node)
        return True

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the command palette holds: every action of the screen, autonomy, theme."""
        if isinstance(screen, CommandScreen):
            for title, help_text, action in screen.PALETTE:
                if screen.offers(action):
                    yield SystemCommand(title, help_text, partial(self._run_on, screen, action))
            for level in LEVELS if self.run_goes_on else ():
                set_level: Callable[[], object] = partial(screen.send, SetAutonomy(level=level))
                when = "As it is now" if level == self.view.state.autonomy else "From now on"
                yield SystemCommand(f"Autonomy: {level}", when, set_level)
        yield from self.theme_commands()
        yield SystemCommand("Quit", "A live run can be resumed", self.action_quit)

    async def _run_on(self, screen: CommandScreen[Any], action: str) -> None:
        await screen.run_action(action)

    # --- attention ----------------------------------------------------------------------

    @on(RunBoard.FrameShown)
    def _frame_shown(self, event: RunBoard.FrameShown) -> None:
        state = event.frame.state
        title = attention.title_words(state)
        if title != self._terminal_title:
            self._terminal_title = title
            self._write(attention.title_sequence(title))
        called, self._called = self._called, attention.calls(state)
        if set(self._called) - set(called) and attention.wanted():
            self.bell()
            if not self.app_focus:
                self._write(attention.notice_sequences(title, attention.body_words(state)))

    def _write(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)
