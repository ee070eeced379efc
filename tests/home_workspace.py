"""A workspace with stories and runs of every kind, as journals on disk. Nothing is executed."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from core.events import Event, Record, RunFinished, RunStarted
from core.journal import FILE_NAME, Header, Journal, encode
from tests.tui import journal_of_a_run as journal

FEATURE = "plans/features/wishlist"


def make_root(folder: Path) -> Path:
    root = folder / "shop"
    (root / ".git").mkdir(parents=True)
    return root


def make_story(
    root: Path,
    story_id: str,
    title: str,
    *,
    stage: str = "in-progress",
    feature: str = FEATURE,
    plan: bool = True,
) -> Path:
    folder = root / feature / stage / story_id
    folder.mkdir(parents=True)
    (folder / f"{story_id}.md").write_text(f"---\ntitle: {title}\n---\n# {title}\n", "utf-8")
    if plan:
        (folder / "_implementation").mkdir()
        (folder / "_implementation" / "PLAN.yaml").write_text(
            "steps: [{id: 1, description: do it}]\n", "utf-8"
        )
    return folder


def make_run(root: Path, story_id: str, title: str, records: Iterable[Record], moment: str) -> Path:
    """A journal of `records`, as a run of that story that began at `moment` (`20261124-100000`)."""
    run_id = f"{story_id}-{moment}-3fa9"
    folder = root / ".signoff" / "runs" / run_id
    place = f"{FEATURE}/in-progress/{story_id}"
    Journal.create(folder, Header(run_id=run_id, story_id=story_id, story_folder=place)).close()
    written = [
        replace(record, run_id=run_id, event=_of_story(record.event, story_id, title, place))
        for record in records
    ]
    # At once: a sync for each record is what takes time.
    with (folder / FILE_NAME).open("ab") as file:
        file.writelines(map(encode, written))
    last = written[-1].at.timestamp()
    os.utime(folder / FILE_NAME, (last, last))
    return folder


def _of_story(event: Event, story_id: str, title: str, place: str) -> Event:
    if not isinstance(event, RunStarted):
        return event
    story = replace(event.story, id=story_id, title=title, folder=place)
    return replace(event, story=story)


class Driver:
    """Stands for the process that drives a run: it holds the journal, and the lock names it."""

    def __init__(self, run_folder: Path, story_id: str) -> None:
        self.folder = run_folder
        self._file = (run_folder / FILE_NAME).open("ab")
        self._lock = run_folder.parents[1] / "locks" / f"{story_id}.lock"
        self._lock.parent.mkdir(exist_ok=True)
        note = {"run": run_folder.name, "pid": os.getpid(), "host": socket.gethostname(), "since": "now"}
        self._lock.write_text(json.dumps(note), "utf-8")

    def write(self, line: bytes) -> None:
        self._file.write(line)
        self._file.flush()

    def die(self) -> None:
        """As a process that was killed: its lock's file still names it."""
        self._file.close()


def completed() -> list[Record]:
    start = journal.records(journal.first_chunk())
    end = RunFinished(outcome="complete", reason="all 5 steps are done", exit_code=0)
    last = start[-1]
    return [*start, Record(seq=last.seq + 1, run_id=last.run_id, at=last.at, event=end)]


def busy_workspace(folder: Path) -> tuple[Path, Driver]:
    """Seven runs in as many states, and stories in three stages. The driver drives WISH-005."""
    root = make_root(folder)
    make_run(root, "WISH-001", "Wishlist: add item", journal.at_review(), "20261124-095800")
    make_run(root, "WISH-002", "Wishlist: share a list", journal.at_decision(), "20261124-094000")
    make_run(root, "WISH-003", "Wishlist: price alerts", journal.at_blocked(), "20261123-160000")
    make_run(root, "WISH-004", "Wishlist: sort by price", journal.working(), "20261124-081500")
    live = make_run(root, "WISH-005", "Wishlist: import from a file", journal.working(), "20261124-095900")
    make_run(root, "WISH-006", "Wishlist: empty state", completed(), "20261120-090000")
    damaged = make_run(root, "WISH-007", "Wishlist: rename", journal.working(), "20261119-120000")
    _damage(damaged / FILE_NAME)
    for number, title in (
        (1, "add item"),
        (2, "share a list"),
        (3, "price alerts"),
        (5, "import from a file"),
    ):
        make_story(root, f"WISH-00{number}", f"Wishlist: {title}")
    make_story(root, "WISH-008", "Wishlist: reorder by hand")
    make_story(root, "WISH-009", "Wishlist: notes on items", stage="backlog", plan=False)
    make_story(root, "WISH-006", "Wishlist: empty state", stage="done")
    return root, Driver(live, "WISH-005")


def _damage(path: Path) -> None:
    """A line in the middle is not what was written."""
    lines = path.read_bytes().splitlines(keepends=True)
    lines[4] = b'{"seq": 4, "nonsense\n'
    found = path.stat()
    path.write_bytes(b"".join(lines))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
