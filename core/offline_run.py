"""A run that no process drives, open for a command that settles something in it from the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.assembly import started_event
from core.blobs import Blobs
from core.events import RunStarted
from core.fold import fold
from core.redaction import Redactor
from core.runs import find_run, open_for_writing, state_folder
from core.secrets_known import known_secrets
from core.story import InputFault, find_workspace
from core.story_lock import StoryLock
from core.stream import Stream


@contextmanager
def open_run(place: Path, reference: str) -> Iterator[tuple[Path, Stream, Blobs, RunStarted]]:
    """The workspace's root, the run's stream, its blobs and its start; the story is locked meanwhile.

    InputFault when there is no such run, or when a process drives it.
    """
    root = find_workspace(place)
    folder = find_run(root, reference)
    journal, records = open_for_writing(folder)
    redactor = Redactor(known_secrets(root, os.environ))
    stream = Stream(journal, records, fold(records), redactor=redactor)
    try:
        if not records:
            raise InputFault(f"{folder.name}: it ended before anything happened")
        started = started_event(stream)
        lock = StoryLock(state_folder(root) / "locks", started.story.id, folder.name)
        try:
            yield root, stream, Blobs(folder / "blobs", redactor.holds_secret), started
        finally:
            lock.release()
    finally:
        stream.close()
