"""The run screen: the board, and all that a supervisor can say to a run (UX)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widgets import Input, TextArea

from core.commands import DeclineDecision, Pause, Resume, SendMessage, Stop
from core.domain import ReviewVerdict
from tui.bridge import Frame, RunView
from tui.clock import Clock
from tui.dock.composer import Composer, composer_title
from tui.key_bar import KeyBar
from tui.keys import ComposerKind
from tui.lines_view import LinesView
from tui.palette import PALETTE
from tui.review.desk import ReviewDesk
from tui.screens.undoing import UndoingScreen
from tui.screens.verdict import VerdictScreen

if TYPE_CHECKING:
    from tui.review.places import Place
    from tui.screens.review import ReviewScreen

PROMPT_KEYS = frozenset({"a", "c", "r", "x", "o", "enter"})
REVIEW_ACTIONS = frozenset({"approve", "changes", "revert"})
STEERING_ACTIONS = frozenset({"message", "pause", "stop_boundary", "stop_now", "stop_here"})
COVERED_ACTIONS = (REVIEW_ACTIONS | STEERING_ACTIONS | {"leave", "choose"}) - {"message"}


class RunScreen(UndoingScreen, VerdictScreen[None]):
    """Turns keys into Commands. `desk` keeps what was done in the review that waits."""

    PALETTE = PALETTE
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"digit({n})", show=False) for n in range(1, 10)),
        Binding("a", "approve", show=False),
        Binding("c", "changes", show=False),
        Binding("r", "revert", show=False),
        Binding("d", "diff", show=False),
        Binding("x", "stop_here", show=False),
        Binding("m", "message", show=False),
        Binding("p", "pause", show=False),
        Binding("s", "stop_boundary", show=False),
        Binding("S", "stop_now", show=False),
        Binding("escape", "back", show=False),
        Binding("q", "leave", show=False),
    ]

    def __init__(self, view: RunView, clock: Clock) -> None:
        super().__init__(view, clock)
        self.desk = ReviewDesk(view.contents)
        self._open_review: ReviewScreen | None = None

    def show_frame(self, frame: Frame) -> None:
        """Comments belong to one review: when it is settled they go."""
        self.desk.follow(frame.state)
        self.comments = self.desk.comments
        super().show_frame(frame)
        if self._open_review is not None:
            self._open_review.show_frame(frame)

    # --- keys ---------------------------------------------------------------------------

    def admits(self, event: events.Key) -> bool:
        """Whether a key may act: one that came while a prompt had just appeared may not answer it."""
        open_for_answers = self.guard.key_came(event)
        if open_for_answers or isinstance(self.focused, Input | TextArea):
            return True
        return not self.dock.has_focus_within and event.key not in PROMPT_KEYS

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While something is written nothing else is answered or steered, wherever the focus is."""
        if self.dock.composing and action in COVERED_ACTIONS:
            return False
        if action in REVIEW_ACTIONS:
            return self.view.live and self.dock.kind == "review"
        if action == "stop_here":
            return self.view.live and self.dock.kind in ("decision", "batch", "review", "input")
        if action in STEERING_ACTIONS:
            return self.view.live and self.frame.state.outcome is None
        return super().check_action(action, parameters)

    def offers(self, action: str) -> bool:
        if action == "to_prompt":
            return bool(self.frame.state.pending)
        if action == "next_question":
            return self.dock.count > 1
        if action == "back":
            return self.pinned is not None
        return super().offers(action)

    @on(KeyBar.Pressed)
    async def _pressed(self, event: KeyBar.Pressed) -> None:
        await self.run_action(event.action)

    def action_digit(self, number: int) -> None:
        prompt = self.dock.prompt
        if prompt is not None and prompt.TAKES_FOCUS and prompt.has_focus_within:
            prompt.pick(number)
        elif number <= len(self.columns.panels):
            self.columns.go_to(self.columns.panels[number - 1].KEY)

    def action_choose(self) -> None:
        prompt = self.dock.prompt
        if prompt is not None and not self.guard.closed:
            prompt.focus_body()
            prompt.choose()

    async def action_leave(self) -> None:
        await self.app.action_quit()

    async def action_back(self) -> None:
        """One step back: out of the composer, of an answer, of a step's chunk, to the stream."""
        if self.dock.composing:
            self.dock.close_composer()
            self._refocus()
        elif self.dock.back():
            pass
        elif self.pinned is not None:
            self.pinned = None
            self.show_frame(self.frame)
        elif self.columns.chunk.tab != "stream":
            await self.columns.chunk.open_tab("stream")
        self.show_keys()

    def _refocus(self) -> None:
        if self.dock.prompt is None or not self.dock.prompt.TAKES_FOCUS:
            self.columns.go_to(self.columns.chunk.KEY)

    # --- the diff -----------------------------------------------------------------------

    def action_diff(self) -> None:
        """The chunk's diff on the whole screen: of the one under review, if one is."""
        chunk = self.dock.reviewed_chunk() or self.shown().chunk
        if chunk is None or not chunk.changes:
            self.tell("No file is changed yet.")
        else:
            self._open_diff(chunk.number)

    @on(LinesView.Chosen, "#chunk-diff")
    def _line_chosen(self, event: LinesView.Chosen) -> None:
        from tui.review.places import place_of

        chunk = self.shown().chunk
        if chunk is not None:
            self._open_diff(chunk.number, place_of(event.key))

    def _open_diff(self, number: int, place: Place | None = None) -> None:
        from tui.screens.review import ReviewScreen

        self._open_review = ReviewScreen(
            self.view, self.clock, self.desk, self.frame, number=number, place=place
        )
        self.app.push_screen(self._open_review, self._diff_closed)

    def _diff_closed(self, verdict: ReviewVerdict | None) -> None:
        self._open_review = None
        self.show_frame(self.frame)
        if verdict is not None:
            self.given(verdict)

    # --- commands -----------------------------------------------------------------------

    def given(self, verdict: ReviewVerdict) -> None:
        """After a verdict the worker goes on: the stream shows what it does."""
        if verdict != "stop":
            self.call_later(self.columns.chunk.open_tab, "stream")

    def action_approve(self) -> None:
        if self.may_approve():
            self.approve(self.desk.review)

    def action_revert(self) -> None:
        self.revert(self.desk.review)

    def action_stop_here(self) -> None:
        if self.guard.closed:
            return
        if self.dock.kind == "review":
            lines = ["The run stops. The chunk stays as it is, not approved.", self._resume_words()]
            self.ask("Stop", lines, "stop", "go on", self.verdict(self.desk.review, "stop"))
        elif self.dock.kind in ("decision", "batch") and self.dock.pending is not None:
            decline = DeclineDecision(request_id=self.dock.pending.request_id)
            lines = ["The run ends blocked and BLOCKERS.md says what was asked.", self._resume_words()]
            self.ask("Stop", lines, "stop", "go on", lambda: self.send(decline))
        else:
            lines = ["The run stops; the question stays open.", self._resume_words()]
            self.ask("Stop", lines, "stop", "go on", lambda: self.send(Stop(when="now")))

    def action_stop_now(self) -> None:
        lines = ["The run stops at once, in the middle of what it does.", self._resume_words()]
        self.ask("Stop now", lines, "stop now", "go on", lambda: self.send(Stop(when="now")))

    def action_stop_boundary(self) -> None:
        self.send(Stop(when="boundary"))

    def action_pause(self) -> None:
        self.send(Resume() if self.frame.state.paused else Pause())

    def _resume_words(self) -> str:
        return f"Go on later with: signoff resume {self.view.run_id}"

    # --- writing ------------------------------------------------------------------------

    async def action_message(self) -> None:
        """Opens the composer, or goes back to the one that is open."""
        if self.dock.composing and self.dock.composer is not None:
            self.dock.composer.area.focus()
        else:
            await self._write("message")

    async def action_changes(self) -> None:
        if not self.guard.closed:
            await self._write("changes")

    async def _write(self, kind: ComposerKind) -> None:
        chunk = self.dock.reviewed_chunk() or self.frame.state.chunk
        title = composer_title(kind, chunk.number if chunk else 0, "", len(self.comments))
        await self.dock.open_composer(kind, title)
        self.show_keys()

    @on(Composer.Done)
    def _written(self, event: Composer.Done) -> None:
        if self._take(event) and self.dock.composer is not None:
            self.dock.composer.forget_draft()
            self.dock.close_composer()
            self._refocus()
            self.show_keys()

    def _take(self, event: Composer.Done) -> bool:
        """Whether what was written went where it belongs; if not the draft stays open."""
        if event.kind == "changes":
            return self.request_changes(self.desk.review, event.text)
        if not event.text:
            self.tell("Nothing is written yet. esc closes.")
            return False
        return self.send(SendMessage(text=event.text))
