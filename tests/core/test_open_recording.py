"""What a person may name a run by, and what a recording says and refuses as a view."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.blobs import Blobs
from core.commands import CommandRefused, Pause
from core.decisions.configuration import built_in_config
from core.journal import FILE_NAME, Header, Journal, read
from core.open_recording import open_any
from core.recorded_view import RecordedView
from core.story import InputFault
from core.what_if import what_if
from tests.core.journal_on_disk import copied, records_of, states_of
from tests.record_journal import JOURNALS

RUN = "WISH-001-20261124-123947-f2f9"
STORY = "plans/features/wishlist/in-progress/WISH-001"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with the recorded run of its story, and an older one."""
    runs = tmp_path / ".signoff" / "runs"
    (tmp_path / ".git").mkdir()
    shutil.copytree(JOURNALS / "python", runs / RUN)
    older = runs / "WISH-001-20260101-000000-aaaa"
    Journal.create(older, Header(run_id=older.name, story_id="WISH-001", story_folder=STORY)).close()
    os.utime(older / FILE_NAME, (1, 1))
    (tmp_path / STORY / "_implementation").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    "reference",
    [
        *(RUN, "WISH-001", RUN[:-3], f".signoff/runs/{RUN}", f".signoff/runs/{RUN}/journal.jsonl"),
        *(STORY, f"{STORY}/_implementation", f"./{STORY}/"),
    ],
)
def test_a_run_is_opened_by_what_names_it(root: Path, reference: str) -> None:
    recording = open_any(reference, root)
    assert (recording.run_id, recording.title, recording.root) == (RUN, RUN, root)


def test_it_is_found_from_a_folder_below(root: Path) -> None:
    assert open_any(RUN, root / STORY).run_id == RUN


def test_a_run_may_lie_anywhere(tmp_path: Path) -> None:
    assert open_any(str(copied(tmp_path)), tmp_path).root == tmp_path / "python"


def test_a_story_without_a_run_is_shown_by_its_log(tmp_path: Path) -> None:
    log = tmp_path / STORY / "_implementation" / "BACKEND-LOG.md"
    log.parent.mkdir(parents=True)
    log.write_text("# WISH-001\n\n## Chunk 1 - first\n\n- Objective: a thing\n", "utf-8")
    (log.parent / "TOKEN-LOG.md").write_text("# tokens\n", "utf-8")
    for reference in (STORY, f"{STORY}/_implementation", str(log)):
        state = open_any(reference, tmp_path).state_at(10)
        assert [chunk.name for chunk in state.chunks] == ["first"]


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("nope", "no run 'nope'"),
        ("", "no run ''"),
        ("x" * 5000, "no run "),
        ("a\0b", "no run "),
        ("empty", "expected a run's folder (journal.jsonl in it)"),
        ("notes.json", "notes.json:1: not a journal"),
        ("newer.jsonl", "newer.jsonl:1: format 2.0 needs a newer Signoff"),
    ],
)
def test_anything_else_is_one_clear_line(root: Path, reference: str, said: str) -> None:
    (root / "empty").mkdir()
    (root / "notes.json").write_text("{}\n", "utf-8")
    header = (JOURNALS / "python" / FILE_NAME).read_bytes().splitlines()[0]
    (root / "newer.jsonl").write_bytes(header.replace(b"[1, 0]", b"[2, 0]") + b"\n")
    with pytest.raises(InputFault) as fault:
        open_any(reference, root)
    assert said in str(fault.value) and "\n" not in str(fault.value)


# --- as a view --------------------------------------------------------------------------


@pytest.fixture
def view(tmp_path: Path) -> RecordedView:
    return RecordedView(open_any(str(copied(tmp_path)), tmp_path))


def test_it_stands_where_it_was_told_to(view: RecordedView) -> None:
    assert view.state == states_of()[-1]
    assert view.go_to(120) is view.state == states_of()[120]
    assert (view.go_to(-5), view.seq) == (states_of()[0], 0)
    assert (view.go_to(10_000), view.seq) == (states_of()[-1], len(records_of()))


def test_nothing_can_be_told_to_it(view: RecordedView) -> None:
    acts: tuple[Callable[[], object], ...] = (
        lambda: view.submit(Pause()),
        view.undo_plan,
        lambda: asyncio.run(view.drive()),
    )
    for act in acts:
        with pytest.raises(CommandRefused):
            act()


def test_a_chunk_is_what_it_was_then(view: RecordedView) -> None:
    early = view.go_to(40)
    assert early.chunk is not None and early.chunk.number == 1
    assert "Objective" not in view.log_entry(1)
    assert 0 < len(view.diff(1)) < 4
    assert view.entries(1) == early.chunk.entries
    path = view.diff(1)[0].path
    assert view.contents(1, path)[0] is None and view.contents(1, path)[1]
    view.go_to(len(records_of()))
    assert "## Chunk 1" in view.log_entry(1) and "Objective" in view.log_entry(1)
    assert tuple(view.entries(1))[: len(early.chunk.entries) - 1] == early.chunk.entries[:-1]
    assert view.state.chunks[0].entries == ()


def test_what_if_is_that_of_all_records(view: RecordedView) -> None:
    records = read(JOURNALS / "python")[1]
    assert view.what_if() == what_if(records, Blobs(JOURNALS / "python" / "blobs").get, built_in_config())


def test_comments_led_to_what_they_led_to(view: RecordedView) -> None:
    assert view.comment_outcomes(1) == ()
    (outcome,) = view.comment_outcomes(3)
    assert outcome.comment.text and outcome.became


def test_other_runs_are_not_looked_at(view: RecordedView) -> None:
    asked = view.state.decisions[0]
    found = view.would_absorb(asked.request.id, "anything", "the")
    assert found.looked_at == sum(d.first_policy.outcome == "escalate" for d in view.state.decisions) - (
        asked.first_policy.outcome == "escalate"
    )
