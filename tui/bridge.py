"""Between a run and the screen: the only reader of the stream.

Records and deltas are gathered and reach the widgets at most 30 times a second, as one Frame.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.commands import Command
from core.events import Delta, Record, RunFinished, TextDelta
from core.run_state import Entry, RunState
from tui.clock import Clock
from tui.live import Live

if TYPE_CHECKING:
    from core.absorption import Absorption
    from core.authorship import TheirLines
    from core.diff import FileDiff
    from core.review_rounds import CommentOutcome
    from core.undo_plan import UndoPlan
    from core.what_if import WhatIf

FRAME_S = 1 / 30


class RunView(Protocol):
    """A run as the screen sees it: live, watched from elsewhere, or recorded."""

    run_id: str
    root: Path
    live: bool
    """False: a recorded run is being shown; commands are refused."""

    @property
    def state(self) -> RunState: ...

    def watch(self) -> AsyncIterator[Record | Delta]:
        """Every new record and live delta, in order; ends when no more can come."""
        ...

    def submit(self, command: Command) -> None:
        """Raises core.commands.CommandRefused with one line of reason."""
        ...

    def entries(self, chunk: int) -> Sequence[Entry]:
        """The chunk's whole stream. The state has that of its last chunk only."""
        ...

    def diff(self, chunk: int) -> tuple[FileDiff, ...]:
        """The net diff of a chunk, from blobs. The caller caches it by the state's identity."""
        ...

    def log_entry(self, chunk: int) -> str:
        """What the run's log file says of the chunk so far."""
        ...

    def contents(self, chunk: int, path: str) -> tuple[bytes | None, bytes | None]:
        """A file of the chunk before it and after it; None where there is none."""
        ...

    def their_lines(self, chunk: int, path: str) -> TheirLines:
        """The lines of a file of the chunk that were changed outside the run meanwhile. Reads blobs."""
        ...

    def undo_plan(self) -> UndoPlan:
        """What an undo of the last approved chunk would do. Raises CommandRefused, with one line, when there
        is none or not now, and core.blobs.BlobFault. Reads files: call it off the event loop."""
        ...

    def comment_outcomes(self, chunk: int) -> tuple[CommentOutcome, ...]:
        """What the comments of the chunk's last review led to."""
        ...

    def what_if(self) -> WhatIf:
        """The run's decisions under each autonomy level."""
        ...

    def would_absorb(self, request_id: str, choice: str, pattern: str) -> Absorption:
        """What a preference for `choice` on this question would have saved earlier. May read journals of
        earlier runs: call it off the event loop."""
        ...

    async def drive(self) -> RunFinished:
        """Runs the engine to its end."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """What the screen shows at one moment. `heard_at` is monotonic: the model's last byte."""

    state: RunState
    live: Live
    heard_at: float


class Bridge:
    """Reads `view.watch()` to its end and hands Frames to `show`, coalesced."""

    def __init__(self, view: RunView, show: Callable[[Frame], None], clock: Clock) -> None:
        self._view = view
        self._show = show
        self._clock = clock
        self._live = Live()
        self._heard_at = clock.monotonic()
        self._shown_at = float("-inf")
        self._due: asyncio.TimerHandle | None = None

    def frame(self) -> Frame:
        return Frame(state=self._view.state, live=self._live, heard_at=self._heard_at)

    async def read(self) -> None:
        """Runs until the stream ends or the task is cancelled."""
        try:
            async for item in self._view.watch():
                self._take(item)
            self._flush()
        finally:
            if self._due is not None:
                self._due.cancel()
                self._due = None

    def _take(self, item: Record | Delta) -> None:
        was_open = self._live.turn_open
        self._live = self._live.after(item)
        if isinstance(item, TextDelta) or (self._live.turn_open and not was_open):
            self._heard_at = self._clock.monotonic()
        if self._due is None:
            loop = asyncio.get_running_loop()
            wait = max(0.0, self._shown_at + FRAME_S - loop.time())
            self._due = loop.call_later(wait, self._flush)

    def _flush(self) -> None:
        if self._due is not None:
            self._due.cancel()
        self._due = None
        self._shown_at = asyncio.get_running_loop().time()
        self._show(self.frame())
