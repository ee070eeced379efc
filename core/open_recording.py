"""Finds what a person means by a run: a run's id, a journal, a run's or a story's folder, or a bare log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.journal import FILE_NAME, JournalFault, read_header
from core.runs import find_run, run_folders
from core.story import InputFault, find_workspace

if TYPE_CHECKING:
    from core.recording import Recording

IMPLEMENTATION = "_implementation"
LOG_NAMES = "*-LOG.md"
TOKEN_LOG = "TOKEN-LOG.md"


def open_any(reference: str, start_from: Path) -> Recording:
    """A recording of what `reference` names, taken from the folder `start_from`.

    A file or folder comes first, then the runs of the workspace. InputFault, one line, when it is neither, or
    can't be read.
    """
    place = _existing(reference, start_from)
    try:
        if place is None:
            return _journal(find_run(find_workspace(start_from), reference))
        return _file(place) if place.is_file() else _folder(place)
    except JournalFault as fault:
        raise InputFault(str(fault)) from None


def _existing(reference: str, start_from: Path) -> Path | None:
    try:
        place = (start_from / Path(reference).expanduser()).resolve()
        return place if reference and (place.is_file() or place.is_dir()) else None
    except (OSError, ValueError, RuntimeError):
        return None  # no name that a file could have


def _file(place: Path) -> Recording:
    """Markdown is a log; anything else is a journal, or says why not."""
    return _log(place) if place.suffix.casefold() in (".md", ".markdown", ".txt") else _journal(place)


def _folder(place: Path) -> Recording:
    if (place / FILE_NAME).is_file():
        return _journal(place)
    story = place.parent if place.name == IMPLEMENTATION else place
    newest = _newest_run(story)
    if newest is not None:
        return _journal(newest)
    places = (story / IMPLEMENTATION, story)
    logs = [log for place in places for log in sorted(place.glob(LOG_NAMES)) if log.name != TOKEN_LOG]
    if logs:
        return _log(logs[0])
    raise InputFault(
        f"{place}: expected a run's folder ({FILE_NAME} in it) or that of a story with a run or a log"
    )


def _newest_run(story: Path) -> Path | None:
    """The newest run of the story in that folder; None where there is none, or no workspace above it."""
    try:
        root = find_workspace(story)
    except InputFault:
        return None
    shown = story.relative_to(root).as_posix()
    return next((folder for folder in run_folders(root) if _story_folder(folder) == shown), None)


def other_run(recording: Recording) -> Recording | None:
    """The run of the same story before this one, or else the newest other one; None where there is none."""
    story = recording.state_at(min(1, recording.length)).story
    if story is None:
        return None
    runs = [folder for folder in run_folders(recording.root) if _story_folder(folder) == story.folder]
    here = next((at for at, folder in enumerate(runs) if folder.name == recording.run_id), -1)
    others = [*runs[here + 1 :], *runs[: max(here, 0)]]
    return _journal(others[0]) if others else None


def _story_folder(run: Path) -> str | None:
    try:
        return read_header(run).story_folder
    except JournalFault:
        return None


def _journal(place: Path) -> Recording:
    from core.journal_recording import open_recording

    return open_recording(place)


def _log(place: Path) -> Recording:
    from core.log_recording import open_log

    return open_log(place)
