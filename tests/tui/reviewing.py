"""The review screen in tests: opened with `d`, its guard open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.domain import FileChange
from core.events import Record
from tests.tui.journal_of_a_review import ReviewView, at_review
from tests.tui.on_screen import WIDE, OnScreen, Size, on_screen
from tui.review.diff_view import DiffView
from tui.review.places import Place, place_key
from tui.screens.review import ReviewScreen


class Reviewing:
    def __init__(self, shown: OnScreen, view: ReviewView) -> None:
        self.shown = shown
        self.view = view
        self.press = shown.press
        self.press_at_once = shown.press_at_once
        self.text = shown.text

    @property
    def screen(self) -> ReviewScreen:
        return next(s for s in self.shown.app.screen_stack if isinstance(s, ReviewScreen))

    def told(self) -> str:
        """The passing notices so far, unwrapped."""
        return "\n".join(notice.message for notice in self.shown.app._notifications)

    @property
    def is_open(self) -> bool:
        return any(isinstance(s, ReviewScreen) for s in self.shown.app.screen_stack)

    @property
    def diff(self) -> DiffView:
        return self.screen.diff

    async def go_to_line(self, path: str, line: int | None = None) -> None:
        self.diff.select(place_key(Place(path, line)))
        await self.shown.settle()

    async def see_everything(self, files: tuple[FileChange, ...]) -> None:
        for change in files:
            self.screen.desk.saw(change.path)
        self.screen.draw_marks()
        await self.shown.settle()

    async def go_to(self, history: list[Record]) -> None:
        await self.shown.go_to(history)


@asynccontextmanager
async def reviewing(
    history: list[Record] | None = None,
    size: Size = WIDE,
    *,
    view: ReviewView | None = None,
    live: bool = True,
) -> AsyncIterator[Reviewing]:
    view = view or ReviewView(history if history is not None else at_review(), live=live)
    async with on_screen(view.history, size, view=view) as shown:
        shown.clock.advance(1.0)
        await shown.press("d")
        shown.clock.advance(1.0)
        yield Reviewing(shown, view)
