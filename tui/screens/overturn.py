"""Overturning what was decided without a human: what holds instead, why, and what rests on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from core.commands import OverturnDecision
from core.run_state import DecisionState
from tui.dock.decision_form import FREE, OPTION
from tui.dock.guard import Guard
from tui.line import Line
from tui.lines_view import LinesView
from tui.marks import NOW, WARN
from tui.panels.decisions import chunks_words
from tui.safe_text import row
from tui.typed_line import TypedLine

Stage = Literal["choosing", "writing", "reason"]


class OverturnScreen(ModalScreen[OverturnDecision | None]):
    """Guarded like a prompt. First what holds instead, then the reason; enter there overturns."""

    DEFAULT_CSS = """
    OverturnScreen { align: center middle; background: $background 60%; }
    OverturnScreen > Vertical {
        width: 90; max-width: 100%; height: auto; max-height: 100%;
        border: heavy $warning; border-title-color: $text-warning; border-title-style: bold;
        padding: 0 1; background: $surface;
        & > LinesView { height: auto; max-height: 60vh; }
        & > Static { height: auto; }
        & > #problem { color: $text-error; }
    }
    OverturnScreen .hidden { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("q", "leave", show=False),
        *(Binding(str(n), f"pick({n})", show=False) for n in range(1, 10)),
    ]

    def __init__(self, decision: DecisionState, chunks: tuple[int, ...], guard: Guard) -> None:
        super().__init__()
        self._decision = decision
        self._chunks = chunks
        self._guard = guard
        self._stage: Stage = "choosing"
        self._option: str | None = None
        self._text = ""

    def compose(self) -> ComposeResult:
        recorded = f" {self._decision.recorded_as}" if self._decision.recorded_as else ""
        with Vertical() as box:
            box.border_title = row(f"Overturn{recorded}")
            yield LinesView(id="overturn-lines", mark=NOW.sign)
            yield Static(Content(""), id="asked", markup=False)
            yield TypedLine(id="typed", classes="hidden")
            yield Static(Content(""), id="problem", classes="hidden", markup=False)
            yield Static(Content(""), id="overturn-keys", markup=False)

    def on_mount(self) -> None:
        self._guard.appeared()
        body = self.query_one(LinesView)
        body.show(overturn_lines(self._decision, self._chunks))
        other = next((o for o in self._decision.request.options if not _holds(self._decision, o.id)), None)
        body.place_cursor(f"{OPTION}{other.id}" if other else FREE)
        self._step("choosing")

    def admits(self, event: events.Key) -> bool:
        return self._guard.key_came(event)

    # --- keys ---------------------------------------------------------------------------

    def action_pick(self, number: int) -> None:
        keys = [*(f"{OPTION}{o.id}" for o in self._decision.request.options), FREE]
        if self._stage == "choosing" and number <= len(keys):
            self.query_one(LinesView).select(keys[number - 1])

    @on(LinesView.Chosen)
    def _chosen(self, event: LinesView.Chosen) -> None:
        event.stop()
        if self._guard.closed:
            return
        if event.key == FREE:
            self._option = None
            self._step("writing")
        elif _holds(self._decision, event.key.removeprefix(OPTION)):
            self._say("That is what holds already.")
        else:
            self._option = event.key.removeprefix(OPTION)
            self._step("reason")

    @on(TypedLine.Submitted)
    def _typed(self, event: TypedLine.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if self._stage == "writing":
            self._text = text
            if text:
                self._step("reason")
            else:
                self._say("Write what holds instead, or press esc to go back.")
            return
        free = "" if self._option is not None else self._text
        self.dismiss(
            OverturnDecision(
                request_id=self._decision.request.id, option=self._option, text=free, reason=text
            )
        )

    def action_back(self) -> None:
        if self._stage == "choosing":
            self.dismiss(None)
        else:
            self._step("choosing")

    def action_leave(self) -> None:
        self.dismiss(None)

    # --- showing ------------------------------------------------------------------------

    def _step(self, stage: Stage) -> None:
        self._stage = stage
        typed = self.query_one(TypedLine)
        typed.set_class(stage == "choosing", "hidden")
        self._say("")
        asked, enter = "Choose what holds instead.", "choose"
        if stage == "writing":
            asked, enter = "What holds instead:", "go on"
            typed.begin()
        elif stage == "reason":
            asked, enter = f"It will be: {self._label}. Why? The worker is told.", "overturn"
            typed.begin(placeholder="the reason; may stay empty")
        else:
            self.query_one(LinesView).focus()
        self.query_one("#asked", Static).update(row((asked, "bold")))
        keys = row((" enter ", "$text-warning bold"), enter, ("    esc ", "$text-primary bold"), "back")
        self.query_one("#overturn-keys", Static).update(row(keys))

    @property
    def _label(self) -> str:
        option = self._decision.request.option(self._option)
        return option.label if option is not None else self._text

    def _say(self, problem: str) -> None:
        self.query_one("#problem", Static).update(row(problem))
        self.query_one("#problem").set_class(not problem, "hidden")


def _holds(decision: DecisionState, option_id: str) -> bool:
    held, option = decision.holds, decision.request.option(option_id)
    if held is None or option is None:
        return False
    return option_id == held.option if held.option is not None else option.label == held.decision


def overturn_lines(decision: DecisionState, chunks: tuple[int, ...]) -> Iterator[Line]:
    request, held = decision.request, decision.holds
    yield Line(row((request.title, "bold")))
    for text in request.context.strip().split("\n"):
        if text.strip():
            yield Line(row(text))
    if held is not None:
        yield Line(
            row(("Holds: ", "$text-muted"), held.decision, (f"  ({decision.policy.basis})", "$text-muted")),
            hang=7,
        )
    for reason in decision.policy.reasons:
        yield Line(row((f"- {reason}", "$text-muted")), hang=2)
    yield Line(row((f"{WARN.sign} {chunks_words(chunks)}", WARN.style if chunks else "$text-muted")), hang=2)
    yield Line(row(""))
    for option in request.options:
        now = ("  it holds now", "$text-primary") if _holds(decision, option.id) else ("", "")
        yield Line(
            row((f" {option.id}  ", "$text-primary bold"), (option.label, "bold"), now),
            key=f"{OPTION}{option.id}",
            hang=4,
        )
    number = len(request.options) + 1
    yield Line(row((f" {number}  ", "$text-primary bold"), ("Something else...", "italic")), key=FREE, hang=4)
