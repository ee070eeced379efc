"""Undo of the last approved chunk: in a live run and from the command line (SPEC 3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import events as ev
from core.chunk_view import log_entry
from core.commands import AnswerDecision, Command, CommandRefused, UndoChunk
from core.fold import fold
from core.journal import Journal, read
from core.logs.files import fold as fold_logs
from core.session import Run
from core.story import InputFault
from core.undo_command import undo
from core.undo_plan import UndoPlan
from core.verify import verify
from tests.core import small_story as small
from tests.core.small_story import (
    close_chunk,
    complete,
    drive,
    drive_attended,
    edit,
    events,
    open_chunk,
    raise_decision,
    reply,
    resume_run,
    script_file,
    start_run,
    write,
    written,
)
from tests.core.undone_run import (
    ANSWERS,
    NAMES,
    OLD,
    SERVICE,
    TALL,
    files,
    finished_run,
    script,
    undone,
    workspace,
)
from tui.cli import main


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))


def before_the_second_chunk(root: Path) -> dict[str, tuple[int, bytes] | None]:
    """The files as they were, with what chunk 1 made of the service."""
    found = files(root)
    mode, text = found[SERVICE] or (0, b"")
    return {**found, SERVICE: (mode, text.replace(b"= 0", b"= 1"))}


# --- from the command line --------------------------------------------------------------


def test_the_last_chunk_of_a_complete_run_is_taken_back_to_the_byte(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = workspace(tmp_path)
    expected = before_the_second_chunk(root)
    run = finished_run(root, tmp_path)
    assert files(root) != expected
    decisions = written(root, "ARCHITECTURAL-DECISIONS.yaml")
    assert main(["undo", run.run_id, "--workspace", str(root)]) == 0
    assert capsys.readouterr().out.startswith(
        "chunk 2 is undone: 3 files put back. Go on with: signoff resume"
    )
    assert files(root) == expected
    log = written(root, "BACKEND-LOG.md")
    assert "- Chunk 2, Undone: by user, 3 files put back\n" in log
    assert log.endswith("\nSTOPPED: chunk 2 was undone\n")
    assert written(root, "ARCHITECTURAL-DECISIONS.yaml") == decisions
    state = fold(read(run.folder)[1])
    assert (state.outcome, state.exit_code) == ("stopped", 5)
    assert [(s.step.id, s.status) for s in state.steps] == [("1", "done"), ("2", "open")]
    assert verify(run.folder).ok


def test_a_resumed_run_goes_on_with_the_steps_that_are_open_again(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    run = finished_run(root, tmp_path)
    whole = files(root)
    undo(root, run.run_id, (), {})
    again = resume_run(root, script(tmp_path), run.run_id, answers=ANSWERS, review="never")
    assert drive(again).outcome == "complete"
    assert files(root) == whole
    assert [(c.number, c.status) for c in again.state.opened_chunks] == [
        (1, "approved"), (2, "undone"), (3, "approved")
    ]  # fmt: skip
    assert all(s.status == "done" for s in again.state.steps)
    assert again.state.queued_messages == ()
    assert written(root, "BACKEND-LOG.md").rstrip().splitlines()[-1] == "BACKEND COMPLETE"
    assert fold(read(again.folder)[1]) == again.state
    for name, content in fold_logs(read(again.folder)[1], again._blobs.get).items():
        assert (root / small.IMPLEMENTATION / name).read_bytes() == content, name


def test_after_the_last_chunk_the_one_before_it_is_the_last(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    expected = files(root)
    run = finished_run(root, tmp_path)
    undo(root, run.run_id, (), {})
    undo(root, run.run_id, (), {})
    assert files(root) == expected
    with pytest.raises(InputFault, match="no chunk is approved"):
        undo(root, run.run_id, (), {})
    assert [event.chunk for event in undone(run)] == [2, 1]


def test_a_run_that_a_process_drives_is_not_undone_from_outside(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    run = start_run(root, script(tmp_path))
    with pytest.raises(InputFault, match="another process is writing this run"):
        undo(root, run.run_id, (), {})
    run.close()


def test_a_chunk_that_is_open_is_to_be_reverted_first(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    script_ = script_file(
        tmp_path,
        [reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk())],
        [reply(open_chunk("names", ["2"]), edit("LINE_3: int = 3", "LINE_3: int = 33", TALL))],
    )
    run = start_run(root, script_, review="never")
    assert drive(run).outcome == "failed"
    left = files(root)
    with pytest.raises(InputFault, match="chunk 2 is open: revert it first"):
        undo(root, run.run_id, (), {})
    assert files(root) == left and not undone(run)


# --- what the engineer edited since -----------------------------------------------------


def conflicting(tmp_path: Path) -> tuple[Path, Run]:
    """TALL has an edit far from the chunk's, the new file one more line, and the deleted one is back."""
    root = workspace(tmp_path)
    run = finished_run(root, tmp_path)
    tall = root / TALL
    tall.write_bytes(tall.read_bytes().replace(b"LINE_9: int = 9", b"LINE_9: int = 99"))
    (root / NAMES).write_text("NAME = 'a'\nMINE = 1\n")
    (root / OLD).write_text("echo mine\n")
    return root, run


