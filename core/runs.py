"""The runs of a workspace, on disk: `.signoff/runs/<run id>/`, kept out of git (SPEC 9)."""

from __future__ import annotations

import fcntl
import os
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

from core.domain import JsonObject, value
from core.events import Record, RunStarted
from core.journal import FILE_NAME, Header, Journal, JournalFault, read_header
from core.log_places import refuse_odd_places
from core.logs.files import file_names
from core.run_state import RunState
from core.story import InputFault

RUNS = "runs"
RUN_ID_PARTS = 3  # what a run's id has behind its story's: date, time, chance
NAMED_AT_MOST = 5
WORTH_KEEPING = 100
"""So many records that a list of runs had to read are kept as read."""
IGNORED = "# Signoff's own: journals, locks, the knowledge base.\nruns/\nlocks/\nkb.sqlite*\n"

RunStatus: TypeAlias = Literal[
    "running", "waiting", "interrupted", "complete", "blocked", "stopped", "failed", "damaged"
]


@value
class RunSummary:
    """A run as `runs list` shows it. `state` is None when the journal can't be read (`problem`)."""

    run_id: str
    folder: Path
    status: RunStatus
    state: RunState | None = None
    problem: str = ""

    def to_json(self) -> JsonObject:
        """The shape of SPEC 13."""
        state = self.state or RunState()
        return {
            "run_id": self.run_id,
            "story_id": state.story.id if state.story else None,
            "state": self.status,
            "started_at": _iso(state.started_at),
            "updated_at": _iso(state.updated_at),
            "chunks": len(state.opened_chunks),
            "steps_done": state.steps_done,
            "steps_total": len(state.steps),
            "needs_you": [
                {"request_id": p.request_id, "kind": p.kind, "title": p.title, "since": _iso(p.since)}
                for p in state.pending
            ],
            "cost_usd": state.cost_usd,
        }


def state_folder(root: Path) -> Path:
    """`.signoff`, made with its own ignore file the first time. InputFault where something else stands."""
    folder = root / ".signoff"
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise InputFault(f"{folder}: expected a folder of its own; Signoff keeps the runs in it")
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text(IGNORED, "utf-8")
    return folder


def run_folders(root: Path) -> list[Path]:
    """Newest first."""
    runs = root / ".signoff" / RUNS
    if not runs.is_dir():
        return []
    found = [folder for folder in runs.iterdir() if (folder / FILE_NAME).is_file()]
    return sorted(found, key=lambda folder: (folder / FILE_NAME).stat().st_mtime, reverse=True)


def find_run(root: Path, reference: str) -> Path:
    """A run by its id, its story's id (the newest run), the beginning of its id, or its folder.

    InputFault when there is none, when a beginning fits several, and for a folder of another workspace.
    """
    folders = run_folders(root)
    known = ", ".join(folder.name for folder in folders[:NAMED_AT_MOST]) or "none"
    given = _given_folder(root, reference)
    if given is not None:
        return given
    for found in (
        [folder for folder in folders if folder.name == reference],
        [folder for folder in folders if _story_of(folder) == reference][:1],
        [folder for folder in folders if reference and folder.name.startswith(reference)],
    ):
        if len(found) > 1:
            several = ", ".join(folder.name for folder in found[:NAMED_AT_MOST])
            raise InputFault(f"{reference!r} is the beginning of {len(found)} runs, say which: {several}")
        if found:
            return found[0]
    raise InputFault(f"no run {reference!r} in {root / '.signoff' / RUNS}; the newest are: {known}")


def _given_folder(root: Path, reference: str) -> Path | None:
    try:
        folder = Path(reference).resolve()
        if not (folder / FILE_NAME).is_file():
            return None
    except (OSError, ValueError):
        return None  # no name that a file could have
    if folder.parent != (root / ".signoff" / RUNS).resolve():
        raise InputFault(f"{reference}: a run of another workspace than {root}; go there, or use --workspace")
    return folder


def _story_of(folder: Path) -> str:
    """The id of a run's story. A run whose journal lost its first line is found by its name."""
    try:
        return read_header(folder).story_id
    except JournalFault:
        return folder.name.rsplit("-", RUN_ID_PARTS)[0]


def header_of(folder: Path) -> Header:
    try:
        return read_header(folder)
    except JournalFault as fault:
        raise InputFault(str(fault)) from None


def open_for_writing(folder: Path) -> tuple[Journal, list[Record]]:
    """The journal of a run that is to go on. InputFault when it can't be read, or when the story's folder
    and log files are not there as the run left them."""
    try:
        journal, records = Journal.open(folder)
    except JournalFault as fault:
        raise InputFault(str(fault)) from None
    try:
        if records and isinstance(records[0].event, RunStarted):
            started, root = records[0].event, folder.resolve().parents[2]
            refuse_odd_places(root, started.story.implementation, file_names(started.worker))
    except InputFault:
        journal.close()
        raise
    return journal, records


def summarise(folder: Path) -> RunSummary:
    """By the journal's index where it has one. A long one without gets it here, once."""
    from core.journal_index import open_index

    try:
        index = open_index(folder)
        while index.read_on(1.0):
            pass
        if index.damage:
            raise JournalFault(index.damage)
    except (JournalFault, OSError) as fault:
        return RunSummary(run_id=folder.name, folder=folder, status="damaged", problem=str(fault))
    state = index.tail.state
    if index.unkept >= WORTH_KEEPING and not _is_written_to(folder):
        index.turn_page()
    index.close()
    return RunSummary(run_id=folder.name, folder=folder, status=_status(folder, state), state=state)


def list_runs(root: Path) -> list[RunSummary]:
    """All runs of the workspace: those that need the supervisor first, then the newest first."""
    found = [summarise(folder) for folder in run_folders(root)]
    return sorted(found, key=lambda run: not (run.state and run.state.pending))


def _status(folder: Path, state: RunState) -> RunStatus:
    if state.outcome is not None:
        return state.outcome
    if state.pending:
        return "waiting"
    return "running" if _is_written_to(folder) else "interrupted"


def _is_written_to(folder: Path) -> bool:
    """Whether a process holds the journal: the kernel gives the lock up on any death."""
    descriptor = os.open(folder / FILE_NAME, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
