"""Which process drives a run, as the story's lock says: read, never taken.

To try a lock would keep a process that is about to take it from taking it, and many may watch.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

from core.journal import FILE_NAME

Driven: TypeAlias = Literal["driven", "alone", "elsewhere"]


def driven(run_folder: Path, story_id: str) -> Driven:
    """`alone` when no process drives the run; `elsewhere` when one of another machine, or a container of its
    own, said that it does: whether it still does can't be seen from here."""
    note = _note(run_folder.resolve().parents[1] / "locks" / f"{story_id}.lock")
    if note is None or note[0] != run_folder.name:
        return "alone"
    _, pid, host = note
    if host != socket.gethostname():
        return "elsewhere"
    return "driven" if _has_open(pid, run_folder / FILE_NAME) else "alone"


def _note(path: Path) -> tuple[str, int, str] | None:
    """The run, the process and the host that the lock's file names; empty once it was given up."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads(path.read_bytes())
        return str(note["run"]), int(note["pid"]), str(note["host"])
    return None


def _has_open(pid: int, journal: Path) -> bool:
    """Whether the process lives and is the one that has the journal: a dead one's number is given again."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    try:
        held = os.stat(journal)
        files = list(_open_files(pid))
    except FileNotFoundError:
        return not Path("/proc/self/fd").exists()  # a system without it: the number has to do
    except OSError:
        return True
    return (held.st_dev, held.st_ino) in files


def _open_files(pid: int) -> Iterator[tuple[int, int]]:
    folder = f"/proc/{pid}/fd"
    for name in os.listdir(folder):
        with suppress(OSError):
            found = os.stat(f"{folder}/{name}")
            yield found.st_dev, found.st_ino
