"""Finding a run, and what must be in place before it is written to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.journal import Header, Journal
from core.runs import find_run, open_for_writing, state_folder
from core.session import start
from core.story import InputFault
from tests.core.small_story import (
    FEATURE,
    IMPLEMENTATION,
    PLAN,
    STORY,
    STORY_FOLDER,
    complete,
    drive,
    make_workspace,
    open_chunk,
    options,
    raise_decision,
    reply,
    resume_run,
    script_file,
    start_run,
)


def made_run(root: Path, story: str, moment: str, age: int = 0) -> Path:
    folder = root / ".signoff" / "runs" / f"{story}-{moment}"
    Journal.create(folder, Header(run_id=folder.name, story_id=story, story_folder="f")).close()
    os.utime(folder / "journal.jsonl", (1_000_000 - age, 1_000_000 - age))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    made_run(root, "WISH-1", "20260101-100000-aaaa", age=50)
    made_run(root, "WISH-1", "20260101-120000-cccc", age=40)
    made_run(root, "WISH-10", "20260102-100000-bbbb", age=1)
    return root


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("WISH-1", "WISH-1-20260101-120000-cccc"),
        ("WISH-10", "WISH-10-20260102-100000-bbbb"),
        ("WISH-1-20260101-100000-aaaa", "WISH-1-20260101-100000-aaaa"),
        ("WISH-1-20260101-12", "WISH-1-20260101-120000-cccc"),
        ("WISH-10-2", "WISH-10-20260102-100000-bbbb"),
    ],
)
def test_a_run_is_found_by_its_story_before_the_beginning_of_another(
    root: Path, reference: str, found: str
) -> None:
    assert find_run(root, reference).name == found


@pytest.mark.parametrize("reference", ["WISH", "WISH-1-"])
def test_a_beginning_of_several_runs_names_them(root: Path, reference: str) -> None:
    with pytest.raises(InputFault, match=r"say which: .*WISH-1-20260101-1.*, WISH-1-2026"):
        find_run(root, reference)


@pytest.mark.parametrize("reference", ["", "nothing", "\0", "x" * 5000])
def test_an_unknown_run_is_a_fault(root: Path, reference: str) -> None:
    with pytest.raises(InputFault, match="no run"):
        find_run(root, reference)


def test_a_run_is_found_by_its_name_when_its_journal_lost_its_first_line(root: Path) -> None:
    folder = root / ".signoff/runs/WISH-10-20260102-100000-bbbb"
    (folder / "journal.jsonl").write_text("nonsense\n")
    assert find_run(root, "WISH-10") == folder


def test_a_folder_is_a_run_of_this_workspace_or_a_fault(root: Path, tmp_path: Path) -> None:
    own = root / ".signoff/runs/WISH-10-20260102-100000-bbbb"
    assert find_run(root, str(own)) == own.resolve()
    other = made_run(tmp_path / "other", "WISH-1", "20260101-120000-cccc")
    with pytest.raises(InputFault, match="another workspace"):
        find_run(root, str(other))


@pytest.mark.parametrize("stands", ["file", "link"])
def test_signoffs_own_folder_is_a_folder(tmp_path: Path, stands: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    own = tmp_path / ".signoff"
    if stands == "file":
        own.write_text("")
    else:
        own.symlink_to("elsewhere")
    with pytest.raises(InputFault, match="expected a folder of its own"):
        state_folder(tmp_path)


# --- what is in place -------------------------------------------------------------------


def link_the_log(folder: Path) -> None:
    log = folder / "BACKEND-LOG.md"
    log.unlink(missing_ok=True)
    log.symlink_to("/dev/null")


def folder_for_a_log(folder: Path) -> None:
    (folder / "DECISIONS-AUTO.yaml").mkdir()


def move_the_story(folder: Path) -> None:
    folder.parent.rename(folder.parents[2] / "moved")


def link_out(folder: Path) -> None:
    outside = folder.parents[6] / "moved"
    folder.rename(outside)
    folder.symlink_to(outside)


PLACES: dict[str, Callable[[Path], None]] = {
    "BACKEND-LOG.md: expected a regular file": link_the_log,
    "DECISIONS-AUTO.yaml: expected a regular file": folder_for_a_log,
    "no such folder": move_the_story,
    "leads out of the workspace": link_out,
}


@pytest.mark.parametrize("said", PLACES)
def test_a_run_is_not_taken_up_where_its_files_are_not_in_place(tmp_path: Path, said: str) -> None:
    root = make_workspace(tmp_path)
    script = script_file(tmp_path, [reply(open_chunk(), raise_decision(tier=4)), reply(complete())])
    run = start_run(root, script)
    assert drive(run).exit_code == 3
    journal = (run.folder / "journal.jsonl").read_bytes()
    PLACES[said](root / IMPLEMENTATION)
    with pytest.raises(InputFault, match=said):
        resume_run(root, script, run.run_id)
    with pytest.raises(InputFault, match=said):
        open_for_writing(run.folder)
    assert (run.folder / "journal.jsonl").read_bytes() == journal


@pytest.mark.parametrize("said", [p for p in PLACES if p != "no such folder"])
def test_a_run_is_not_started_where_its_files_are_not_in_place(tmp_path: Path, said: str) -> None:
    root = make_workspace(tmp_path)
    PLACES[said](root / IMPLEMENTATION)
    with pytest.raises(InputFault, match=said):
        start_run(root, script_file(tmp_path, []))
    assert not (root / ".signoff").exists()


def test_a_story_id_that_no_file_name_can_hold_is_refused(tmp_path: Path) -> None:
    name = "S" * 240
    folder = FEATURE / "in-progress" / name
    root = make_workspace(
        tmp_path, {f"{folder}/{name}.md": "# x\n", f"{folder}/_implementation/IMPLEMENTATION-PLAN.md": PLAN}
    )
    with pytest.raises(InputFault, match="240 bytes: expected at most 200"):
        start(root / FEATURE, name, options(script_file(tmp_path, [])))
    assert not (root / ".signoff").exists()
    assert (root / STORY_FOLDER / f"{STORY}.md").exists()
