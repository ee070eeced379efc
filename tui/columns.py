"""The panels in three columns; on a narrow terminal one panel at a time, behind tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tui.layout import COLUMN_STEP, Layout, load_layout, save_layout
from tui.marks import PILLS
from tui.panels.base import Panel, Shown
from tui.panels.check import CheckPanel
from tui.panels.chunk import ChunkPanel
from tui.panels.decisions import DecisionsPanel
from tui.panels.plan import PlanPanel
from tui.panels.rules import RulesPanel
from tui.panels.tokens import TokensPanel
from tui.splitter import Splitter
from tui.tab_strip import TabStrip

if TYPE_CHECKING:
    from core.diff import FileDiff
    from core.run_state import Entry

NARROW = 110
"""Below so many cells the columns become tabs."""
TINTS = tuple(sorted({look.tint for look in PILLS.values() if look.tint}))
WAITING_PANELS = {"decision": "decisions", "review": "chunk", "input": "check", "budget": "tokens"}


class Columns(Vertical):
    """Holds the six panels. `narrow` follows the width; `chosen` is the panel that is shown then."""

    DEFAULT_CSS = """
    Columns { height: 1fr; width: 1fr; min-height: 0; }
    Columns #panel-tabs { display: none; background: $panel; }
    Columns #centre { width: 1fr; }
    Columns.narrow #panel-tabs { display: block; }
    Columns.narrow Splitter { display: none; }
    Columns.narrow .column { display: none; }
    Columns.narrow .column.chosen { display: block; }
    Columns.narrow .panel { display: none; }
    Columns.narrow .panel.chosen { display: block; }
    """

    def __init__(
        self,
        diff_of: Callable[[int], tuple[FileDiff, ...]],
        log_of: Callable[[int], str],
        entries_of: Callable[[int], Sequence[Entry]],
    ) -> None:
        super().__init__(id="columns")
        self.chunk = ChunkPanel(3, diff_of, log_of, entries_of)
        self._left: tuple[Panel, ...] = (PlanPanel(1), DecisionsPanel(2))
        self._right: tuple[Panel, ...] = (CheckPanel(4), TokensPanel(5), RulesPanel(6))
        self._layout_sizes = Layout()
        self._chosen = self.chunk.KEY
        self._badges: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        yield TabStrip(id="panel-tabs")
        with Horizontal():
            yield Vertical(*self._left, id="left", classes="column")
            yield Splitter("left")
            yield Vertical(self.chunk, id="centre", classes="column")
            yield Splitter("right")
            yield Vertical(*self._right, id="right", classes="column")

    def on_mount(self) -> None:
        self._layout_sizes = load_layout()
        self._apply()

    @property
    def panels(self) -> tuple[Panel, ...]:
        return (*self._left, self.chunk, *self._right)

    def panel(self, key: str) -> Panel:
        return next(p for p in self.panels if key == p.KEY)

    @property
    def narrow(self) -> bool:
        return self.app.size.width < NARROW

    # --- showing ------------------------------------------------------------------------

    def show(self, shown: Shown) -> None:
        for panel in self.panels:
            panel.show(shown)
        self._badges = {panel.KEY: panel.badge(shown) for panel in self.panels}
        self._show_tabs()
        self._tint(shown)

    def _tint(self, shown: Shown) -> None:
        state, look = shown.state, PILLS[shown.state.pill]
        concerned = WAITING_PANELS[state.pending[0].kind] if state.pending else look.panel
        for panel in self.panels:
            for tint in TINTS:
                panel.set_class(concerned == panel.KEY and tint == look.tint, tint)

    def go_to(self, key: str) -> None:
        """Gives the focus to a panel; on a narrow terminal it is brought to the front first."""
        self._chosen = key
        self._apply()
        self.panel(key).focus_body()

    @property
    def focused(self) -> Panel | None:
        return next((p for p in self.panels if p.has_focus_within), None)

    @on(TabStrip.Chosen, "#panel-tabs")
    def _tab_chosen(self, event: TabStrip.Chosen) -> None:
        event.stop()
        self._chosen = event.key
        self._apply()

    # --- sizes --------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._apply()

    def _apply(self) -> None:
        narrow, width = self.narrow, self.app.size.width
        self.set_class(narrow, "narrow")
        left, right = (
            min(self._layout_sizes.left, width // 4),
            min(self._layout_sizes.right, width * 3 // 10),
        )
        self.query_one("#left").styles.width = "1fr" if narrow else left
        self.query_one("#right").styles.width = "1fr" if narrow else right
        for column in self.query(".column"):
            column.set_class(bool(column.query(f"#{self._chosen}")), "chosen")
        for panel in self.panels:
            panel.set_class(self._chosen == panel.KEY, "chosen")
            panel.styles.height = f"{self._layout_sizes.weight(panel.KEY)}fr"
        self._show_tabs()

    def _show_tabs(self) -> None:
        tabs = [(p.KEY, f"{p.number} {p.NAME} {self._badges.get(p.KEY, '')}".rstrip()) for p in self.panels]
        self.query_one("#panel-tabs", TabStrip).show(tabs, self._chosen)

    def widen(self, by: int) -> None:
        """Makes the column of the focused panel wider or narrower; for the centre the left one gives way."""
        if self.narrow:
            return
        column = self._column_of(self.focused)
        step = by * COLUMN_STEP
        sizes = self._layout_sizes
        self._remember(sizes.widened("left", -step) if column == "centre" else sizes.widened(column, step))

    def heighten(self, by: int) -> None:
        panel = self.focused
        if panel is not None and panel is not self.chunk and not self.narrow:
            self._remember(self._layout_sizes.weighted(panel.KEY, by))

    def _column_of(self, panel: Panel | None) -> str:
        if panel in self._left:
            return "left"
        return "right" if panel in self._right else "centre"

    def _remember(self, sizes: Layout) -> None:
        self._layout_sizes = sizes
        self._apply()
        save_layout(sizes)

    def on_splitter_dragged(self, event: Splitter.Dragged) -> None:
        event.stop()
        by = event.by if event.column == "left" else -event.by
        self._layout_sizes = self._layout_sizes.widened(event.column, by)
        self._apply()
        if event.done:
            save_layout(self._layout_sizes)
