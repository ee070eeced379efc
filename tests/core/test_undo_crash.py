"""A crash in the middle of an undo: whoever comes next finishes it, once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import events as ev
from core.fold import fold
from core.journal import Journal, read
from core.safe_path import SafeTree
from core.story import InputFault
from core.undo_command import undo
from core.verify import verify
from tests.core.small_story import drive, resume_run
from tests.core.undone_run import ANSWERS, OLD, TALL, files, finished_run, script, undone, workspace


class Crash(BaseException):
    """Like a kill: nothing may catch it and carry on."""


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A complete run, to be copied, and its id."""
    folder = tmp_path_factory.mktemp("finished")
    root = workspace(folder)
    tall = (root / TALL).read_bytes()
    run = finished_run(root, folder)
    # What the engineer edited since is merged: the most that an undo can do.
    (root / TALL).write_bytes((root / TALL).read_bytes().replace(b"_9: int = 9", b"_9: int = 99"))
    assert (root / TALL).read_bytes() != tall
    return root, run.run_id


def copied(finished: tuple[Path, str], folder: Path) -> Path:
    root = folder / "workspace"
    shutil.copytree(finished[0], root)
    return root


def after_intent(patch: pytest.MonkeyPatch) -> None:
    real = Journal.append

    def append(self: Journal, record: ev.Record) -> None:
        if isinstance(record.event, ev.ChunkUndone):
            raise Crash
        real(self, record)
        if isinstance(record.event, ev.ChunkUndoStarted):
            raise Crash

    patch.setattr(Journal, "append", append)


def before_result(patch: pytest.MonkeyPatch) -> None:
    real = Journal.append

    def append(self: Journal, record: ev.Record) -> None:
        if isinstance(record.event, ev.ChunkUndone):
            raise Crash
        real(self, record)

    patch.setattr(Journal, "append", append)


def after_effects(count: int) -> Callable[[pytest.MonkeyPatch], None]:
    def patched(patch: pytest.MonkeyPatch) -> None:
        left = [count]
        for name in ("replace", "remove"):
            real = getattr(SafeTree, name)

            def act(self: SafeTree, *args: Any, real: Callable[..., None] = real) -> None:
                real(self, *args)
                left[0] -= 1
                if not left[0]:
                    raise Crash

            patch.setattr(SafeTree, name, act)

    return patched


CRASHES = {
    "after the intent": after_intent,
    **{f"after file {n}": after_effects(n) for n in (1, 2, 3)},
    "before the result": before_result,
}


@pytest.fixture(params=CRASHES)
def crashed(
    request: pytest.FixtureRequest, finished: tuple[Path, str], tmp_path: Path
) -> tuple[Path, dict[str, Any]]:
    """A workspace whose undo was cut short, and the files of one whose undo was not."""
    (tmp_path / "whole").mkdir()
    whole, root = copied(finished, tmp_path / "whole"), copied(finished, tmp_path)
    undo(whole, finished[1], ((TALL, "merge"),), {})
    with pytest.MonkeyPatch.context() as patch:
        CRASHES[request.param](patch)
        with pytest.raises(Crash):
            undo(root, finished[1], ((TALL, "merge"),), {})
    return root, files(whole)


def test_undo_again_finishes_it(crashed: tuple[Path, dict[str, Any]], finished: tuple[Path, str]) -> None:
    root, expected = crashed
    said = undo(root, finished[1], (), {})
    assert said.startswith("chunk 2 is undone: 3 files put back")
    assert files(root) == expected
    state, records = state_of(root, finished[1])
    assert state.outcome == "stopped" and [c.status for c in state.opened_chunks] == ["approved", "undone"]
    assert sum(isinstance(r.event, ev.ChunkUndone) for r in records) == 1


def test_a_resumed_run_finishes_it_first(
    crashed: tuple[Path, dict[str, Any]], finished: tuple[Path, str], tmp_path: Path
) -> None:
    root, expected = crashed
    run = resume_run(root, script(tmp_path), finished[1], answers=ANSWERS, review="never")
    seen: list[dict[str, Any]] = []
    run._stream.add_sink(
        lambda record: seen.append(files(root)) if isinstance(record.event, ev.ChunkUndone) else None
    )
    assert drive(run).outcome == "complete"
    assert seen == [expected]
    assert len(undone(run)) == 1 and verify(run.folder).ok


def test_an_edit_between_the_crash_and_its_end_stays(
    crashed: tuple[Path, dict[str, Any]], finished: tuple[Path, str]
) -> None:
    root, expected = crashed
    (root / TALL).write_text("mine\n")
    undo(root, finished[1], (), {})
    assert (root / TALL).read_text() == "mine\n"
    left = {path: content for path, content in files(root).items() if path != TALL}
    assert left == {path: content for path, content in expected.items() if path != TALL}
    assert (root / OLD).exists()


def test_a_run_whose_undo_was_cut_short_is_no_complete_one(
    crashed: tuple[Path, dict[str, Any]], finished: tuple[Path, str]
) -> None:
    state, _ = state_of(crashed[0], finished[1])
    assert (state.outcome, state.reason) == ("stopped", "the undo of chunk 2 was cut short")


def test_a_complete_run_is_not_resumed(finished: tuple[Path, str], tmp_path: Path) -> None:
    with pytest.raises(InputFault, match="nothing to resume"):
        resume_run(copied(finished, tmp_path), script(tmp_path), finished[1])


def state_of(root: Path, run_id: str) -> tuple[Any, list[ev.Record]]:
    records = read(root / ".signoff/runs" / run_id)[1]
    return fold(records), records
