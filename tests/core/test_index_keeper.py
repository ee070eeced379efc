"""A run keeps its index as it grows; a list of runs is made of indexes."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import index_keeper, index_tail
from core.events import Paused, Record
from core.fold import fold
from core.index_keeper import IndexKeeper
from core.journal import Header, Journal, JournalFault, read
from core.journal_index import JournalIndex, open_index
from core.run_state import RunState
from core.runs import list_runs, summarise
from core.stream import Stream
from tests.core.journal_on_disk import copied, lines_of, records_of


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(index_tail, "PAGE_RECORDS", 20)
    monkeypatch.setattr(index_keeper, "EVERY", 10)
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))


def run_of(folder: Path, records: int) -> Stream:
    header = Header(run_id=folder.name, story_id="S", story_folder="f")
    stream = Stream(Journal.create(folder, header), [], RunState())
    for _ in range(records):
        stream.emit(Paused(by="user"))
    return stream


def ended(keeper: IndexKeeper) -> None:
    keeper.close()
    keeper._thread.shutdown(wait=True)


def test_a_run_that_has_ended_has_an_index_of_all_of_it(tmp_path: Path) -> None:
    stream = run_of(tmp_path / "run", 67)
    stream.close()
    stream.close()
    ended(stream._index)
    index = open_index(tmp_path / "run")
    assert [page.last for page in index.pages] == [20, 40, 60, 67]
    assert index.tail.state == stream.state


def test_one_that_goes_on_has_it_up_to_its_last_records(tmp_path: Path) -> None:
    stream = run_of(tmp_path / "run", 67)
    stream._index._thread.shutdown(wait=True)
    assert open_index(tmp_path / "run").length == 60


def test_a_run_does_without_where_it_cannot_be_kept(tmp_path: Path) -> None:
    keeper = IndexKeeper(tmp_path / "nothing there")
    keeper.grew(10)
    ended(keeper)
    assert not (tmp_path / "nothing there").exists()


def test_a_long_journal_that_came_without_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_keeper, "AT_THE_END_S", 0.0)
    keeper = IndexKeeper(copied(tmp_path))
    ended(keeper)
    assert open_index(tmp_path / "python").length < len(records_of())


# --- the list of runs -------------------------------------------------------------------


def test_a_summary_is_that_of_the_plain_fold_and_reads_no_record_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_tail, "PAGE_RECORDS", 1_000)
    folder = copied(tmp_path)
    first = summarise(folder)
    monkeypatch.delattr(JournalIndex, "_take")
    again = summarise(folder)
    assert first.state == again.state == fold(read(folder)[1])
    assert (first.status, first.to_json()) == (again.status, again.to_json())


def test_a_short_run_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_tail, "PAGE_RECORDS", 1_000)
    (tmp_path / "journal.jsonl").write_bytes(b"".join(lines_of()[:60]))
    assert summarise(tmp_path).status == "interrupted"
    assert not (tmp_path / "journal.index").exists()


def test_a_damaged_run_says_so(tmp_path: Path) -> None:
    folder, lines = copied(tmp_path), lines_of()
    (folder / "journal.jsonl").write_bytes(b"".join([*lines[:5], b"{}\n", *lines[5:]]))
    found = summarise(folder)
    assert (found.status, found.state) == ("damaged", None)
    assert "journal.jsonl:6: not a record" in found.problem
    (folder / "journal.jsonl").write_bytes(b"")
    assert summarise(folder).status == "damaged"


def test_a_list_of_many_runs_holds_no_file_open(tmp_path: Path) -> None:
    for number in range(5):
        ended(run_of(tmp_path / ".signoff" / "runs" / f"S-{number}", 130)._index)
    before = open_files()
    runs = list_runs(tmp_path)
    assert [run.state.seq for run in runs if run.state] == [130] * 5
    assert open_files() == before


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_records_that_another_process_appends_are_in_the_next_summary(tmp_path: Path) -> None:
    stream = run_of(tmp_path / "run", 130)
    assert summarise(tmp_path / "run").status == "running"
    stream.emit(Paused(by="user"))
    state = summarise(tmp_path / "run").state
    assert state is not None and state.seq == 131
    with pytest.raises(JournalFault):
        Journal.open(tmp_path / "run")  # it is written to
    assert isinstance(read(tmp_path / "run")[1][-1], Record)
    stream.close()
