"""The compare screen: two runs of a story side by side, chunk by chunk (UX, "Compare")."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tui.clock import Clock
from tui.key_bar import KeyBar
from tui.keys import HELP, HelpEntry, KeyHint
from tui.line import Line
from tui.lines_view import LinesView
from tui.safe_text import row
from tui.screens.compare_lines import PAIR, compare_lines
from tui.screens.help import HelpScreen

if TYPE_CHECKING:
    from core.compare import Comparison
    from core.recording import Recording

COMPARE_HELP = (
    HelpEntry("enter", "a chunk in full: files, checks, reviews, tokens, time"),
    HelpEntry("n", "to where they part first"),
    HelpEntry("a", "all chunks in full, or none"),
    HelpEntry("s", "the runs change sides"),
    HelpEntry("esc", "back"),
)


class CompareScreen(Screen[None]):
    """Reads both recordings off the event loop and leaves them open: they belong to whoever opened them."""

    AUTO_FOCUS = "#compare-lines"
    DEFAULT_CSS = """
    CompareScreen { layout: vertical; overflow: hidden; background: $background; }
    CompareScreen > Static { height: 1; width: 1fr; background: $panel; text-wrap: nowrap; }
    CompareScreen > LinesView { padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "parting", show=False),
        Binding("a", "all", show=False),
        Binding("s", "swap", show=False),
        Binding("question_mark", "help", show=False),
        Binding("escape,q", "leave", show=False),
    ]

    def __init__(self, left: Recording, right: Recording, clock: Clock) -> None:
        super().__init__()
        self.left = left
        self.right = right
        self.clock = clock
        self._found: Comparison | None = None
        self._opened: frozenset[int] = frozenset()

    def compose(self) -> ComposeResult:
        yield Static(Content(""), id="compare-title", markup=False)
        yield LinesView(id="compare-lines")
        yield KeyBar()

    def on_mount(self) -> None:
        self._compare()

    @property
    def body(self) -> LinesView:
        return self.query_one(LinesView)

    def _compare(self) -> None:
        self._found = None
        titles = (self.left.title, (" and ", "$text-muted"), self.right.title)
        self.query_one("#compare-title", Static).update(row((" Compare  ", "$text-primary bold"), *titles))
        self.body.show([Line(row(("Reading both runs...", "$text-muted")))])
        self.query_one(KeyBar).show((KeyHint("esc", "back", "leave"), HELP))
        self.run_worker(self._work_out(), group="compare", exclusive=True)

    async def _work_out(self) -> None:
        from core.compare import compare

        self._found = await asyncio.to_thread(compare, self.left, self.right)
        parting = self._found.parting
        self._opened = frozenset({parting.pair} if parting is not None else ())
        self._draw()
        if parting is not None:
            self.body.place_cursor(f"{PAIR}{parting.pair}")
        self.query_one(KeyBar).show(self._keys())

    def _keys(self) -> tuple[KeyHint, ...]:
        parts = self._found is not None and self._found.parting is not None
        return (
            KeyHint("enter", "open"),
            *((KeyHint("n", "where they part", "parting"),) if parts else ()),
            KeyHint("a", "all", "all"),
            KeyHint("s", "change sides", "swap"),
            KeyHint("esc", "back", "leave"),
            HELP,
        )

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        if self._found is not None and self.is_mounted:
            width = self.body.scrollable_content_region.width
            self.body.show(compare_lines(self._found, width, self._opened))

    @on(KeyBar.Pressed)
    async def _pressed(self, event: KeyBar.Pressed) -> None:
        await self.run_action(event.action)

    @on(LinesView.Chosen)
    def _chosen(self, event: LinesView.Chosen) -> None:
        event.stop()
        self._opened ^= {int(event.key.removeprefix(PAIR))}
        self._draw()

    # --- keys ---------------------------------------------------------------------------

    def action_parting(self) -> None:
        """Its chunk is opened, under the cursor and at the top."""
        if self._found is not None and self._found.parting is not None:
            place = self._found.parting.pair
            self._opened |= {place}
            self._draw()
            key = f"{PAIR}{place}"
            self.body.place_cursor(key)
            self.body.bring(next(n for n, line in enumerate(self.body.lines) if line.key == key))

    def action_all(self) -> None:
        if self._found is not None:
            every = frozenset(range(len(self._found.pairs)))
            self._opened = frozenset() if self._opened == every else every
            self._draw()

    def action_swap(self) -> None:
        self.left, self.right = self.right, self.left
        self._compare()

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(COMPARE_HELP))

    def action_leave(self) -> None:
        self.dismiss(None)
