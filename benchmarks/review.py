"""Opening a chunk's review and scrolling through it: many changed lines against a hundred.

    make bench

The whole program without a terminal, on a made-up chunk of two changed files, half of it lines that changed
in a word. Opening is from the key to the diff on the screen, reading and comparing the files included.
A page, and a jump to another file or change, are the event loop's own time until it is drawn. Medians of
several runs, the sizes taken in turn; ratios are what to look at.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial

from core.diff import FileDiff, diff_file
from tests.tui import journal_of_a_review as journal
from tui.app import SignoffApp
from tui.review.diff_view import DiffView
from tui.screens.review import ReviewScreen

SIZES = (100, 5_000, 50_000)
RUNS = 5
# So many has the smallest one.
PAGES = 3
JUMPS = ("right_square_bracket", "n", "left_square_bracket", "n") * 3


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
    """Seconds to open, to scroll by a page, to jump."""
    app = SignoffApp(MadeUp(journal.at_review(found), found))
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        opening = await timed(lambda: opened(app))
        await pilot.pause()
        scrolling = [await timed(partial(pilot.press, "pagedown"), time.thread_time) for _ in range(PAGES)]
        jumping = [await timed(partial(pilot.press, key), time.thread_time) for key in JUMPS]
    return opening, statistics.median(scrolling), statistics.median(jumping)


async def opened(app: SignoffApp) -> None:
    """Until the diff's first lines were drawn."""
    await app.screen.run_action("diff")
    while not (isinstance(app.screen, ReviewScreen) and app.screen.is_mounted and _is_drawn(app.screen)):  # noqa: ASYNC110
        await asyncio.sleep(0)


def _is_drawn(screen: ReviewScreen) -> bool:
    return any(view.unseen < len(view.lines) for view in screen.query(DiffView) if screen.shown.is_read)


async def timed(
    act: Callable[[], Awaitable[object]], clock: Callable[[], float] = time.perf_counter
) -> float:
    started = clock()
    await act()
    return clock() - started


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
