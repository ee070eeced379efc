"""A run that meets nearly every kind of event, in a process of its own that can be killed at any record.

Called as `kill_process` says. The supervisor in here answers by the run's state alone, so that it says the
same after a crash.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.commands import (
    AnswerDecision,
    AnswerInput,
    Command,
    ElaborateDecision,
    OverturnDecision,
    Pause,
    Resume,
    RetierDecision,
    ReviewChunk,
    SendMessage,
    SetAutonomy,
    UndoChunk,
    WaiveFinding,
)
from core.domain import Budgets, PreferenceNote, ReviewComment
from core.run_state import ChunkState, DecisionState, RunState
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
    write,
)
from tests.e2e.kill_process import kill_as_told, make_repository, records_in, refuse_as_the_api

OLD = "apps/api/services/items/old.py"
HTTP = "apps/api/items.http"
# The second chunk is checked long enough for its finding to be waived meanwhile.
CHECK = "test ! -e apps/api/items.http || sleep 0.3; ! grep -rn wrong apps/api/services/items"
PREFERENCES = """\
learned_preferences:
  - {id: L1, pattern: "which tone", choice: Long, confidence: 0.97, applications: 9, last_applied: 2099-01-01}
"""
EXTRA = {
    ".signoff/config.yaml": f"commit: chunk\nchecks:\n  commands: [[sh, -c, '{CHECK}']]\n",
    ".claude/config/preferences.yaml": PREFERENCES,
    OLD: "OLD = 1\n",
}
# Everything that happens here, beside what only another course of a run brings about.
BUDGET = Budgets(max_turns=6)


def main() -> None:
    folder = Path(sys.argv[1])
    kill_as_told()
    refuse_as_the_api()
    finished = asyncio.run(attended(run_in(folder), Supervisor()))
    sys.exit(finished.exit_code)


def run_in(folder: Path) -> Run:
    script = folder / "script.yaml"
    root = folder / "workspace"
    if not root.exists():
        make_workspace(folder, EXTRA)
        make_repository(root)
        script_file(folder, *groups())
    how: dict[str, Any] = {"attended": True, "review": "each", "batch": True}
    if records_in(root):
        return resume_run(root, script, STORY, **how)
    overrides = {"budgets.max_turns": BUDGET.max_turns}
    return start_run(root, script, overrides=overrides, **how)


def groups() -> Iterator[list[dict[str, Any]]]:
    """The worker's side: three chunks, the last one first reverted and then made again, and completion."""
    elaboration = {"say": "Short is what GET gives.", "when": "asks you to elaborate"}
    yield [
        reply(open_chunk(), raise_decision("Which name?"), raise_decision("Which tone has it?", tier=2)),
        reply(raise_decision("Which package holds it?", tier=3, architectural=True), say="asks"),
        elaboration,
        reply(raise_decision("Which envelope has it?", tier=2), raise_decision("A later version?"), say="q"),
        reply(
            edit("TOTAL: int = 0", "TOTAL: int = 1  # wrong"), write("apps/web/x.tsx", "no"), close_chunk()
        ),
        reply(edit("  # wrong", ""), close_chunk("mended")),
        reply(
            edit("TOTAL: int = 1", "TOTAL: int = 2"),
            close_chunk("two", answers=[{"comment": "C1", "answer": "done"}]),
        ),
    ]
    yield [
        reply(
            open_chunk("names", ["2"]),
            {"delete_file": {"path": OLD, "rationale": "unused"}},
            {"run_command": {"argv": ["ruff", "check", "--version"]}},
            write(HTTP, "GET /items\n"),
        ),
        {"fault": "overloaded"},
        reply(close_chunk("named")),
    ]
    yield [
        reply(open_chunk("more", ["2"]), write("apps/api/services/items/more.py", "A = 1\n"), close_chunk()),
    ]
    asks = raise_decision("Which package is next?", tier=3, architectural=True)
    yield [reply(asks, say="before the end"), reply(complete(()), say="done")]


