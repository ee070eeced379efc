"""`journal verify` and `journal repair`: what stands is kept, nothing is invented, nothing is deleted."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from pathlib import Path

import pytest

from core import events as ev
from core.domain import FileChange
from core.journal import FILE_NAME, Header, Journal, encode, encode_header, read
from core.repair import repair
from core.runs import summarise
from core.session import Run
from core.story import InputFault
from core.story_lock import StoryLock
from core.verify import verify
from tests.core.attended import attended
from tests.core.small_story import (
    STORY,
    close_chunk,
    complete,
    edit,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    resume_run,
    script_file,
    start_run,
)
from tests.core.supervised import agreeable
from tui.cli import main

CHECKS = {".signoff/config.yaml": "checks:\n  commands: [['true']]\n"}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return script_file(
        tmp_path,
        [
            reply(
                open_chunk(), raise_decision("Which name?", tier=2), edit("TOTAL: int = 0", "TOTAL: int = 1")
            ),
            reply(close_chunk()),
        ],
        [reply(complete(), say="done")],
    )


@pytest.fixture
def run(tmp_path: Path, script: Path) -> Run:
    """A complete run, with a decision and a review."""
    made = start_run(make_workspace(tmp_path, CHECKS), script, attended=True, review="each")
    assert asyncio.run(attended(made, agreeable)).outcome == "complete"
    return made


def lines(run: Run) -> list[bytes]:
    return (run.folder / FILE_NAME).read_bytes().splitlines(keepends=True)


def damage_line(run: Run, number: int) -> bytes:
    """Puts nonsense in the place of line `number`; gives the whole damaged file."""
    every = lines(run)
    every[number - 1] = b"{nonsense\n"
    data = b"".join(every)
    (run.folder / FILE_NAME).write_bytes(data)
    return data


def line_of(run: Run, kind: type[ev.Event]) -> int:
    return next(r.seq for r in read(run.folder)[1] if isinstance(r.event, kind)) + 1


# --- verify -----------------------------------------------------------------------------


def test_the_first_bad_line_is_named_and_what_stands_before_it_counted(run: Run) -> None:
    damage_line(run, 12)
    found = verify(run.folder)
    assert (found.records, found.line, found.ok) == (10, 12, False)
    assert f"{FILE_NAME}:12: not a record" in found.shown
    assert "10 whole records stand before it" in found.shown


def test_a_record_of_another_run_is_not_one_of_this(run: Run) -> None:
    every = lines(run)
    every[6] = every[6].replace(run.run_id.encode(), b"DEMO-001-20200101-000000-0000", 1)
    (run.folder / FILE_NAME).write_bytes(b"".join(every))
    assert verify(run.folder).line == 7
    assert "a record of run 'DEMO-001-20200101-000000-0000'" in verify(run.folder).problem


def test_a_torn_last_line_is_no_damage(run: Run) -> None:
    with (run.folder / FILE_NAME).open("ab") as file:
        file.write(b'{"seq":')
    assert verify(run.folder).ok and verify(run.folder).torn


def test_blobs_are_looked_at_once_each_and_named_with_what_their_loss_means(run: Run) -> None:
    change = next(r.event.change for r in read(run.folder)[1] if isinstance(r.event, ev.FileChanged))
    assert change.before and change.after
    (run.folder / "blobs" / change.before).unlink()
    (run.folder / "blobs" / change.after).write_bytes(b"other bytes")
    found = verify(run.folder)
    assert not found.ok and found.line is None
    assert [p.blob.sha for p in found.blob_problems] == [change.before, change.after]
    assert "cannot be read" in found.shown and "is damaged" in found.shown
    assert "the diff of chunk 1 can't be shown, nor this file put back by a revert or an undo" in found.shown


def long_journal(folder: Path, records: int) -> Path:
    folder.mkdir(parents=True)
    with (folder / FILE_NAME).open("wb") as file:
        file.write(encode_header(Header(run_id="R", story_id="S", story_folder="x")))
        line = encode(read_one("R")).decode()
        for seq in range(1, records + 1):
            file.write(line.replace('"seq":1,', f'"seq":{seq},', 1).encode())
    return folder


def read_one(run_id: str) -> ev.Record:
    at = "2026-02-06T10:00:00Z"
    event = {"type": "message_sent", "text": "x" * 200, "by": "user"}
    from core.journal import decode

    return decode(json.dumps({"seq": 1, "run_id": run_id, "at": at, "event": event}).encode(), "")


def test_memory_does_not_grow_with_the_journal(tmp_path: Path) -> None:
    verify(long_journal(tmp_path / "small", 10))
    folder = long_journal(tmp_path / "large", 10_000)
    tracemalloc.start()
    assert verify(folder).records == 10_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < (folder / FILE_NAME).stat().st_size / 10


# --- repair -----------------------------------------------------------------------------


def test_nothing_is_done_to_a_whole_one(run: Run) -> None:
    before = lines(run)
    assert repair(run.folder, do_it=True).action == "nothing"
    assert lines(run) == before


def test_a_torn_line_is_cut_only_when_told_to(run: Run) -> None:
    before = lines(run)
    with (run.folder / FILE_NAME).open("ab") as file:
        file.write(b'{"seq":')
    assert "7 bytes that were never acknowledged would be cut off" in repair(run.folder, do_it=False).shown
    assert len(lines(run)) == len(before) + 1
    assert repair(run.folder, do_it=True).done
    assert lines(run) == before


def test_what_stands_is_kept_and_the_original_set_aside(run: Run) -> None:
    bad = line_of(run, ev.DecisionRequested)
    whole = len(lines(run))
    original = damage_line(run, bad)
    plan = repair(run.folder, do_it=False)
    assert (run.folder / FILE_NAME).read_bytes() == original and not plan.done
    done = repair(run.folder, do_it=True)
    assert (run.folder / "journal.damaged-1.jsonl").read_bytes() == original
    assert (run.folder / FILE_NAME).read_bytes() == b"".join(original.splitlines(keepends=True)[: bad - 1])
    assert verify(run.folder).ok
    assert done.lost is not None
    assert (done.lost.first_line, done.lost.last_line, done.lost.whole) == (bad, whole, whole - bad)
    assert "decided by user: Short" in done.shown
    assert "chunk 1, approve by user" in done.shown
    assert "the end of the run is among them" in done.shown
    assert "files that the lost records changed stay as they are" in done.shown
    assert summarise(run.folder).status == "interrupted"


def test_a_repaired_run_is_taken_up_and_ends(run: Run, script: Path) -> None:
    damage_line(run, line_of(run, ev.ChunkClosed))
    repair(run.folder, do_it=True)
    again = resume_run(run.root, script, STORY, attended=True, review="each")
    assert asyncio.run(attended(again, agreeable)).outcome == "complete"
    assert verify(run.folder).ok


def test_a_second_damage_goes_aside_beside_the_first(run: Run) -> None:
    for number, line in ((1, 20), (2, 10)):
        data = damage_line(run, line)
        repair(run.folder, do_it=True)
        assert (run.folder / f"journal.damaged-{number}.jsonl").read_bytes() == data


def test_a_repair_that_was_killed_half_way_is_done_again(run: Run) -> None:
    data = damage_line(run, 10)
    (run.folder / "journal.damaged-1.jsonl").hardlink_to(run.folder / FILE_NAME)
    assert repair(run.folder, do_it=True).aside == "journal.damaged-1.jsonl"
    assert (run.folder / "journal.damaged-1.jsonl").read_bytes() == data
    assert not (run.folder / "journal.damaged-2.jsonl").exists()
    assert verify(run.folder).ok


def test_a_run_that_is_written_to_or_locked_is_left_alone(run: Run) -> None:
    with (run.folder / FILE_NAME).open("ab") as file:
        file.write(b"torn")
    before = lines(run)
    lock = StoryLock(run.folder.parents[1] / "locks", STORY, run.run_id)
    with pytest.raises(InputFault, match="is held by another run"):
        repair(run.folder, do_it=True)
    assert lines(run) == before
    lock.release()
    journal, _ = Journal.open(run.folder)
    with pytest.raises(InputFault, match="a process is writing this run"):
        repair(run.folder, do_it=False)
    journal.close()


def test_a_newer_major_version_is_not_called_damaged(run: Run) -> None:
    every = lines(run)
    every[0] = every[0].replace(b'"version": [1,', b'"version": [2,')
    (run.folder / FILE_NAME).write_bytes(b"".join(every))
    with pytest.raises(InputFault, match="format 2 needs a newer Signoff"):
        repair(run.folder, do_it=True)
    assert lines(run) == every


def test_a_blob_can_not_be_made_again(run: Run) -> None:
    change: FileChange = next(
        r.event.change for r in read(run.folder)[1] if isinstance(r.event, ev.FileChanged)
    )
    (run.folder / "blobs" / str(change.after)).unlink()
    found = repair(run.folder, do_it=True)
    assert found.action == "nothing" and not found.whole
    assert f"{change.path} after" in found.shown and "can't be made again" in found.shown


# --- the command ------------------------------------------------------------------------


def test_the_command_says_it_first_and_does_it_with_yes(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    damage_line(run, 10)
    at = ["--workspace", str(run.root)]
    assert main(["journal", "repair", STORY, *at]) == 1
    assert "nothing is changed yet: --yes does it" in capsys.readouterr().out
    assert main(["journal", "verify", STORY, *at]) == 1
    capsys.readouterr()
    assert main(["journal", "repair", STORY, "--yes", "--json", *at]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["action"], said["done"], said["records_kept"]) == ("cut back", True, 8)
    assert said["lost"]["first_line"] == 10 and said["set_aside"] == "journal.damaged-1.jsonl"
    assert main(["journal", "verify", STORY, *at]) == 0
