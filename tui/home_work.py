"""What home knows of its workspace, brought up to date bit by bit off the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from core.home import HomeRun, HomeStory, Selection, home_stories, selected_stories, stages_of
from core.home_runs import HomeRuns
from core.story_finder import FoundStory, StoryWalk, read_title

BUDGET_S = 0.1
"""So long one bit of reading or looking lasts at most: then what was found is shown."""
POLL_S = 0.5
RESTS = 100
"""A walk through the folders that took a second is done again after a hundred."""
REST_S = 15.0


class HomeWork:
    """`runs` and `found` are right as of the last look. `walking` until the first walk has ended."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._runs = HomeRuns(root)
        self._looking = asyncio.Lock()
        self._titles: dict[str, str] = {}
        self.found: tuple[FoundStory, ...] = ()
        self.walking = True
        self.stopped = ""

    @property
    def runs(self) -> tuple[HomeRun, ...]:
        return self._runs.rows

    @property
    def stages(self) -> list[str]:
        return stages_of(self.found)

    def stories(self) -> list[HomeStory]:
        return home_stories(self.found, lambda s: self._titles.get(s.file, ""), self.runs)

    def look(self) -> None:
        """The runs by their names, for the first frame."""
        self._runs.look()

    async def read_runs(self, show: Callable[[], None]) -> None:
        """Reads every journal that changed; `show` is called after each bit that changed anything."""
        left = True
        while left:
            async with self._looking:
                before = self.runs
                left = await asyncio.to_thread(self._runs.read, BUDGET_S)
            if self.runs is not before:
                show()

    async def find_stories(self, show: Callable[[], None]) -> float:
        """One walk, then the titles that are not known yet, in the order of the list. Seconds it took."""
        began = time.monotonic()
        walk = StoryWalk(self.root)
        found: list[FoundStory] = []
        while not walk.done:
            found += await asyncio.to_thread(walk.look, BUDGET_S)
            if self.walking:
                self._found(found, show)
        taken = time.monotonic() - began
        self.stopped = walk.stopped
        if self.walking:
            self.walking = False
            show()
        self._found(found, show)
        while await asyncio.to_thread(self._read_titles):
            show()
        return taken

    def _found(self, found: Sequence[FoundStory], show: Callable[[], None]) -> None:
        if tuple(found) != self.found:
            self.found = tuple(found)
            show()

    async def follow(self, show: Callable[[], None]) -> None:
        """For as long as home is open."""
        await asyncio.gather(self._follow_runs(show), self._follow_stories(show))

    async def _follow_runs(self, show: Callable[[], None]) -> None:
        while True:
            await self.read_runs(show)
            await asyncio.sleep(POLL_S)

    async def _follow_stories(self, show: Callable[[], None]) -> None:
        while True:
            taken = await self.find_stories(show)
            await asyncio.sleep(max(REST_S, taken * RESTS))

    def _read_titles(self) -> bool:
        """Some more of them. Whether there were any to read."""
        deadline = time.monotonic() + BUDGET_S
        unread = [s.found for s in selected_stories(self.stories(), Selection()) if self._is_unread(s.found)]
        for story in unread:
            self._titles[story.file] = read_title(self.root, story)
            if time.monotonic() >= deadline:
                break
        return bool(unread)

    def _is_unread(self, story: FoundStory) -> bool:
        return story.file not in self._titles
