"""Draws the screens of a run to `docs/images/NAME.svg`, from any RunView: no terminal, no network.

`draw` is what the build of the documentation calls, with recorded journals as views.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.pilot import Pilot

from core.events import RunFinished
from core.recorded_view import RecordedView
from tui.app import SignoffApp
from tui.bridge import RunView
from tui.clock import Clock
from tui.replay_app import ReplayApp

IMAGES = Path(__file__).resolve().parent / "images"
SETTLING_FRAMES = 4
FROM_THREADS = ("colours", "seek", "answers")
# In the review of the Python sample's service: a comment on the line that has a TODO.
COMMENTED = ("d", *["down"] * 26, "i", *"This leaves 10497 and 10497-1 as two sets.", "ctrl+s")
# Pictures are read offline too: the font is the reader's own.
_WEB_FONT = re.compile(r"@font-face\s*\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Picture:
    """One screen: `view` as it stands, then `keys` pressed one after the other. `size` is in cells. A view
    of a recording is shown as a replay."""

    name: str
    view: RunView
    size: tuple[int, int] = (160, 48)
    keys: tuple[str, ...] = ()
    theme: str | None = None


class _PassingTime:
    """One second a key, so that no prompt's guard is closed; wall time stands still."""

    def __init__(self, now: datetime) -> None:
        self.seconds = 0.0
        self.clock = Clock(now=lambda: now, monotonic=lambda: self.seconds)


def draw(pictures: Iterable[Picture], folder: Path = IMAGES) -> tuple[Path, ...]:
    """Writes one SVG a picture and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for picture in pictures:
        path = folder / f"{picture.name}.svg"
        path.write_text(asyncio.run(svg(picture)), encoding="utf-8")
        paths.append(path)
    return tuple(paths)


async def svg(picture: Picture) -> str:
    time = _PassingTime(picture.view.state.updated_at or datetime.now(UTC))
    app = _app(picture, time.clock)
    async with app.run_test(size=picture.size) as pilot:
        await _settle(pilot)
        for key in picture.keys:
            time.seconds += 1.0
            await pilot.press(key)
            await _settle(pilot)
        return _WEB_FONT.sub("", app.export_screenshot(title="signoff"))


def _app(picture: Picture, clock: Clock) -> SignoffApp | ReplayApp:
    if isinstance(picture.view, RecordedView):
        return ReplayApp(picture.view.recording, clock=clock, theme=picture.theme)
    return SignoffApp(picture.view, clock=clock, theme=picture.theme)


async def _settle(pilot: Pilot[RunFinished] | Pilot[None]) -> None:
    """Syntax colours come from a thread, and so does what a recording shows."""
    for _ in range(SETTLING_FRAMES):
        await pilot.pause()
        for worker in [w for w in pilot.app.workers if w.group in FROM_THREADS]:
            await worker.wait()


def documented() -> tuple[Picture, ...]:
    """The pictures that the README shows, from the recorded run of the Python sample."""
    from core.events import CheckFinished, DecisionRequested, ReviewRequested
    from tests.recorded_run import RecordedRun
    from tests.tui.recorded import of_journal

    return (
        Picture("run", RecordedRun("python", CheckFinished, nth=2, live=True)),
        Picture("review", RecordedRun("python", ReviewRequested, nth=3, live=True)),
        Picture("review-screen", RecordedRun("python", ReviewRequested, nth=3, live=True), keys=COMMENTED),
        Picture("decision", RecordedRun("python", DecisionRequested, nth=3, live=True)),
        Picture("narrow", RecordedRun("python", ReviewRequested, nth=3, live=True), size=(80, 24)),
        Picture("replay", RecordedView(of_journal("python"), 1), keys=("f",)),
    )


def draw_home(folder: Path = IMAGES) -> Path:
    """Home with runs of every kind, as `home.svg`."""
    from tests.home_workspace import busy_workspace

    path = folder.resolve() / "home.svg"
    # By a short path: it is in the picture.
    with TemporaryDirectory() as place, chdir(place):
        root, driver = busy_workspace(Path())
        try:
            path.write_text(asyncio.run(_home_svg(root)), encoding="utf-8")
        finally:
            driver.die()
    return path


async def _home_svg(root: Path) -> str:
    from tests.tui.at_home import home_app, read_all
    from tests.tui.journal_of_a_run import SteppedClock

    app = home_app(root, SteppedClock())
    async with app.run_test(size=(160, 32)) as pilot:
        await pilot.pause()
        await read_all(app, pilot)
        return _WEB_FONT.sub("", app.export_screenshot(title="signoff"))


if __name__ == "__main__":
    for drawn in (*draw(documented()), draw_home()):
        print(drawn)
