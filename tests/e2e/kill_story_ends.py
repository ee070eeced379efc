"""A run that ends blocked, blocked again and stopped before it is complete, with the engine's own questions.

Called as `kill_process` says. Each time that the run ends it is taken up again in the same process: with
nobody there after the first blocker, otherwise with a supervisor. What they do depends on the journal alone.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core import events as ev
from core.commands import AnswerDecision, AnswerInput, Command, ReviewChunk, Stop
from core.run_state import PendingRequest, RunState
from core.session import Run
from tests.core.attended import attended
from tests.core.small_story import (
    SERVICE,
    STORY,
    close_chunk,
    complete,
    edit,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    resume_run,
    script_file,
    start_run,
)
from tests.e2e.kill_process import kill_as_told, make_repository, records_in, refuse_as_the_api

MARK = "apps/api/services/items/end.py"
# Made when the supervisor is asked about it. At the run's end (chunk 0) it minds the mark, too.
CHECKER = f"""\
#!/bin/sh
grep -n wrong {SERVICE} && exit 1
grep -h check_started .signoff/runs/*/journal.jsonl | tail -n 1 | grep -q '"chunk":0,' || exit 0
! grep -n wrong {MARK}
"""
EXTRA = {
    ".signoff/config.yaml": "commit: chunk\nchecks:\n  commands: [[./checker]]\n",
    MARK: "# wrong 0\n",
    # It can't be started: that is said, and the run goes on.
    ".mcp.json": '{"mcpServers": {"context7": {"command": "./no-such-server"}}}\n',
}
ANSWERS = {
    "environment": "retry",
    "commit": "again",
    "blocker": "go on",
    "conflict": "back",
    "model": "retry",
}


def main() -> None:
    folder = Path(sys.argv[1])
    root = folder / "workspace"
    kill_as_told()
    refuse_as_the_api()
    if not root.exists():
        make_workspace(folder, EXTRA)
        make_repository(root)
        (root / ".git" / "MERGE_HEAD").write_text("0" * 40 + "\n")
    while True:
        run, is_attended = run_in(folder)
        supervisor = Supervisor(root, endings(records_in(root)))
        finished = asyncio.run(attended(run, supervisor) if is_attended else run.drive())
        if finished.outcome not in ("blocked", "stopped"):
            sys.exit(finished.exit_code)


def run_in(folder: Path) -> tuple[Run, bool]:
    root = folder / "workspace"
    records = records_in(root)
    is_attended = endings(records) != 1
    script = script_file(folder, *groups(records))
    how: dict[str, Any] = {"attended": is_attended, "review": "each" if is_attended else "never"}
    if records:
        return resume_run(root, script, STORY, **how), is_attended
    return start_run(root, script, **how), is_attended


def endings(records: Sequence[ev.Record]) -> int:
    """How often the run began to end."""
    return sum(isinstance(record.event, ev.BlockerRaised | ev.StopRequested) for record in records)


def groups(records: Sequence[ev.Record]) -> Iterator[list[dict[str, Any]]]:
    """The worker's side, by how many chunks are approved."""
    blocker = {"report_blocker": {"reason": "no shelf", "context": "looked", "steps": ["1"]}}
    yield [
        reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1  # wrong 1"), close_chunk()),
        reply(edit("wrong 1", "wrong 2"), close_chunk("first fix")),
        reply(edit("wrong 2", "wrong 3"), close_chunk("second fix")),
        reply(edit("  # wrong 3", ""), close_chunk("mended"), when="Fix attempts left: 2"),
    ]
    shelf = raise_decision("Which shelf?", tier=3, architectural=True)
    yield [
        reply(
            open_chunk("again"), edit("TOTAL: int = 1", "TOTAL: int = 5"), close_chunk(), when="was reverted"
        ),
        reply(open_chunk("shelf"), edit("TOTAL: int = 1", "TOTAL: int = 2"), blocker),
        reply(shelf, say="which", when="resumed after your blocker"),
        reply({"read_file": {"path": SERVICE}}, say="reads"),
        reply(edit("TOTAL: int = 2  # mine", "TOTAL: int = 3"), blocker, say="three"),
        reply(close_chunk("three")),
    ]
    # A script's fault comes once in a process; this one is to come once in the story.
    failed = any(isinstance(record.event, ev.ModelTurnFailed) for record in records)
    spent = reply(say="nothing", when="^nobody says this$")
    yield [spent if failed else {"fault": "auth"}, done(), fix(0)]
    yield [fix(1, then="right", when="was undone"), done(), fix(1)]
    yield [done()]


def done() -> dict[str, Any]:
    return reply(complete((("2", "not backend"),)), say="done")


def fix(number: int, then: str = "wrong", **more: str) -> dict[str, Any]:
    mend = edit(f"wrong {number}", f"{then} {number + 1}", MARK)
    return reply(open_chunk(f"fix {number}"), mend, close_chunk(), say=f"fix {number} {then}", **more)


class Supervisor:
    """Called with each state; gives what is to be said now."""

    def __init__(self, root: Path, ended: int) -> None:
        self._root = root
        self._ended = ended
        self._stopped = False

    def __call__(self, state: RunState) -> list[Command]:
        return [command for pending in state.pending for command in self._answer(pending, state)]

    def _answer(self, pending: PendingRequest, state: RunState) -> Iterator[Command]:
        if pending.kind == "decision":
            yield from self._decide(pending, state)
        elif pending.kind == "review":
            chunk = state.chunk
            assert chunk is not None and chunk.review is not None
            verdict = ReviewChunk(
                request_id=pending.request_id,
                verdict="revert" if chunk.name == "shelf" else "approve",
                diff_hash=chunk.review.diff_hash,
            )
            yield verdict
        else:
            asked = next(i for i in state.inputs if i.request_id == pending.request_id)
            yield AnswerInput(request_id=pending.request_id, option=self._chosen(asked))

    def _chosen(self, asked: ev.InputRequested) -> str:
        if asked.kind == "environment":
            checker = self._root / "checker"
            checker.write_text(CHECKER, "utf-8")
            checker.chmod(0o755)
        elif asked.kind == "commit":
            (self._root / ".git" / "MERGE_HEAD").unlink(missing_ok=True)
        elif asked.kind == "attempts":
            return "stop" if asked.chunk else "revert"
        return ANSWERS[asked.kind]

    def _decide(self, pending: PendingRequest, state: RunState) -> Iterator[Command]:
        """The first time they edit a file that the run knows, and go away as soon as it is noticed."""
        file = self._root / SERVICE
        text = file.read_text("utf-8")
        if "mine" not in text:
            file.write_text(text.replace("TOTAL: int = 2", "TOTAL: int = 2  # mine"), "utf-8")
        elif self._ended == 2 and state.chunk is not None and SERVICE in state.chunk.outside:
            if not self._stopped:
                self._stopped = True
                yield Stop(when="now")
        elif self._ended > 2:
            yield AnswerDecision(request_id=pending.request_id, option="1")


if __name__ == "__main__":
    main()
