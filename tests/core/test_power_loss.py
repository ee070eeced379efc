"""RELIABILITY 2: a loss of power keeps a valid prefix of the journal, with all that was acknowledged.

The full count (1,000 losses) runs with SIGNOFF_SOAK=1.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core import events as ev
from core.blobs import Blobs
from core.domain import FileChange
from core.journal import FILE_NAME, Header, Journal, JournalFault
from core.runs import state_folder
from core.verify import verify
from tests.core.power_loss import Disk

HEADER = Header(run_id="R-1", story_id="S-1", story_folder="plans/in-progress/S-1")
AT = datetime(2026, 2, 6, 10, 0, tzinfo=UTC)
LOSSES = 1_000 if os.environ.get("SIGNOFF_SOAK") else 60
RUN = Path(".signoff/runs/R-1")


class Writer:
    """Writes what a run writes: blobs, then a record that names them. `done` is what was acknowledged."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self._root = root
        self._folder = root / RUN
        self._chance = chance
        self.begun: list[ev.Record] = []
        self.created = False
        self.done = 0

    def work(self) -> None:
        """Starts the run, or takes it up where a process left it."""
        if not self._folder.exists():
            state_folder(self._root)
            self.write(Journal.create(self._folder, HEADER))
        elif self.created:
            journal, records = Journal.open(self._folder)
            assert records == self.begun[: len(records)] and len(records) >= self.done
            self.begun = list(records)
            self.write(journal)

    def write(self, journal: Journal) -> None:
        self.created = True
        blobs = Blobs(self._folder / "blobs")
        for seq in range(journal.next_seq, journal.next_seq + self._chance.randint(1, 4)):
            record = record_of(seq, blobs)
            self.begun.append(record)
            journal.append(record)
            self.done = seq
        journal.close()


def record_of(seq: int, blobs: Blobs) -> ev.Record:
    """The same one each time: a process that goes on does again what the one before it did not finish."""
    chance = random.Random(seq)
    sha = blobs.put(chance.randbytes(chance.choice((10, 700, 5_000))))
    path = "x" * chance.choice((1, 600, 4_000))
    change = FileChange(path=path, action="create", before=None, after=sha)
    event = ev.FileChanged(chunk=1, call_id="c", change=change)
    return ev.Record(seq=seq, run_id="R-1", at=AT, event=event)


@pytest.mark.parametrize("seed", range(LOSSES))
def test_a_loss_of_power_keeps_all_that_was_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    root = tmp_path / "before"
    root.mkdir()
    killed_at = chance.choice((None, chance.randint(0, 20)))
    disk = Disk(root, cut_at=chance.randint(0, 25), killed_at=killed_at)
    writer = Writer(root, chance)
    for _ in range(3):
        if not disk.without_power:
            with disk.attached(monkeypatch):
                writer.work()
    left = tmp_path / "after"
    disk.after_the_cut(left, chance)
    holds_a_prefix(left, writer)


def holds_a_prefix(root: Path, writer: Writer) -> None:
    folder = root / RUN
    try:
        journal, records = Journal.open(folder)
    except JournalFault:
        assert not writer.created, "an acknowledged journal does not open"
        return
    assert len(records) >= writer.done, "an acknowledged record is lost"
    assert records == writer.begun[: len(records)]
    for record in records[: writer.done]:
        assert isinstance(record.event, ev.FileChanged) and record.event.change.after
        Blobs(folder / "blobs").get(record.event.change.after)
    journal.append(record_of(journal.next_seq, Blobs(folder / "blobs")))
    journal.close()
    assert verify(folder).ok or writer.done < len(records)


def test_the_model_finds_a_writer_that_does_not_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that can't fail would prove nothing."""
    lost = 0
    for seed in range(20):
        root = tmp_path / f"{seed}"
        root.mkdir()
        disk = Disk(root, cut_at=1_000)
        with disk.attached(monkeypatch):
            (root / FILE_NAME).write_bytes(b"acknowledged, but never synced\n" * 40)
        left = tmp_path / f"{seed}-after"
        disk.after_the_cut(left, random.Random(seed))
        path = left / FILE_NAME
        lost += not path.exists() or path.read_bytes() != (root / FILE_NAME).read_bytes()
    assert lost > 10
