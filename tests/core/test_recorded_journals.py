"""Recorded journals keep loading: same fold, same log files, in every later version (RELIABILITY 4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.blobs import Blobs
from core.fold import fold
from core.journal import encode, read
from core.logs.files import fold as fold_logs
from core.verify import verify
from tests.recorded_run import JOURNALS

RECORDED = sorted(folder.parent for folder in JOURNALS.glob("*/journal.jsonl"))


@pytest.mark.parametrize("folder", RECORDED, ids=lambda folder: folder.name)
def test_it_is_whole(folder: Path) -> None:
    assert verify(folder).ok


@pytest.mark.parametrize("folder", RECORDED, ids=lambda folder: folder.name)
def test_its_log_files_are_made_again_byte_for_byte(folder: Path) -> None:
    made = fold_logs(read(folder)[1], Blobs(folder / "blobs").get)
    expected = {path.name: path.read_bytes() for path in (folder / "expected").iterdir()}
    assert {name: made.get(name) for name in expected} == expected


@pytest.mark.parametrize("folder", RECORDED, ids=lambda folder: folder.name)
def test_its_records_are_written_again_as_they_stand(folder: Path) -> None:
    lines = (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)[1:]
    records = read(folder)[1]
    # A newer version may add fields with defaults; what was there must stay as it was.
    assert [encode(r)[:60] for r in records] == [line[:60] for line in lines]


def test_their_ends_are_what_they_were() -> None:
    ends = {folder.name: fold(read(folder)[1]) for folder in RECORDED}
    assert (ends["python"].outcome, ends["python"].exit_code) == ("complete", 0)
    assert (ends["python-blocked"].outcome, ends["python-blocked"].exit_code) == ("blocked", 4)
    assert ends["python"].steps_done == 6 and len(ends["python"].opened_chunks) == 5
