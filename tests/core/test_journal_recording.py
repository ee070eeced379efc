"""A past run is shown as it was at any record of it, by its index or without (issue 5)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core import events as ev
from core import index_tail
from core.chunk_records import records_of_chunk, stream_of
from core.chunk_view import log_entry
from core.index_tail import microseconds
from core.journal import FILE_NAME, JournalFault
from core.journal_recording import open_recording
from tests.core.journal_on_disk import (
    assert_it_shows,
    copied,
    lines_of,
    read_to_its_end,
    records_of,
)
from tests.record_journal import recorded

NAMES = [folder.name for folder in recorded()]
PAGE = 20
each = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(index_tail, "PAGE_RECORDS", PAGE)
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))


@each
def test_a_state_is_what_the_plain_fold_gives(tmp_path: Path, name: str) -> None:
    """Both when the index is made, and when it is there."""
    place = copied(tmp_path, name)
    for _ in range(2):
        recording = read_to_its_end(open_recording(place))
        assert_it_shows(recording, len(records_of(name)), name)
        recording.close()
    assert (place / "journal.index").exists() == (len(records_of(name)) >= PAGE)


@each
def test_a_reader_may_go_back_record_by_record(tmp_path: Path, name: str) -> None:
    recording = read_to_its_end(open_recording(copied(tmp_path, name)))
    for seq in range(recording.length, max(recording.length - 2 * PAGE, 0), -1):
        assert recording.state_at(seq).seq == seq
        assert recording.record(seq) == records_of(name)[seq - 1]


@each
def test_the_stream_and_the_log_of_every_chunk_are_what_they_were(tmp_path: Path, name: str) -> None:
    recording = read_to_its_end(open_recording(copied(tmp_path, name)))
    every = records_of(name)
    chunks = {r.event.chunk for r in every if isinstance(r.event, ev.ConversationStarted)}
    for seq in (*range(0, len(every), 17), len(every)):
        so_far = every[:seq]
        for chunk in chunks:
            expected = records_of_chunk(so_far, chunk)
            assert tuple(recording.entries(chunk, seq)) == tuple(stream_of(expected, chunk)), (chunk, seq)
            assert recording.log_entry(chunk, seq) == log_entry(so_far, chunk, recording.blob), (chunk, seq)


@each
def test_a_time_finds_the_last_record_that_is_not_later(tmp_path: Path, name: str) -> None:
    recording = read_to_its_end(open_recording(copied(tmp_path, name)))
    every = records_of(name)
    for record in every[:: max(len(every) // 12, 1)]:
        when = microseconds(record.at)
        expected = max(r.seq for r in every if microseconds(r.at) <= when)
        assert recording.seq_at(record.at) == expected
    assert recording.seq_at(every[0].at.replace(year=1999)) == 0


def test_what_is_not_there_is_an_index_error(tmp_path: Path) -> None:
    recording = read_to_its_end(open_recording(copied(tmp_path)))
    for seq in (0, recording.length + 1):
        with pytest.raises(IndexError):
            recording.record(seq)


def test_a_journal_is_followed_as_it_grows(tmp_path: Path) -> None:
    place, lines = tmp_path / FILE_NAME, lines_of()
    place.write_bytes(b"".join(lines[:31]))
    recording = open_recording(tmp_path)
    for start, end in ((31, 32), (32, 33), (33, 95), (95, len(lines) - 1)):
        with place.open("ab") as file:
            file.write(b"".join(lines[start:end]) + lines[end][:40])
        recording.refresh()
        assert_it_shows(read_to_its_end(recording), end - 1)
        with place.open("ab") as file:
            file.truncate(place.stat().st_size - 40)


# --- damage -----------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [False, True], ids=["new", "with an index"])
def test_a_damaged_journal_is_readable_up_to_the_damage(tmp_path: Path, kept: bool) -> None:
    place, lines = copied(tmp_path), lines_of()
    if kept:
        read_to_its_end(open_recording(place)).close()
    lines[65] = lines[65].replace(b'"event"', b'"evant"')
    (place / FILE_NAME).write_bytes(b"".join(lines))
    recording = read_to_its_end(open_recording(place))
    if kept:
        # The index says otherwise until somebody looks at that place.
        assert recording.state_at(70).seq == 64
    assert_it_shows(recording, 64)
    assert recording.damage.startswith(f"{place / FILE_NAME}:66: not a record")


def test_a_torn_last_line_is_no_damage(tmp_path: Path) -> None:
    place, lines = copied(tmp_path), lines_of()
    for torn in (lines[50][:-20], b"\0\0\0" + lines[50][3:]):
        (place / FILE_NAME).write_bytes(b"".join(lines[:50]) + torn)
        recording = read_to_its_end(open_recording(place))
        assert recording.damage == ""
        assert_it_shows(recording, 49)


def test_records_of_another_run_are_damage(tmp_path: Path) -> None:
    place, lines = copied(tmp_path), lines_of()
    lines[7] = lines[7].replace(b"WISH-001-2026", b"WISH-001-2027")
    (place / FILE_NAME).write_bytes(b"".join(lines))
    recording = read_to_its_end(open_recording(place))
    assert recording.length == 6 and ":8: a record of run 'WISH-001-2027" in recording.damage


def test_a_missing_record_is_damage(tmp_path: Path) -> None:
    place, lines = copied(tmp_path), lines_of()
    del lines[30]
    (place / FILE_NAME).write_bytes(b"".join(lines))
    recording = read_to_its_end(open_recording(place))
    assert recording.length == 29 and recording.damage.endswith(":31: record 31 where 30 is due")


def test_a_newer_major_version_is_refused_in_one_line(tmp_path: Path) -> None:
    place, lines = copied(tmp_path), lines_of()
    (place / FILE_NAME).write_bytes(lines[0].replace(b"[1, 0]", b"[2, 0]") + b"".join(lines[1:]))
    with pytest.raises(JournalFault, match=r"journal\.jsonl:1: format 2\.0 needs a newer Signoff$"):
        open_recording(place)


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"# a log\n", b'{"format": "other"}\n', b"\xff\n", b"[" * 5000):
        (tmp_path / "x.jsonl").write_bytes(content)
        with pytest.raises(JournalFault, match=r"x\.jsonl:1: "):
            open_recording(tmp_path / "x.jsonl")


def test_numbers_that_json_does_not_have_survive_a_snapshot(tmp_path: Path) -> None:
    place, lines = copied(tmp_path), lines_of()
    lines[4] = re.sub(rb'"cost_usd":(null|[\d.]+)', b'"cost_usd":Infinity', lines[4])
    assert b"Infinity" in lines[4]
    (place / FILE_NAME).write_bytes(b"".join(lines))
    recording = read_to_its_end(open_recording(place))
    assert recording.damage == "" and recording.state_at(PAGE).cost_usd == float("inf")
