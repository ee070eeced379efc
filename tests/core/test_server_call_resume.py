"""A crash in the middle of a call of a tool server: it is not called again unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import events as ev
from core.commands import AnswerInput, Command
from core.journal import Journal
from core.run_state import RunState
from core.session import Run
from tests.core import small_story as story
from tests.core.attended import attended, of
from tests.core.test_mcp_servers import approve, name_server, root, worker

__all__ = ["root"]
CALL = "faulty__echo"


class Killed(BaseException):
    """Like a kill: nothing may catch it and carry on."""


@pytest.fixture
def script(root: Path) -> Path:
    name_server(root)
    approve(root)
    dropped = story.complete((("1", "none"), ("2", "none")))
    return story.script_file(
        root.parent, [story.reply({CALL: {"text": "hello"}}), story.reply(dropped, say="done")]
    )


@pytest.mark.parametrize(("option", "told"), [("again", "hello"), ("unknown", "unknown: the program died")])
async def test_the_supervisor_says_whether_it_is_called_again(
    root: Path, script: Path, monkeypatch: pytest.MonkeyPatch, option: str, told: str
) -> None:
    append = Journal.append

    def dies_in_the_call(self: Journal, record: ev.Record) -> None:
        append(self, record)
        if isinstance(record.event, ev.ToolStarted) and record.event.name == CALL:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", dies_in_the_call)
        run = story.start_run(root, script, worker=worker(root))
        with pytest.raises(Killed):
            await run.drive()
        run.close()

    def answers(state: RunState) -> list[Command]:
        return [AnswerInput(request_id=p.request_id, option=option) for p in state.pending]

    again = story.resume_run(root, script, run.run_id, worker=worker(root), attended=True)
    assert (await attended(again, answers)).outcome == "complete"
    (asked,) = of(story.events(again), ev.InputRequested)
    assert (asked.kind, asked.title) == ("unknown_effect", f"Did `{CALL} text=hello` finish?")
    assert told in answer_of(again)


def answer_of(run: Run) -> str:
    (finished,) = (e for e in of(story.events(run), ev.ToolFinished) if e.name == CALL)
    return str(finished.text)
