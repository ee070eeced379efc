"""The replay screen: the run screen over a recording, with a timeline (UX, "Replay"). It only reads."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from core.blobs import BlobFault
from core.run_state import ChunkState, DecisionState, RunState
from tui.key_bar import KeyBar
from tui.lines_view import LinesView
from tui.replay.finding import where_raised
from tui.replay.keys import REPLAY_HELP, REPLAY_PALETTE, ReplaySituation, replay_keys
from tui.review.desk import ReviewDesk
from tui.review.places import Place as DiffPlace
from tui.review.places import place_of
from tui.review.shown import ShownDiff
from tui.screens.help import HelpScreen
from tui.screens.ledger import LedgerScreen
from tui.screens.searching import SearchingScreen
from tui.screens.what_if import WhatIfScreen


class ReplayScreen(SearchingScreen):
    """Dismissed by `q`; as the screen of its application it ends that."""

    PALETTE = REPLAY_PALETTE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "diff", show=False),
        Binding("L", "ledger", show=False),
        Binding("W", "what_if", show=False),
        Binding("c", "compare", show=False),
        Binding("left_square_bracket", "panel(-1)", show=False),
        Binding("right_square_bracket", "panel(1)", show=False),
        Binding("escape", "back", show=False),
        Binding("q", "leave", show=False),
    ]

    # --- keys ---------------------------------------------------------------------------

    def show_keys(self) -> None:
        self.query_one(KeyBar).show(replay_keys(self.replay_situation()))

    def replay_situation(self) -> ReplaySituation:
        return ReplaySituation(
            playing=self.player.playing,
            typing=self.line.typing,
            sought=bool(self.needle),
            looking=self.looking,
            pinned=self.pinned is not None,
            decided=bool(self.frame.state.decisions),
        )

    @on(KeyBar.Pressed)
    async def _pressed(self, event: KeyBar.Pressed) -> None:
        await self.run_action(event.action)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(REPLAY_HELP))

    def action_panel(self, by: int) -> None:
        panels = self.columns.panels
        at = panels.index(self.columns.focused) if self.columns.focused is not None else -max(by, 0)
        self.columns.go_to(panels[(at + by) % len(panels)].KEY)

    async def action_back(self) -> None:
        """One step back: out of a line, of a search, of a step's chunk, to the stream."""
        if self.line.typing:
            self.close_line()
        elif self.stop_looking():
            self.show_timeline()
        elif self.pinned is not None:
            self.pinned = None
            self.show_frame(self.frame)
        elif self.columns.chunk.tab != "stream":
            await self.columns.chunk.open_tab("stream")
        self.show_keys()

    def action_leave(self) -> None:
        if len(self.app.screen_stack) > 1:
            self.dismiss(None)
        else:
            self.app.exit()

    # --- the diff -----------------------------------------------------------------------

    def action_diff(self) -> None:
        """Of the chunk that is shown, on the whole screen, from the recording's own contents."""
        self._open_diff(None)

    @on(LinesView.Chosen, "#chunk-diff")
    def _line_chosen(self, event: LinesView.Chosen) -> None:
        self._open_diff(place_of(event.key))

    def _open_diff(self, place: DiffPlace | None) -> None:
        chunk = self.shown().chunk
        if chunk is None or not chunk.changes:
            self.tell(self._no_diff(chunk))
        elif self.settled:
            self.pause()
            self.run_worker(self._show_diff(chunk, place), group="diff", exclusive=True)

    def _no_diff(self, chunk: ChunkState | None) -> str:
        if chunk is not None and chunk.closed_files:
            return "This log names the files and has no diff of them: e shows what it says."
        return "No file is changed yet."

    async def _show_diff(self, chunk: ChunkState, place: DiffPlace | None) -> None:
        """Read once before it is opened: a content that is lost is said here."""
        from tui.screens.review import ReviewScreen

        desk, here = ReviewDesk(self.view.contents), self.position
        try:
            await asyncio.to_thread(ShownDiff(self.view, desk, chunk.number).read)
        except BlobFault as fault:
            self.tell(f"The diff of chunk {chunk.number} can't be shown: {fault}")
            return
        if self.is_current and here == self.position:
            screen = ReviewScreen(self.view, self.clock, desk, self.frame, number=chunk.number, place=place)
            self.app.push_screen(screen)

    # --- decisions ----------------------------------------------------------------------

    def action_what_if(self) -> None:
        if self.frame.state.decisions:
            self.pause()
            self.app.push_screen(WhatIfScreen(self.view.what_if))
        else:
            self.tell("No decision was taken up to here.")

    def action_compare(self) -> None:
        """Beside the story's run before this one."""
        self.pause()
        self.run_worker(self._open_compare(), group="compare", exclusive=True)

    async def _open_compare(self) -> None:
        from core.journal import JournalFault
        from core.open_recording import other_run
        from tui.screens.compare import CompareScreen

        try:
            other = await asyncio.to_thread(other_run, self.recording)
        except (JournalFault, OSError) as fault:
            self.tell(f"The story's other run can't be read: {fault}")
            return
        if other is None:
            self.tell("The story has no other run here to compare this one with.")
        elif self.is_current:
            screen = CompareScreen(other, self.recording, self.clock)
            self.app.push_screen(screen, lambda _: other.close())

    def action_ledger(self) -> None:
        self.pause()
        self.run_worker(self._open_ledger(), group="ledger", exclusive=True)

    async def _open_ledger(self) -> None:
        """Of the whole recording; what lies behind the position is marked as later."""
        state, decisions = await asyncio.to_thread(self._all_decisions)
        if self.is_current:
            ledger = LedgerScreen(
                self.view,
                self.clock,
                state,
                refuse=self._no_overturn,
                known=len(self.frame.state.decisions),
                decisions=decisions,
            )
            self.app.push_screen(ledger, partial(self._ledger_closed, state))

    def _all_decisions(self) -> tuple[RunState, tuple[DecisionState, ...]]:
        state = self.recording.state_at(self.recording.length)
        return state, tuple(state.decisions)

    def _no_overturn(self) -> str:
        """How a decision is overturned: never here, where nothing can be told to the worker."""
        if not self.recording.timed:
            return "This is a log, not a journal of Signoff: nothing can be overturned in it."
        if self.marks.completed:
            return "The run is complete: what it decided is settled anew in another run of the story."
        run_id = self.recording.run_id
        return f"Not in a recording. Go on with the run: signoff resume {run_id}, then L and v."

    def _ledger_closed(self, state: RunState, request_id: str | None) -> None:
        decision = state.decision(request_id) if request_id is not None else None
        if decision is not None:
            self.run_worker(self._go_to_decision(decision), group="go-to", exclusive=True)

    async def _go_to_decision(self, decision: DecisionState) -> None:
        raised = await asyncio.to_thread(where_raised, self.recording, decision)
        if raised is not None:
            self.jump(raised.seq)
