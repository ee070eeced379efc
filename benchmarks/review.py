"""Opening a chunk's review and scrolling through it: many changed lines against a hundred.

    make bench

The whole program without a terminal, on a made-up chunk of two changed files, half of it lines that changed
in a word. Opening is from the key to the diff on the screen, reading and comparing the files included;
scrolling is one page, drawn. Medians of several runs, the sizes taken in turn; ratios are what to look at.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from core.diff import FileDiff, diff_file
from core.events import RunFinished
from tests.tui import journal_of_a_review as journal
from tui.app import SignoffApp
from tui.review.diff_view import DiffView
from tui.screens.review import ReviewScreen

SIZES = (100, 5_000, 50_000)
RUNS = 5
PAGES = 40


class MadeUp(journal.ReviewView):
    """Compares its files each time it is asked, as a run does."""

    def diff(self, chunk: int) -> tuple[FileDiff, ...]:
        changed = self.state.chunk_numbered(chunk)
        files = changed.closed_files if changed is not None else ()
        return tuple(diff_file(change, *self.texts[change.path]) for change in files)


def texts(changed: int) -> journal.Texts:
    """Two files with so many added and removed lines together."""
    count = changed // 4
    before = [f"    total_{n} = compute({n}, offset={n % 97})  # step {n}\n" for n in range(count)]
    after = [line.replace("compute", "calculate").replace("offset", "start") for line in before]
    both = "def f():\n", "".join(before), "".join(after)
    old, new = ((both[0] + body).encode() for body in both[1:])
    return {"services/first.py": (old, new), "services/second.py": (old, new)}


async def measured(found: journal.Texts) -> tuple[float, float, float]:
    """Seconds to open, to scroll by a page, to go to the next change and back."""
    app = SignoffApp(MadeUp(journal.at_review(found), found))
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        opening = await timed(lambda: opened(pilot, app))
        await pilot.pause()
        scrolling = [await timed(lambda: pilot.press("pagedown")) for _ in range(PAGES)]
        jumping = [await timed(lambda key=key: pilot.press(key)) for key in "]n[n" * 3]  # type: ignore[misc]
    return opening, statistics.median(scrolling), statistics.median(jumping)


async def opened(pilot: Pilot[RunFinished], app: SignoffApp) -> None:
    await pilot.press("d")
    while not (isinstance(app.screen, ReviewScreen) and len(app.screen.query_one(DiffView).lines) > 50):
        await pilot.pause()


async def timed(act: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await act()
    return time.perf_counter() - started


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIGNOFF_STATE_DIR"] = os.environ["SIGNOFF_CONFIG_DIR"] = folder
        chunks = {size: texts(size) for size in SIZES}
        taken: dict[int, list[tuple[float, float, float]]] = {size: [] for size in SIZES}
        for _ in range(RUNS):
            for size, found in chunks.items():
                taken[size].append(asyncio.run(measured(found)))
    heads = "".join(f"{f'{what} ms':>10}{'ratio':>8}" for what in ("open", "page", "jump"))
    print(f"{'changed lines':<16}{heads}")
    floor = [statistics.median(column) for column in zip(*taken[SIZES[0]], strict=True)]
    for size, runs in taken.items():
        medians = [statistics.median(column) for column in zip(*runs, strict=True)]
        cells = (f"{m * 1000:>10.1f}{m / f:>8.2f}" for m, f in zip(medians, floor, strict=True))
        print(f"{size:<16,}{''.join(cells)}")
    print()


if __name__ == "__main__":
    main()
