"""On a slow machine a prompt takes long to be mounted: it is filled, and takes keys, all the same."""

from __future__ import annotations

import asyncio

import pytest

from tests.tui import journal_of_a_review as journal
from tests.tui.on_screen import on_screen
from tui.dock.prompt import ReviewBar
from tui.screens.run import RunScreen


async def until_refreshed(screen: RunScreen) -> None:
    """What was to be done after a refresh of the screen is done, or waits."""
    refreshed = asyncio.Event()
    screen.call_after_refresh(refreshed.set)
    await refreshed.wait()
    for _ in range(3000):
        await asyncio.sleep(0)


async def test_a_prompt_that_is_mounted_late_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = asyncio.Event()

    async def wait(self: ReviewBar) -> None:
        await gate.wait()

    monkeypatch.setattr(ReviewBar, "on_mount", wait, raising=False)
    async with on_screen(journal.before_review()) as shown:
        shown.view.go_to(journal.at_review())
        shown.screen.show_frame(shown.screen._bridge.frame())
        await until_refreshed(shown.screen)
        assert "? Review - chunk 2" not in shown.text()
        gate.set()
        await shown.settle()
        assert "? Review - chunk 2" in shown.text()
