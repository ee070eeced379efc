"""`signoff answer` for the engine's own questions: what is said while nobody drives the run is done when it
is resumed, also with nobody there, and is not asked again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import events as ev
from core.answering import answer
from core.commands import Command, ReviewChunk, Stop
from core.domain import value
from core.journal import Journal
from core.run_state import RunState
from core.session import Run
from core.story import InputFault
from tests.core.attended import attended, of, told
from tests.core.small_story import (
    SERVICE,
    close_chunk,
    edit,
    events,
    make_workspace,
    open_chunk,
    reply,
    resume_run,
    script_file,
    start_run,
)
from tests.core.test_last_attempts import CHECK, DROPPED, FAILING, MENDED, THE_END
from tests.e2e.kill_process import make_repository

PASSES = {".signoff/config.yaml": 'checks:\n  commands: [["true"]]\n'}
GOOD = reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk())


@value
class Asked:
    """A run that waits for an answer, and that no process drives. `again` takes it up with nobody there."""

    run: Run
    script: Path

    @property
    def root(self) -> Path:
        return self.run.root

    @property
    def request_id(self) -> str:
        (waiting,) = self.run.state.pending
        return waiting.request_id

    def answer(self, option: str, note: str = "") -> str:
        return answer(self.root, self.run.run_id, self.request_id, option, note)

    async def again(self) -> Run:
        again = resume_run(self.root, self.script, self.run.run_id, review="never")
        await again.drive()
        return again


def leaves(state: RunState) -> list[Command]:
    """Goes away as soon as there is a question."""
    return [Stop(when="now")] if state.pending and state.stopping is None else []


async def asked(
    folder: Path,
    *groups: list[dict[str, Any]],
    files: dict[str, str] | None = None,
    first: Callable[[RunState], list[Command]] = leaves,
    **how: Any,
) -> Asked:
    root = make_workspace(folder, files or PASSES)
    script = script_file(folder, *groups)
    run = start_run(root, script, attended=True, **{"review": "never", **how})
    assert (await attended(run, first)).exit_code == 5
    return Asked(run=run, script=script)


def questions(run: Run) -> list[ev.InputRequested]:
    return of(events(run), ev.InputRequested)


async def test_attempts(tmp_path: Path) -> None:
    waiting = await asked(tmp_path, [*FAILING, MENDED], THE_END, files=CHECK)
    said = waiting.answer("again", "leave the comment out")
    assert said == (
        "Chunk 1 does not pass after 2 fix attempts: Let the worker try once more (say how, if you like). "
        f"It is done when you resume the run: signoff resume {waiting.run.run_id}"
    )
    again = await waiting.again()
    assert (again.state.exit_code, len(questions(again))) == (0, 1)
    assert "and says: leave the comment out" in told(again)


async def test_attempts_reverted(tmp_path: Path) -> None:
    waiting = await asked(tmp_path, [DROPPED, *FAILING], files=CHECK)
    waiting.answer("3")
    again = await waiting.again()
    assert (again.state.exit_code, len(of(events(again), ev.ChunkReverted))) == (0, 1)
    assert (waiting.root / SERVICE).read_text().endswith("TOTAL: int = 0\n")


async def test_attempts_edited(tmp_path: Path) -> None:
    waiting = await asked(tmp_path, FAILING, THE_END, files=CHECK)
    (waiting.root / SERVICE).write_text('"""Items."""\n\nTOTAL: int = 7\n')
    waiting.answer("I have edited the files: check them again")
    assert (await waiting.again()).state.exit_code == 0


async def test_a_stop_is_carried_out_once(tmp_path: Path) -> None:
    waiting = await asked(tmp_path, [*FAILING, MENDED], THE_END, files=CHECK)
    waiting.answer("stop")
    again = await waiting.again()
    assert (again.state.outcome, again.state.exit_code) == ("blocked", 4)
    # It was; whoever resumes the run after that goes on, with new attempts.
    mended = {**MENDED, "when": "Fix attempts left: 2"}
    script_file(tmp_path, [*FAILING, mended], THE_END)
    assert (await waiting.again()).state.exit_code == 0


async def test_an_environment(tmp_path: Path) -> None:
    config = {".signoff/config.yaml": 'checks:\n  commands: [["./checker"]]\n'}
    waiting = await asked(tmp_path, [GOOD], THE_END, files=config)
    checker = waiting.root / "checker"
    checker.write_text("#!/bin/sh\n")
    checker.chmod(0o755)
    waiting.answer("retry")
    again = await waiting.again()
    assert (again.state.exit_code, len(questions(again))) == (0, 1)


@pytest.mark.parametrize(
    ("files", "groups", "how", "exit_code"),
    [
        ({".signoff/config.yaml": 'checks:\n  commands: [["./none"]]\n'}, ([GOOD], THE_END), {}, 5),
        (PASSES, ([GOOD], THE_END), {"overrides": {"budgets.max_turns": 1}}, 6),
        (PASSES, ([{"fault": "auth"}, GOOD], THE_END), {}, 7),
    ],
)
async def test_a_stop_ends_it_as_it_would_have_ended(
    tmp_path: Path,
    files: dict[str, str],
    groups: tuple[list[dict[str, Any]], ...],
    how: dict[str, Any],
    exit_code: int,
) -> None:
    waiting = await asked(tmp_path, *groups, files=files, **how)
    waiting.answer("stop")
    again = await waiting.again()
    assert (again.state.exit_code, len(questions(again))) == (exit_code, 1)


async def test_a_budget(tmp_path: Path) -> None:
    waiting = await asked(tmp_path, [GOOD], THE_END, overrides={"budgets.max_turns": 1})
    assert waiting.request_id == "budget:1"
    waiting.answer("raise")
    assert (await waiting.again()).state.exit_code == 0


async def test_a_model(tmp_path: Path) -> None:
    waiting = await asked(tmp_path, [{"fault": "auth"}, GOOD], THE_END)
    waiting.answer("retry")
    again = await waiting.again()
    # The script's fault comes once in a process: this one meets it, too, and nobody is there to ask.
    assert [e.turn for e in of(events(again), ev.ModelTurnFailed)] == [1, 1]
    assert again.state.exit_code == 7 and len(questions(again)) == 1


async def test_a_blocker(tmp_path: Path) -> None:
    blocker = {"report_blocker": {"reason": "no database", "context": "", "steps": ["1"]}}
    goes_on = reply(edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk(), when="use the test database")
    waiting = await asked(tmp_path, [reply(open_chunk(), blocker), goes_on], THE_END)
    waiting.answer("go on", "use the test database")
    assert (await waiting.again()).state.exit_code == 0


@pytest.mark.parametrize(("option", "left"), [("keep", 7), ("back", 0)])
async def test_a_conflict(tmp_path: Path, option: str, left: int) -> None:
    root = tmp_path / "workspace"

    def edits_and_reverts(state: RunState) -> list[Command]:
        waits = state.pending[0] if state.pending else None
        if waits is None or waits.kind != "review" or state.chunk is None or state.chunk.review is None:
            return leaves(state)
        (root / SERVICE).write_text('"""Items."""\n\nTOTAL: int = 7\n')
        diff_hash = state.chunk.review.diff_hash
        return [ReviewChunk(request_id=waits.request_id, verdict="revert", diff_hash=diff_hash)]

    dropped = {**DROPPED, "when": "was reverted"}
    waiting = await asked(tmp_path, [dropped, GOOD], first=edits_and_reverts, review="each")
    assert waiting.request_id == f"conflict:1:{SERVICE}"
    waiting.answer(option)
    again = await waiting.again()
    assert (again.state.exit_code, len(questions(again))) == (0, 1)
    assert (root / SERVICE).read_text().endswith(f"TOTAL: int = {left}\n")


class Killed(BaseException):
    """Like a kill: nothing may catch it and carry on."""


async def test_a_command_whose_end_nobody_saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ruff = {"run_command": {"argv": ["ruff", "check", "--version"]}}
    script = script_file(tmp_path, [reply(open_chunk(), ruff), GOOD], THE_END)
    root = make_workspace(tmp_path, PASSES)
    append = Journal.append

    def dies_in_the_command(self: Journal, record: ev.Record) -> None:
        append(self, record)
        if isinstance(record.event, ev.CommandStarted):
            raise Killed

    monkeypatch.setattr(Journal, "append", dies_in_the_command)
    run = start_run(root, script)
    with pytest.raises(Killed):
        await run.drive()
    monkeypatch.undo()
    run.close()
    run = resume_run(root, script, run.run_id, attended=True)
    assert (await attended(run, leaves)).exit_code == 5
    waiting = Asked(run=run, script=script)
    waiting.answer("again")
    again = await waiting.again()
    assert len(of(events(again), ev.CommandFinished)) == 1 and len(questions(again)) == 1


def in_a_merge(root: Path) -> None:
    make_repository(root)
    (root / ".git" / "MERGE_HEAD").write_text("0" * 40 + "\n")


@pytest.mark.parametrize("option", ["again", "leave"])
async def test_a_commit(tmp_path: Path, option: str) -> None:
    config = {".signoff/config.yaml": 'commit: chunk\nchecks:\n  commands: [["true"]]\n'}
    root = make_workspace(tmp_path, config)
    in_a_merge(root)
    run = start_run(root, script_file(tmp_path, [GOOD], THE_END), attended=True, review="never")
    assert (await attended(run, leaves)).exit_code == 5
    waiting = Asked(run=run, script=tmp_path / "script.yaml")
    assert waiting.request_id == "commit:1:1"
    if option == "again":
        (root / ".git" / "MERGE_HEAD").unlink()
    waiting.answer(option)
    again = resume_run(root, waiting.script, run.run_id, attended=True, review="never")
    assert (await attended(again, leaves)).exit_code == 0
    assert len(questions(again)) == 1
    assert len(of(events(again), ev.ChunkCommitted)) == (option == "again")


async def test_what_is_no_option_is_told_with_those_there_are(tmp_path: Path) -> None:
    waiting = await asked(tmp_path, FAILING, files=CHECK)
    with pytest.raises(InputFault) as fault:
        waiting.answer("perhaps")
    assert str(fault.value) == (
        "attempts:1:3:1: there is no option perhaps; the options are: "
        "again - Let the worker try once more (say how, if you like); "
        "edited - I have edited the files: check them again; "
        "revert - Revert the chunk, and let the worker go on from there; stop - Stop and write BLOCKERS.md"
    )
    assert [r.event for r in waiting.run._stream.records] == events(waiting.run), "nothing was written"
    waiting.answer("again")
    with pytest.raises(InputFault, match="does not wait for an answer; waiting: nothing"):
        answer(waiting.root, waiting.run.run_id, "attempts:1:3:1", "again", "")
