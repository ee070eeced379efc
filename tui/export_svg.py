"""`signoff export RUN --svg`: a picture of a screen as it is after a record of the run."""

from __future__ import annotations

import argparse
import asyncio
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.ending import COMPLETE
from core.export_command import open_for_others, put_out, target_file
from core.recorded_view import RecordedView
from core.recording import Recording
from core.story import InputFault
from tui.clock import Clock

if TYPE_CHECKING:
    from textual.app import App
    from textual.pilot import Pilot

SIZE = (160, 48)
KEYS = {"run": "", "diff": "d", "ledger": "L", "compare": ""}
STILL_FRAMES = 4
MOST_FRAMES = 100
OFF_THE_LOOP = ("colours", "diff", "ledger", "compare")
# A picture is looked at offline: its font is the reader's own.
_WEB_FONT = re.compile(r"@font-face\s*\{[^}]*\}")


def export_svg(args: argparse.Namespace) -> int:
    screen = args.screen or "run"
    if (screen == "compare") != bool(args.against):
        raise InputFault("--screen compare and --against RUN go together")
    recording = open_for_others(args.reference, args.workspace)
    other = open_for_others(args.against, args.workspace) if args.against else None
    try:
        seq = _seq(recording, args.at)
        target = target_file(args.output, recording, ".svg")
        app = _compared(recording, other) if other is not None else _shown(recording, seq)
        drawn = asyncio.run(picture(app, args.size or SIZE, KEYS[screen]))
        put_out([drawn], target, replace=args.force)
    finally:
        recording.close()
        if other is not None:
            other.close()
    return COMPLETE


def _seq(recording: Recording, at: int | None) -> int:
    if at is not None and not 1 <= at <= recording.length:
        raise InputFault(f"--at {at}: the run has the records 1 to {recording.length}")
    return recording.length if at is None else at


def _shown(recording: Recording, seq: int) -> App[Any]:
    from tui.app import SignoffApp

    view = RecordedView(recording, seq)
    return SignoffApp(view, clock=_standing(view.state.updated_at))


def _compared(left: Recording, right: Recording) -> App[Any]:
    from tui.screens.compare import CompareScreen
    from tui.themed_app import ThemedApp

    clock = _standing(None)

    class ComparingApp(ThemedApp[None]):
        def get_default_screen(self) -> CompareScreen:
            return CompareScreen(left, right, clock)

    return ComparingApp(clock=clock)


def _standing(at: datetime | None) -> Clock:
    """The moment of the picture; what a prompt waits for before it takes keys has long passed."""
    seconds = iter(range(10**9))
    return Clock(now=lambda: at or datetime.now(UTC), monotonic=lambda: float(next(seconds)))


async def picture(app: App[Any], size: tuple[int, int], key: str) -> str:
    """`app` as SVG, with nothing on a terminal."""
    async with app.run_test(size=size) as pilot:
        await _settle(pilot)
        if key:
            await pilot.press(key)
            await _settle(pilot)
        return _WEB_FONT.sub("", app.export_screenshot(title="signoff"))


async def _settle(pilot: Pilot[Any]) -> None:
    """Until nothing is worked out off the event loop any more and the screen stands still."""
    still, now = 0, ""
    for _ in range(MOST_FRAMES):
        for worker in [w for w in pilot.app.workers if w.group in OFF_THE_LOOP and not w.is_finished]:
            await worker.wait()
        await pilot.pause()
        before, now = now, pilot.app.export_screenshot()
        still = still + 1 if before == now else 0
        if still == STILL_FRAMES:
            return
