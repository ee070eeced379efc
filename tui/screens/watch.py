"""The run screen of a run that another terminal drives: everything can be read, nothing is done to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.clock import Clock
from tui.header import HeaderFacts
from tui.safe_text import row
from tui.screens.run import RunScreen

if TYPE_CHECKING:
    from core.watching import WatchedRun

ACTS = "a,c,r,x,m,p,s,S,u"


class WatchScreen(RunScreen):
    """A row beneath the header says that the run is watched, and who is gone."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding(ACTS, "refuse", show=False)]
    DEFAULT_CSS = """
    WatchScreen #watching { height: auto; max-height: 2; padding: 0 1; }
    WatchScreen.-tiny #watching { max-height: 1; padding: 0; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    class Lost(Message):
        """The journal is gone, as `run.lost` says: the application ends."""

    def __init__(self, run: WatchedRun, clock: Clock) -> None:
        super().__init__(run, clock)
        self.run = run
        self._told_lost = False

    def compose(self) -> ComposeResult:
        header, *rest = super().compose()
        yield header
        yield Static(Content(""), id="watching", markup=False)
        yield from rest

    def header_facts(self) -> HeaderFacts:
        """The time goes on while a process drives the run; without one the run stands where it was left, and
        does not work, whatever it did last."""
        facts = replace(super().header_facts(), recorded=False)
        state, gone = facts.state, self.run.process.words
        if state.outcome is None and not gone:
            return replace(facts, now=self.clock.now())
        if state.outcome is None and not state.pending:
            return replace(facts, state=replace(state, outcome="stopped", reason=gone))
        return facts

    def _tick(self) -> None:
        super()._tick()
        quiet = self.run.process.gone_since is None and not self.run.recording.damage
        word = ("watching  ", "$text-primary bold") if quiet else ("! watching  ", "$text-warning bold")
        self.query_one("#watching", Static).update(row(word, self.run.note))
        if self.run.lost and not self._told_lost:
            self._told_lost = True
            self.post_message(self.Lost())

    def action_refuse(self) -> None:
        self.tell(self.run.how_to_act())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return True if action == "refuse" else super().check_action(action, parameters)

    def admits(self, event: events.Key) -> bool:
        """No key can answer anything here."""
        return True
