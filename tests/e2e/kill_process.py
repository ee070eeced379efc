"""What the stories that kill themselves have in common.

python -m tests.e2e.STORY FOLDER            starts it, or takes it up again
python -m tests.e2e.STORY FOLDER N          and kills itself (SIGKILL) behind its Nth record
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from core import events as ev
from core.journal import Journal, read


def kill_as_told() -> None:
    """A real SIGKILL, right behind the write of a record: nothing of this process goes on after it."""
    if len(sys.argv) < 3:
        return
    real = Journal.append
    left = int(sys.argv[2])

    def append(self: Journal, record: ev.Record) -> None:
        nonlocal left
        real(self, record)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    Journal.append = append  # type: ignore[method-assign]


def records_in(root: Path) -> list[ev.Record]:
    """Those of the workspace's only run; none where it has not begun."""
    journals = list((root / ".signoff" / "runs").glob("*/journal.jsonl"))
    return read(journals[0].parent)[1] if journals else []


def make_repository(root: Path) -> None:
    """A git repository with one commit, in the place of the empty `.git` of a small workspace."""
    (root / ".gitignore").write_text(".signoff/\n", "utf-8")
    (root / ".git").rmdir()
    for argv in (
        ("init", "-q", "-b", "main"),
        ("config", "user.name", "Ada"),
        ("config", "user.email", "ada@example.org"),
        ("add", "-A"),
        ("commit", "-q", "-m", "start"),
    ):
        subprocess.run(("git", *argv), cwd=root, check=True)
