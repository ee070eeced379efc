"""The dock: one prompt, the oldest request first, and the composer over it while something is written."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static, TextArea

from core.domain import ReviewComment
from core.run_state import ChunkState, PendingRequest, RunState
from tui.dock.batch_prompt import BatchPrompt
from tui.dock.composer import Composer
from tui.dock.decision_prompt import Absorb, DecisionPrompt
from tui.dock.fronts import BATCH, BatchMembers, Front, front_key, fronts
from tui.dock.guard import Guard
from tui.dock.prompt import EndedBar, InputPrompt, Prompt, ReviewBar
from tui.keys import ComposerKind, PromptKind
from tui.safe_text import row

ENDED = "ended"


class Dock(Vertical):
    """`guard` closes when a prompt comes up, also when it comes up from under the composer."""

    DEFAULT_CSS = """
    Dock { height: auto; max-height: 70%; width: 1fr; }
    Dock > .hidden { display: none; }
    Dock > #queued, Dock > #waiting { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    class FocusFreed(Message):
        """The prompt that had the focus went away and no other came."""

    def __init__(self, guard: Guard, absorb: Absorb) -> None:
        super().__init__(id="dock")
        self.guard = guard
        self.prompt: Prompt | None = None
        self.pending: PendingRequest | None = None
        self._absorb = absorb
        self._key = ""
        self._front_key = ""
        self._opened = ""
        self._unseen = False
        self._members = BatchMembers()
        self._state = RunState()
        self._comments: tuple[ReviewComment, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(Content(""), id="waiting", classes="hidden", markup=False)
        yield Static(Content(""), id="queued", classes="hidden", markup=False)

    # --- what it shows ------------------------------------------------------------------

    @property
    def composer(self) -> Composer | None:
        return next(iter(self.query(Composer)), None)

    @property
    def composing(self) -> ComposerKind:
        return self.composer.kind if self.composer is not None else ""

    @property
    def kind(self) -> PromptKind:
        return self.prompt.KIND if self.prompt is not None else ""

    @property
    def count(self) -> int:
        """How many wait to be answered one after another."""
        return len(self._front_keys())

    def show(self, state: RunState, comments: tuple[ReviewComment, ...]) -> None:
        """Brings the dock up to `state`. A prompt that stays is not touched where nothing changed."""
        changed = state is not self._state or comments is not self._comments
        self._state, self._comments = state, comments
        self._members.note(state)
        front = self._front(state)
        opened = next((p for p in front if p.request_id == self._opened), None)
        self.pending = opened or (front[0] if front else None)
        key = ENDED if state.outcome is not None else self._key_of(opened, front)
        if key != self._key:
            self._key = key
            self._replace(self._build(state))
        elif changed:
            self._fill()
        self._show_rest()

    def _front(self, state: RunState) -> Front:
        """What is in front stays there while it waits, whatever comes and goes around it."""
        waiting = fronts(state)
        front = next(
            (f for f in waiting if front_key(f[0]) == self._front_key), waiting[0] if waiting else ()
        )
        self._front_key = front_key(front[0]) if front else ""
        return front

    def _key_of(self, opened: PendingRequest | None, front: Front) -> str:
        if opened is not None:
            return opened.request_id
        return front_key(front[0]) if front else ""

    def turn(self) -> None:
        """Brings the next of several requests to the front."""
        keys = self._front_keys()
        if self._front_key in keys:
            self._front_key = keys[(keys.index(self._front_key) + 1) % len(keys)]
            self._open("")

    def _front_keys(self) -> list[str]:
        return [front_key(front[0]) for front in fronts(self._state)]

    def bring(self, request_id: str) -> None:
        """Brings one request to the front, by itself also where it is in a batch."""
        request = next((p for p in self._state.pending if p.request_id == request_id), None)
        if request is not None:
            self._front_key = front_key(request)
            self._open(request_id if request.batch else "")

    def on_batch_prompt_opened(self, event: BatchPrompt.Opened) -> None:
        event.stop()
        if not self.guard.closed:
            self._open(event.request_id)

    def back(self) -> bool:
        """One step back in the prompt, or from one of a batch to its list. False when there was none."""
        if self.prompt is None:
            return False
        if self.prompt.back():
            return True
        was_open = bool(self._opened) and self._opened == self._key
        if was_open:
            self._open("")
        return was_open

    def _open(self, request_id: str) -> None:
        """Shows one of the batch by itself; its list again for an empty id."""
        self._opened = request_id
        self.show(self._state, self._comments)

    def _build(self, state: RunState) -> Prompt | None:
        if state.outcome is not None:
            return EndedBar()
        if self.pending is None:
            return None
        request_id = self.pending.request_id
        if self._key.startswith(BATCH):
            return BatchPrompt()
        if self.pending.kind == "review":
            return ReviewBar()
        if self.pending.kind == "decision":
            decision = state.decision(request_id)
            return DecisionPrompt(decision, self._absorb) if decision is not None else None
        asked = next((i for i in state.inputs if i.request_id == request_id), None)
        return InputPrompt(asked) if asked is not None else None

    def _replace(self, prompt: Prompt | None) -> None:
        focus_was_here = self.prompt is not None and self.prompt.has_focus_within
        if self.prompt is not None:
            self.prompt.remove()
        self.prompt = prompt
        if prompt is None:
            if focus_was_here:
                self.post_message(self.FocusFreed())
            return
        self.mount(prompt, before="#waiting")
        self.guard.appeared()
        self.call_after_refresh(self._settle, prompt, focus_was_here)

    def _settle(self, prompt: Prompt, focus_was_here: bool) -> None:
        """Fills a prompt once it is mounted; gives it the focus unless something is being typed.

        The guard's time begins anew: on a slow machine only now can it be seen.
        """
        if prompt is not self.prompt or not prompt.is_mounted:
            return
        self._fill()
        self.guard.appeared()
        self._unseen = self.app.screen is not self.screen
        wants_focus = prompt.TAKES_FOCUS or focus_was_here
        if wants_focus and not self.composing and not isinstance(self.screen.focused, Input | TextArea):
            prompt.focus_body()

    def _fill(self) -> None:
        prompt, state = self.prompt, self._state
        if prompt is None or not prompt.is_mounted or not prompt.children:
            return
        keys = self._front_keys()
        index, count = keys.index(self._front_key) if self._front_key in keys else 0, len(keys)
        if isinstance(prompt, EndedBar):
            prompt.show(state)
        elif isinstance(prompt, DecisionPrompt):
            prompt.show(state, index, count)
        elif isinstance(prompt, BatchPrompt) and self.pending is not None:
            prompt.show(self._members.of(self.pending.batch, state), index, count)
        elif isinstance(prompt, InputPrompt):
            prompt.show(index, count)
        elif isinstance(prompt, ReviewBar):
            chunk = self.reviewed_chunk()
            if chunk is not None:
                prompt.show(chunk, state, len(self._comments), index, count)

    def uncovered(self) -> None:
        """The screen is seen again: a prompt that came up beneath a dialog appears only now."""
        if self._unseen:
            self._unseen = False
            self.guard.appeared()

    def tick(self, now: datetime | None) -> None:
        if isinstance(self.prompt, DecisionPrompt):
            self.prompt.tick(now)

    def reviewed_chunk(self) -> ChunkState | None:
        """The chunk that the review in front is of."""
        if self.pending is None or self.pending.kind != "review":
            return None
        request_id = self.pending.request_id
        reviewed = (c for c in reversed(self._state.chunks) if c.review is not None)
        return next((c for c in reviewed if c.review and c.review.request_id == request_id), None)

    def _show_rest(self) -> None:
        """The line that stands for a prompt while something is written, and the messages on their way."""
        covered = bool(self.composing) and self.prompt is not None and self.kind != "ended"
        if self.prompt is not None:
            self.prompt.set_class(covered, "hidden")
        waiting = self.query_one("#waiting", Static)
        waiting.set_class(not covered, "hidden")
        if covered and self.pending is not None:
            waiting.update(
                row(
                    (f"? {self.pending.kind} waits: ", "$text-accent bold"),
                    self.pending.title,
                    ("  esc: go to it, your draft is kept", "$text-muted"),
                )
            )
        queued = self.query_one("#queued", Static)
        messages = self._state.queued_messages
        queued.set_class(not messages, "hidden")
        if messages:
            count = f"{len(messages)} messages" if len(messages) > 1 else "1 message"
            words = " ".join(messages[-1][1].split())
            queued.update(row((f"» {count} on the way: ", "$text-muted"), words))

    # --- writing ------------------------------------------------------------------------

    async def open_composer(self, kind: ComposerKind, title: Content, subject: str = "") -> None:
        composer = self.composer
        if composer is None:
            composer = Composer()
            await self.mount(composer, before="#queued")
        composer.remove_class("hidden")
        composer.open(kind, title, subject)
        self._show_rest()

    def close_composer(self) -> None:
        """The draft stays. A prompt that was covered has just appeared: its guard closes again."""
        composer = self.composer
        if composer is None or not composer.kind:
            return
        composer.close()
        composer.add_class("hidden")
        self._show_rest()
        if self.prompt is not None:
            self.guard.appeared()
            self.prompt.focus_body()
