"""The head of home: which workspace, how many need you, and what of it is listed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from core.home import Order, Selection
from tui.safe_text import Part, fit, row, split_row

if TYPE_CHECKING:
    from tui.home_work import HomeWork

ORDER_WORDS: dict[Order, str] = {
    "needs": "need you first",
    "newest": "newest first",
    "story": "by story",
    "cost": "by cost",
}
NARROW = 60


class HomeHeader(Widget):
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    HomeHeader { height: 1; width: 1fr; background: $panel; }
    """

    def __init__(self, root: Path) -> None:
        super().__init__(id="home-header")
        self._root = root
        self._listed = Content("")
        self._need = 0

    def show(self, work: HomeWork, selection: Selection) -> None:
        stage = f"stage {selection.stage}" if selection.stage else ""
        walk = "looking for stories..." if work.walking else work.stopped
        number = len(work.found)
        stories = "1 story" if number == 1 else f"{number} stories"
        said = (stories if number else "", walk, stage, ORDER_WORDS[selection.order])
        self._listed = row(("  ".join(text for text in said if text), "$text-muted"), " ")
        self._need = sum(run.group == "needs" for run in work.runs)
        self.refresh()

    def render(self) -> Content:
        width = self.size.width
        needs: Part = ("nothing needs you", "$text-muted")
        if self._need:
            needs = (f"? {self._need} need{'s' if self._need == 1 else ''} you", "$text-accent bold")
        if width < NARROW:
            return fit(row(" ", needs), width)
        name = row((" Signoff  ", "$text-primary bold"), (self._root.name, "bold"), "  ", needs)
        return split_row(name.append(row((f"  {self._root}", "$text-muted"))), self._listed, width)
