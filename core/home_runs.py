"""The runs of a workspace as home shows them, kept up to date by looking at their journals' sizes.

Looking is cheap and only what changed is read again, so that home may look twice a second for a whole day.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from core.home import HomeRun, home_run, unread_run, with_newest

JOURNAL = "journal.jsonl"
RESTS = 10
"""A journal that took a second to read is read again after ten: one that grows costs a tenth of a core."""

Stamp: TypeAlias = tuple[int, int, int]


@dataclass(slots=True)
class _Known:
    """A run and what its journal's file was when it was read: None before that."""

    run: HomeRun
    stamp: Stamp | None = None
    rests_until: float = 0.0


class HomeRuns:
    """`rows` is right as of the last look; the newest runs first. It is the same tuple until something
    changes. One thread at a time may look.

    A journal is opened for reading only, and nothing that stands in a workspace is asked anything.
    """

    def __init__(self, root: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folder = root / ".signoff" / "runs"
        self._locks = root / ".signoff" / "locks"
        self._held: frozenset[str] = frozenset()
        self._monotonic = monotonic
        self._known: dict[str, _Known] = {}
        self.rows: tuple[HomeRun, ...] = ()

    def look(self) -> None:
        """Which runs there are; nothing is read."""
        self._list()
        self._publish()

    def read(self, budget_s: float) -> bool:
        """Looks, and reads what changed, the newest first, until `budget_s` is over. Whether more is left."""
        deadline = self._monotonic() + budget_s
        stamps = self._list()
        self._held = self._stories_held()
        left = False
        for name, stamp in stamps.items():
            known = self._known[name]
            if stamp == known.stamp:
                self._look_who_drives(known)
            elif (now := self._monotonic()) >= deadline:
                left = True
            elif now >= known.rests_until:
                self._read(known, stamp)
        self._publish()
        return left

    def _list(self) -> dict[str, Stamp]:
        """Each run's file as it is now, the newest first. A link is no run: it may lead anywhere."""
        found: list[tuple[int, str, Stamp]] = []
        try:
            with os.scandir(self._folder) as entries:
                names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            names = []
        folder = str(self._folder)
        for name in names:
            try:
                stat = os.lstat(f"{folder}/{name}/{JOURNAL}")
            except OSError:
                continue
            found.append((stat.st_mtime_ns, name, (stat.st_ino, stat.st_size, stat.st_mtime_ns)))
        found.sort(reverse=True)
        for modified_ns, name, _ in found:
            if name not in self._known:
                self._known[name] = _Known(unread_run(self._folder / name, modified_ns / 1e9))
        there = {name: stamp for _, name, stamp in found}
        self._known = {name: self._known[name] for name in there}
        return there

    def _read(self, known: _Known, stamp: Stamp) -> None:
        from core.runs import summarise

        began = self._monotonic()
        try:
            summary = summarise(known.run.folder)
        except OSError:
            return  # gone meanwhile: the next look does not find it
        story = summary.state.story if summary.state is not None else None
        held = self._is_driven(known.run.folder, story.id if story else known.run.story_id)
        known.run = home_run(summary, known.run, held=held)
        known.stamp = stamp
        ended = self._monotonic()
        known.rests_until = ended + RESTS * (ended - began)

    def _look_who_drives(self, known: _Known) -> None:
        """A process that dies writes nothing: only its lock is gone."""
        run = known.run
        ended = run.outcome is not None or run.status == "Damaged"
        if not ended and run.held != self._is_driven(run.folder, run.story_id):
            known.stamp = None  # read again: its status depends on it

    def _stories_held(self) -> frozenset[str]:
        """The stories whose lock names a process, alive or not: one look instead of one a run."""
        try:
            with os.scandir(self._locks) as entries:
                named = [entry.name for entry in entries if entry.stat(follow_symlinks=False).st_size]
        except OSError:
            named = []
        return frozenset(name.removesuffix(".lock") for name in named)

    def _is_driven(self, folder: Path, story_id: str) -> bool:
        if story_id not in self._held:
            return False
        from core.run_process import driven

        return driven(folder, story_id) != "alone"

    def _publish(self) -> None:
        rows = with_newest([known.run for known in self._known.values()])
        for known, run in zip(self._known.values(), rows, strict=True):
            known.run = run
        if len(rows) != len(self.rows) or any(a is not b for a, b in zip(rows, self.rows, strict=True)):
            self.rows = rows
