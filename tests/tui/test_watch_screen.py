"""The screen of a watched run: everything to read, nothing to do, and who is gone."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from core.events import DecisionRequested, RunFinished
from core.journal import FILE_NAME, read
from core.watching import WatchedRun
from tests.record_journal import JOURNALS
from tests.tui.journal_of_a_run import SteppedClock
from tests.tui.on_screen import NARROW, TINY, WIDE, Size
from tui.watch_app import WatchApp

WHOLE = JOURNALS / "python"
CLOCK = SteppedClock()


def standing_at(tmp_path: Path, seq: int) -> Path:
    """The run, whose process is gone, up to its record `seq`."""
    run_id = read(WHOLE)[0].run_id
    folder = tmp_path / ".signoff" / "runs" / run_id
    shutil.copytree(WHOLE, folder)
    lines = (WHOLE / FILE_NAME).read_bytes().splitlines(keepends=True)
    (folder / FILE_NAME).write_bytes(b"".join(lines[: seq + 1]))
    return folder


@asynccontextmanager
async def watching(folder: Path, size: Size = WIDE) -> AsyncIterator[tuple[WatchApp, Pilot[RunFinished]]]:
    run = WatchedRun(folder)
    app = WatchApp(run, clock=CLOCK.clock)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            yield app, pilot
    finally:
        run.close()


def text_of(app: WatchApp) -> str:
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text[:width] for strip in lines[:height])


async def until(app: WatchApp, pilot: Pilot[RunFinished], text: str) -> None:
    """Waits for `text` to be on the screen, however slow the machine is."""
    for _ in range(500):
        if text in text_of(app):
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{text!r} is not on the screen:\n{text_of(app)}")


async def gone(app: WatchApp, pilot: Pilot[RunFinished]) -> str:
    """The screen once the process was missed."""
    run = app.view
    assert isinstance(run, WatchedRun)
    run.process.look(float("1e12"))
    run.process.look(float("2e12"))
    app.screen._tick()  # type: ignore[attr-defined]
    await pilot.pause()
    return text_of(app)


def seq_of(kind: type[DecisionRequested]) -> int:
    return next(
        r.seq for r in read(WHOLE)[1] if isinstance(r.event, kind) and r.event.policy.outcome == "escalate"
    )


async def test_a_run_that_nobody_drives_does_not_work(tmp_path: Path) -> None:
    async with watching(standing_at(tmp_path, 120)) as (app, pilot):
        await until(app, pilot, "read-only: act in the terminal that it runs in")
        await until(app, pilot, "WORKING")
        shown = await gone(app, pilot)
        assert "STOPPED" in shown and "WORKING" not in shown
        assert f"signoff resume {app.view.run_id} goes on" in shown


async def test_a_question_waits_also_when_its_process_is_gone(tmp_path: Path) -> None:
    async with watching(standing_at(tmp_path, seq_of(DecisionRequested))) as (app, pilot):
        shown = await gone(app, pilot)
        assert "WAITING FOR YOU: decision" in shown
        assert "it waits for an answer" in shown


@pytest.mark.parametrize("key", ["a", "c", "r", "x", "m", "p", "s", "S", "u"])
async def test_a_key_that_acts_says_where_to_act(tmp_path: Path, key: str) -> None:
    async with watching(standing_at(tmp_path, 120)) as (app, pilot):
        await pilot.press(key)
        await until(app, pilot, "This run is only watched")


async def test_choosing_an_option_says_where_to_act(tmp_path: Path) -> None:
    async with watching(standing_at(tmp_path, seq_of(DecisionRequested))) as (app, pilot):
        await until(app, pilot, "Something else...")
        CLOCK.advance(1)
        await pilot.press("0", "1", "enter")
        await until(app, pilot, "This run is only watched")
        assert app.view.state.pending


@pytest.mark.parametrize("size", [NARROW, TINY])
async def test_it_is_said_on_every_size(tmp_path: Path, size: Size) -> None:
    async with watching(standing_at(tmp_path, 120), size) as (app, pilot):
        await until(app, pilot, "watching")
        assert "STOPPED" in await gone(app, pilot)


async def test_the_end_and_what_walks_through_it(tmp_path: Path) -> None:
    async with watching(standing_at(tmp_path, 10_000)) as (app, pilot):
        await until(app, pilot, "COMPLETE")
        await until(app, pilot, f"the run has ended: signoff replay {app.view.run_id} walks through it")
        await pilot.press("q")
        assert not app.is_running


async def test_records_that_come_are_shown(tmp_path: Path) -> None:
    folder = standing_at(tmp_path, 120)
    async with watching(folder) as (app, pilot):
        rest = (WHOLE / FILE_NAME).read_bytes()[(folder / FILE_NAME).stat().st_size :]
        with (folder / FILE_NAME).open("ab") as file:
            file.write(rest)
        await until(app, pilot, "COMPLETE")
