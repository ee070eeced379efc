"""Taking the last approved chunk back, from the run screen."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.binding import Binding, BindingType

from core.commands import CommandRefused, UndoChunk
from tui.dock.guard import Guard
from tui.screens.deciding import DecidingScreen
from tui.screens.undo import UndoScreen
from tui.screens.undo_lines import undoable


class UndoingScreen(DecidingScreen):
    """`u` asks the run what an undo would do, then the supervisor, and then the run to do it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("u", "undo_chunk", show=False)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "undo_chunk":
            return self.view.live and not self.dock.composing
        return super().check_action(action, parameters)

    def offers(self, action: str) -> bool:
        if action == "undo_chunk":
            return bool(self.check_action(action, ())) and undoable(self.frame.state) > 0
        return super().offers(action)

    def action_undo_chunk(self) -> None:
        state = self.frame.state
        if state.outcome is not None and state.approved_chunks:
            self.tell(self._ended_words())
        else:
            self.run_worker(self._ask_to_undo(), group="undo", exclusive=True)

    async def _ask_to_undo(self) -> None:
        """The plan is made of the files as they are now: off the event loop."""
        from core.blobs import BlobFault

        try:
            plan = await asyncio.to_thread(self.view.undo_plan)
        except (CommandRefused, BlobFault) as refusal:
            self.tell(str(refusal))
            return
        if self.is_current:
            steps = tuple(s.step.id for s in self.frame.state.steps if s.chunks[-1:] == (plan.chunk,))
            guard = Guard(self.clock.monotonic)
            self.app.push_screen(UndoScreen(plan, steps, guard), self._undo_answered)

    def _undo_answered(self, command: UndoChunk | None) -> None:
        if command is None:
            return
        if self.view.state.outcome is not None:
            self.tell(self._ended_words())
        else:
            self.send(command)

    def _ended_words(self) -> str:
        return f"The run has ended. Undo its last approved chunk with: signoff undo {self.view.run_id}"
