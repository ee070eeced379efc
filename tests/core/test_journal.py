"""The journal: durable, one writer, whole lines only, readable by later versions."""

from __future__ import annotations

import errno
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import events as ev
from core.domain import ToolCall, Usage
from core.journal import FILE_NAME, Header, Journal, JournalFault, decode, encode, read

HEADER = Header(run_id="R-1", story_id="S-1", story_folder="plans/in-progress/S-1")
AT = datetime(2026, 2, 6, 10, 0, tzinfo=UTC)


def record(seq: int, text: str = "hello") -> ev.Record:
    return ev.Record(seq=seq, run_id="R-1", at=AT, event=ev.MessageSent(text=text, by="user"))


def written(folder: Path, count: int) -> Path:
    journal = Journal.create(folder, HEADER)
    for seq in range(1, count + 1):
        journal.append(record(seq))
    journal.close()
    return folder / FILE_NAME


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    written(tmp_path / "run", 3)
    header, records = read(tmp_path / "run")
    assert header == HEADER
    assert records == [record(1), record(2), record(3)]


def test_a_torn_last_line_is_cut_off_and_not_glued_to_the_next_record(tmp_path: Path) -> None:
    path = written(tmp_path / "run", 2)
    with path.open("ab") as file:
        file.write(encode(record(3))[:-10])
    journal, records = Journal.open(tmp_path / "run")
    assert [r.seq for r in records] == [1, 2]
    journal.append(record(3, "again"))
    journal.close()
    assert read(tmp_path / "run")[1] == [record(1), record(2), record(3, "again")]


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_any_cut_leaves_a_valid_prefix(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path / "run", 4)
    os.truncate(path, path.stat().st_size - cut)
    journal, records = Journal.open(tmp_path / "run")
    journal.close()
    assert records == [record(seq) for seq in range(1, len(records) + 1)]


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "run", 3)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"{nonsense\n", *lines[3:]]))
    with pytest.raises(JournalFault, match=r"journal\.jsonl:3: not a record"):
        read(tmp_path / "run")


def test_a_missing_record_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "run", 3)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[3]]))
    with pytest.raises(JournalFault, match=r"journal\.jsonl:3: record 3 where 2 is due"):
        read(tmp_path / "run")


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "run", HEADER)
    with pytest.raises(JournalFault, match="another process is writing this run"):
        Journal.open(tmp_path / "run")
    journal.close()


def test_a_full_disk_rolls_back_and_halts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk can take part of a line without an error: the part must not stay."""
    journal = Journal.create(tmp_path / "run", HEADER)
    journal.append(record(1))
    real_write, calls = os.write, 0

    def full(descriptor: int, data: bytes) -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            return real_write(descriptor, bytes(data)[:20])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(JournalFault, match="No space left"):
        journal.append(record(2))
    monkeypatch.undo()
    with pytest.raises(JournalFault, match="No space left"):
        journal.append(record(2))
    journal.close()
    assert read(tmp_path / "run")[1] == [record(1)]


def test_an_event_of_a_newer_version_is_kept_as_unknown() -> None:
    line = json.dumps(
        {"seq": 4, "run_id": "R", "at": "2026-02-06T10:00:00Z", "event": {"type": "chunk_split", "into": 2}}
    )
    event = decode(line.encode(), "here:1").event
    assert event == ev.UnknownEvent(name="chunk_split", data={"into": 2})


def test_a_known_event_of_the_wrong_shape_is_damage_not_news() -> None:
    line = b'{"seq":1,"run_id":"R","at":"2026-02-06T10:00:00Z","event":{"type":"paused"}}'
    with pytest.raises(JournalFault, match="here:1: not a valid paused record"):
        decode(line, "here:1")


def test_a_newer_major_version_is_refused_clearly(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    first = {
        "run_id": "R",
        "story_id": "S",
        "story_folder": "x",
        "format": "signoff-journal",
        "version": [9, 0],
    }
    (folder / FILE_NAME).write_text(json.dumps(first) + "\n")
    with pytest.raises(JournalFault, match="needs a newer Signoff"):
        read(folder)


@given(st.text(), st.dictionaries(st.text(), st.integers() | st.text() | st.none()))
def test_any_text_survives_the_journal(text: str, given_input: dict[str, object]) -> None:
    text = text.encode("utf-8", "replace").decode()
    given_input = {k.encode("utf-8", "replace").decode(): v for k, v in given_input.items() if v != "\ud800"}
    given_input = {
        k: v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for k, v in given_input.items()
    }
    event = ev.ModelTurnFinished(
        turn=1,
        chunk=1,
        blocks=(ToolCall(id="a", name=text, input=given_input),),
        stop_reason="tool_use",
        usage=Usage(input=1),
        duration_s=0.1,
    )
    one = ev.Record(seq=1, run_id="R", at=AT, event=event)
    line = encode(one)
    assert line.count(b"\n") == 1
    assert decode(line, "x") == one
