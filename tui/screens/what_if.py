"""The what-if screen: the run's decisions under each autonomy level (UX, "Ledger")."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.line import Line
from tui.lines_view import LinesView
from tui.safe_text import row
from tui.screens.what_if_lines import ROW, what_if_lines

if TYPE_CHECKING:
    from core.what_if import WhatIf


class WhatIfScreen(ModalScreen[None]):
    """`ask` simulates; it reads the journal, so it runs off the event loop. Enter shows a row's reasons."""

    DEFAULT_CSS = """
    WhatIfScreen { align: center middle; background: $background 60%; }
    WhatIfScreen > Vertical {
        width: 110; max-width: 100%; height: auto; max-height: 100%;
        border: heavy $primary; border-title-color: $text-primary; border-title-style: bold;
        padding: 0 1; background: $surface;
        & > LinesView { height: auto; max-height: 100vh; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,W", "close", "Close", show=False),
    ]

    def __init__(self, ask: Callable[[], WhatIf]) -> None:
        super().__init__()
        self._ask = ask
        self._answer: WhatIf | None = None
        self._opened: frozenset[str] = frozenset()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = row("What if - enter: why - esc closes")
            yield LinesView(id="what-if-lines")

    def on_mount(self) -> None:
        self.query_one(LinesView).show([Line(row(("Working it out...", "$text-muted")))])
        self.query_one(LinesView).focus()
        self.run_worker(self._work_out(), group="what-if")

    async def _work_out(self) -> None:
        from core.blobs import BlobFault

        try:
            self._answer = await asyncio.to_thread(self._ask)
            self._draw()
        except BlobFault as fault:
            words = f"It can't be worked out: {fault}"
            self.query_one(LinesView).show([Line(row((words, "$text-error")))])

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        body = self.query_one(LinesView)
        if self._answer is not None:
            width = body.scrollable_content_region.width
            body.show(what_if_lines(self._answer, width, self._opened))

    @on(LinesView.Chosen)
    def _chosen(self, event: LinesView.Chosen) -> None:
        event.stop()
        self._opened ^= {event.key.removeprefix(ROW)}
        self._draw()

    def action_close(self) -> None:
        self.dismiss(None)
