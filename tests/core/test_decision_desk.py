"""Questions that wait: another tier, a question back to the worker, the queue, overturning, preferences."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from core import events as ev
from core.answering import answer
from core.commands import (
    AnswerDecision,
    Command,
    CommandRefused,
    ElaborateDecision,
    OverturnDecision,
    RetierDecision,
    ReviewChunk,
)
from core.domain import PreferenceNote
from core.models.scripted import ScriptedModel
from core.run_state import RunState
from core.session import Run
from tests.core.attended import attended, of, once, told
from tests.core.small_story import (
    IMPLEMENTATION,
    SERVICE,
    close_chunk,
    complete,
    drive,
    edit,
    events,
    open_chunk,
    quick_workspace,
    raise_decision,
    reply,
    resume_run,
    script_file,
    start_run,
    written,
)

PREFERENCES = ".claude/config/preferences.yaml"
DONE = [reply(complete())]


def asks(*decisions: dict[str, Any], then: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """A chunk that raises each of these, then edits and closes."""
    raised = [reply(decision, say=f"question {n}") for n, decision in enumerate(decisions)]
    rest = then or [reply(edit("0", "1")), reply(close_chunk())]
    return [reply(open_chunk()), *raised, *rest]


def waiting(state: RunState) -> bool:
    return bool(state.pending) and state.pending[0].kind == "decision"


def each_pending(state: RunState, **fields: Any) -> list[Command]:
    return [AnswerDecision(request_id=p.request_id, **{"option": "1", **fields}) for p in state.pending]


def first(state: RunState, **fields: Any) -> AnswerDecision:
    return AnswerDecision(request_id=state.pending[0].request_id, **{"option": "1", **fields})


def attended_run(root: Path, tmp_path: Path, *groups: list[dict[str, Any]], **options: Any) -> Run:
    script = script_file(tmp_path, *groups)
    return start_run(root, script, **{"attended": True, "review": "never", **options})


# --- another tier -----------------------------------------------------------------------


def test_a_question_in_another_tier_goes_on_waiting(tmp_path: Path) -> None:
    root = quick_workspace(tmp_path)
    run = attended_run(root, tmp_path, asks(raise_decision("Which envelope?", tier=2)), DONE)
    respond = once(
        (waiting, lambda s: RetierDecision(request_id=s.pending[0].request_id, tier=1)),
        (lambda s: s.decisions[0].policy.tier == 1, lambda s: first(s, option="2")),
    )
    assert asyncio.run(attended(run, respond)).outcome == "complete"
    decision = run.state.decisions[0]
    assert (decision.first_policy.tier, decision.policy.tier) == (2, 1)
    assert decision.policy.outcome == "escalate", "moderate would take tier 1 by itself: the human does"
    assert decision.policy.reasons[0] == "user put it in tier 1 (it was tier 2)"
    assert "moderate would not ask for it" in decision.policy.reasons[1]
    assert decision.answer is not None and decision.answer.decision == "Long"
    assert "by user, tier 1" in written(root, "BACKEND-LOG.md")


@pytest.mark.parametrize(
    "tier, why", [(6, "there is no tier 6"), (0, "there is no tier 0"), (2, "it is in tier 2 already")]
)
def test_a_tier_that_is_none_is_refused(tmp_path: Path, tier: int, why: str) -> None:
    root = quick_workspace(tmp_path)
    run = attended_run(root, tmp_path, asks(raise_decision("Which envelope?", tier=2)), DONE)
    refused: list[str] = []

    def respond(state: RunState) -> list[Command]:
        if not waiting(state):
            return []
        with pytest.raises(CommandRefused) as refusal:
            run.submit(RetierDecision(request_id=state.pending[0].request_id, tier=tier))
        refused.append(str(refusal.value))
        return [first(state)]

    asyncio.run(attended(run, respond))
    assert len(refused) == 1 and why in refused[0]


def test_a_delete_stays_in_tier_4(tmp_path: Path) -> None:
    root = quick_workspace(tmp_path)
    delete = reply({"delete_file": {"path": SERVICE, "rationale": "unused"}})
    run = attended_run(root, tmp_path, asks(then=[delete, reply(close_chunk())]), DONE)
    refused: list[str] = []

    def respond(state: RunState) -> list[Command]:
        if not waiting(state):
            return []
        with pytest.raises(CommandRefused) as refusal:
            run.submit(RetierDecision(request_id=state.pending[0].request_id, tier=1))
        refused.append(str(refusal.value))
        sha = state.decisions[0].request.subject_sha
        return [first(state, option="2", subject_sha=sha)]

    asyncio.run(attended(run, respond))
    assert "stays in tier 4" in refused[0]


# --- asking back ------------------------------------------------------------------------


def elaborating_chunk() -> list[dict[str, Any]]:
    chunk = asks(raise_decision("Which envelope?", tier=2))
    chunk.insert(2, reply(say="Short is what GET gives.", when="asks you to elaborate"))
    del chunk[2]["calls"]
    return chunk


def test_the_worker_elaborates_beside_the_conversation(tmp_path: Path) -> None:
    root = quick_workspace(tmp_path)
    run = attended_run(root, tmp_path, elaborating_chunk(), DONE)
    respond = once(
        (waiting, lambda s: ElaborateDecision(request_id=s.pending[0].request_id, question="Why short?")),
        (lambda s: any(e.text for e in s.decisions[0].elaborations), first),
    )
    assert asyncio.run(attended(run, respond)).outcome == "complete"
    happened = events(run)
    asked, said = of(happened, ev.ElaborationRequested)[0], of(happened, ev.DecisionElaborated)[0]
    assert (asked.question, said.text, said.fault) == ("Why short?", "Short is what GET gives.", "")
    request_id = run.state.decisions[0].request.id
    aside = [e for e in of(happened, ev.ModelTurnFinished) if e.about]
    assert [e.about for e in aside] == [request_id], "a real model turn, journaled and counted"
    assert run.state.turns == len(of(happened, ev.ModelTurnFinished))
    assert "The supervisor asked: Why short?\nYou said: Short is what GET gives." in told(run)
    assert told(run).count("Decided by user: Short") == 1


def test_the_answer_need_not_wait_for_the_elaboration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = quick_workspace(tmp_path)
    run = attended_run(root, tmp_path, elaborating_chunk(), DONE)
    real = ScriptedModel.stream

    async def slow_when_asked(self: ScriptedModel, request: Any) -> Any:
        if "asks you to elaborate" in str(request.messages[-1]):
            await asyncio.Event().wait()
        async for item in real(self, request):
            yield item

    monkeypatch.setattr(ScriptedModel, "stream", slow_when_asked)
    respond = once(
        (waiting, lambda s: ElaborateDecision(request_id=s.pending[0].request_id, question="Why?")),
        (lambda s: any(e.under_way for e in s.decisions[0].elaborations), first),
    )
    assert asyncio.run(attended(run, respond)).outcome == "complete"
    assert run.state.decisions[0].elaborations[0].fault == "cut off"


def test_a_model_that_cannot_be_had_leaves_the_question_open(tmp_path: Path) -> None:
    root = quick_workspace(tmp_path)
    chunk = asks(raise_decision("Which envelope?", tier=2))
    chunk.insert(2, {"fault": "auth"})
    run = attended_run(root, tmp_path, chunk, DONE)
    respond = once(
        (waiting, lambda s: ElaborateDecision(request_id=s.pending[0].request_id, question="Why?")),
        (lambda s: any(e.fault for e in s.decisions[0].elaborations), first),
    )
    assert asyncio.run(attended(run, respond)).outcome == "complete"
    assert run.state.decisions[0].elaborations[0].fault == "auth: scripted fault: auth"


# --- the queue --------------------------------------------------------------------------


def envelope(number: int) -> dict[str, Any]:
    return raise_decision(f"Which envelope for list {number}?", tier=2)


def test_queued_questions_come_as_one_list_at_the_chunks_end(tmp_path: Path) -> None:
    root = quick_workspace(tmp_path)
    run = attended_run(root, tmp_path, asks(envelope(1), envelope(2)), DONE, batch=True)
    seen: list[int] = []

    def respond(state: RunState) -> list[Command]:
        seen.append(len(state.pending))
        return each_pending(state)

    assert asyncio.run(attended(run, respond)).outcome == "complete"
    happened = events(run)
    presented = of(happened, ev.BatchPresented)
    assert [len(e.request_ids) for e in presented] == [2]
    edited = next(i for i, e in enumerate(happened) if isinstance(e, ev.FileChanged))
    assert happened.index(presented[0]) > edited, "the worker went on meanwhile"
    assert 2 in seen, "both wait at once"
    assert "Queued, not decided yet" in told(run)
    items = yaml.safe_load(written(root, "PENDING-DECISIONS.yaml"))["items"]
    assert [(i["status"], i["approved_by"], i["decision"]) for i in items] == [
        ("approved", "user", "Short")
    ] * 2
    ids = [e["id"] for e in yaml.safe_load(written(root, "ARCHITECTURAL-DECISIONS.yaml"))["decisions"]]
    assert ids == ["ARCH-001", "ARCH-002"]


def test_five_queued_questions_do_not_wait_for_the_chunks_end(tmp_path: Path) -> None:
    root = quick_workspace(tmp_path)
    run = attended_run(root, tmp_path, asks(*(envelope(n) for n in range(6))), DONE, batch=True)
    respond = _answer_all("1")
    assert asyncio.run(attended(run, respond)).outcome == "complete"
    happened = events(run)
    assert [len(e.request_ids) for e in of(happened, ev.BatchPresented)] == [5, 1]
    edited = next(i for i, e in enumerate(happened) if isinstance(e, ev.FileChanged))
    assert happened.index(of(happened, ev.BatchPresented)[0]) < edited


def _answer_all(option: str) -> Callable[[RunState], list[Command]]:
    return lambda state: each_pending(state, option=option)


def test_an_answer_that_was_not_expected_keeps_the_chunk_open(tmp_path: Path) -> None:
    root = quick_workspace(tmp_path)
    adapt = [
        reply(edit("0", "1")),
        reply(close_chunk()),
        reply(edit("1", "2")),
        reply(close_chunk("adapted")),
    ]
    run = attended_run(root, tmp_path, asks(envelope(1), then=adapt), DONE, batch=True)
    rejection = {"option": None, "text": "rejected: no envelope", "note": "ask the team", "rejected": True}

    def respond(state: RunState) -> list[Command]:
        return [first(state, **rejection)] if waiting(state) else []

    assert asyncio.run(attended(run, respond)).outcome == "complete"
    assert "not closed: queued questions were decided otherwise than you recommended" in told(run)
    assert (root / SERVICE).read_text("utf-8").endswith("TOTAL: int = 2\n")
    closings = of(events(run), ev.ChunkClosed)
    assert [c.round for c in closings] == [1], "a refused closing is no attempt"
    item = yaml.safe_load(written(root, "PENDING-DECISIONS.yaml"))["items"][0]
    assert (item["status"], item["approved_by"]) == ("rejected", "user")
    assert not (root / IMPLEMENTATION / "ARCHITECTURAL-DECISIONS.yaml").exists(), "nothing was settled"


def test_tier_4_and_architectural_questions_never_queue(tmp_path: Path) -> None:
    root = quick_workspace(tmp_path)
    drop = raise_decision("Drop the old table?", tier=2)
    place = raise_decision("Which package?", tier=2, architectural=True)
    run = attended_run(root, tmp_path, asks(drop, place), DONE, batch=True)
    assert asyncio.run(attended(run, _answer_all("1"))).outcome == "complete"
    assert [d.batched for d in run.state.decisions] == [False, False]
    assert not of(events(run), ev.BatchPresented)


def test_with_nobody_there_the_queue_blocks_and_is_answered_one_by_one(tmp_path: Path) -> None:
    root = quick_workspace(tmp_path)
    script = script_file(tmp_path, asks(envelope(1), envelope(2)), DONE)
    run = start_run(root, script, batch=True)
    finished = drive(run)
    assert (finished.exit_code, finished.reason) == (
        3,
        "Decision required: Which envelope for list 1? (and 1 more)",
    )
    assert written(root, "BLOCKERS.md").count("## Decision Required") == 2
    for waits in run.state.pending:
        answer(root, run.run_id, waits.request_id, "1", "")
    resumed = resume_run(root, script, run.run_id)
    assert drive(resumed).outcome == "complete"
    asked = of(events(resumed), ev.DecisionRequested)
    assert len(asked) == 2, "nothing is asked again"
    assert written(root, "BLOCKERS.md").count("**Status**: Resolved") == 2


# --- overturning ------------------------------------------------------------------------


def test_an_automatic_decision_is_overturned_while_the_run_goes_on(tmp_path: Path) -> None:
    root = quick_workspace(tmp_path)
    second = [
        reply(open_chunk("names", ["2"]), edit("1", "2"), when="A decision was overturned"),
        reply(raise_decision("Which name?", tier=2), say="again"),
        reply(close_chunk("renamed")),
    ]
    run = attended_run(root, tmp_path, asks(raise_decision("Which name?")), second, DONE, review="each")
    auto = "AUTO-001"

    def respond(state: RunState) -> list[Command]:
        if state.pending and state.pending[0].kind == "review" and state.chunk and state.chunk.review:
            commands: list[Command] = []
            decision = state.decisions[0]
            if state.chunk.number == 1:
                commands.append(
                    OverturnDecision(request_id=decision.request.id, option="2", reason="long is clearer")
                )
            review = state.chunk.review
            return [
                *commands,
                ReviewChunk(request_id=review.request_id, verdict="approve", diff_hash=review.diff_hash),
            ]
        return []

    assert asyncio.run(attended(run, respond)).outcome == "complete"
    overturned = of(events(run), ev.DecisionOverturned)[0]
    assert (overturned.answer.decision, overturned.chunks) == ("Long", (1,))
    entry = yaml.safe_load(written(root, "DECISIONS-AUTO.yaml"))["decisions"][0]
    assert (entry["id"], entry["decision"], entry["status"]) == (auto, "Short", "overturned")
    assert entry["overturned"]["by"] == "user"
    assert entry["overturned"]["decision"] == "Long"
    assert entry["overturned"]["reason"] == "long is clearer"
    settled = yaml.safe_load(written(root, "ARCHITECTURAL-DECISIONS.yaml"))["decisions"][0]
    assert (settled["question"], settled["decision"], settled["decided_by"]) == (
        "Which name?",
        "Long",
        "user",
    )
    assert (root / SERVICE).read_text("utf-8").endswith("TOTAL: int = 2\n"), "the worker was told"
    again = run.state.decisions[1]
    assert (again.policy.outcome, again.policy.choice) == ("covered", "Long")
    assert "- Decision overturned: Which name? — Long (by user; ARCH-001; rests on it: chunk 1)" in written(
        root, "BACKEND-LOG.md"
    )


def test_what_a_human_decided_is_not_overturned(tmp_path: Path) -> None:
    root = quick_workspace(tmp_path)
    run = attended_run(root, tmp_path, asks(raise_decision("Which envelope?", tier=2)), DONE, review="each")
    refused: list[str] = []

    def respond(state: RunState) -> list[Command]:
        if waiting(state):
            return [first(state)]
        if state.pending and not refused:
            for request_id in (state.decisions[0].request.id, "no such"):
                with pytest.raises(CommandRefused) as refusal:
                    run.submit(OverturnDecision(request_id=request_id, option="2"))
                refused.append(str(refusal.value))
        if state.pending and state.chunk and state.chunk.review:
            review = state.chunk.review
            return [ReviewChunk(request_id=review.request_id, verdict="approve", diff_hash=review.diff_hash)]
        return []

    asyncio.run(attended(run, respond))
    assert refused == ["Which envelope?: not decided automatically", "there is no decision no such"]


# --- preferences ------------------------------------------------------------------------


def test_a_locked_answer_is_not_asked_again(tmp_path: Path) -> None:
    before = "# Ours.\nproject_preferences: []  # none yet\n"
    root = quick_workspace(tmp_path, {PREFERENCES: before})
    run = attended_run(root, tmp_path, asks(envelope(1), envelope(2)), DONE)
    note = PreferenceNote(kind="lock", pattern="which envelope")

    def respond(state: RunState) -> list[Command]:
        return [first(state, option="2", preference=note)] if waiting(state) else []

    assert asyncio.run(attended(run, respond)).outcome == "complete"
    locked, absorbed = run.state.decisions
    assert locked.saved[0].action == "locked"
    assert absorbed.policy.basis == f"preference:{locked.saved[0].preference_id}"
    assert absorbed.answer is not None and absorbed.answer.decision == "Long"
    text = (root / PREFERENCES).read_text("utf-8")
    assert text.startswith("# Ours.\n")
    entry = yaml.safe_load(text)["project_preferences"][0]
    assert (entry["pattern"], entry["choice"], entry["locked"]) == ("which envelope", "Long", True)


def test_a_learned_preference_that_decides_is_counted_with_two_lines(tmp_path: Path) -> None:
    before = (
        "# What we learned; 'quotes' and all.\n"
        "learned_preferences:\n"
        "  - id: 'L1'   # lists\n"
        '    pattern: "which envelope"\n'
        "    choice: Long\n"
        "    confidence: 0.95\n"
        "    applications: 9\n"
        "    overrides: 0\n"
        "    last_applied: 2026-11-01   # a Sunday\n"
        "decay: {enabled: false}\n"
    )
    root = quick_workspace(tmp_path, {PREFERENCES: before})
    run = attended_run(root, tmp_path, asks(envelope(1)), DONE)
    assert asyncio.run(attended(run, lambda _: [])).outcome == "complete"
    assert run.state.decisions[0].policy.basis == "learned:L1"
    after = (root / PREFERENCES).read_text("utf-8")
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert changed[0][1] == "    applications: 10"
    assert len(changed) == 2 and changed[1][1].endswith("# a Sunday")


def test_a_preference_that_cannot_be_saved_is_told_and_the_decision_stands(tmp_path: Path) -> None:
    root = quick_workspace(tmp_path)
    run = attended_run(root, tmp_path, asks(envelope(1)), DONE)
    note = PreferenceNote(kind="lock", pattern="which envelope")

    def respond(state: RunState) -> list[Command]:
        if not waiting(state):
            return []
        path = root / PREFERENCES
        path.parent.mkdir(parents=True)
        path.write_text("a: 1\na: 2\n", "utf-8")
        return [first(state, preference=note)]

    assert asyncio.run(attended(run, respond)).outcome == "complete"
    assert any("the preference was not saved" in warning for warning in run.state.warnings)
    assert (root / PREFERENCES).read_text("utf-8") == "a: 1\na: 2\n"


# --- prior decisions --------------------------------------------------------------------


def test_the_prompt_knows_earlier_decisions_of_the_feature(tmp_path: Path) -> None:
    other = "plans/features/demo/done/DEMO-000/_implementation/ARCHITECTURAL-DECISIONS.yaml"
    entry = "decisions:\n- {id: ARCH-001, question: 'Envelope for the list of items?', decision: none}\n"
    root = quick_workspace(tmp_path, {other: entry})
    run = attended_run(root, tmp_path, asks(envelope(1)), DONE)
    assert asyncio.run(attended(run, _answer_all("1"))).outcome == "complete"
    prior = run.state.decisions[0].prior
    assert [(p.id, p.decision) for p in prior] == [("DEMO-000 ARCH-001", "none")]
