"""A run followed from another process: whole lines only, no lock, through its process's death and return."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import events as ev
from core.commands import CommandRefused, Pause
from core.headless_watch import HeadlessWatch
from core.journal import FILE_NAME, Header, Journal, JournalFault, encode, read
from core.run_process import Driven, driven
from core.story import InputFault
from core.story_lock import StoryLock
from core.watching import ProcessWatch, WatchedRun, WholeLines
from tests.record_journal import JOURNALS

RECORDS = read(JOURNALS / "python")[1]
RUN_ID = RECORDS[0].run_id
STORY = "WISH-001"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".signoff" / "runs" / RUN_ID


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    """The first half of a run, still written to."""
    made = Journal.create(folder, Header(run_id=RUN_ID, story_id=STORY, story_folder="plans"))
    add(made, 100)
    yield made
    made.close()


def add(journal: Journal, up_to: int) -> None:
    for record in RECORDS[journal.next_seq - 1 : up_to]:
        journal.append(record)


# --- whole lines ------------------------------------------------------------------------


def test_a_line_is_read_once_it_is_whole_and_what_was_rolled_back_never_was(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"one\ntw")
    lines = WholeLines(path)
    assert lines.read() == [b"one\n"]
    with path.open("r+b") as file:
        file.truncate(4)
        file.seek(0, os.SEEK_END)
        file.write(b"other\n")
    assert lines.read() == [b"other\n"]
    assert lines.read() == []
    lines.close()


def remove(path: Path) -> None:
    path.unlink()


def put_another(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.replace(path)


def cut(path: Path) -> None:
    os.truncate(path, 4)


@pytest.mark.parametrize(
    ("lose", "said"),
    [(remove, "the journal was removed"), (put_another, "another journal was put"), (cut, "was cut")],
)
def test_a_journal_that_is_lost_is_said_so(tmp_path: Path, lose: object, said: str) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"one\ntwo\nthr")
    lines = WholeLines(path, from_end=True)
    assert lines.read() == []
    assert callable(lose)
    lose(path)
    with pytest.raises(InputFault, match=said):
        lines.read()
    lines.close()


# --- who drives it ----------------------------------------------------------------------


def test_a_run_is_driven_while_the_process_of_the_lock_has_its_journal(
    folder: Path, journal: Journal
) -> None:
    locks = folder.parents[1] / "locks"
    assert driven(folder, STORY) == "alone"
    lock = StoryLock(locks, STORY, RUN_ID)
    assert driven(folder, STORY) == "driven"
    journal.close()
    assert driven(folder, STORY) == "alone", "a process of that number, but another one"
    lock.release()
    assert driven(folder, STORY) == "alone"


def test_the_lock_of_another_run_or_machine(folder: Path, journal: Journal) -> None:
    lock = StoryLock(folder.parents[1] / "locks", STORY, "WISH-001-20200101-000000-0000")
    assert driven(folder, STORY) == "alone"
    lock.release()
    place = folder.parents[1] / "locks" / f"{STORY}.lock"
    place.write_text(json.dumps({"run": RUN_ID, "pid": 1, "host": "elsewhere.example", "since": "now"}))
    assert driven(folder, STORY) == "elsewhere"
    place.write_text('{"run": [], "pid": "x"}')
    assert driven(folder, STORY) == "alone"


DRIVER = """
import sys
from pathlib import Path
from core.journal import Journal
from core.story_lock import StoryLock
folder = Path(sys.argv[1])
lock = StoryLock(folder.parents[1] / "locks", sys.argv[2], folder.name)
journal, _ = Journal.open(folder)
print("driving", flush=True)
sys.stdin.read()
"""


def test_a_killed_process_drives_nothing(folder: Path, journal: Journal) -> None:
    journal.close()
    argv = [sys.executable, "-c", DRIVER, str(folder), STORY]
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"driving\n"
        assert driven(folder, STORY) == "driven"
        process.send_signal(signal.SIGKILL)
        # Not waited for yet: what is left of it until then is no process that drives anything.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert driven(folder, STORY) == "alone"


def test_gone_is_who_is_missing_twice_and_back_who_is_there_once() -> None:
    answers: list[Driven] = ["driven", "alone", "driven", "alone", "alone", "alone", "driven"]
    watch = ProcessWatch(lambda: answers.pop(0), lambda: datetime(2026, 2, 6, tzinfo=UTC))
    said = []
    for second in range(7):
        watch.look(float(second))
        watch.look(second + 0.5)  # too soon to look again
        said.append(bool(watch.words))
    assert said == [False, False, False, False, True, True, False]


def test_where_nobody_saw_it_go_it_is_gone_since_its_last_word() -> None:
    last = datetime.now(UTC) - timedelta(days=3)
    watch = ProcessWatch(lambda: "alone", lambda: last)
    watch.look(0)
    watch.look(1)
    assert watch.words == f"the run's process is gone since {last.astimezone():%Y-%m-%d %H:%M}"


# --- the run on the screen --------------------------------------------------------------


async def test_many_watch_and_none_is_in_the_way(folder: Path, journal: Journal) -> None:
    watchers = [WatchedRun(folder) for _ in range(5)]
    streams = [watcher.watch() for watcher in watchers]
    assert {watcher.state.seq for watcher in watchers} == {100}
    add(journal, 103)
    for watcher, stream in zip(watchers, streams, strict=True):
        assert [await anext(stream) for _ in range(3)] == RECORDS[100:103]
        assert watcher.state.seq == 103
    journal.close()
    again, _ = Journal.open(folder)
    add(again, 104)
    again.close()
    for watcher, stream in zip(watchers, streams, strict=True):
        assert await anext(stream) == RECORDS[103]
        await stream.aclose()  # type: ignore[attr-defined]
        watcher.close()


async def test_the_end_is_shown_and_nothing_can_be_told_to_it(folder: Path, journal: Journal) -> None:
    run = WatchedRun(folder)
    with pytest.raises(CommandRefused, match="only watched"):
        run.submit(Pause())
    assert run.note == "read-only: act in the terminal that it runs in"
    add(journal, len(RECORDS))
    stream = run.watch()
    async for record in stream:
        if isinstance(record, ev.Record) and isinstance(record.event, ev.RunFinished):
            break
    assert run.state.outcome == "complete"
    assert run.note == f"the run has ended: signoff replay {RUN_ID} walks through it"
    await stream.aclose()  # type: ignore[attr-defined]
    run.close()


async def test_a_lost_journal_ends_the_watch_with_its_line(folder: Path, journal: Journal) -> None:
    run = WatchedRun(folder)
    (folder / FILE_NAME).unlink()
    assert [record async for record in run.watch()] == []
    assert "the journal was removed" in run.lost
    run.close()


async def test_a_line_that_is_being_written_is_no_reading_that_lasts(folder: Path, journal: Journal) -> None:
    with (folder / FILE_NAME).open("ab") as file:
        file.write(b"x" * 50_000)
    run = WatchedRun(folder)
    assert run.note == "read-only: act in the terminal that it runs in"
    run.close()


async def test_damage_is_shown_up_to_there(folder: Path, journal: Journal) -> None:
    with (folder / FILE_NAME).open("ab") as file:
        file.write(b"{nonsense\n")
    run = WatchedRun(folder)
    assert run.state.seq == 100
    assert f"{FILE_NAME}:102: not a record" in run.note
    run.close()


# --- without a screen -------------------------------------------------------------------


def watched(folder: Path, *, as_json: bool = False, tail: bool = False) -> tuple[int, list[str]]:
    printed: list[str] = []
    watch = HeadlessWatch(folder, as_json=as_json, tail=tail, write=printed.append)
    return asyncio.run(watch.follow()), printed


def test_lines_from_the_start_and_the_exit_code_of_the_end(folder: Path, journal: Journal) -> None:
    add(journal, len(RECORDS))
    code, printed = watched(folder)
    assert code == 0
    assert printed == (JOURNALS / "python" / "lines.txt").read_text("utf-8").splitlines()


def test_a_run_that_was_taken_up_again_has_not_ended_where_it_had() -> None:
    code, printed = watched(JOURNALS / "resumed")
    assert code == 0
    ends = [line.split("run", 1)[1].split(":")[0].strip() for line in printed if "(exit " in line]
    assert ends == ["blocked", "stopped", "complete"]


def test_records_are_printed_as_they_stand_also_those_of_a_newer_version() -> None:
    code, printed = watched(JOURNALS / "from-the-future", as_json=True)
    assert code == 5
    assert (
        "\n".join(printed) + "\n"
        == ((JOURNALS / "from-the-future" / FILE_NAME).read_text("utf-8").split("\n", 1)[1])
    )


async def test_a_tail_has_only_what_comes(folder: Path, journal: Journal) -> None:
    printed: list[str] = []
    silent = asyncio.Event()

    class Told(HeadlessWatch):
        def _catch_up(self) -> None:
            super()._catch_up()
            silent.set()

    watch = asyncio.ensure_future(Told(folder, as_json=True, tail=True, write=printed.append).follow())
    await silent.wait()
    add(journal, 101)
    last = RECORDS[-1]
    assert isinstance(last.event, ev.RunFinished)
    journal.append(replace(last, seq=102))
    assert await watch == 0
    assert [line.encode() + b"\n" for line in printed] == [
        encode(RECORDS[100]),
        encode(replace(last, seq=102)),
    ]


def test_damage_ends_it_with_its_line(folder: Path, journal: Journal) -> None:
    with (folder / FILE_NAME).open("ab") as file:
        file.write(b"{nonsense\n")
    with pytest.raises(JournalFault, match=r"journal\.jsonl:102: not a record"):
        watched(folder)
