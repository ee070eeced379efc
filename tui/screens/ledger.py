"""The ledger on the whole screen: every decision of a run, with filters (UX, "Ledger")."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from core.commands import OverturnDecision
from core.run_state import DecisionState, RunState
from tui.bridge import RunView
from tui.clock import Clock
from tui.dock.guard import Guard
from tui.key_bar import KeyBar
from tui.keys import HELP, HelpEntry, KeyHint
from tui.lines_view import LinesView
from tui.panels.decisions import DECISION_KEY, no_overturn, resting_on
from tui.safe_text import row
from tui.screens.commanding import CommandScreen
from tui.screens.help import HelpScreen
from tui.screens.ledger_lines import LedgerFilter, counted_words, filter_row, ledger_lines
from tui.screens.overturn import OverturnScreen
from tui.screens.what_if import WhatIfScreen
from tui.typed_line import TypedLine

PRIORITY_ACTIONS = frozenset({"go_to", "search"})
Refuse = Callable[[], str]
LEDGER_HELP = (
    HelpEntry("enter", "what was asked, the options, why the policy said so, what rests on it"),
    HelpEntry("t", "only one tier, the next one, all again"),
    HelpEntry("o", "only one outcome (auto, asked, deferred, overturned ...), the next one, all again"),
    HelpEntry("/", "only those with a text: in the question, the answer, the reasons"),
    HelpEntry("v", "overturn what was decided without you, while the run goes on"),
    HelpEntry("W", "what-if: the decisions under each autonomy level"),
    HelpEntry("g", "in a recording: to the moment when it was raised"),
    HelpEntry("esc", "one step back: out of the line, of the filters, to the run"),
)


class LedgerScreen(CommandScreen[str | None]):
    """Dismissed with the id of a decision that the reader wants to go to, or with None.

    `known` is how many were raised by the moment that a recording shows; None in a live run. `decisions` are
    those of `state`, where they were gathered already. `refuse` says
    why nothing can be overturned here and now, in one line; "" where it can.
    """

    AUTO_FOCUS = "#ledger-lines"
    DEFAULT_CSS = """
    LedgerScreen { layout: vertical; overflow: hidden; background: $background; }
    LedgerScreen > Static { height: 1; width: 1fr; background: $panel; text-wrap: nowrap; }
    LedgerScreen > LinesView { padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "tier", show=False),
        Binding("o", "outcome", show=False),
        Binding("slash", "search", show=False, priority=True),
        Binding("v", "overturn", show=False),
        Binding("W", "what_if", show=False),
        Binding("g", "go_to", show=False, priority=True),
        Binding("question_mark", "help", show=False),
        Binding("escape", "back", show=False),
        Binding("q,L", "leave", show=False),
    ]
    PALETTE = (
        ("Filter: tier", "The next one (t)", "tier"),
        ("Filter: outcome", "The next one (o)", "outcome"),
        ("Filter: text", "/", "search"),
        ("Overturn", "What was decided without you (v)", "overturn"),
        ("What-if", "The decisions under each autonomy level (W)", "what_if"),
        ("Go to the decision", "In a recording (g)", "go_to"),
        ("Keys", "All of them (?)", "help"),
    )

    def __init__(
        self,
        view: RunView,
        clock: Clock,
        state: RunState,
        *,
        refuse: Refuse,
        known: int | None = None,
        decisions: tuple[DecisionState, ...] | None = None,
    ) -> None:
        super().__init__(view, clock)
        self._state = state
        self._decisions = decisions if decisions is not None else tuple(state.decisions)
        self._known = known
        self._refuse = refuse
        self._filter = LedgerFilter()
        self._opened: frozenset[str] = frozenset()
        self._ready = False

    def compose(self) -> ComposeResult:
        yield Static(Content(""), id="ledger-title", markup=False)
        yield Static(Content(""), id="ledger-filter", markup=False)
        yield LinesView(id="ledger-lines")
        yield TypedLine(id="ledger-typed")
        yield KeyBar()

    def on_mount(self) -> None:
        self._ready = True
        self._typed.display = False
        self._draw()

    @property
    def body(self) -> LinesView:
        return self.query_one(LinesView)

    def show_state(self, state: RunState) -> None:
        """The run goes on behind it."""
        if state.decisions is not self._state.decisions or state.outcome is not self._state.outcome:
            self._state, self._decisions = state, tuple(state.decisions)
            self._draw()

    def _draw(self) -> None:
        if not self._ready:
            return
        shown = tuple(d for d in self._decisions if self._filter.lets(d))
        total = len(self._decisions)
        of = "" if len(shown) == total else f"   of {total}"
        title = row((" Ledger  ", "$text-primary bold"), (counted_words(shown), "bold"), (of, "$text-muted"))
        self.query_one("#ledger-title", Static).update(row(title))
        self.query_one("#ledger-filter", Static).update(row(filter_row(self._filter)))
        self.body.show(ledger_lines(self._state, shown, self._opened, self._later))
        self._show_keys()

    @property
    def _later(self) -> frozenset[str]:
        """Those that a recording comes to only behind the moment that it shows."""
        later = self._decisions[self._known :] if self._known is not None else ()
        return frozenset(decision.request.id for decision in later)

    def _show_keys(self) -> None:
        if self._typed.display:
            keys = (KeyHint("enter", "keep the filter"), KeyHint("esc", "without it", "back"))
        else:
            keys = (
                KeyHint("enter", "why", "open"),
                *((KeyHint("v", "overturn", "overturn"),) if self.offers("overturn") else ()),
                KeyHint("t", "tier", "tier"),
                KeyHint("o", "outcome", "outcome"),
                KeyHint("/", "text", "search"),
                *((KeyHint("g", "go to it", "go_to"),) if self._known is not None else ()),
                KeyHint("W", "what-if", "what_if"),
                KeyHint("esc", "back", "back"),
                HELP,
            )
        self.query_one(KeyBar).show(keys)

    @on(KeyBar.Pressed)
    async def _pressed(self, event: KeyBar.Pressed) -> None:
        await self.run_action(event.action)

    @on(LinesView.Moved)
    def _moved(self) -> None:
        self._show_keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a line that is typed these keys are its own."""
        return not (action in PRIORITY_ACTIONS and isinstance(self.focused, Input))

    def offers(self, action: str) -> bool:
        """Whether `action` would do something now."""
        selected = self.selected
        if action == "overturn":
            return selected is not None and not no_overturn(selected) and not self._refuse()
        return self._known is not None and selected is not None if action == "go_to" else True

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(LEDGER_HELP))

    # --- what is shown ------------------------------------------------------------------

    @property
    def selected(self) -> DecisionState | None:
        request_id = self.body.cursor_key.removeprefix(DECISION_KEY)
        return self._state.decision(request_id) if request_id else None

    @on(LinesView.Chosen)
    def _chosen(self, event: LinesView.Chosen) -> None:
        event.stop()
        self._opened ^= {event.key.removeprefix(DECISION_KEY)}
        self._draw()

    def action_open(self) -> None:
        self.body.action_choose()

    def action_tier(self) -> None:
        self._only(self._filter.next_tier(self._decisions))

    def action_outcome(self) -> None:
        self._only(self._filter.next_outcome(self._decisions))

    def _only(self, chosen: LedgerFilter) -> None:
        self._filter = chosen
        self._draw()

    # --- the text -----------------------------------------------------------------------

    @property
    def _typed(self) -> TypedLine:
        return self.query_one(TypedLine)

    def action_search(self) -> None:
        self._typed.display = True
        self._typed.begin(self._filter.text, "only decisions with this text")
        self.set_focus(self._typed)
        self._show_keys()

    @on(TypedLine.Changed)
    def _changed(self, event: TypedLine.Changed) -> None:
        event.stop()
        if self._typed.display:
            self._only(LedgerFilter(self._filter.tier, self._filter.outcome, event.value.strip()))

    @on(TypedLine.Submitted)
    def _submitted(self, event: TypedLine.Submitted) -> None:
        event.stop()
        self._close_line()

    def _close_line(self) -> None:
        self._typed.display = False
        self.body.focus()
        self._show_keys()

    def action_back(self) -> None:
        if self._typed.display:
            self._close_line()
            self._only(LedgerFilter(self._filter.tier, self._filter.outcome))
        elif self._filter != LedgerFilter():
            self._only(LedgerFilter())
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        self.dismiss(None)

    # --- what can be done ---------------------------------------------------------------

    def action_go_to(self) -> None:
        if self._known is None:
            self.tell("This run is live: it is where it is.")
        elif self.selected is not None:
            self.dismiss(self.selected.request.id)

    def action_what_if(self) -> None:
        if self._decisions:
            self.app.push_screen(WhatIfScreen(self.view.what_if))
        else:
            self.tell("No decision was taken yet.")

    def action_overturn(self) -> None:
        decision = self.selected
        if decision is None:
            self.tell("Put the cursor on a decision to overturn it.")
        elif refusal := no_overturn(decision) or self._refuse():
            self.tell(refusal)
        else:
            chunks, guard = resting_on(self._state, decision), Guard(self.clock.monotonic)
            self.app.push_screen(OverturnScreen(decision, chunks, guard), self._overturned)

    def _overturned(self, command: OverturnDecision | None) -> None:
        if command is not None:
            self.send(command)
