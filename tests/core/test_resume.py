"""A crash at any record: the resumed run ends as the uninterrupted one would have."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import events as ev
from core.answers_file import AnswersFile, DecisionAnswer, ReviewAnswer
from core.fold import fold
from core.journal import Journal, read
from core.logs.files import fold as fold_logs
from core.session import Run
from core.verify import verify
from tests.core import small_story as small
from tests.core.small_story import (
    SERVICE,
    close_chunk,
    complete,
    drive,
    edit,
    events,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    resume_run,
    script_file,
    start_run,
    write,
)

# Fails as long as the service holds "one", so that the run has a failed check and a fix.
CHECK = {
    ".signoff/config.yaml": (
        "checks:\n  commands: [[sh, -c, '! grep -n wrong apps/api/services/items/service.py']]\n"
    ),
    "apps/api/services/items/old.py": "OLD = 1\n",
}
NAMES = "apps/api/services/items/names.py"
ANSWERS = AnswersFile(
    name="answers",
    decisions=(
        DecisionAnswer(match="^Which", option="2", text="", note=""),
        DecisionAnswer(match="^Delete", option="1", text="", note=""),
    ),
    reviews=(
        ReviewAnswer(chunk=1, round=2, verdict="request_changes", comment="once more", comments=()),
        ReviewAnswer(chunk=2, round=None, verdict="revert", comment="not so", comments=()),
    ),
)


class Crash(BaseException):
    """Like a kill: nothing may catch it and carry on."""


def the_script(folder: Path) -> Path:
    delete = {"delete_file": {"path": "apps/api/services/items/old.py", "rationale": "unused"}}
    ruff = {"run_command": {"argv": ["ruff", "check", "--version"]}}
    names = [
        reply(open_chunk("names", ["2"]), delete, ruff),
        reply(write(NAMES, "NAME = 'a'\n"), close_chunk("named")),
    ]
    return script_file(
        folder,
        [
            reply(open_chunk(), raise_decision(title="Which name?", tier=2), raise_decision()),
            reply(edit("TOTAL: int = 0", "TOTAL: int = 1  # wrong"), close_chunk()),
            reply(edit("  # wrong", ""), close_chunk("mended")),
            reply(
                edit("TOTAL: int = 1", "TOTAL: int = 2"), write("apps/web/x.tsx", "no"), close_chunk("two")
            ),
        ],
        names,
        [reply(complete(()))],
    )


def test_the_script_covers_what_can_happen(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, CHECK)
    run = start_run(root, the_script(tmp_path), answers=ANSWERS)
    assert drive(run).exit_code == 0
    seen = {type(event) for event in events(run)}
    assert {
        ev.DecisionRequested, ev.ReviewRequested, ev.ChunkReverted, ev.ScopeDenied, ev.CheckFinished
    } <= seen  # fmt: skip


def crashing_after(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real, left = Journal.append, count

    def append(self: Journal, record: ev.Record) -> None:
        nonlocal left
        if left == 0:
            raise Crash
        real(self, record)
        left -= 1
        if left == 0:
            raise Crash

    monkeypatch.setattr(Journal, "append", append)


def files_of(root: Path) -> dict[str, bytes]:
    kept = (p for p in root.rglob("*") if p.is_file() and ".signoff" not in p.parts)
    return {str(p.relative_to(root)): p.read_bytes() for p in kept if "_implementation" not in p.parts}


def shape(run: Run) -> list[Any]:
    """What the run decided, without times, durations and how often it was taken up."""
    state = run.state
    return [
        [(c.number, c.status, c.opening, c.summary, c.round, c.closed_files) for c in state.opened_chunks],
        [(a.round, a.attempt, a.result and a.result.ok) for c in state.chunks for a in c.attempts],
        [(d.request, d.policy.outcome, d.answer, d.recorded_as) for d in state.decisions],
        [(s.step.id, s.status) for s in state.steps],
        [(r.round, r.verdict, r.comment) for c in state.chunks for r in c.reviews],
        state.turns,
        state.outcome,
    ]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Run]]:
    folder = tmp_path_factory.mktemp("whole")
    root = make_workspace(folder, CHECK)
    run = start_run(root, the_script(folder), answers=ANSWERS)
    drive(run)
    yield root, run


# Every record with SIGNOFF_SOAK (make soak), every eighth one otherwise.
STRIDE = 1 if os.environ.get("SIGNOFF_SOAK") else 8


@pytest.mark.parametrize("part", range(4))
def test_a_crash_after_any_record_changes_nothing_in_the_end(
    tmp_path: Path, uninterrupted: tuple[Path, Run], monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    whole_root, whole = uninterrupted
    for count in range(1 + part * STRIDE, len(events(whole)), 4 * STRIDE):
        folder = tmp_path / str(count)
        folder.mkdir()
        root = make_workspace(folder, CHECK)
        script = the_script(folder)
        with monkeypatch.context() as patch:
            crashing_after(count, patch)
            run = start_run(root, script, answers=ANSWERS)
            with pytest.raises(Crash):
                drive(run)
        again = resume_run(root, script, run.run_id, answers=ANSWERS)
        assert drive(again).exit_code == 0, f"crashed after record {count}"
        assert files_of(root) == files_of(whole_root), f"crashed after record {count}"
        assert shape(again) == shape(whole), f"crashed after record {count}"
        assert verify(again.folder).ok
        assert_logs_follow_the_journal(root, again)
        shutil.rmtree(folder)


def assert_logs_follow_the_journal(root: Path, run: Run) -> None:
    """The log files can be re-made from the journal, byte for byte (SPEC 9)."""
    records = read(run.folder)[1]
    for name, content in fold_logs(records, run._blobs.get).items():
        assert (root / small.IMPLEMENTATION / name).read_bytes() == content, name


def test_the_fold_of_the_journal_is_the_live_state(uninterrupted: tuple[Path, Run]) -> None:
    _, run = uninterrupted
    assert fold(read(run.folder)[1]) == run.state


def test_an_engineers_edit_meanwhile_is_not_overwritten_on_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_workspace(tmp_path, {".signoff/config.yaml": 'checks:\n  commands: [["true"]]\n'})
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk()),
        ],
        [reply(complete())],
    )
    run = start_run(root, script)
    with monkeypatch.context() as patch:
        real = Journal.append

        def append(self: Journal, record: ev.Record) -> None:
            real(self, record)
            if isinstance(record.event, ev.FileChangeStarted):
                raise Crash

        patch.setattr(Journal, "append", append)
        with pytest.raises(Crash):
            drive(run)
    (root / SERVICE).write_text("# mine now\n")
    again = resume_run(root, script, run.run_id)
    drive(again)
    assert (root / SERVICE).read_text() == "# mine now\n"
    assert any("neither as it was" in e.text for e in events(again) if isinstance(e, ev.ToolFinished))
