"""A process that dies in the gate: what has to pass it does so in the next one, and nothing is said twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import events as ev
from core.commands import AnswerInput, Command, ReviewChunk, Stop
from core.journal import Journal
from core.run_state import RunState
from core.session import Run
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
    written,
)
from tests.core.test_last_attempts import CHECK, FAILING, THE_END, person

GOOD = reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk())


class Killed(BaseException):
    """Like a kill: nothing may catch it and carry on."""


async def killed_behind(
    kind: Callable[[ev.Event], bool],
    run: Run,
    respond: Callable[[RunState], list[Command]],
    patch: pytest.MonkeyPatch,
) -> None:
    append = Journal.append

    def dies(self: Journal, record: ev.Record) -> None:
        append(self, record)
        if kind(record.event):
            raise Killed

    with patch.context() as context:
        context.setattr(Journal, "append", dies)
        with pytest.raises(Killed):
            await attended(run, respond)
    run.close()


def outside(event: ev.Event) -> bool:
    return isinstance(event, ev.FileChanged) and event.call_id == ev.OUTSIDE


def rules_after_an_edit() -> Callable[[ev.Event], bool]:
    edited = False

    def found(event: ev.Event) -> bool:
        nonlocal edited
        edited = edited or outside(event)
        return edited and isinstance(event, ev.RulesChecked)

    return found


@pytest.mark.parametrize("dies", [outside, rules_after_an_edit()])
async def test_an_edit_that_was_folded_in_before_a_crash_is_checked_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies: Callable[[ev.Event], bool]
) -> None:
    root = make_workspace(tmp_path, CHECK)
    mend = reply(edit("wrong", "right"), close_chunk("mended"), when="does not pass")
    script = script_file(tmp_path, [GOOD, mend], THE_END)

    def breaks_it_and_approves(state: RunState) -> list[Command]:
        chunk = state.chunk
        if not state.pending or chunk is None or chunk.review is None:
            return []
        if chunk.round == 1:
            (root / SERVICE).write_text('"""Items."""\n\nTOTAL: int = 1  # wrong\n')
        asked = chunk.review
        return [ReviewChunk(request_id=asked.request_id, verdict="approve", diff_hash=asked.diff_hash)]

    run = start_run(root, script, attended=True)
    await killed_behind(dies, run, breaks_it_and_approves, monkeypatch)
    again = resume_run(root, script, run.run_id, attended=True)
    assert (await attended(again, person())).exit_code == 0
    assert [c.result.ok for c in of(events(again), ev.CheckFinished) if c.chunk] == [True, False, True]
    assert (root / SERVICE).read_text().endswith("# right\n")


async def test_of_several_checks_of_one_closing_the_last_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_workspace(tmp_path, CHECK)
    script = script_file(tmp_path, FAILING, THE_END)
    run = start_run(root, script, attended=True)
    respond = person("edited", edits={0: '"""Items."""\n\nTOTAL: int = 7\n'}, root=root)
    await killed_behind(lambda e: isinstance(e, ev.CheckFinished) and e.result.ok, run, respond, monkeypatch)
    again = resume_run(root, script, run.run_id, attended=True)
    assert (await attended(again, person())).exit_code == 0
    assert len(of(events(again), ev.InputRequested)) == 1
    assert [c.result.ok for c in of(events(again), ev.CheckFinished) if c.chunk] == [False] * 3 + [True]


async def test_a_blocked_chunk_is_checked_anew_also_when_that_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_workspace(tmp_path, CHECK)
    mended = reply(edit("  # wrong 3", ""), close_chunk("mended"), when="Fix attempts left: 2")
    script = script_file(tmp_path, [*FAILING, mended], THE_END)
    run = start_run(root, script, attended=True)
    assert (await attended(run, person("stop"))).exit_code == 4
    again = resume_run(root, script, run.run_id, attended=True)
    await killed_behind(lambda e: isinstance(e, ev.CheckStarted), again, person(), monkeypatch)
    again = resume_run(root, script, run.run_id, attended=True)
    assert (await attended(again, person())).exit_code == 0
    attempts = [(c.round, c.attempt) for c in of(events(again), ev.CheckFinished) if c.chunk]
    assert attempts == [(1, 0), (2, 1), (3, 2), (3, 0), (4, 1)]


@pytest.mark.parametrize("kind", [ev.InputResolved, ev.BlockerRaised, ev.ChunkFinished])
async def test_a_run_that_dies_while_it_ends_blocked_has_ended_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[ev.Event]
) -> None:
    root = make_workspace(tmp_path, CHECK)
    mended = reply(edit("  # wrong 3", ""), close_chunk("mended"), when="Fix attempts left: 2")
    script = script_file(tmp_path, [*FAILING, mended], THE_END)
    run = start_run(root, script, attended=True)
    await killed_behind(lambda e: isinstance(e, kind), run, person("stop"), monkeypatch)
    again = resume_run(root, script, run.run_id, attended=True)
    finished = await attended(again, person())
    if kind is ev.InputResolved:  # the stop is carried out; the run goes on when it is resumed once more
        assert finished.exit_code == 4
        again = resume_run(root, script, run.run_id, attended=True)
        finished = await attended(again, person())
    assert finished.exit_code == 0
    log = written(root, "BACKEND-LOG.md")
    assert log.count("BLOCKED: type check still fails after 2 fix attempts in chunk 1") == 1
    assert len(of(events(again), ev.BlockerRaised)) == len(of(events(again), ev.BlockerCleared)) == 1
    assert len(of(events(again), ev.InputRequested)) == 1


@pytest.mark.parametrize(
    ("dies", "respond", "ending"),
    [
        (ev.StopRequested, lambda _: Stop(when="now"), "STOPPED: stopped by the supervisor"),
        (
            ev.ReviewResolved,
            lambda asked: ReviewChunk(request_id=asked.request_id, verdict="stop", diff_hash=asked.diff_hash),
            "STOPPED: stopped at the review by user",
        ),
    ],
)
async def test_a_run_that_dies_while_it_stops_has_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies: type[ev.Event], respond: Any, ending: str
) -> None:
    root = make_workspace(tmp_path, CHECK)
    script = script_file(tmp_path, [GOOD], THE_END)
    run = start_run(root, script, attended=True)

    def stops(state: RunState) -> list[Command]:
        waits = state.pending and state.chunk is not None and state.chunk.review is not None
        return [respond(state.chunk.review)] if waits and state.chunk else []

    await killed_behind(lambda e: isinstance(e, dies), run, stops, monkeypatch)
    again = resume_run(root, script, run.run_id, attended=True)
    assert (await attended(again, person())).exit_code == 0
    assert f"{ending}\n" in written(root, "BACKEND-LOG.md")


async def test_a_check_that_could_not_run_is_asked_about_and_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_workspace(tmp_path, {".signoff/config.yaml": "checks:\n  commands: [[./checker]]\n"})
    script = script_file(tmp_path, [GOOD], THE_END)
    run = start_run(root, script, attended=True)
    await killed_behind(lambda e: isinstance(e, ev.CheckFinished), run, lambda _: [], monkeypatch)

    def mends(state: RunState) -> list[Command]:
        waits = state.pending[0] if state.pending else None
        if waits is None or waits.kind != "input":
            return list(approve(state))
        (root / "checker").write_text("#!/bin/sh\n")
        (root / "checker").chmod(0o755)
        return [AnswerInput(request_id=waits.request_id, option="retry")]

    approve = person()
    again = resume_run(root, script, run.run_id, attended=True)
    assert (await attended(again, mends)).exit_code == 0
    assert [q.request_id for q in of(events(again), ev.InputRequested)] == ["environment:1:1:1"]
    assert len([c for c in of(events(again), ev.CheckFinished) if c.chunk]) == 2
    assert "environment" not in told(again)
