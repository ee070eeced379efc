"""The board, and what a supervisor does about decisions: before the answer, in the batch, in the ledger."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from core.commands import OverturnDecision
from core.run_state import DecisionState
from tui.bridge import Frame
from tui.dock.batch_lines import approvable, approval_lines
from tui.dock.batch_prompt import BatchPrompt
from tui.dock.decision_form import PreferenceKind, answer_to, no_preference
from tui.dock.decision_prompt import DecisionPrompt
from tui.dock.guard import Guard
from tui.dock.prompt import Prompt
from tui.panels.decisions import no_overturn, resting_on
from tui.screens.board import RunBoard
from tui.screens.ledger import LedgerScreen
from tui.screens.overturn import OverturnScreen
from tui.screens.what_if import WhatIfScreen

QUESTION_ACTIONS = frozenset({"retier", "elaborate", "lock", "learn"})
BATCH_ACTIONS = frozenset({"approve_all", "reject"})
STAGES_LEFT_BY_A_KEY = ("choosing", "retiering")


class DecidingScreen(RunBoard):
    """Turns keys into Commands about decisions. A run that is not live refuses them all."""

    _open_ledger: LedgerScreen | None = None

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "overturn", show=False),
        Binding("W", "what_if", show=False),
        Binding("L", "ledger", show=False),
    ]

    def show_frame(self, frame: Frame) -> None:
        super().show_frame(frame)
        if self._open_ledger is not None:
            self._open_ledger.show_state(frame.state)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        prompt, covered = self.dock.prompt, bool(self.dock.composing)
        if action in QUESTION_ACTIONS:
            open_for_it = isinstance(prompt, DecisionPrompt) and prompt.form.stage in STAGES_LEFT_BY_A_KEY
            return self.view.live and open_for_it and not covered
        if action in BATCH_ACTIONS:
            open_for_it = isinstance(prompt, BatchPrompt) and prompt.stage == "choosing"
            return self.view.live and open_for_it and not covered
        if action == "overturn":
            return self.view.live and self.frame.state.outcome is None and not covered
        return True

    def offers(self, action: str) -> bool:
        """Whether `action` would do something now: the palette lists only such ones."""
        if action in ("lock", "learn"):
            prompt = self.dock.prompt
            asked = prompt.form.decision if isinstance(prompt, DecisionPrompt) else None
            return bool(self.check_action(action, ())) and asked is not None and not no_preference(asked)
        if action == "overturn":
            return bool(self.check_action(action, ())) and self.overturnable() is not None
        if action in ("what_if", "ledger"):
            return bool(self.frame.state.decisions)
        return bool(self.check_action(action, ()))

    # --- commands -----------------------------------------------------------------------

    @on(Prompt.Answered)
    def _answered(self, event: Prompt.Answered) -> None:
        """What the run does not take leaves the question open, and the prompt where it can be answered."""
        taken = not self.guard.closed and self.send(event.command)
        if not taken and self.dock.prompt is not None:
            self.dock.prompt.back()

    # --- the question in front ----------------------------------------------------------

    def _question(self) -> DecisionPrompt | None:
        prompt = self.dock.prompt
        return prompt if isinstance(prompt, DecisionPrompt) and not self.guard.closed else None

    def action_retier(self) -> None:
        if (prompt := self._question()) is not None:
            prompt.retier()

    def action_elaborate(self) -> None:
        if (prompt := self._question()) is not None:
            prompt.elaborate()

    def action_lock(self) -> None:
        self._prefer("lock")

    def action_learn(self) -> None:
        self._prefer("learn")

    def _prefer(self, kind: PreferenceKind) -> None:
        if (prompt := self._question()) is not None:
            prompt.prefer(kind)

    # --- the batch in front -------------------------------------------------------------

    def action_approve_all(self) -> None:
        prompt = self.dock.prompt
        if self.guard.closed or not isinstance(prompt, BatchPrompt):
            return
        taken = approvable(prompt.decisions)
        if not taken:
            self.tell("Nothing can be approved at once: look at each with enter.")
            return
        lines = approval_lines(prompt.decisions)
        self.ask("Approve all", lines, f"approve {len(taken)}", "look again", lambda: self._approve(taken))

    def _approve(self, decisions: tuple[DecisionState, ...]) -> None:
        for decision in decisions:
            request = decision.request
            if not self.send(answer_to(request, request.recommendation)):
                return

    def action_reject(self) -> None:
        prompt = self.dock.prompt
        if self.guard.closed or not isinstance(prompt, BatchPrompt):
            return
        if prompt.selected is None:
            self.tell("It is decided already. Put the cursor on an open one.")
        else:
            prompt.reject()

    # --- the ledger ---------------------------------------------------------------------

    def overturnable(self) -> DecisionState | None:
        """The decision under the cursor of the decisions panel, if it can be overturned."""
        decision = self.selected_decision()
        return decision if decision is not None and not no_overturn(decision) else None

    def action_overturn(self) -> None:
        decision = self.selected_decision()
        if decision is None:
            self.tell("Put the cursor on a decision in the decisions panel (2) to overturn it.")
        elif refusal := no_overturn(decision):
            self.tell(refusal)
        else:
            chunks = resting_on(self.frame.state, decision)
            self.app.push_screen(
                OverturnScreen(decision, chunks, Guard(self.clock.monotonic)), self._overturned
            )

    def _overturned(self, command: OverturnDecision | None) -> None:
        if command is not None:
            self.send(command)

    def action_ledger(self) -> None:
        """The whole of it, on a screen of its own that follows the run."""
        refuse = self._no_overturn_here
        self._open_ledger = LedgerScreen(self.view, self.clock, self.frame.state, refuse=refuse)
        self.app.push_screen(self._open_ledger, self._ledger_closed)

    def _ledger_closed(self, _: str | None) -> None:
        self._open_ledger = None

    def _no_overturn_here(self) -> str:
        """Why nothing can be overturned now; empty while something can."""
        if self.check_action("overturn", ()):
            return ""
        if self.frame.state.outcome == "complete":
            return "The run is complete: what it decided is settled anew in another run of the story."
        return f"Not from here: overturn it where the run goes on, with signoff resume {self.view.run_id}."

    def action_what_if(self) -> None:
        if self.frame.state.decisions:
            self.app.push_screen(WhatIfScreen(self.view.what_if))
        else:
            self.tell("No decision was taken yet.")
