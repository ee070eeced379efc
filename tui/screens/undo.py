"""Before the last approved chunk is taken back: what goes back, and what becomes of files edited since."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from core.commands import UndoChunk
from tui.dock.guard import Guard
from tui.lines_view import LinesView
from tui.marks import NOW, WARN
from tui.safe_text import row
from tui.screens.undo_lines import CONFIRM, choice_key, files_words, undo_lines, unsettled

if TYPE_CHECKING:
    from core.undo_plan import UndoChoice, UndoPlan


class UndoScreen(ModalScreen[UndoChunk | None]):
    """Guarded like a prompt. No conflict has a default: until each is settled there is nothing to confirm."""

    DEFAULT_CSS = """
    UndoScreen { align: center middle; background: $background 60%; }
    UndoScreen > Vertical {
        width: 90; max-width: 100%; height: auto; max-height: 100%;
        border: heavy $warning; border-title-color: $text-warning; border-title-style: bold;
        padding: 0 1; background: $surface;
        & > LinesView { height: auto; max-height: 75vh; }
        & > Static { height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "confirm", show=False),
        Binding("n,escape,q", "leave", show=False),
    ]

    def __init__(self, plan: UndoPlan, steps: tuple[str, ...], guard: Guard) -> None:
        """`steps` are the ids of the plan's steps that would be open again."""
        super().__init__()
        self._plan = plan
        self._steps = steps
        self._guard = guard
        self._chosen: dict[str, UndoChoice] = {}

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = row(f"Undo chunk {self._plan.chunk}")
            yield LinesView(id="undo-lines", mark=NOW.sign)
            yield Static(Content(""), id="undo-keys", markup=False)

    def on_mount(self) -> None:
        self._guard.appeared()
        self._draw()
        self.query_one(LinesView).focus()

    def admits(self, event: events.Key) -> bool:
        return self._guard.key_came(event)

    @on(LinesView.Chosen)
    def _row_chosen(self, event: LinesView.Chosen) -> None:
        event.stop()
        if self._guard.closed:
            return
        if event.key == CONFIRM:
            self.action_confirm()
            return
        for number, conflict in enumerate(self._plan.conflicts):
            for choice in conflict.choices:
                if event.key == choice_key(number, choice):
                    self._chosen[conflict.path] = choice
        self._draw()

    def action_confirm(self) -> None:
        if not unsettled(self._plan, self._chosen):
            conflicts = tuple((c.path, self._chosen[c.path]) for c in self._plan.conflicts)
            self.dismiss(UndoChunk(chunk=self._plan.chunk, conflicts=conflicts))

    def action_leave(self) -> None:
        self.dismiss(None)

    def _draw(self) -> None:
        """The cursor stays on the row that was chosen: a second enter there confirms nothing."""
        self.query_one(LinesView).show(undo_lines(self._plan, self._steps, self._chosen))
        choose = ((" enter ", "$text-primary bold"), "choose   ") if self._plan.conflicts else ()
        left = unsettled(self._plan, self._chosen)
        undo = () if left else ((" y ", "$text-warning bold"), "undo   ")
        wait = ((f"    {WARN.sign} {files_words(left)} to settle", WARN.style),) if left else ()
        keys = row(*choose, *undo, (" esc ", "$text-primary bold"), "leave it as it is", *wait)
        self.query_one("#undo-keys", Static).update(row(keys))
