"""Attempts in a run: what is counted as one, and what came of it against the one before."""

from __future__ import annotations

from pathlib import Path

from core import events as ev
from core.commands import AnswerInput, Command, ReviewChunk
from core.run_state import RunState
from tests.core.attended import attended, of
from tests.core.small_story import (
    SERVICE,
    close_chunk,
    complete,
    edit,
    events,
    make_workspace,
    open_chunk,
    reply,
    script_file,
    start_run,
)

# Another answer each time: an error, a fault of the machine, the error elsewhere and a new one, nothing.
CHECKER = """#!/bin/sh
echo x >> calls
case $(wc -l < calls) in
  1) echo 'a.py:3:1: error: no such thing  [misc]'; exit 1;;
  2) echo 'sh: 1: compiler: not found'; exit 127;;
  3) echo 'a.py:9:1: error: no such thing  [misc]'; echo 'a.py:9:1: error: nor this  [misc]'; exit 1;;
esac
"""
CHECK = {".signoff/config.yaml": "checks:\n  commands: [[sh, checker.sh]]\n", "checker.sh": CHECKER}


def answers(state: RunState) -> list[Command]:
    if not state.pending:
        return []
    request_id = state.pending[0].request_id
    if state.pending[0].kind == "review" and state.chunk and state.chunk.review:
        diff_hash = state.chunk.review.diff_hash
        return [ReviewChunk(request_id=request_id, verdict="approve", diff_hash=diff_hash)]
    return [AnswerInput(request_id=request_id, option="retry")]


async def test_an_environment_fault_is_no_attempt_and_a_line_that_moved_is_not_new(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, CHECK)
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk()),
            reply(edit("TOTAL: int = 1", "TOTAL: int = 2"), close_chunk(), when="Fix attempts left: 2"),
            reply(edit("TOTAL: int = 2", "TOTAL: int = 3"), close_chunk(), when="Fix attempts left: 1"),
        ],
        [reply(complete())],
    )
    run = start_run(root, script, attended=True)
    asked: set[str] = set()

    def once_each(state: RunState) -> list[Command]:
        fresh = [p.request_id for p in state.pending if p.request_id not in asked]
        asked.update(fresh)
        return answers(state) if fresh else []

    assert (await attended(run, once_each)).exit_code == 0
    assert "TOTAL: int = 3" in (root / SERVICE).read_text()
    finished = [c for c in of(events(run), ev.CheckFinished) if c.chunk]
    assert [c.attempt for c in finished] == [0, 1, 1, 2]
    assert finished[1].result.environment_fault == "compiler: not found"
    # The retry is compared with the last check that said something about the code.
    assert [(c.fixed, c.new, c.remaining) for c in finished] == [(0, 1, 0), (0, 0, 1), (0, 1, 1), (2, 0, 0)]
