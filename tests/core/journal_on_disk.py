"""Recorded journals copied to where a test may change them, and what must be true of any look at them."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from core.events import Record
from core.fold import apply
from core.journal import FILE_NAME, read
from core.journal_recording import JournalRecording
from core.run_state import RunState
from core.timeline import mark_of
from tests.record_journal import JOURNALS


def copied(folder: Path, name: str = "python") -> Path:
    place = folder / name
    shutil.copytree(JOURNALS / name, place)
    return place


def lines_of(name: str = "python") -> list[bytes]:
    """The header's line and those of the records."""
    return (JOURNALS / name / FILE_NAME).read_bytes().splitlines(keepends=True)


@cache
def states_of(name: str = "python") -> tuple[RunState, ...]:
    """The empty state, and the one after each record."""
    states = [RunState()]
    for record in records_of(name):
        states.append(apply(states[-1], record))
    return tuple(states)


@cache
def records_of(name: str = "python") -> tuple[Record, ...]:
    return tuple(read(JOURNALS / name)[1])


def read_to_its_end(recording: JournalRecording) -> JournalRecording:
    """However long the machine takes for it."""
    while recording.indexed < 1 and not recording.damage:
        recording.refresh()
    return recording


def assert_it_shows(recording: JournalRecording, length: int, name: str = "python", stride: int = 10) -> None:
    """The first `length` records, at every tenth of them."""
    assert recording.length == length
    for seq in (*range(0, length, stride), length):
        assert recording.state_at(seq) == states_of(name)[seq], f"after record {seq}"
    assert tuple(recording.records()) == records_of(name)[:length]
    marks = (mark_of(record) for record in records_of(name)[:length])
    assert tuple(recording.marks()) == tuple(mark for mark in marks if mark is not None)