def test_files_edited_since_are_a_question_and_nothing_is_touched(tmp_path: Path) -> None:
    root, run = conflicting(tmp_path)
    left = files(root)
    with pytest.raises(InputFault) as refused:
        undo(root, run.run_id, ((TALL, "merge"), (OLD, "merge")), {})
    assert f"{NAMES} was changed since chunk 2 was approved: keep or back (it does not merge)" in str(
        refused.value
    )
    assert f"{OLD} was made again since chunk 2 was approved: keep or back" in str(refused.value)
    assert TALL not in str(refused.value)
    assert files(root) == left and not undone(run)


def test_each_edited_file_becomes_what_its_owner_says(tmp_path: Path) -> None:
    root, run = conflicting(tmp_path)
    said = undo(root, run.run_id, ((f"./{TALL}", "merge"), (NAMES, "keep"), (OLD, "back")), {})
    assert f"2 files put back, {NAMES} kept" in said
    tall = (root / TALL).read_bytes()
    assert b"LINE_3: int = 3\r\n" in tall and b"LINE_9: int = 99\r\n" in tall
    assert (root / NAMES).read_text() == "NAME = 'a'\nMINE = 1\n"
    assert files(root)[OLD] == (0o755, b"echo old\n")
    assert f"  - Kept as it was: {NAMES}" in written(root, "BACKEND-LOG.md")
    assert run._blobs.get(undone(run)[0].files[0].before or "") == b"echo mine\n"


