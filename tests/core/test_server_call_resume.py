"""A crash in the middle of a call whose effect is elsewhere (a tool server's): it is not made again unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import events as ev
from core.commands import AnswerInput, Command
from core.journal import Journal
from core.run_state import RunState
from core.tools.files import ReadFile
from core.tools.mcp import ServerTool
from tests.core.attended import attended, of
from tests.core.small_story import (
    SERVICE,
    complete,
    events,
    quick_workspace,
    reply,
    resume_run,
    script_file,
    start_run,
)


class Killed(BaseException):
    """Like a kill: nothing may catch it and carry on."""


@pytest.mark.parametrize(
    ("option", "told"), [("again", "TOTAL: int = 0"), ("unknown", "unknown: the program died")]
)
async def test_the_supervisor_says_whether_it_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, told: str
) -> None:
    # Reading a file in the place of a server's tool: what matters is what the tool says of itself.
    for attribute in ("unseen", "repeatable"):
        monkeypatch.setattr(ReadFile, attribute, getattr(ServerTool, attribute))
    root = quick_workspace(tmp_path)
    dropped = complete((("1", "none"), ("2", "none")))
    script = script_file(
        tmp_path, [reply({"read_file": {"path": SERVICE}}, say="reads"), reply(dropped, say="done")]
    )
    append = Journal.append

    def dies_in_the_call(self: Journal, record: ev.Record) -> None:
        append(self, record)
        if isinstance(record.event, ev.ToolStarted) and record.event.name == "read_file":
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", dies_in_the_call)
        run = start_run(root, script)
        with pytest.raises(Killed):
            await run.drive()
        run.close()

    def answers(state: RunState) -> list[Command]:
        return [AnswerInput(request_id=p.request_id, option=option) for p in state.pending]

    again = resume_run(root, script, run.run_id, attended=True)
    assert (await attended(again, answers)).outcome == "complete"
    (asked,) = of(events(again), ev.InputRequested)
    assert (asked.kind, asked.title) == ("unknown_effect", f"Did `read {SERVICE}` finish?")
    finished = of(events(again), ev.ToolFinished)[0]
    assert told in finished.text
