"""A board that finds places in a recording: what was typed, a text, the answer to what waited then."""

from __future__ import annotations

import asyncio
from threading import Event as Flag
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from core.events import Record
from core.recorded_view import RecordedView
from tui.clock import Clock
from tui.dock.recorded import ANSWERED, UNANSWERED, RecordedDock
from tui.key_bar import KeyBar
from tui.replay.finding import answer_words, answers, around, excerpt, first_after, holds
from tui.replay.going import NowhereToGo, goal
from tui.replay.keys import Typing
from tui.replay.line import ReplayLine
from tui.replay.seeker import Place
from tui.screens.moving import MovingScreen
from tui.typed_line import TypedLine

PLACE_CELLS = 20
"""Of what is said of a record: its time and its chunk."""
PRIORITY_ACTIONS = frozenset({"edge", "go_to", "search"})


class SearchingScreen(MovingScreen):
    """`needle` is the text that was searched for last; a search can be long, and be stopped."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "go_to", show=False, priority=True),
        Binding("slash", "search", show=False, priority=True),
        Binding("n", "search_again(1)", show=False),
        Binding("N", "search_again(-1)", show=False),
    ]

    def __init__(self, view: RecordedView, clock: Clock) -> None:
        super().__init__(view, clock)
        self.needle = ""
        self._hit = 0
        self._stop_looking: Flag | None = None
        self._asked_about = ""

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            if isinstance(widget, KeyBar):
                yield ReplayLine()
            yield widget

    @property
    def line(self) -> ReplayLine:
        return self.query_one(ReplayLine)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a line that is typed these keys are its own."""
        if action in PRIORITY_ACTIONS and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    # --- the line -----------------------------------------------------------------------

    def action_go_to(self) -> None:
        self._open("go")

    def action_search(self) -> None:
        self._open("search", self.needle)

    def _open(self, typing: Typing, text: str = "") -> None:
        self.line.open(typing, text)
        self.show_keys()

    def close_line(self) -> None:
        """The focus may not stay in a line that is gone."""
        self.line.close()
        self.columns.go_to(self.columns.chunk.KEY)
        self.show_keys()

    @on(TypedLine.Submitted, "#replay-typed")
    def _typed(self, event: TypedLine.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if not text:
            self.close_line()
        elif self.line.typing == "go":
            self.run_worker(self._go_to(text), group="go-to", exclusive=True)
        else:
            self.needle = text
            self.close_line()
            self.action_search_again(1)

    async def _go_to(self, text: str) -> None:
        """What leads nowhere is said; the line stays open to mend it."""
        try:
            seq = await asyncio.to_thread(goal, text, self.recording, self.stops, self.position)
        except NowhereToGo as fault:
            self.tell(str(fault))
            return
        self.close_line()
        self.jump(seq)

    # --- a text -------------------------------------------------------------------------

    @property
    def looking(self) -> bool:
        return self._stop_looking is not None

    @property
    def note(self) -> str:
        return f"looking for {self.needle!r}, esc stops" if self.looking else ""

    def said(self, record: Record) -> str:
        """Of a record that was searched for: the text around what was found."""
        said = super().said(record)
        found = excerpt(record, self.needle) if record.seq == self._hit else ""
        return f"{said[:PLACE_CELLS].rstrip()} │ {found}" if found else said

    def action_search_again(self, by: int) -> None:
        if not self.needle:
            self._open("search")
            return
        self.stop_looking()
        self.pause()
        self.run_worker(self._look_for(self.needle, by), group="search", exclusive=True)

    def jump(self, seq: int) -> None:
        """Whoever goes elsewhere does not want to be taken to what is found later."""
        self.stop_looking()
        super().jump(seq)

    def stop_looking(self) -> bool:
        """False when nothing was being looked for."""
        was_looking = self._stop_looking is not None
        if self._stop_looking is not None:
            self._stop_looking.set()
            self._stop_looking = None
        return was_looking

    async def _look_for(self, needle: str, by: int) -> None:
        stop, here = Flag(), self.position
        self._stop_looking = stop
        self._show_looking()
        try:
            found = await asyncio.to_thread(around, self.recording, here, by, holds(needle), stop)
        finally:
            stopped = stop.is_set()
            stop.set()
            if self._stop_looking is stop:
                self._stop_looking = None
        self._show_looking()
        if stopped:
            return
        if found is None:
            self.tell(f"No record has {needle!r}.")
            return
        if (found.seq <= here) if by > 0 else (found.seq >= here):
            self.tell(f"Found from the {'start' if by > 0 else 'end'} on again.")
        self._hit = found.seq
        self.jump(found.seq)

    def _show_looking(self) -> None:
        self.show_timeline()
        self.show_keys()

    # --- what waited then ---------------------------------------------------------------

    def _arrived(self, place: Place) -> None:
        super()._arrived(place)
        dock = self.dock
        request_id = dock.unanswered() if isinstance(dock, RecordedDock) else ""
        if request_id and request_id != self._asked_about:
            self.run_worker(self._find_answer(request_id, place.seq), group="answers", exclusive=True)

    async def _find_answer(self, request_id: str, seq: int) -> None:
        stop = Flag()
        self._asked_about = request_id
        try:
            found = await asyncio.to_thread(first_after, self.recording, seq, answers(request_id), stop)
        finally:
            stop.set()
            self._asked_about = ""
        if isinstance(self.dock, RecordedDock):
            self.dock.tell(request_id, self._how(found))

    def _how(self, found: Record | None) -> str:
        if found is not None:
            return f"{ANSWERED} at record {found.seq:,} by {answer_words(found)}"
        return UNANSWERED if self.recording.indexed >= 1 else f"{UNANSWERED} so far"
