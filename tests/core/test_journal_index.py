"""The index of a journal is a cache: whatever becomes of it, what is shown is what the journal says."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import index_tail
from core.journal import FILE_NAME
from core.journal_index import open_index
from core.journal_recording import JournalRecording, open_recording
from tests.core.journal_on_disk import assert_it_shows, copied, lines_of, read_to_its_end, records_of
from tests.long_journal import write_long_journal

LENGTH = len(records_of())
PAGE = 20
EXAMPLES = 300 if os.environ.get("SIGNOFF_SOAK") else 8


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setattr(index_tail, "PAGE_RECORDS", PAGE)
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A run's folder with an index of all pages of its journal."""
    folder = copied(tmp_path)
    read_to_its_end(open_recording(folder)).close()
    return folder


def looked_at(folder: Path) -> JournalRecording:
    return read_to_its_end(open_recording(folder))


def test_it_is_found_again_and_nothing_is_folded_anew(place: Path) -> None:
    assert open_index(place).length == LENGTH // PAGE * PAGE


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"not a database at all" * 100),
        lambda path: path.write_bytes(path.read_bytes()[:-5000]),
        lambda path: path.write_bytes(path.read_bytes()[:8192] + os.urandom(path.stat().st_size - 8192)),
        lambda path: told(path, "DELETE FROM pages WHERE last = 100"),
        lambda path: told(path, "DELETE FROM blocks"),
        lambda path: told(path, "UPDATE blocks SET data = x'00'"),
        lambda path: told(path, "UPDATE pages SET snapshot = x'789c030000000001'"),
        lambda path: told(path, "UPDATE pages SET snapshot = NULL"),
        lambda path: told(path, "UPDATE pages SET crc = 1"),
        lambda path: told(path, "UPDATE pages SET start = 'x', end = NULL"),
        lambda path: told(path, "UPDATE meta SET identity = 'of something else'"),
        lambda path: told(path, "DROP TABLE meta"),
        lambda path: told(path, "DROP TABLE pages"),
        lambda path: told(path, "DROP TABLE touches"),
    ],
)
def test_one_that_is_torn_or_damaged_is_made_again(place: Path, harm: Callable[[Path], object]) -> None:
    harm(place / "journal.index")
    recording = looked_at(place)
    assert_it_shows(recording, LENGTH)
    assert recording.log_entry(2, LENGTH)


def told(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()


def test_one_of_another_journal_is_not_read(place: Path, tmp_path: Path) -> None:
    other = copied(tmp_path / "other", "python-blocked")
    shutil.copy(place / "journal.index", other)
    assert_it_shows(looked_at(other), len(records_of("python-blocked")), "python-blocked")


def test_one_that_came_with_a_copied_folder_is_not_read(place: Path, tmp_path: Path) -> None:
    """Who sends a run's folder along could have written anything into it."""
    told(place / "journal.index", "UPDATE pages SET crc = 1")
    shutil.copytree(place, tmp_path / "copy")
    assert open_index(tmp_path / "copy").length == 0


@pytest.mark.parametrize("line", [3, 150, LENGTH])
def test_a_journal_that_was_changed_in_its_place_is_noticed(place: Path, line: int) -> None:
    lines = lines_of()
    lines[line] = lines[line].replace(b'"seq":', b'"sea":')
    (place / FILE_NAME).write_bytes(b"".join(lines))
    recording = open_recording(place)
    while not recording.damage:
        recording.refresh()
    assert_it_shows(read_to_its_end(recording), line - 1)
    assert f"{FILE_NAME}:{line + 1}:" in recording.damage


def test_a_journal_that_was_cut_is_noticed(place: Path) -> None:
    recording = looked_at(place)
    (place / FILE_NAME).write_bytes(b"".join(lines_of()[:101]))
    for again in (recording, open_recording(place)):
        again.refresh()
        assert_it_shows(read_to_its_end(again), 100)


def test_one_may_go_away_while_it_is_used(place: Path) -> None:
    recording = looked_at(place)
    (place / "journal.index").unlink()
    assert_it_shows(recording, LENGTH)


def test_beside_a_journal_that_lies_elsewhere_nothing_is_put(tmp_path: Path) -> None:
    shutil.copy(copied(tmp_path) / FILE_NAME, tmp_path / "run.jsonl")
    before = set(tmp_path.iterdir())
    recording = looked_at(tmp_path / "run.jsonl")
    assert_it_shows(recording, LENGTH)
    recording.close()
    assert set(tmp_path.iterdir()) == before
    assert open_index(tmp_path / "run.jsonl").length == LENGTH // PAGE * PAGE


def test_where_nothing_can_be_written_it_is_in_nobodys_sight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(tmp_path)
    (folder / "journal.index").mkdir()
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(folder / FILE_NAME / "no folder"))
    assert_it_shows(looked_at(folder), LENGTH)


def test_two_that_make_it_at_the_same_time_do_not_disturb_each_other(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    makers = [open_index(folder) for _ in range(3)]
    for _ in range(2 * LENGTH):
        for maker in makers:
            maker.read_on(0)
    for maker in makers:
        assert_it_shows(JournalRecording(maker), LENGTH)
    assert open_index(folder).length == LENGTH // PAGE * PAGE


def test_what_many_snapshots_share_is_kept_once(tmp_path: Path) -> None:
    """Twice the records are twice the index, and not four times."""
    sizes = []
    for records in (1500, 3000):
        write_long_journal(tmp_path / str(records), records)
        looked_at(tmp_path / str(records)).close()
        sizes.append((tmp_path / str(records) / "journal.index").stat().st_size)
    assert sizes[1] < 2.3 * sizes[0]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_happens_to_a_growing_journal_and_its_index(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It grows by any number of bytes, is opened anew, loses its index, is looked at anywhere."""
    monkeypatch.setattr(index_tail, "PAGE_RECORDS", data.draw(st.integers(1, 40), label="page"))
    folder = tmp_path_factory.mktemp("run")
    whole = b"".join(lines_of())
    ends = [sum(map(len, lines_of()[: n + 1])) for n in range(LENGTH + 1)]
    size = ends[0]
    (folder / FILE_NAME).write_bytes(whole[:size])
    recording = open_recording(folder)
    for _ in range(data.draw(st.integers(1, 8), label="steps")):
        step = data.draw(st.sampled_from(["grow", "open", "lose", "harm"]))
        if step == "grow":
            more = data.draw(st.integers(1, 60_000), label="bytes")
            with (folder / FILE_NAME).open("ab") as file:
                size += file.write(whole[size : size + more])
        elif step == "open":
            recording.close()
            recording = open_recording(folder)
        elif step == "lose":
            (folder / "journal.index").unlink(missing_ok=True)
        elif (folder / "journal.index").exists():
            recording.close()
            (folder / "journal.index").write_bytes(b"harm")
            recording = open_recording(folder)
        recording.refresh()
        length = sum(end <= size for end in ends) - 1
        assert_it_shows(read_to_its_end(recording), length, stride=data.draw(st.integers(15, 60)))
    recording.close()
