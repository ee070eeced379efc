"""The sink: the files on disk are what the records say, through crashes and other people's edits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import domain as d
from core import events as e
from core.logs.files import LogFiles, file_names, fold
from tests.core.logs_run import Run


def whole_run() -> Run:
    run = Run(
        earlier={"BACKEND-LOG.md": b"# Old log\n", "ARCHITECTURAL-DECISIONS.yaml": b"# ours\ndecisions: []\n"}
    )
    run.open()
    run.decide("auto", "AUTO-001", id="d1")
    run.decide("escalate", "ARCH-001", id="d2")
    run.decide("defer", None, id="d3")
    run.decide("auto", "AUTO-002", id="d4")
    run.decide("escalate", "ARCH-002", id="d5", batched=True)
    run.overturn("d4", "x_test", "ARCH-003")
    run.close(run.change("a.py", None, b"1"))
    run.check("no x")
    run.close(round=2)
    run.check(round=2, attempt=1)
    run.review("approve")
    run.record(e.BlockerRaised(blocker_id="b1", kind="worker", reason="stuck", chunk=1))
    run.record(e.BlockerCleared(blocker_id="b1", how="user"))
    run.finish()
    return run


def folder_of(run: Run, tmp_path: Path) -> Path:
    assert isinstance(run.started.event, e.RunStarted)
    for name, sha in run.started.event.earlier:
        (tmp_path / name).write_bytes(run.get_blob(sha))
    return tmp_path


def on_disk(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def sink(run: Run, folder: Path) -> LogFiles:
    return LogFiles(folder, run.started, run.get_blob)


def test_the_files_are_byte_for_byte_the_fold_of_the_journal(tmp_path: Path) -> None:
    run = whole_run()
    folder = folder_of(run, tmp_path)
    files = sink(run, folder)
    for number, record in enumerate(run.records, start=1):
        assert files.apply(record) == ()
        assert on_disk(folder) == fold(run.records[:number], run.get_blob)
    assert set(on_disk(folder)) == set(file_names(d.WorkerProfile(name="backend", prompt="")))


@settings(max_examples=15, deadline=None)
@given(crashed_at=st.integers(0, 24), torn=st.integers(0, 400))
def test_a_resumed_run_gives_the_files_what_a_crash_kept_from_them(
    tmp_path_factory: pytest.TempPathFactory, crashed_at: int, torn: int
) -> None:
    run = whole_run()
    folder = folder_of(run, tmp_path_factory.mktemp("crashed"))
    first = sink(run, folder)
    for record in run.records[:crashed_at]:
        first.apply(record)
    log = folder / "BACKEND-LOG.md"
    log.write_bytes(log.read_bytes()[: max(len(b"# Old log\n"), len(log.read_bytes()) - torn)])
    (folder / ".DECISIONS-AUTO.yaml.0a1b2c3d.tmp").write_bytes(b"half")
    resumed = sink(run, folder)
    assert resumed.catch_up(run.records) == ()
    assert on_disk(folder) == fold(run.records, run.get_blob)


def test_nothing_is_created_before_there_is_something_to_write(tmp_path: Path) -> None:
    run = Run()
    run.open()
    run.decide("escalate", None, resolve=False)
    files = sink(run, tmp_path)
    assert [files.apply(record) for record in run.records] == [()] * len(run.records)
    assert files.catch_up([]) == ()
    assert on_disk(tmp_path) == {}


def test_edits_of_a_person_stay_and_are_added_to(tmp_path: Path) -> None:
    run = Run()
    run.decide("auto", "AUTO-001", id="d1")
    run.open()
    run.close()
    files = sink(run, tmp_path)
    for record in run.records:
        files.apply(record)
    log, auto = tmp_path / "BACKEND-LOG.md", tmp_path / "DECISIONS-AUTO.yaml"
    log.write_text("# Mine\n" + log.read_text() + "my note, no newline")
    auto.write_text("# checked by me\n" + auto.read_text())
    mine = log.read_text(), auto.read_text()
    run.check("no x")
    run.decide("auto", "AUTO-002", id="d2", title="Next")
    for record in run.records[-3:]:
        assert files.apply(record) == ()
    assert log.read_text().startswith(mine[0] + "\n- Check: `mypy .` — failed: 1 error\n")
    assert auto.read_text().startswith("# checked by me\nschema: 1\n")
    assert [line for line in auto.read_text().splitlines() if "title" in line] == [
        "    title: Test naming",
        "    title: Next",
    ]


def test_a_resumed_run_appends_to_an_edited_log_only_what_is_missing(tmp_path: Path) -> None:
    run = whole_run()
    folder = folder_of(run, tmp_path)
    files = sink(run, folder)
    for record in run.records[:-1]:
        files.apply(record)
    log = folder / "BACKEND-LOG.md"
    log.write_text(
        log.read_text().replace("Summary of changes: Added it", "Summary of changes: Added it, I say")
    )
    mine = log.read_text()
    (warning,) = sink(run, folder).catch_up(run.records)
    assert warning.startswith("BACKEND-LOG.md was edited")
    added = log.read_text().removeprefix(mine)
    assert added.startswith("\n## Worker Token Summary\n")
    sink(run, folder).catch_up(run.records)
    assert log.read_text() == mine + added


def test_a_broken_file_is_left_alone_until_it_can_be_read_again(tmp_path: Path) -> None:
    run = Run()
    for number in range(1, 4):
        run.decide("auto", f"AUTO-00{number}", id=f"d{number}")
    files = sink(run, tmp_path)
    auto = tmp_path / "DECISIONS-AUTO.yaml"
    auto.write_text("decisions: [\n")
    warnings = [text for record in run.records[:5] for text in files.apply(record)]
    assert len(warnings) == 1
    assert warnings[0].endswith("DECISIONS-AUTO.yaml is left alone until it can be read again")
    assert auto.read_text() == "decisions: [\n"
    auto.write_text("decisions: # mended\n")
    assert [text for record in run.records[5:] for text in files.apply(record)] == []
    assert auto.read_text().startswith("decisions: # mended\n  - id: AUTO-001\n")
    assert auto.read_text().count("- id: AUTO-00") == 3


def test_a_file_that_was_taken_away_is_made_again(tmp_path: Path) -> None:
    run = whole_run()
    folder = folder_of(run, tmp_path)
    files = sink(run, folder)
    for record in run.records[:-1]:
        files.apply(record)
    for path in folder.iterdir():
        path.unlink()
    sink(run, folder).catch_up(run.records)
    assert on_disk(folder) == fold(run.records, run.get_blob)


def test_a_link_in_place_of_the_log_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"")
    (tmp_path / "BACKEND-LOG.md").symlink_to(outside)
    run = Run()
    run.finish()
    with pytest.raises(OSError):
        sink(run, tmp_path).apply(run.records[-1])
    assert outside.read_bytes() == b""


@pytest.mark.parametrize("name", ["../BACKEND-LOG.md", "BLOCKERS.md", "", "..", "/etc/x"])
def test_a_profile_can_not_point_the_log_elsewhere(tmp_path: Path, name: str) -> None:
    run = Run(worker=d.WorkerProfile(name="backend", prompt="", log_file=name))
    with pytest.raises(ValueError, match="log file"):
        sink(run, tmp_path)


@pytest.mark.parametrize(
    ("name", "theirs", "outcome", "prefix"),
    [
        (
            "ARCHITECTURAL-DECISIONS.yaml",
            "decisions:\n- {id: ARCH-001, question: Port?, decision: '8080'}\n",
            "escalate",
            "ARCH",
        ),
        (
            "DECISIONS-AUTO.yaml",
            "decisions:\n- {id: AUTO-001, title: Port, decision: '8080'}\n",
            "auto",
            "AUTO",
        ),
        (
            "DEFERRED-BACKLOG.yaml",
            "items:\n- {id: DEF-001, title: Export}\n",
            "defer",
            "DEF",
        ),
    ],
)
def test_an_id_that_somebody_gave_away_meanwhile_loses_no_decision(
    tmp_path: Path, name: str, theirs: str, outcome: str, prefix: str
) -> None:
    run = Run()
    run.decide(outcome, f"{prefix}-001", id="d1", title="Test naming")
    run.decide(outcome, f"{prefix}-002", id="d2", title="Test folder")
    files = sink(run, tmp_path)
    (tmp_path / name).write_text(theirs)
    for record in run.records:
        files.apply(record)
    written = (tmp_path / name).read_text()
    assert written.startswith(theirs)
    assert re.findall(r"\bid: (\w+-\d+)", written) == [f"{prefix}-00{n}" for n in (1, 2, 3)]
    assert "Test naming" in written and "Test folder" in written
    sink(run, tmp_path).catch_up(run.records)
    assert (tmp_path / name).read_text() == written
