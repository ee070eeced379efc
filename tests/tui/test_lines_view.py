from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult

from tui.line import Line
from tui.lines_view import LinesView
from tui.safe_text import row


class Holder(App[None]):
    def __init__(self, follow: bool) -> None:
        super().__init__()
        self.chosen: list[str] = []
        self._follow = follow

    def compose(self) -> ComposeResult:
        yield LinesView(follow=self._follow)

    def on_lines_view_chosen(self, event: LinesView.Chosen) -> None:
        self.chosen.append(event.key)


class Shown:
    def __init__(self, app: Holder) -> None:
        self.app = app
        self.view = app.query_one(LinesView)

    def rows(self) -> list[str]:
        return [self.view.render_line(y).text.rstrip() for y in range(self.view.size.height)]


@asynccontextmanager
async def holding(lines: list[Line], *, follow: bool = False) -> AsyncIterator[Shown]:
    app = Holder(follow)
    async with app.run_test(size=(21, 4)) as pilot:
        shown = Shown(app)
        shown.view.show(lines)
        await pilot.pause()
        yield shown


def plain(*texts: str) -> list[Line]:
    return [Line(row(text)) for text in texts]


async def test_long_lines_wrap_with_a_hanging_indent() -> None:
    async with holding([Line(row("1 alpha beta gamma delta"), hang=2)]) as shown:
        assert shown.rows()[:2] == ["1 alpha beta gamma", "  delta"]


async def test_a_line_that_may_not_wrap_ends_in_an_ellipsis() -> None:
    async with holding([Line(row("abcdefghijklmnopqrstuvwxyz"), wrap=False)]) as shown:
        assert shown.rows()[0] == "abcdefghijklmnopqrs…"
        assert shown.view.virtual_size.height == 1


async def test_lines_wrap_again_when_the_width_changes() -> None:
    app = Holder(False)
    async with app.run_test(size=(21, 4)) as pilot:
        shown = Shown(app)
        shown.view.show(plain("one two three four five six"))
        await pilot.pause()
        assert shown.view.virtual_size.height == 2
        await pilot.resize_terminal(60, 4)
        await pilot.pause()
        assert shown.view.virtual_size.height == 1
        assert shown.rows()[0] == "one two three four five six"


async def test_it_follows_the_end_until_the_reader_scrolls_up() -> None:
    async with holding(plain(*(str(n) for n in range(10))), follow=True) as shown:
        assert shown.rows() == ["6", "7", "8", "9"]
        shown.view.append(plain("10"))
        assert shown.rows()[-1] == "10"
        shown.view.scroll_to(y=0, animate=False, immediate=True)
        shown.view.append(plain("11"))
        assert shown.rows()[0] == "0"


async def test_the_cursor_visits_only_lines_with_a_key_and_enter_chooses() -> None:
    lines = [Line(row("title")), Line(row("a"), key="a"), Line(row("note")), Line(row("b"), key="b")]
    app = Holder(False)
    async with app.run_test(size=(21, 6)) as pilot:
        app.query_one(LinesView).show(lines)
        await pilot.press("down", "enter", "up", "up", "enter")
        await pilot.pause()
        assert app.chosen == ["b", "a"]


async def test_the_cursor_stays_on_its_key_when_lines_come_before_it() -> None:
    async with holding([Line(row("a"), key="a"), Line(row("b"), key="b")]) as shown:
        shown.view.select("b")
        shown.view.show([Line(row("new"), key="n"), Line(row("a"), key="a"), Line(row("b"), key="b")])
        assert shown.view.cursor_key == "b"


async def test_twenty_thousand_lines_render_only_what_is_on_screen() -> None:
    async with holding(plain(*(f"line {n} " + "x" * (n % 40) for n in range(20_000))), follow=True) as shown:
        assert shown.rows()[-1].startswith("x") or "19999" in "".join(shown.rows())
        assert len(shown.view._strips) < 100
        shown.view.append(plain("the very last"))
        assert shown.rows()[-1] == "the very last"


async def test_it_still_follows_after_it_was_made_small_and_large_again() -> None:
    app = Holder(True)
    async with app.run_test(size=(60, 12)) as pilot:
        shown = Shown(app)
        shown.view.show(plain(*(f"line {n} " + "word " * 8 for n in range(40))))
        await pilot.pause()
        for size in ((20, 3), (60, 12), (60, 30), (60, 6)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert shown.rows()[-1].startswith("line 39")
        shown.view.append(plain("the end"))
        assert shown.rows()[-1] == "the end"
        shown.view.scroll_to(y=0, animate=False, immediate=True)
        await pilot.resize_terminal(60, 12)
        await pilot.pause()
        assert shown.rows()[0].startswith("line 0")


async def test_it_knows_which_lines_nobody_can_have_seen() -> None:
    async with holding(plain(*(f"line {n}" for n in range(10)))) as shown:
        assert shown.view.unseen == 6
        shown.view.action_page(1)
        shown.rows()
        assert shown.view.unseen == 3
        shown.view.action_edge(1)
        shown.rows()
        assert shown.view.unseen == 0
        shown.view.append(plain("a new one", "and another"))
        assert shown.view.unseen == 2


async def test_lines_above_the_first_choice_can_be_read_by_key() -> None:
    lines = [*plain(*(f"line {n}" for n in range(12))), Line(row("choice"), key="a")]
    app = Holder(False)
    async with app.run_test(size=(21, 4)) as pilot:
        shown = Shown(app)
        shown.view.show(lines)
        await pilot.pause()
        await pilot.press("pagedown")
        await pilot.pause()
        assert shown.rows()[0] == "line 3"
        await pilot.press("up")
        await pilot.pause()
        assert shown.rows()[0] == "line 2"
        await pilot.press("enter")
        await pilot.pause()
        assert app.chosen == [] and "choice" in shown.rows()
        await pilot.press("enter")
        await pilot.pause()
        assert app.chosen == ["a"]
