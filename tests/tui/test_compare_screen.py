"""The compare screen, and pictures of screens as files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from core.journal_recording import open_recording
from core.recording import Recording
from tests.core.folded_recording import FoldedRecording, chunk, started
from tests.core.hostile_run import ACTING, EVIL, everywhere
from tests.tui.on_screen import NARROW, TINY, WIDE, Size
from tests.tui.shots import Compare
from tui.cli import main
from tui.clock import Clock
from tui.lines_view import LinesView
from tui.screens.compare import CompareScreen
from tui.screens.help import HelpScreen
from tui.themed_app import ThemedApp

JOURNALS = Path(__file__).resolve().parents[1] / "journals"


class ComparingApp(ThemedApp[None]):
    def __init__(self, left: Recording, right: Recording, theme: str | None = None) -> None:
        moment = datetime(2026, 2, 6, tzinfo=UTC)
        super().__init__(clock=Clock(now=lambda: moment, monotonic=lambda: 0.0), theme=theme)
        self.sides = (left, right)

    def get_default_screen(self) -> CompareScreen:
        return CompareScreen(*self.sides, self.clock)


def samples() -> tuple[Recording, Recording]:
    return open_recording(JOURNALS / "python"), open_recording(JOURNALS / "python-blocked")


async def settle(pilot: Pilot[Any]) -> None:
    for worker in [w for w in pilot.app.workers if w.group == "compare"]:
        await worker.wait()
    for _ in range(3):
        await pilot.pause()


@asynccontextmanager
async def comparing(left: Recording, right: Recording, size: Size = WIDE) -> AsyncIterator[Pilot[Any]]:
    async with ComparingApp(left, right).run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot


def text(pilot: Pilot[Any]) -> str:
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


def body(pilot: Pilot[Any]) -> LinesView:
    return pilot.app.screen.query_one(LinesView)


SHOTS = (
    ("wide", WIDE, (), "signoff-dark"),
    ("narrow", NARROW, (), "signoff-dark"),
    ("light", WIDE, ("a",), "signoff-light"),
    ("narrow-parting", NARROW, ("n",), "signoff-dark"),
)


@pytest.mark.parametrize(("name", "size", "keys", "theme"), SHOTS, ids=[shot[0] for shot in SHOTS])
def test_screen(snap_compare: Compare, name: str, size: Size, keys: tuple[str, ...], theme: str) -> None:
    async def press(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    assert snap_compare(ComparingApp(*samples(), theme), terminal_size=size, run_before=press)


async def test_it_opens_where_they_part() -> None:
    async with comparing(*samples()) as pilot:
        assert body(pilot).cursor_key == "pair:1"
        shown = text(pilot)
        assert "They part at chunk 2" in shown and 'has no attribute "priority"' in shown


async def test_enter_opens_and_closes_a_chunk() -> None:
    async with comparing(*samples()) as pilot:
        assert "packages/core/wishlist/item.py" not in text(pilot)
        await pilot.press("up", "enter")
        await settle(pilot)
        assert "packages/core/wishlist/item.py" in text(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert "packages/core/wishlist/item.py" not in text(pilot)


async def test_all_at_once_and_back_to_where_they_part() -> None:
    async with comparing(*samples(), size=NARROW) as pilot:
        closed = len(body(pilot).lines)
        await pilot.press("a")
        await settle(pilot)
        assert len(body(pilot).lines) > closed
        await pilot.press("end", "n")
        await settle(pilot)
        assert body(pilot).cursor_key == "pair:1" and "chunk 2 table" in text(pilot)


async def test_the_runs_change_sides() -> None:
    async with comparing(*samples()) as pilot:
        before = text(pilot)
        assert before.index("COMPLETE") < before.index("BLOCKED")
        await pilot.press("s")
        await settle(pilot)
        after = text(pilot)
        assert after.index("BLOCKED") < after.index("COMPLETE")


async def test_help_and_back() -> None:
    async with comparing(*samples()) as pilot:
        await pilot.press("question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, CompareScreen)


async def test_runs_that_do_not_part_say_so() -> None:
    left, right = (FoldedRecording([started(), *chunk(1)]) for _ in range(2))
    async with comparing(left, right) as pilot:
        assert "do not part" in text(pilot) and "where they part " not in text(pilot)


@pytest.mark.parametrize("size", [WIDE, NARROW, TINY])
@pytest.mark.parametrize("evil", EVIL)
async def test_hostile_text_is_text_at_any_size(evil: str, size: Size) -> None:
    async with comparing(everywhere(evil), everywhere("plain"), size) as pilot:
        await pilot.press("a")
        await settle(pilot)
        assert not ACTING.search(text(pilot).replace("\n", ""))


# --- pictures -----------------------------------------------------------------------------


@pytest.mark.parametrize("screen", ["run", "diff", "ledger"])
def test_a_picture_of_a_screen(screen: str, tmp_path: Path) -> None:
    out = tmp_path / "out.svg"
    run = str(JOURNALS / "python")
    assert (
        main(["export", run, "--svg", "--screen", screen, "--at", "200", "--size", "100x30", "-o", str(out)])
        == 0
    )
    drawn = out.read_text("utf-8").replace("&#160;", " ")
    words = {"run": "wishlist service", "diff": "WishlistService", "ledger": "Order of items"}
    assert words[screen] in drawn and "@font-face" not in drawn


def test_a_picture_of_two_runs(tmp_path: Path) -> None:
    out = tmp_path / "out.svg"
    runs = [str(JOURNALS / name) for name in ("python", "python-blocked")]
    assert (
        main(["export", runs[0], "--svg", "--screen", "compare", "--against", runs[1], "-o", str(out)]) == 0
    )
    assert "They part at" in out.read_text("utf-8").replace("&#160;", " ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--screen", "compare"], "--screen compare and --against RUN go together"),
        (["--against", "x"], "--screen compare and --against RUN go together"),
        (["--at", "9999"], "the run has the records 1 to 325"),
        (["--at", "0"], "the run has the records 1 to 325"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(JOURNALS / "python"), "--svg", *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
