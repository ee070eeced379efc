"""A chunk whose two fixes failed: with a person there, what becomes of it is theirs to say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core import events as ev
from core.commands import AnswerInput, Command, CommandRefused, ReviewChunk, Stop
from core.fold import fold
from core.journal import Journal, read
from core.run_state import RunState
from core.session import Run
from tests.core.attended import attended, of, told
from tests.core.small_story import (
    SERVICE,
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

# Fails as long as the service says "wrong".
CHECK = {".signoff/config.yaml": f"checks:\n  commands: [[sh, -c, '! grep -n wrong {SERVICE}']]\n"}
FAILING = [
    reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1  # wrong 1"), close_chunk()),
    reply(edit("wrong 1", "wrong 2"), close_chunk("first fix")),
    reply(edit("wrong 2", "wrong 3"), close_chunk("second fix")),
]
MENDED = reply(edit("  # wrong 3", ""), close_chunk("third fix"), when="Fix attempts left: 1")
THE_END = [reply(complete())]
DROPPED = reply(complete((("1", "dropped"), ("2", "dropped"))), when="was reverted by user")


def person(*options: str, text: str = "", edits: dict[int, str] | None = None, root: Path = Path()) -> Any:
    """Answers the questions about attempts in turn, each perhaps after an edit by hand (by its place), and
    approves what passes."""
    answers = list(options)
    seen: list[str] = []

    def respond(state: RunState) -> list[Command]:
        if not state.pending or state.pending[0].request_id in seen:
            return []
        waiting = state.pending[0]
        seen.append(waiting.request_id)
        if waiting.kind == "review":
            assert state.chunk is not None and state.chunk.review is not None
            diff_hash = state.chunk.review.diff_hash
            return [ReviewChunk(request_id=waiting.request_id, verdict="approve", diff_hash=diff_hash)]
        if edits and len(seen) - 1 in edits:
            (root / SERVICE).write_text(edits[len(seen) - 1])
        return [AnswerInput(request_id=waiting.request_id, option=answers.pop(0), text=text)]

    return respond


def story(tmp_path: Path, *more: list[dict[str, Any]]) -> tuple[Path, Run, Path]:
    root = make_workspace(tmp_path, CHECK)
    script = script_file(tmp_path, *more)
    return root, start_run(root, script, attended=True), script


def asked(run: Run) -> list[ev.InputRequested]:
    return of(events(run), ev.InputRequested)


def attempts(run: Run) -> list[tuple[int, int, bool]]:
    finished = of(events(run), ev.CheckFinished)
    return [(c.round, c.attempt, c.result.ok) for c in finished if c.chunk]


async def test_another_attempt_is_granted_and_the_worker_told(tmp_path: Path) -> None:
    _, run, _ = story(tmp_path, [*FAILING, MENDED], THE_END)
    finished = await attended(run, person("again", text="leave the comment out"))
    assert finished.exit_code == 0
    (question,) = asked(run)
    assert (question.kind, question.request_id) == ("attempts", "attempts:1:3:1")
    assert question.title == "Chunk 1 does not pass after 2 fix attempts"
    assert "Type check failed" in question.detail
    assert [option for option, _ in question.options] == ["again", "edited", "revert", "stop"]
    assert attempts(run) == [(1, 0, False), (2, 1, False), (3, 2, False), (4, 3, True)]
    assert "The supervisor granted this attempt, and says: leave the comment out" in told(run)


async def test_an_attempt_that_was_granted_is_one(tmp_path: Path) -> None:
    third = reply(edit("wrong 3", "wrong 4"), close_chunk("third fix"))
    root, run, _ = story(tmp_path, [*FAILING, third])
    finished = await attended(run, person("again", "stop"))
    assert (finished.outcome, finished.exit_code) == ("blocked", 4)
    assert [q.request_id for q in asked(run)] == ["attempts:1:3:1", "attempts:1:4:1"]
    blockers = written(root, "BLOCKERS.md")
    assert "after 3 fix attempts" in blockers and "third fix" in blockers


async def test_the_supervisors_own_edit_is_folded_in_and_checked_again(tmp_path: Path) -> None:
    root, run, _ = story(tmp_path, FAILING, THE_END)
    mended = '"""Items."""\n\nTOTAL: int = 7\n'
    # First they think that they have edited it, then they really do.
    respond = person("edited", "edited", edits={1: mended}, root=root)
    finished = await attended(run, respond)
    assert finished.exit_code == 0
    assert (root / SERVICE).read_text() == mended
    assert [q.request_id for q in asked(run)] == ["attempts:1:3:1", "attempts:1:3:2"]
    assert attempts(run)[2:] == [(3, 2, False), (3, 2, False), (3, 2, True)]
    outside = [e for e in of(events(run), ev.FileChanged) if e.call_id == ev.OUTSIDE]
    assert [e.change.path for e in outside] == [SERVICE]


async def test_a_chunk_that_is_reverted_is_told_of_in_the_next_conversation(tmp_path: Path) -> None:
    root, run, _ = story(tmp_path, [DROPPED, *FAILING])
    before = (root / SERVICE).read_bytes()
    finished = await attended(run, person("revert", text="not worth it"))
    assert finished.exit_code == 0
    assert (root / SERVICE).read_bytes() == before
    note = of(events(run), ev.ConversationStarted)[-1].note
    assert note.startswith("Chunk 1 (count) was reverted by user: not worth it. Its files are as they were")


async def test_stop_is_blocked_as_it_is_with_nobody_there(tmp_path: Path) -> None:
    root, run, script = story(tmp_path, [*FAILING, reply(edit("  # wrong 3", ""), close_chunk())], THE_END)
    finished = await attended(run, person("stop"))
    assert (finished.outcome, finished.exit_code) == ("blocked", 4)
    assert "second fix" in written(root, "BLOCKERS.md")
    # As ever, a blocked chunk that is resumed has new attempts, and the old question is gone.
    again = resume_run(root, script, run.run_id, attended=True)
    assert (await attended(again, person())).exit_code == 0


def test_with_nobody_there_nothing_is_asked(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, CHECK)
    run = start_run(root, script_file(tmp_path, FAILING))
    assert drive(run).exit_code == 4
    assert asked(run) == [] and "after 2 fix attempts" in written(root, "BLOCKERS.md")


async def test_a_question_that_waited_when_the_run_was_stopped_comes_back_as_it_was(tmp_path: Path) -> None:
    root, run, script = story(tmp_path, [*FAILING, MENDED], THE_END)

    def stopping(state: RunState) -> list[Command]:
        return [Stop(when="now")] if state.pending and state.stopping is None else []

    assert (await attended(run, stopping)).exit_code == 5
    again = resume_run(root, script, run.run_id, attended=True)
    assert [p.request_id for p in again.state.pending] == ["attempts:1:3:1"]
    assert (await attended(again, person("again"))).exit_code == 0
    assert len(asked(again)) == 1 and len(attempts(again)) == 4


async def test_resumed_without_a_person_it_is_blocked_and_waits_no_more(tmp_path: Path) -> None:
    root, run, script = story(tmp_path, [*FAILING, reply(edit("  # wrong 3", ""), close_chunk())], THE_END)

    def stopping(state: RunState) -> list[Command]:
        return [Stop(when="now")] if state.pending and state.stopping is None else []

    await attended(run, stopping)
    alone = resume_run(root, script, run.run_id)
    assert (await alone.drive()).exit_code == 4
    again = resume_run(root, script, run.run_id, review="never")
    assert (await again.drive()).exit_code == 0
    assert again.state.pending == ()


class Killed(BaseException):
    """Like a kill: nothing may catch it and carry on."""


@pytest.mark.parametrize("option", ["again", "edited", "revert"])
async def test_what_was_chosen_holds_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    endings = {
        "again": ([*FAILING, MENDED], THE_END),
        "edited": (FAILING, THE_END),
        "revert": ([DROPPED, *FAILING],),
    }
    root, run, script = story(tmp_path, *endings[option])
    mended = {0: '"""Items."""\n\nTOTAL: int = 7\n'} if option == "edited" else {}
    append = Journal.append

    def dies_after_the_choice(self: Journal, record: ev.Record) -> None:
        append(self, record)
        if isinstance(record.event, ev.InputResolved):
            raise Killed

    monkeypatch.setattr(Journal, "append", dies_after_the_choice)
    with pytest.raises(Killed):
        await attended(run, person(option, edits=mended, root=root))
    monkeypatch.undo()
    run.close()
    again = resume_run(root, script, run.run_id, attended=True)
    assert (await attended(again, person())).exit_code == 0
    assert len(asked(again)) == 1
    records = read(again.folder)[1]
    assert fold(records) == again.state


async def test_only_the_options_that_were_given_are_taken(tmp_path: Path) -> None:
    _, run, _ = story(tmp_path, FAILING)
    refused: list[str] = []

    def respond(state: RunState) -> list[Command]:
        if not state.pending:
            return []
        request_id = state.pending[0].request_id
        if not refused:
            try:
                run.submit(AnswerInput(request_id=request_id, option="perhaps"))
            except CommandRefused as refusal:
                refused.append(str(refusal))
            return []
        return [AnswerInput(request_id=request_id, option="stop")]

    assert (await attended(run, respond)).exit_code == 4
    assert refused[0].startswith("there is no option perhaps; the options are: again - Let the worker")
