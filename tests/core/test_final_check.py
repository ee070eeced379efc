"""The check at a run's end that fails: two fixes, then the supervisor says how it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core import events as ev
from core.commands import Command
from core.fold import fold
from core.journal import Journal, read
from core.run_state import RunState
from core.session import Run
from tests.core.attended import attended, of, told
from tests.core.small_story import (
    close_chunk,
    complete,
    drive,
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
from tests.core.test_last_attempts import person

MARK = "apps/api/services/items/end.py"
# Only the check of the whole run, which is of "chunk 0", minds the mark: no chunk can see its failure coming.
CHECK = {
    ".signoff/config.yaml": "checks:\n  commands: [[sh, check.sh]]\n",
    "check.sh": f"""\
grep -h check_started .signoff/runs/*/journal.jsonl | tail -n 1 | grep -q '"chunk":0,' || exit 0
! grep -n wrong {MARK}
""",
    MARK: "# wrong 0\n",
}


def chunk(number: int, *, then: str = "wrong") -> dict[str, Any]:
    calls = (
        open_chunk(f"fix {number}"),
        edit(f"wrong {number}", f"{then} {number + 1}", MARK),
        close_chunk(),
    )
    return reply(*calls, say=f"chunk {number}")


def done(when: str = "") -> dict[str, Any]:
    return reply(complete(), say=f"done {when}", **({"when": when} if when else {}))


# The first completion and two fixes; each group is what the worker says with so many chunks approved.
FAILING = (
    [chunk(0)],
    [done(), chunk(1)],
    [done(), chunk(2)],
)
LAST = [done(), chunk(3, then="right")]


def story(tmp_path: Path, *groups: list[dict[str, Any]], **how: Any) -> tuple[Path, Run, Path]:
    root = make_workspace(tmp_path, CHECK)
    script = script_file(tmp_path, *groups)
    return root, start_run(root, script, **{"attended": True, "review": "never", **how}), script


def asked(run: Run) -> list[str]:
    return [e.request_id for e in of(events(run), ev.InputRequested)]


def final_checks(run: Run) -> list[tuple[int, int, bool]]:
    finished = of(events(run), ev.CheckFinished)
    return [(c.round, c.attempt, c.result.ok) for c in finished if c.chunk == 0]


async def test_another_attempt_is_granted_and_the_worker_told(tmp_path: Path) -> None:
    root, run, _ = story(tmp_path, *FAILING, LAST, [done()])
    assert (await attended(run, person("again", text="look at the mark"))).exit_code == 0
    (question,) = of(events(run), ev.InputRequested)
    assert (question.kind, question.request_id, question.chunk) == ("attempts", "attempts:0:3:1", 0)
    assert question.title == "The final type check does not pass after 2 fix attempts"
    assert "Type check failed: sh check.sh" in question.detail
    assert [option for option, _ in question.options] == ["again", "edited", "revert", "stop"]
    assert final_checks(run) == [(1, 0, False), (2, 1, False), (3, 2, False), (4, 3, True)]
    assert "Open a chunk and fix it; attempts left: 2." in told(run)
    assert "The supervisor granted this attempt, and says: look at the mark" in told(run)
    assert (root / MARK).read_text() == "# right 4\n"


async def test_what_they_edited_is_checked_again(tmp_path: Path) -> None:
    root, run, _ = story(tmp_path, *FAILING, [done()])
    respond = person("edited", "edited")

    def editing(state: RunState) -> list[Command]:
        said = respond(state)
        if said and len(asked(run)) == 2:  # the first time they only think that they have
            (root / MARK).write_text("# mine\n")
        return list(said)

    assert (await attended(run, editing)).exit_code == 0
    assert asked(run) == ["attempts:0:3:1", "attempts:0:3:2"]
    assert final_checks(run)[2:] == [(3, 2, False), (3, 2, False), (3, 2, True)]
    assert (root / MARK).read_text() == "# mine\n"


async def test_the_last_chunk_is_undone_and_the_worker_goes_on(tmp_path: Path) -> None:
    left = (("1", "dropped"), ("2", "dropped"))
    again = reply(complete(left), say="without it", when="was undone by user")
    root, run, _ = story(tmp_path, *FAILING[:2], [again, done(), chunk(2)], [done()])
    respond = person("revert", "stop")
    finished = await attended(run, respond)
    assert (finished.outcome, finished.exit_code) == ("blocked", 4)
    (undone,) = of(events(run), ev.ChunkUndone)
    assert undone.chunk == 3 and (root / MARK).read_text() == "# wrong 2\n"
    assert asked(run) == ["attempts:0:3:1", "attempts:0:4:1"]


async def test_an_undo_that_would_lose_an_edit_is_refused_and_the_question_comes_again(
    tmp_path: Path,
) -> None:
    root, run, _ = story(tmp_path, *FAILING, [done()])
    respond = person("revert", "stop")

    def editing(state: RunState) -> list[Command]:
        if state.pending:
            (root / MARK).write_text("# wrong and mine\n")
        return list(respond(state))

    assert (await attended(run, editing)).exit_code == 4
    first, second = of(events(run), ev.InputRequested)
    assert second.detail.startswith(f"Not undone: {MARK} was changed since chunk 3 was approved: keep or")
    assert first.title == second.title and (root / MARK).read_text() == "# wrong and mine\n"


async def test_stop_is_blocked_as_it_is_with_nobody_there_and_gives_new_attempts(tmp_path: Path) -> None:
    root, run, script = story(tmp_path, *FAILING, LAST, [done()])
    finished = await attended(run, person("stop"))
    assert (finished.outcome, finished.exit_code) == ("blocked", 4)
    assert finished.reason == "the final type check still fails after 2 fix attempts"
    assert "sh check.sh" in written(root, "BLOCKERS.md")
    again = resume_run(root, script, run.run_id, attended=True, review="never")
    assert (await attended(again, person())).exit_code == 0
    assert final_checks(again)[3:] == [(3, 0, False), (4, 1, True)]


def test_with_nobody_there_nothing_is_asked(tmp_path: Path) -> None:
    _, run, _ = story(tmp_path, *FAILING, [done()], attended=False)
    assert drive(run).exit_code == 4
    assert asked(run) == []


class Killed(BaseException):
    """Like a kill: nothing may catch it and carry on."""


@pytest.mark.parametrize(
    ("option", "dies_at"),
    [
        ("again", ev.CheckFinished),
        ("again", ev.InputRequested),
        ("again", ev.InputResolved),
        ("edited", ev.InputResolved),
        ("revert", ev.InputResolved),
    ],
)
async def test_a_crash_around_the_question_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, dies_at: type[ev.Event]
) -> None:
    mended = {**chunk(2, then="right"), "when": "was undone by user"}
    groups = {
        "again": (*FAILING, LAST, [done()]),
        "edited": (*FAILING, [done()]),
        "revert": (*FAILING[:2], [mended, done(), chunk(2)], [done()]),
    }
    root, run, script = story(tmp_path, *groups[option])
    answer = person(option)

    def respond(state: RunState) -> list[Command]:
        if state.pending and option == "edited":
            (root / MARK).write_text("# mine\n")
        return list(answer(state))

    append = Journal.append

    def dies_in_the_third_check(self: Journal, record: ev.Record) -> None:
        append(self, record)
        event = record.event
        if isinstance(event, dies_at) and (not isinstance(event, ev.CheckFinished) or event.attempt == 2):
            raise Killed

    monkeypatch.setattr(Journal, "append", dies_in_the_third_check)
    with pytest.raises(Killed):
        await attended(run, respond)
    monkeypatch.undo()
    run.close()
    again = resume_run(root, script, run.run_id, attended=True, review="never")
    assert (await attended(again, respond)).exit_code == 0
    assert asked(again) == ["attempts:0:3:1"]
    reports = of(events(again), ev.CompletionReported)
    assert len({report.call_id for report in reports}) == len(reports)
    # The check that had ended before the crash was not run again.
    assert [c[:2] for c in final_checks(again)[:3]] == [(1, 0), (2, 1), (3, 2)]
    assert len(final_checks(again)) == 4
    assert fold(read(again.folder)[1]) == again.state
