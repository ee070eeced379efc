"""One run per story at a time (SPEC 3.1): a lock that the kernel gives up on any death."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

from core.story import InputFault


class StoryLock:
    """Held from construction to `release`. Raises InputFault that says who holds it."""

    def __init__(self, folder: Path, story_id: str, run_id: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{story_id}.lock"
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 4096, 0)
            os.close(self._descriptor)
            raise InputFault(f"{story_id} is held by another run: {_who(holder)}") from None
        note = {
            "run": run_id,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps(note).encode(), 0)

    def release(self) -> None:
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1


def _who(note: bytes) -> str:
    try:
        holder = json.loads(note)
        return f"run {holder['run']}, process {holder['pid']} on {holder['host']} since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return "its process did not leave its name yet; try again"