class Supervisor:
    """Called with each state; gives what is to be said now."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, state: RunState) -> list[Command]:
        rules = (self._waive, self._decide, self._review, self._input)
        return [command for rule in rules for command in rule(state)]

    def _once(self, what: str) -> bool:
        """In this process: the state tells it too late (a command that was sent is not an event yet)."""
        if what in self._said:
            return False
        self._said.add(what)
        return True

    def _steer(self, state: RunState) -> Iterator[Command]:
        """While a question waits, so that it comes at the same point each time."""
        if self._once("steer"):
            yield Pause()
            yield SetAutonomy(level="aggressive")
            yield SetAutonomy(level="moderate")
            yield Resume()
        said = [e.text for chunk in state.chunks for e in chunk.entries if e.kind == "message"]
        if "be brief" not in said and self._once("say"):
            yield SendMessage(text="be brief")

    def _overturn(self, state: RunState) -> Iterator[Command]:
        decision = next(d for d in state.decisions if d.request.title == "Which name?")
        if decision.overturned is None and self._once("overturn"):
            yield OverturnDecision(request_id=decision.request.id, option="2", reason="longer")

    def _waive(self, state: RunState) -> Iterator[Command]:
        chunk = state.chunk
        blocking = [f for f in chunk.standing_findings if f.severity == "block"] if chunk else []
        if chunk is not None and blocking and self._once("waive"):
            found = blocking[0]
            yield WaiveFinding(
                chunk=chunk.number, rule=found.rule, path=found.path, line=found.line, reason="legacy"
            )

    def _decide(self, state: RunState) -> Iterator[Command]:
        for pending in state.pending:
            decision = state.decision(pending.request_id)
            if pending.kind == "decision" and decision is not None:
                yield from self._decide_one(decision, state)

    def _decide_one(self, decision: DecisionState, state: RunState) -> Iterator[Command]:
        request_id = decision.request.id
        if decision.request.title == "Which package holds it?":
            yield from self._steer(state)
            if decision.policy.tier == decision.first_policy.tier:
                if self._once("retier"):
                    yield RetierDecision(request_id=request_id, tier=2)
            elif not any(e.text for e in decision.elaborations):
                if not any(e.under_way for e in decision.elaborations):
                    yield ElaborateDecision(request_id=request_id, question="Why short?")
            else:
                yield AnswerDecision(request_id=request_id, option="2")
            return
        if decision.request.title == "Which package is next?":
            undo = self._undo(state)
            if undo or not any(chunk.status == "undone" for chunk in state.chunks):
                yield from undo
                return
        note = PreferenceNote(kind="lock", pattern="envelope")
        yield AnswerDecision(
            request_id=request_id,
            option="1",
            subject_sha=decision.request.subject_sha,
            preference=note if decision.batched else None,
        )

    def _undo(self, state: RunState) -> list[Command]:
        """Once in the story: the last chunk is taken back, and made anew."""
        if any(chunk.status == "undone" for chunk in state.chunks):
            return []
        last = state.approved_chunks[-1].number
        return [UndoChunk(chunk=last)] if self._once("undo") else []

    def _review(self, state: RunState) -> Iterator[Command]:
        chunk = state.chunk
        review = chunk.review if chunk is not None else None
        waiting = {p.request_id for p in state.pending}
        if chunk is None or review is None or review.request_id not in waiting:
            return
        if chunk.number == 1:
            yield from self._overturn(state)
        yield verdict(chunk)

    def _input(self, state: RunState) -> Iterator[Command]:
        for pending in state.pending:
            if pending.kind == "budget" and self._once(pending.request_id):
                yield AnswerInput(request_id=pending.request_id, option="raise")
            elif pending.kind == "input" and self._once(pending.request_id):
                asked = next(i for i in state.inputs if i.request_id == pending.request_id)
                yield AnswerInput(request_id=pending.request_id, option=asked.options[0][0])


def verdict(chunk: ChunkState) -> ReviewChunk:
    review = chunk.review
    assert review is not None
    give: Callable[..., ReviewChunk] = lambda verdict, **more: ReviewChunk(  # noqa: E731
        request_id=review.request_id, verdict=verdict, diff_hash=review.diff_hash, **more
    )
    asked_before = any(r.verdict == "request_changes" for r in chunk.reviews)
    if chunk.number == 1 and not asked_before:
        comment = ReviewComment(path=SERVICE, line=3, text="two, please", quote="TOTAL: int = 1")
        return give("request_changes", comment="nearly", comments=(comment,))
    if chunk.number == 3:
        return give("revert", comment="not so")
    return give("approve")


if __name__ == "__main__":
    main()
