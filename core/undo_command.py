"""`signoff undo`: takes the last approved chunk of a run back, while no process drives the run (SPEC 3)."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Mapping
from pathlib import Path

from core import events as ev
from core.assembly import keep_logs, make_workspace
from core.blobs import Blobs
from core.chunk_commits import make_commits
from core.commands import CommandRefused, UndoChunk
from core.config import is_trusted, load_settings
from core.event_lines import counted
from core.git_plumbing import GitFault
from core.offline_run import open_run
from core.run_state import RunState
from core.story import InputFault
from core.stream import Stream
from core.undo_plan import UndoChoice
from core.undoing import Undoing

Choices = tuple[tuple[str, UndoChoice], ...]


def undo(place: Path, reference: str, choices: Choices, environ: Mapping[str, str]) -> str:
    """Puts the files back, journals it, and brings the log up to date; gives a line that says what was done.

    InputFault when a process drives the run, there is nothing to undo, or a file needs another choice:
    nothing was touched then.
    """
    with open_run(place, reference) as (root, stream, blobs, started):
        before = len(stream.state.warnings)
        keep_logs(stream, root, blobs)
        undoing = Undoing(stream, make_workspace(root, stream, blobs, started).put_back(), blobs, live=False)
        undone = undoing.finish()
        if undone is None:
            try:
                command = UndoChunk(chunk=_last_approved(stream.state), conflicts=_cleaned(choices))
                undone = undoing.undo(command)
            except CommandRefused as refusal:
                raise InputFault(str(refusal)) from None
        _commit(root, stream, blobs, environ)
        return "; ".join([_said(undone, stream), *stream.state.warnings[before:]])


def _last_approved(state: RunState) -> int:
    approved = state.approved_chunks
    return approved[-1].number if approved else 0


def _cleaned(choices: Choices) -> Choices:
    return tuple((posixpath.normpath(path), choice) for path, choice in choices)


def _commit(root: Path, stream: Stream, blobs: Blobs, environ: Mapping[str, str]) -> None:
    settings, _ = load_settings(root, environ=environ, overrides={}, trusted=is_trusted(root))
    if settings.commit != "chunk":
        return
    try:
        commits = make_commits(root, stream, blobs, None, environ)
    except GitFault as fault:
        stream.emit(ev.WarningRaised(text=f"the undo is not committed: {fault}"))
        return
    asyncio.run(commits.catch_up())


def _said(undone: ev.ChunkUndone, stream: Stream) -> str:
    kept = f", {', '.join(undone.kept)} kept" if undone.kept else ""
    files = counted(len(undone.files), "file")
    return (
        f"chunk {undone.chunk} is undone: {files} put back{kept}. Go on with: signoff resume {stream.run_id}"
    )
