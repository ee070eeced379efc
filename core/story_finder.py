"""The stories of a workspace: folders `{FEATURE}/{stage}/{STORY_ID}/` that hold a `{STORY_ID}.md` (SPEC 1).

Only names are looked at, so nothing of a workspace acts by being listed. The walk is bounded, and no link is
followed. No import of `core.domain`: home's first frame does without it.
"""

from __future__ import annotations

import os
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FIRST_STAGE = "in-progress"
IMPLEMENTATION = "_implementation"
PLANS = ("IMPLEMENTATION-PLAN.md", "PLAN.yaml")
MOST_FOLDERS = 30_000
MOST_ENTRIES = 5_000  # of one folder: those beneath a bigger one are data, not stories
MOST_STORIES = 5_000
DEEPEST = 9
# What a build or a package manager fills; hidden and private folders are passed over by their first letter.
SKIPPED = frozenset({"node_modules", "vendor", "target", "dist", "build", "venv", "site-packages"})
# Where people keep stories is looked through first.
LIKELY = re.compile(r"plans?|features?|stories|tickets|docs?|specs?|in-progress", re.IGNORECASE)
TICKET = re.compile(r"[A-Za-z][A-Za-z0-9]*[-_](?:.*\d.*|[A-Z0-9_-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStory:
    """`feature` and `file` are posix paths, relative to the workspace; `feature` is "." at its root.
    `planned`: there is a plan in its `_implementation`, so it can be run."""

    id: str
    stage: str
    feature: str
    file: str
    planned: bool

    @property
    def folder(self) -> str:
        return self.file.rpartition("/")[0]


class StoryWalk:
    """Looks through the folders below `root` bit by bit, likely places first. `done` at the end of it;
    `stopped` says then, in one line, that the workspace is too big to be seen whole, else it is ""."""

    def __init__(self, root: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._root = str(root)
        self._monotonic = monotonic
        self._likely: deque[tuple[str, ...]] = deque([()])
        self._others: deque[tuple[str, ...]] = deque()
        self._walked = self._found = 0
        self.done = False
        self.stopped = ""

    def look(self, budget_s: float) -> list[FoundStory]:
        """The stories that it finds until `budget_s` is over."""
        deadline = self._monotonic() + budget_s
        found: list[FoundStory] = []
        while not self.done:
            if not (self._likely or self._others):
                self.done = True
            elif self._walked >= MOST_FOLDERS or self._found >= MOST_STORIES:
                self.stopped = f"stopped after {self._walked:,} folders and {self._found:,} stories"
                self.done = True
            else:
                found += self._next()
            if self._monotonic() >= deadline:
                break
        return found

    def _next(self) -> list[FoundStory]:
        parts = (self._likely or self._others).popleft()
        self._walked += 1
        folders, files = self._entries(parts)
        story = self._story(parts, folders, files)
        if story is not None:
            self._found += 1
            return [story]
        for name in folders if len(parts) < DEEPEST else ():
            if _is_walked(name):
                below = (*parts, name)
                (self._likely if any(map(LIKELY.fullmatch, below)) else self._others).append(below)
        return []

    def _entries(self, parts: tuple[str, ...]) -> tuple[list[str], list[str]]:
        """The names of the folders and of the files in a folder; none where it is another checkout."""
        folders: list[str] = []
        files: list[str] = []
        try:
            with os.scandir("/".join((self._root, *parts))) as entries:
                for number, entry in enumerate(entries):
                    if number >= MOST_ENTRIES or (parts and entry.name == ".git"):
                        return [], []
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.name)
                    elif entry.is_file(follow_symlinks=False):
                        files.append(entry.name)
        except OSError:
            return [], []
        return sorted(folders), files

    def _story(self, parts: tuple[str, ...], folders: list[str], files: list[str]) -> FoundStory | None:
        if len(parts) < 2:
            return None
        stage, story_id = parts[-2:]
        file = _story_file(story_id, files)
        has_work = IMPLEMENTATION in folders
        if file is None or not (has_work or stage == FIRST_STAGE or TICKET.fullmatch(story_id)):
            return None
        return FoundStory(
            id=story_id,
            stage=stage,
            feature="/".join(parts[:-2]) or ".",
            file="/".join((*parts, file)),
            planned=has_work and self._has_plan(parts),
        )

    def _has_plan(self, parts: tuple[str, ...]) -> bool:
        folder = "/".join((self._root, *parts, IMPLEMENTATION))
        return any(os.path.isfile(f"{folder}/{name}") for name in PLANS)


def _is_walked(name: str) -> bool:
    return name[0] not in "._" and name not in SKIPPED


def _story_file(story_id: str, files: list[str]) -> str | None:
    """`{STORY_ID}.md`; people also write `{story_id}.md`."""
    wanted = f"{story_id}.md"
    if wanted in files:
        return wanted
    return min((name for name in files if name.casefold() == wanted.casefold()), default=None)


def stage_order(stage: str) -> tuple[bool, str]:
    """For sorting: in-progress first, then by name."""
    return (stage != FIRST_STAGE, stage)


def read_title(root: Path, story: FoundStory) -> str:
    """The story's title, as a run of it would have it; "" for a file that can't be read."""
    from core.story import InputFault, parse_story, read_text

    try:
        text = read_text(root / story.file, root)
    except InputFault:
        return ""
    named = parse_story(text, story_id=story.id, folder=story.folder, stage=story.stage, source=story.file)
    return named.title
