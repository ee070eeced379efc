"""The board: header, panels and dock of one run, brought up to each frame. It only shows.

The run screen adds what a supervisor can do to it.
"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from core.domain import ReviewComment
from core.run_state import DecisionState
from tui.bridge import Bridge, Frame, RunView
from tui.clock import Clock
from tui.columns import Columns
from tui.dock.batch_prompt import BatchPrompt
from tui.dock.decision_form import no_preference
from tui.dock.decision_prompt import DecisionPrompt
from tui.dock.dock import Dock
from tui.dock.prompt import Prompt
from tui.header import HeaderFacts, RunHeader, last_chunk
from tui.key_bar import KeyBar
from tui.keys import PromptStage, Situation, keys_now
from tui.lines_view import LinesView
from tui.panels.base import Shown
from tui.panels.decisions import DECISION_KEY, is_pending
from tui.panels.plan import STEP_KEY
from tui.screens.commanding import CommandScreen
from tui.screens.help import HelpScreen
from tui.screens.undo_lines import undoable
from tui.tab_strip import TabStrip

TICK_S = 1.0


class RunBoard(CommandScreen[None]):
    """Shows Frames. It keeps nothing of the run itself, only which chunk and tab the reader looks at."""

    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (10, "-short"), (18, "-tall"), (36, "-high")]  # noqa: RUF012
    AUTO_FOCUS = "#chunk-stream"
    DEFAULT_CSS = """
    RunBoard { layout: vertical; overflow: hidden; background: $background; }
    RunBoard.-short, RunBoard.-tiny {
        ChunkPanel TabStrip { margin: 0; }
        DecisionPrompt #subject { max-height: 5; }
    }
    RunBoard.-high #prompt-lines { max-height: 16; }
    RunBoard.-tall Prompt.asking #prompt-lines { max-height: 7; }
    RunBoard.-tall DecisionPrompt.deliberate {
        #prompt-lines { max-height: 7; }
        #subject { max-height: 5; }
    }
    RunBoard.-tall DecisionPrompt.deliberate.asking #prompt-lines { max-height: 4; }
    RunBoard.-short Prompt.asking, RunBoard.-tiny Prompt.asking {
        #prompt-lines { display: none; }
    }
    RunBoard.-tiny Prompt.asking #prompt-title { display: none; }
    RunBoard.-tiny {
        RunHeader { height: 1; }
        Dock { max-height: 40%; }
        Prompt > Static { max-height: 1; text-wrap: nowrap; }
        #prompt-lines { max-height: 20vh; }
        #panel-tabs, #chunk-tabs { display: none !important; }
        .panel { border: none; padding: 0; min-height: 0; }
        DecisionPrompt #subject { max-height: 2; border: none; padding: 0; & > LinesView { max-height: 2; } }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("0", "to_prompt", show=False),
        Binding("e", "log_entry", show=False),
        Binding("o", "next_question", show=False),
        Binding("less_than_sign,ctrl+left", "widen(-1)", show=False),
        Binding("greater_than_sign,ctrl+right", "widen(1)", show=False),
        Binding("minus", "heighten(-1)", show=False),
        Binding("plus", "heighten(1)", show=False),
        Binding("question_mark", "help", show=False),
    ]

    class FrameShown(Message):
        """The app listens: terminal title, bell, notification."""

        def __init__(self, frame: Frame) -> None:
            super().__init__()
            self.frame = frame

    def __init__(self, view: RunView, clock: Clock) -> None:
        super().__init__(view, clock)
        self.comments: tuple[ReviewComment, ...] = ()
        self.pinned: int | None = None
        self._ready = False
        self._bridge = Bridge(view, self.show_frame, clock)
        self.frame = self._bridge.frame()

    def compose(self) -> ComposeResult:
        yield RunHeader()
        yield Columns(self.view.diff, self.view.log_entry, self.view.entries)
        yield Dock(self.guard, self.view.would_absorb)
        yield KeyBar()

    def on_mount(self) -> None:
        self._ready = True
        self.show_frame(self.frame)
        self.set_interval(TICK_S, self._tick)
        self.run_worker(self._bridge.read(), group="bridge")

    @property
    def columns(self) -> Columns:
        return self.query_one(Columns)

    @property
    def dock(self) -> Dock:
        return self.query_one(Dock)

    @on(Dock.FocusFreed)
    def _take_focus(self) -> None:
        """The focus may not stay in a prompt that is gone: no key would arrive anywhere."""
        self.columns.go_to(self.columns.chunk.KEY)

    def on_screen_resume(self) -> None:
        if self._ready:
            self.dock.uncovered()

    # --- showing ------------------------------------------------------------------------

    def show_frame(self, frame: Frame) -> None:
        """The one way in: everything on the screen is brought up to `frame`."""
        self.frame = frame
        if not self._ready:
            return
        self.columns.chunk.comments = self.comments
        self.columns.show(self.shown())
        self.dock.show(frame.state, self.comments)
        self._tick()
        self.post_message(self.FrameShown(frame))

    def shown(self) -> Shown:
        state = self.frame.state
        pinned = state.chunk_numbered(self.pinned) if self.pinned is not None else None
        return Shown(state, self.frame.live, pinned or last_chunk(state), pinned is not None)

    def _tick(self) -> None:
        facts = self.header_facts()
        self.query_one(RunHeader).show(facts)
        self.dock.tick(facts.now)
        self.show_keys()

    def header_facts(self) -> HeaderFacts:
        now = self.clock.now() if self.view.live else self.frame.state.updated_at
        silent = self.clock.monotonic() - self.frame.heard_at if self.view.live else 0.0
        return HeaderFacts(self.frame.state, self.frame.live, now, silent, recorded=not self.view.live)

    def show_keys(self) -> None:
        self.query_one(KeyBar).show(keys_now(self.situation()))

    def situation(self) -> Situation:
        state, dock = self.frame.state, self.dock
        prompt = dock.prompt
        asked = prompt.form.decision if isinstance(prompt, DecisionPrompt) else None
        return Situation(
            live=self.view.live,
            prompt=dock.kind,
            prompt_focused=prompt is not None and prompt.has_focus_within,
            composer=dock.composing,
            composer_focused=dock.composer is not None and dock.composer.has_focus_within,
            stage=_stage_of(prompt),
            preferable=asked is not None and not no_preference(asked),
            overturnable=self.offers("overturn"),
            decided=bool(state.decisions),
            undoable=undoable(state),
            comments=len(self.comments),
            pending=dock.count,
            paused=state.paused,
            stopping=state.stopping is not None,
            pinned=self.pinned is not None,
        )

    def selected_decision(self) -> DecisionState | None:
        """The one under the cursor of the decisions panel, while the reader is in it."""
        panel = self.columns.panel("decisions")
        if not panel.has_focus_within:
            return None
        return self.frame.state.decision(panel.body.cursor_key.removeprefix(DECISION_KEY))

    @on(Prompt.Stepped)
    @on(LinesView.Moved, "#decisions-lines")
    def _other_keys_work(self) -> None:
        self.show_keys()

    def on_descendant_focus(self) -> None:
        self.show_keys()

    # --- panels -------------------------------------------------------------------------

    @on(TabStrip.Chosen, "#chunk-tabs")
    async def _chunk_tab(self, event: TabStrip.Chosen) -> None:
        await self.columns.chunk.open_tab(event.key)
        self.show_keys()

    async def action_log_entry(self) -> None:
        """Of the chunk under review, if one is; a second time goes back to the stream."""
        chunk = self.columns.chunk
        reviewed = self.dock.reviewed_chunk()
        if reviewed is not None and self.pinned is not None and chunk.tab != "log":
            self.pinned = None
            self.show_frame(self.frame)
        await chunk.open_tab("stream" if chunk.tab == "log" else "log")
        self.columns.go_to(chunk.KEY)
        self.show_keys()

    @on(LinesView.Chosen, "#plan-lines")
    def _step_chosen(self, event: LinesView.Chosen) -> None:
        step_id = event.key.removeprefix(STEP_KEY)
        chunks = next((s.chunks for s in self.frame.state.steps if s.step.id == step_id), ())
        if not chunks:
            self.tell(f"Step {step_id} has no chunk yet.")
            return
        latest = last_chunk(self.frame.state)
        self.pinned = None if latest is not None and chunks[-1] == latest.number else chunks[-1]
        self.show_frame(self.frame)
        if self.columns.narrow:
            self.columns.go_to(self.columns.chunk.KEY)

    @on(LinesView.Chosen, "#decisions-lines")
    def _decision_chosen(self, event: LinesView.Chosen) -> None:
        decision = self.frame.state.decision(event.key.removeprefix(DECISION_KEY))
        if decision is not None and is_pending(decision, self.frame.state):
            self.dock.bring(decision.request.id)
            self.action_to_prompt()
        else:
            self.columns.panel("decisions").toggle(event.key)

    @on(LinesView.Chosen, "#check-lines")
    def _diagnostic_chosen(self, event: LinesView.Chosen) -> None:
        self.columns.panel("check").toggle(event.key)

    def action_to_prompt(self) -> None:
        if self.dock.prompt is not None and not self.dock.composing:
            self.dock.prompt.focus_body()

    def action_next_question(self) -> None:
        self.dock.turn()

    def action_widen(self, by: int) -> None:
        self.columns.widen(by)

    def action_heighten(self, by: int) -> None:
        self.columns.heighten(by)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen())


def _stage_of(prompt: Prompt | None) -> PromptStage:
    if isinstance(prompt, DecisionPrompt):
        return prompt.form.stage
    return prompt.stage if isinstance(prompt, BatchPrompt) else "choosing"