def test_an_edit_of_the_same_line_says_which_lines_are_in_the_way(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    run = finished_run(root, tmp_path)
    tall = root / TALL
    tall.write_bytes(tall.read_bytes().replace(b"LINE_3: int = 33", b"LINE_3: int = 333"))
    with pytest.raises(InputFault, match=r"keep or back \(it does not merge: line 4\)"):
        undo(root, run.run_id, ((TALL, "merge"),), {})
    undo(root, run.run_id, ((TALL, "keep"),), {})
    assert b"LINE_3: int = 333\r\n" in tall.read_bytes() and not (root / NAMES).exists()


@pytest.mark.parametrize(
    ("choices", "why"),
    [
        (((SERVICE, "keep"),), "not a file that the undo of chunk 2 changes"),
        (((TALL, "keep"), (TALL, "back")), "say one thing"),
    ],
)
def test_a_choice_that_makes_no_sense(tmp_path: Path, choices: tuple[tuple[str, str], ...], why: str) -> None:
    root = workspace(tmp_path)
    run = finished_run(root, tmp_path)
    with pytest.raises(InputFault, match=why):
        undo(root, run.run_id, choices, {})  # type: ignore[arg-type]
    assert not undone(run)


def test_what_the_engineer_put_back_already_is_no_question(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    expected = before_the_second_chunk(root)
    run = finished_run(root, tmp_path)
    (root / OLD).write_text("echo old\n")
    (root / OLD).chmod(0o755)
    (root / NAMES).unlink()
    undo(root, run.run_id, (), {})
    assert files(root) == expected
    assert [change.path for change in undone(run)[0].files] == [TALL]


def test_a_link_in_the_place_of_a_file_can_only_be_kept(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    run = finished_run(root, tmp_path)
    mine = tmp_path / "mine.py"
    mine.write_text("mine\n")
    (root / TALL).unlink()
    (root / TALL).symlink_to(mine)
    with pytest.raises(InputFault, match=f"{TALL} is a symbolic link: keep"):
        undo(root, run.run_id, ((TALL, "back"),), {})
    undo(root, run.run_id, ((TALL, "keep"),), {})
    assert (root / TALL).is_symlink() and mine.read_text() == "mine\n"


# --- in a live run ----------------------------------------------------------------------

LIVE = (
    [reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk())],
    [reply(raise_decision(tier=2), complete())],
)


def deciding(act: list[Command], seen: list[str]) -> object:
    """A person who does the acts while the first decision waits, and then answers."""

    def answer(run: Run) -> Command:
        while act:
            try:
                run.submit(act.pop(0))
            except CommandRefused as refusal:
                seen.append(str(refusal))
        return AnswerDecision(request_id=run.state.pending[0].request_id, option="1")

    return answer


async def test_a_live_run_goes_on_after_an_undo_and_the_worker_is_told(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    run = start_run(root, script_file(tmp_path, *LIVE), attended=True, review="never")
    plan: list[UndoPlan] = []

    def answer(waiting: Run) -> Command:
        if not plan:
            plan.append(waiting.undo_plan())
            waiting.submit(UndoChunk(chunk=1))
            assert "TOTAL: int = 0" in (root / SERVICE).read_text()
        return AnswerDecision(request_id=waiting.state.pending[0].request_id, option="1")

    assert (await drive_attended(run, answer)).outcome == "complete"
    assert [f.change.path for f in plan[0].files] == [SERVICE] and plan[0].conflicts == ()
    assert "TOTAL: int = 1" in (root / SERVICE).read_text()
    finished = [e for e in events(run) if isinstance(e, ev.ToolFinished) and e.name == "complete"]
    assert "the supervisor has sent you a message" in finished[0].text
    assert run.state.queued_messages == ()
    assert [(c.number, c.status) for c in run.state.opened_chunks] == [(1, "undone"), (2, "approved")]
    assert "- Undone: by user, 1 file put back" in written(root, "BACKEND-LOG.md")


async def test_a_live_run_refuses_what_can_not_be_undone(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    script_ = script_file(
        tmp_path,
        [reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk())],
        [
            reply(raise_decision(tier=2), open_chunk("names", ["2"]), write(NAMES, "NAME = 'a'\n")),
            reply(raise_decision(tier=2, title="Which one?"), close_chunk("named")),
        ],
        [reply(complete(()))],
    )
    seen: list[str] = []
    first, second = [UndoChunk(chunk=7)], [UndoChunk(chunk=1)]

    def answer(run: Run) -> Command:
        acts: list[Command] = list(first if "name" in run.state.pending[0].title else second)
        return deciding(acts, seen)(run)  # type: ignore[operator, no-any-return]

    run = start_run(root, script_, attended=True, review="never")
    assert (await drive_attended(run, answer)).outcome == "complete"
    assert seen == [
        "only the last approved chunk can be undone: chunk 1",
        "chunk 2 is open: revert it first",
    ]
    assert not undone(run)


def test_an_edit_at_the_last_moment_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = workspace(tmp_path)
    run = finished_run(root, tmp_path)
    real = Journal.append

    def append(self: Journal, record: ev.Record) -> None:
        real(self, record)
        if isinstance(record.event, ev.ChunkUndoStarted):
            (root / TALL).write_text("mine\n")

    monkeypatch.setattr(Journal, "append", append)
    said = undo(root, run.run_id, (), {})
    assert f"{TALL} kept" in said and "was changed a moment ago; it was left as it is" in said
    assert (root / TALL).read_text() == "mine\n" and not (root / NAMES).exists()
    assert undone(run)[0].kept == (TALL,)


def test_a_lost_content_is_found_before_anything_is_touched(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    run = finished_run(root, tmp_path)
    left = files(root)
    chunk = run.state.chunk_numbered(2)
    assert chunk is not None
    lost = next(change.before for change in chunk.changes if change.path == TALL)
    (run.folder / "blobs" / str(lost)).unlink()
    with pytest.raises(InputFault, match="not undone, nothing was touched: blob"):
        undo(root, run.run_id, (), {})
    assert files(root) == left and not undone(run)


def test_a_mode_that_the_engineer_set_since_stays_with_a_merge(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    expected = before_the_second_chunk(root)
    run = finished_run(root, tmp_path)
    (root / TALL).chmod(0o600)
    undo(root, run.run_id, ((TALL, "merge"),), {})
    assert files(root)[TALL] == (0o600, (expected[TALL] or (0, b""))[1])


def test_what_the_engineer_changed_during_the_chunk_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a revert: the chunk's changes are the worker's."""
    root = workspace(tmp_path)
    tall, real = root / TALL, Journal.append

    def append(self: Journal, record: ev.Record) -> None:
        real(self, record)
        if isinstance(record.event, ev.ChunkClosed) and record.event.chunk == 2:
            tall.write_bytes(tall.read_bytes().replace(b"LINE_9: int = 9", b"LINE_9: int = 99"))

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", append)
        run = finished_run(root, tmp_path)
    chunk = run.state.chunk_numbered(2)
    assert chunk is not None and chunk.outside == (TALL,)
    undo(root, run.run_id, (), {})
    assert b"LINE_3: int = 3\r\n" in tall.read_bytes() and b"LINE_9: int = 99\r\n" in tall.read_bytes()


def test_the_log_entry_of_a_chunk_has_its_undo(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    run = finished_run(root, tmp_path)
    undo(root, run.run_id, (), {})
    assert "Undone: by user, 3 files put back" in log_entry(read(run.folder)[1], 2, run._blobs.get)
