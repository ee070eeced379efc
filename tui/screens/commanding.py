"""What every screen of a run can do: send a command, ask before it, say something in passing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.screen import Screen

from core.commands import Command, CommandRefused
from tui.bridge import RunView
from tui.clock import Clock
from tui.dock.guard import Guard
from tui.safe_text import one_line
from tui.screens.confirm import Confirm

Result = TypeVar("Result")


class CommandScreen(Screen[Result], Generic[Result]):
    """`guard` closes when something to be answered appears. A run that is not live refuses all commands, each
    kind in words of its own.

    PALETTE is what the command palette holds: (title, what it does, action).
    """

    PALETTE: ClassVar[Sequence[tuple[str, str, str]]] = ()

    def __init__(self, view: RunView, clock: Clock) -> None:
        super().__init__()
        self.view = view
        self.clock = clock
        self.guard = Guard(clock.monotonic)

    def admits(self, event: events.Key) -> bool:
        """Whether a key may act now."""
        return True

    def offers(self, action: str) -> bool:
        """Whether `action` would do something now."""
        return bool(self.check_action(action, ()))

    def send(self, command: Command) -> bool:
        """Submits it; a refusal is said in its one line."""
        try:
            self.view.submit(command)
        except CommandRefused as refusal:
            self.tell(str(refusal))
            return False
        return True

    def ask(self, title: str, lines: Sequence[str], yes: str, no: str, act: Callable[[], object]) -> None:
        """One more question before `act`."""

        def answered(agreed: bool | None) -> None:
            if agreed:
                act()

        self.app.push_screen(Confirm(title, lines, yes, no, Guard(self.clock.monotonic)), answered)

    def tell(self, text: str) -> None:
        """A passing notice, in one line."""
        self.notify(one_line(text), markup=False, severity="warning", timeout=6)
