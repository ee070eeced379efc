"""Home: the runs of a workspace, those that need you first, and its stories by stage (UX, "Home")."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from core.home import ORDERS, SHOWS, Choice, HomeRun, HomeStory, Selection, counts
from tui.clock import Clock
from tui.home_header import HomeHeader
from tui.home_keys import HELP_ENTRIES, SEARCH_KEYS, home_keys
from tui.home_lines import RunLine, StoryLine
from tui.home_list import HomeList
from tui.home_rows import home_lines
from tui.home_work import HomeWork
from tui.key_bar import KeyBar
from tui.lines_view import LinesView
from tui.safe_text import one_line
from tui.screens.opening import Opening
from tui.tab_strip import TabStrip
from tui.typed_line import TypedLine

AGE_S = 20.0
"""How often the ages are looked at again."""
ACTIONS = ("resume", "replay", "watch", "new_run", "export", "stage")
SHOW_WORDS = {"all": "All", "needs": "Need you", "live": "Live", "ended": "Ended"}


class HomeScreen(Opening, Screen[None]):
    """Lists and lets choose; what was chosen is the app's result, a Choice."""

    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (8, "-tall")]  # noqa: RUF012
    AUTO_FOCUS = "#home-list"
    DEFAULT_CSS = """
    HomeScreen { layout: vertical; overflow: hidden; background: $background; }
    HomeScreen #home-shows { background: $panel; }
    HomeScreen #home-search { display: none; }
    HomeScreen.searching #home-search { display: block; }
    HomeScreen.-tiny #home-shows { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"filter('{show}')", show=False) for n, show in enumerate(SHOWS, start=1)),
        Binding("r", "resume", show=False),
        Binding("p", "replay", show=False),
        Binding("w", "watch", show=False),
        Binding("n", "new_run", show=False),
        Binding("e", "export", show=False),
        Binding("slash", "search", show=False),
        Binding("t", "stage", show=False),
        Binding("s", "sort", show=False),
        Binding("escape", "back", show=False),
        Binding("question_mark", "help", show=False),
        Binding("q", "quit", show=False),
    ]

    def __init__(self, work: HomeWork, clock: Clock, *, at: str, choose: Callable[[Choice], object]) -> None:
        super().__init__()
        self.work = work
        self.clock = clock
        self.choose = choose
        self.selection = Selection()
        self._at = at
        self._lines: dict[str, RunLine | StoryLine] = {}

    def compose(self) -> ComposeResult:
        yield HomeHeader(self.work.root)
        yield TabStrip(id="home-shows")
        yield HomeList()
        yield TypedLine(id="home-search")
        yield KeyBar()

    def on_mount(self) -> None:
        self.work.look()
        self.draw()
        self.set_interval(AGE_S, self.draw)

    async def follow(self) -> None:
        await self.work.follow(self.draw)

    # --- showing ------------------------------------------------------------------------

    def draw(self) -> None:
        """All of it, from what is known now. Rows that stay the same keep their line, and its layout."""
        rows = self.query_one_optional(HomeList)
        if rows is None:
            return  # home is being left
        self._lines, lines = home_lines(self.work, self.selection, self.clock.now(), self._lines)
        if self._at in self._lines:
            rows.touched = True
        rows.show_rows(lines)
        if self._at in self._lines:
            rows.select(self._at)
            self._at = ""
        number = counts(self.work.runs)
        tabs = [(show, f"{n} {SHOW_WORDS[show]} {number[show]}") for n, show in enumerate(SHOWS, start=1)]
        self.query_one(TabStrip).show(tabs, self.selection.show)
        self.query_one(HomeHeader).show(self.work, self.selection)
        self._show_keys()

    @property
    def row(self) -> HomeRun | HomeStory | None:
        """What the cursor is on."""
        line = self._lines.get(self.query_one(HomeList).cursor_key)
        if line is None:
            return None
        return line.run if isinstance(line, RunLine) else line.story

    @on(LinesView.Moved)
    def _show_keys(self) -> None:
        actions = frozenset(a for a in ACTIONS if self.offers(a))
        hints = home_keys(self.row, actions, narrowed=self._narrowed)
        self.query_one(KeyBar).show(SEARCH_KEYS if self._is_searching else hints)

    @property
    def _is_searching(self) -> bool:
        return self.query_one(TypedLine).has_focus

    @property
    def _narrowed(self) -> bool:
        return self.selection != Selection(order=self.selection.order)

    # --- keys ---------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted:
            return True
        row, run = self.row, self.run_of(self.row)
        match action:
            case "open":
                return row is not None
            case "resume":
                return run is not None and run.resumable
            case "replay" | "export":
                return run is not None and bool(run.status)
            case "watch":
                return run is not None and run.held
            case "new_run":
                return self.story_of(row) is not None and not (run and run.held)
            case "stage":
                return len(self.work.stages) > 1
            case "back":
                return self._is_searching or self._narrowed
        return super().check_action(action, parameters)

    def offers(self, action: str) -> bool:
        return bool(self.check_action(action, ()))

    @on(KeyBar.Pressed)
    async def _pressed(self, event: KeyBar.Pressed) -> None:
        await self.run_action(event.action)

    @on(LinesView.Chosen)
    def _chosen(self, event: LinesView.Chosen) -> None:
        event.stop()
        self.action_open()

    async def action_quit(self) -> None:
        await self.app.action_quit()

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(HELP_ENTRIES))

    # --- what is listed -----------------------------------------------------------------

    def action_filter(self, show: str) -> None:
        self._select(replace(self.selection, show=next(each for each in SHOWS if each == show)))

    @on(TabStrip.Chosen)
    def _tab_chosen(self, event: TabStrip.Chosen) -> None:
        event.stop()
        self.action_filter(event.key)

    def action_stage(self) -> None:
        """The next stage, and after the last one all of them."""
        around = ["", *self.work.stages]
        at = around.index(self.selection.stage) if self.selection.stage in around else 0
        self._select(replace(self.selection, stage=around[(at + 1) % len(around)]))

    def action_sort(self) -> None:
        order = ORDERS[(ORDERS.index(self.selection.order) + 1) % len(ORDERS)]
        self._select(replace(self.selection, order=order))

    def action_search(self) -> None:
        self.add_class("searching")
        self.query_one(TypedLine).begin(self.selection.search, "words that must be in the row")
        self.call_after_refresh(self._show_keys)

    @on(Input.Changed, "#home-search")
    def _searched(self, event: Input.Changed) -> None:
        self._select(replace(self.selection, search=event.value))

    @on(Input.Submitted, "#home-search")
    def _search_done(self) -> None:
        self._leave_search()

    def action_back(self) -> None:
        """Out of the search, which is cleared; else everything is listed again."""
        if self._is_searching:
            self.query_one(TypedLine).value = ""
            self._leave_search()
        else:
            self.query_one(TypedLine).value = ""
            self._select(Selection(order=self.selection.order))
            self._leave_search()

    def _leave_search(self) -> None:
        self.set_class(bool(self.query_one(TypedLine).value), "searching")
        self.query_one(HomeList).focus()
        self.call_after_refresh(self._show_keys)

    def _select(self, selection: Selection) -> None:
        self.selection = selection
        self.draw()

    def tell(self, text: str) -> None:
        """A passing notice, in one line."""
        self.notify(one_line(text), markup=False, severity="warning", timeout=8)
