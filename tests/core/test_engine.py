"""Whole runs through the session, with scripted replies over a small real workspace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import events as ev
from core.answers_file import AnswersFile, DecisionAnswer, ReviewAnswer
from core.commands import (
    AnswerDecision,
    AnswerInput,
    Command,
    CommandRefused,
    DeclineDecision,
    ReviewChunk,
    SendMessage,
    Stop,
)
from core.conversation import Conversation
from core.domain import ReviewComment, ReviewVerdict
from core.journal import read
from core.session import Run
from core.story import InputFault
from tests.core import small_story as small
from tests.core.small_story import (
    SERVICE,
    close_chunk,
    complete,
    drive,
    drive_attended,
    edit,
    events,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    resume_run,
    script_file,
    start_run,
    write,
    written,
)

QUICK_CHECK = {".signoff/config.yaml": 'checks:\n  commands: [["true"]]\n'}
GOOD = "TOTAL: int = 1"
BAD = 'TOTAL: int = "one"'
THE_END: list[dict[str, Any]] = [reply(complete())]


def approve(run: Run) -> ReviewChunk | AnswerDecision:
    """A person who approves whatever waits."""
    pending = run.state.pending[0]
    chunk = run.state.chunk
    if pending.kind == "review":
        assert chunk is not None and chunk.review is not None
        return ReviewChunk(request_id=pending.request_id, verdict="approve", diff_hash=chunk.review.diff_hash)
    return AnswerDecision(request_id=pending.request_id, option="1")


def of(kind: type[Any], run: Run) -> list[Any]:
    return [event for event in events(run) if isinstance(event, kind)]


# --- chunks and checks ------------------------------------------------------------------


def test_a_chunk_that_passes_at_once(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    script = script_file(
        tmp_path, [reply(open_chunk()), reply(edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )
    run = start_run(root, script)
    finished = drive(run)
    assert (finished.outcome, finished.exit_code) == ("complete", 0)
    assert GOOD in (root / SERVICE).read_text()
    log = written(root, "BACKEND-LOG.md")
    assert "## Chunk 1 — count" in log
    assert f"- Files changed:\n  - {SERVICE}" in log
    assert log.rstrip().splitlines()[-1] == "BACKEND COMPLETE"
    assert of(ev.CheckFinished, run)[0].result.ok


def test_a_type_error_comes_back_to_the_worker_and_is_fixed(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), edit("TOTAL: int = 0", BAD), close_chunk()),
            reply(edit(BAD, GOOD), close_chunk("mended"), when="Fix attempts left: 2"),
        ],
        THE_END,
    )
    run = start_run(root, script)
    assert drive(run).exit_code == 0
    checks = of(ev.CheckFinished, run)
    assert [(c.attempt, c.result.ok) for c in checks[:2]] == [(0, False), (1, True)]
    assert checks[0].result.errors[0].line == 3
    log = written(root, "BACKEND-LOG.md")
    assert "- Fix attempt 1:" in log and "Incompatible types in assignment" in log


def test_two_failed_fixes_end_the_run_blocked(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    fixes = [
        reply(edit(f'"{old}"', f'"{new}"'), close_chunk(f"try {new}"))
        for old, new in (("one", "two"), ("two", "three"))
    ]
    script = script_file(tmp_path, [reply(open_chunk(), edit("TOTAL: int = 0", BAD), close_chunk()), *fixes])
    run = start_run(root, script)
    finished = drive(run)
    assert (finished.outcome, finished.exit_code) == ("blocked", 4)
    blockers = written(root, "BLOCKERS.md")
    assert "Incompatible types in assignment" in blockers and "try three" in blockers
    last = written(root, "BACKEND-LOG.md").rstrip().splitlines()[-1]
    assert last.startswith("BLOCKED: type check still fails after 2 fix attempts")


def test_a_blocked_chunk_that_is_resumed_gets_new_attempts(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    first = [reply(open_chunk(), edit("TOTAL: int = 0", BAD), close_chunk())]
    fixes = [reply(edit('"one"', '"two"'), close_chunk()), reply(edit('"two"', '"three"'), close_chunk())]
    mended = [reply(edit('TOTAL: int = "three"', GOOD), close_chunk())]
    script = script_file(tmp_path, [*first, *fixes, *mended], THE_END)
    run = start_run(root, script)
    assert drive(run).exit_code == 4
    again = resume_run(root, script, run.run_id)
    assert drive(again).exit_code == 0
    assert "Resolved" in written(root, "BLOCKERS.md")


def test_an_environment_fault_is_not_the_codes_fault(tmp_path: Path) -> None:
    config = {".signoff/config.yaml": 'checks:\n  commands: [["no-such-checker"]]\n'}
    root = make_workspace(tmp_path, config)
    script = script_file(tmp_path, [reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk())])
    run = start_run(root, script)
    finished = drive(run)
    assert finished.exit_code == 4 and "could not run" in finished.reason
    assert of(ev.CheckFinished, run)[0].result.environment_fault
    assert not of(ev.ChunkFinished, run)


def test_no_edit_outside_an_open_chunk(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(tmp_path, [reply(edit("TOTAL: int = 0", GOOD)), *THE_END])
    run = start_run(root, script)
    drive(run)
    assert "no chunk is open" in of(ev.ToolFinished, run)[0].text
    assert GOOD not in (root / SERVICE).read_text()


def test_completion_accounts_for_every_step(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path,
        [reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk())],
        [reply(complete(left=())), reply(complete(), when="plan steps 2 are not done")],
    )
    run = start_run(root, script)
    assert drive(run).exit_code == 0
    assert len(of(ev.CompletionReported, run)) == 1


def test_a_run_without_the_workers_signal_is_stopped_not_complete(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    talk = [{"say": f"thinking {n}"} for n in range(3)]
    finished = drive(start_run(root, script_file(tmp_path, talk)))
    assert (finished.outcome, finished.exit_code) == ("stopped", 5)


def test_a_worker_whose_every_call_fails_does_not_go_on_for_ever(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(tmp_path, [reply(close_chunk())], otherwise=reply(close_chunk(), say="again"))
    finished = drive(start_run(root, script))
    assert (finished.outcome, finished.exit_code) == ("stopped", 5)
    assert "gets nowhere" in finished.reason


# --- scope ------------------------------------------------------------------------------


def test_a_write_out_of_scope_is_refused_and_journaled(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), write("apps/web/page.tsx", "x"), write("../outside.py", "x")),
            reply(edit("TOTAL: int = 0", GOOD), close_chunk()),
        ],
        THE_END,
    )
    run = start_run(root, script)
    assert drive(run).exit_code == 0
    assert [d.path for d in of(ev.ScopeDenied, run)] == ["apps/web/page.tsx", "../outside.py"]
    assert not (root / "apps/web").exists() and not (tmp_path / "outside.py").exists()
    assert "refused" in written(root, "BACKEND-LOG.md")


def test_a_write_beside_the_scope_asks_with_the_workers_rationale(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), write("scripts/count.py", "x = 1\n", rationale="a one-off script")),
            reply(edit("TOTAL: int = 0", GOOD), close_chunk()),
        ],
        THE_END,
    )
    answers = AnswersFile(
        name="a.yaml", decisions=(DecisionAnswer(match="does not name", option="1", text="", note=""),)
    )
    run = start_run(root, script, answers=answers)
    assert drive(run).exit_code == 0
    asked = of(ev.DecisionRequested, run)[0]
    assert asked.policy.outcome == "escalate" and "a one-off script" in asked.request.context
    assert "x = 1" in (asked.request.subject or "")
    assert (root / "scripts/count.py").read_text() == "x = 1\n"


# --- decisions --------------------------------------------------------------------------


def test_tier_1_is_accepted_and_recorded(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), raise_decision()),
            reply(edit("TOTAL: int = 0", GOOD), close_chunk(), when="Decided by auto: Short"),
        ],
        THE_END,
    )
    run = start_run(root, script)
    assert drive(run).exit_code == 0
    assert "id: AUTO-001" in written(root, "DECISIONS-AUTO.yaml")


def test_an_escalation_with_nobody_there_blocks_and_goes_on_when_answered(tmp_path: Path) -> None:
    from core.answering import answer

    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), raise_decision(title="Which table?", architectural=True)),
            reply(edit("TOTAL: int = 0", GOOD), close_chunk(), when="Decided by user: Long"),
        ],
        THE_END,
    )
    run = start_run(root, script)
    finished = drive(run)
    assert finished.exit_code == 3
    assert finished.reason == "Architectural decision required - Which table?"
    assert "## Architectural Decision Required" in written(root, "BLOCKERS.md")
    request = run.state.pending[0].request_id
    with pytest.raises(InputFault, match="there is no option 7"):
        answer(root, run.run_id, request, "7", "")
    answer(root, run.run_id, request, "2", "because")
    assert "decided_by: user" in written(root, "ARCHITECTURAL-DECISIONS.yaml")
    again = resume_run(root, script, run.run_id)
    assert drive(again).exit_code == 0
    assert len(of(ev.DecisionRequested, again)) == 1


async def test_a_person_answers_and_the_worker_goes_on_in_the_same_turn(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), raise_decision(tier=2)),
            reply(edit("TOTAL: int = 0", GOOD), close_chunk(), when="Decided by user: Middle"),
        ],
        THE_END,
    )

    def person(run: Run) -> Command:
        pending = run.state.pending[0]
        if pending.kind == "decision":
            with pytest.raises(CommandRefused, match="an option or a text"):
                run.submit(AnswerDecision(request_id=pending.request_id))
            return AnswerDecision(request_id=pending.request_id, text="Middle", note="why not")
        return approve(run)

    run = start_run(root, script, attended=True)
    assert (await drive_attended(run, person)).exit_code == 0
    assert "decision: Middle" in written(root, "ARCHITECTURAL-DECISIONS.yaml")


async def test_a_declined_decision_ends_the_run_blocked_and_waits_in_the_journal(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(tmp_path, [reply(open_chunk(), raise_decision(tier=2))])
    run = start_run(root, script, attended=True)

    def person(run: Run) -> Command:
        return DeclineDecision(request_id=run.state.pending[0].request_id)

    finished = await drive_attended(run, person)
    assert (finished.outcome, finished.exit_code) == ("blocked", 3)
    assert "Which name?" in written(root, "BLOCKERS.md")
    assert [p.kind for p in run.state.pending] == ["decision"]


@pytest.mark.parametrize("option", ["1", "2"])
def test_a_delete_asks_and_shows_the_bytes(tmp_path: Path, option: str) -> None:
    root = make_workspace(tmp_path, {**QUICK_CHECK, "apps/api/services/items/old.py": "OLD = 1\n"})
    delete = {"delete_file": {"path": "apps/api/services/items/old.py", "rationale": "unused"}}
    script = script_file(
        tmp_path, [reply(open_chunk(), delete, edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )
    answers = AnswersFile(
        name="a", decisions=(DecisionAnswer(match="^Delete ", option=option, text="", note=""),)
    )
    run = start_run(root, script, answers=answers, autonomous="aggressive")
    assert drive(run).exit_code == 0
    asked = of(ev.DecisionRequested, run)[0]
    assert asked.policy.tier == 4 and "OLD = 1" in (asked.request.subject or "")
    assert (root / "apps/api/services/items/old.py").exists() == (option == "2")


def test_an_approved_delete_is_of_the_bytes_that_were_shown(tmp_path: Path) -> None:
    from core.answering import answer

    old = "apps/api/services/items/old.py"
    root = make_workspace(tmp_path, {**QUICK_CHECK, old: "OLD = 1\n"})
    delete = {"delete_file": {"path": old, "rationale": "unused"}}
    script = script_file(
        tmp_path, [reply(open_chunk(), delete, edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )
    run = start_run(root, script)
    assert drive(run).exit_code == 3
    answer(root, run.run_id, run.state.pending[0].request_id, "1", "")
    (root / old).write_text("PRECIOUS = 1\n")
    again = resume_run(root, script, run.run_id)
    assert drive(again).exit_code == 3, "other bytes are another question"
    assert (root / old).read_text() == "PRECIOUS = 1\n"
    assert "PRECIOUS" in (again.state.decisions[-1].request.subject or "")
    assert len(again.state.pending) == 1


def test_a_command_outside_the_templates_asks_first(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path, [reply(open_chunk(), {"run_command": {"argv": ["touch", "ran"], "reason": "to see"}})]
    )
    run = start_run(root, script, autonomous="aggressive")
    assert drive(run).exit_code == 3
    assert not (root / "ran").exists()


# --- review -----------------------------------------------------------------------------


def reviewer(*verdicts: ReviewAnswer) -> AnswersFile:
    return AnswersFile(name="answers", reviews=verdicts)


def test_requested_changes_reach_the_worker_as_one_review(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk()),
            reply(edit(GOOD, "TOTAL: int = 2"), close_chunk("two"), when="service.py:3: two, please"),
        ],
        THE_END,
    )
    changes = ReviewAnswer(
        chunk=1,
        round=1,
        verdict="request_changes",
        comment="Nearly.",
        comments=(ReviewComment(text="two, please", path=SERVICE, line=3),),
    )
    run = start_run(root, script, answers=reviewer(changes))
    assert drive(run).exit_code == 0
    assert "TOTAL: int = 2" in (root / SERVICE).read_text()
    log = written(root, "BACKEND-LOG.md")
    assert log.index("changes requested") < log.index("Changes after review") < log.index("approved")


def test_a_reverted_chunk_leaves_every_byte_as_it_was(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    before = (root / SERVICE).read_bytes()
    script = script_file(
        tmp_path,
        [
            reply(
                open_chunk(),
                edit("TOTAL: int = 0", GOOD),
                write("apps/api/services/new/a.py", "A = 1\n"),
                close_chunk(),
                when="Open the next chunk",
            ),
        ],
        THE_END,
    )
    verdicts = (ReviewAnswer(chunk=1, round=None, verdict="revert", comment="no", comments=()),)
    run = start_run(root, script, answers=AnswersFile(name="a", reviews=verdicts))
    assert drive(run).exit_code == 0
    reverted = of(ev.ChunkReverted, run)[0]
    assert {change.path for change in reverted.files} == {SERVICE, "apps/api/services/new/a.py"}
    note = of(ev.ConversationStarted, run)[1].note
    assert "was reverted by answers file: no" in note
    # The second chunk did it again, from the state before the first.
    assert of(ev.FileChanged, run)[2].change.before == of(ev.FileChanged, run)[0].change.before
    assert before != (root / SERVICE).read_bytes()


async def test_an_approval_is_of_the_diff_that_was_shown(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path, [reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )

    def person(run: Run) -> Command:
        given = approve(run)
        with pytest.raises(CommandRefused, match="changed since it was shown"):
            run.submit(ReviewChunk(request_id=given.request_id, verdict="approve", diff_hash="0" * 64))
        return given

    run = start_run(root, script, attended=True)
    assert (await drive_attended(run, person)).exit_code == 0


@pytest.mark.parametrize("verdict", ["approve", "revert"])
async def test_an_edit_during_the_review_voids_the_verdict_and_is_shown(
    tmp_path: Path, verdict: ReviewVerdict
) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path, [reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )
    mine = f"{GOOD}  # mine\n"

    def person(run: Run) -> Command:
        given = approve(run)
        assert isinstance(given, ReviewChunk)
        if not (root / SERVICE).read_text().endswith(mine):
            (root / SERVICE).write_text(f"# top\n{mine}")
            return replace(given, verdict=verdict)
        return given

    run = start_run(root, script, attended=True)
    assert (await drive_attended(run, person)).exit_code == 0
    asked = of(ev.ReviewRequested, run)
    assert len(asked) == 2 and asked[0].diff_hash != asked[1].diff_hash
    assert (root / SERVICE).read_text() == f"# top\n{mine}", "never overwritten"
    assert [r.verdict for r in of(ev.ReviewResolved, run)] == ["approve"]
    assert "changed outside the run" in run.state.warnings[-1]
    assert len([c for c in of(ev.CheckFinished, run) if c.chunk == 1]) == 2, "checked again with the edit"


def test_an_approval_given_earlier_is_void_when_the_file_changed_before_the_run_went_on(
    tmp_path: Path,
) -> None:
    from core.answering import answer

    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path, [reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )
    run = start_run(root, script, review="each")
    assert drive(run).exit_code == 3
    request = run.state.pending[0].request_id
    (root / SERVICE).write_text("EVIL = 1\n")
    with pytest.raises(InputFault, match="changed since the chunk was closed"):
        answer(root, run.run_id, request, "approve", "")
    (root / SERVICE).write_bytes(run._blobs.get(run.state.chunks[0].changes[-1].after or ""))
    answer(root, run.run_id, request, "approve", "")
    (root / SERVICE).write_text("EVIL = 1\n")
    again = resume_run(root, script, run.run_id, review="each")
    assert drive(again).exit_code == 3, "asked again, with the edit in the diff"
    assert len(again.state.pending) == 1


async def test_stopped_at_the_review_the_same_review_is_asked_again(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path, [reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )

    def stops(run: Run) -> Command:
        given = approve(run)
        assert isinstance(given, ReviewChunk)
        return ReviewChunk(request_id=given.request_id, verdict="stop", diff_hash=given.diff_hash)

    run = start_run(root, script, attended=True)
    assert (await drive_attended(run, stops)).exit_code == 5
    again = resume_run(root, script, run.run_id, attended=True)
    assert (await drive_attended(again, approve)).exit_code == 0
    assert len(of(ev.CheckFinished, again)) == 2  # one for the chunk, one at the end


# --- steering ---------------------------------------------------------------------------


async def test_a_message_goes_out_with_the_next_turn(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk()),
        ],
        [reply(complete(), when="Message from the supervisor: hurry")],
    )

    def person(run: Run) -> Command:
        run.submit(SendMessage(text="hurry"))
        return approve(run)

    run = start_run(root, script, attended=True)
    assert (await drive_attended(run, person)).exit_code == 0
    assert run.state.queued_messages == ()


async def test_stop_at_the_boundary_finishes_the_chunk(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path, [reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )

    def person(run: Run) -> Command:
        run.submit(Stop(when="boundary"))
        return approve(run)

    run = start_run(root, script, attended=True)
    finished = await drive_attended(run, person)
    assert finished.exit_code == 5 and run.state.chunks[0].status == "approved"
    again = resume_run(root, script, run.run_id, attended=True)
    assert (await drive_attended(again, approve)).exit_code == 0


async def test_stop_now_while_a_question_waits_keeps_the_question(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path,
        [reply(open_chunk(), raise_decision(tier=2)), reply(edit("TOTAL: int = 0", GOOD), close_chunk())],
        THE_END,
    )
    run = start_run(root, script, attended=True)
    finished = await drive_attended(run, lambda _: Stop(when="now"))
    assert finished.exit_code == 5 and [p.kind for p in run.state.pending] == ["decision"]
    again = resume_run(root, script, run.run_id, attended=True)
    assert (await drive_attended(again, approve)).exit_code == 0
    assert len(of(ev.DecisionRequested, again)) == 1


def test_a_budget_blocks_when_nobody_is_there(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path, [reply(open_chunk()), reply(edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )
    run = start_run(root, script, overrides={"budgets.max_turns": 1})
    finished = drive(run)
    assert (finished.outcome, finished.exit_code) == ("blocked", 6)
    assert run.state.turns == 1


# --- the model --------------------------------------------------------------------------


@pytest.mark.parametrize("stop_reason", ["max_tokens", "end_turn"])
def test_calls_of_a_reply_that_did_not_stop_for_tools_are_not_executed(
    tmp_path: Path, stop_reason: str
) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path,
        [
            reply(open_chunk("cut"), say="cut", stop_reason=stop_reason),
            reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk()),
        ],
        THE_END,
    )
    run = start_run(root, script)
    assert drive(run).exit_code == 0
    assert [c.opening.name for c in of(ev.ChunkStarted, run)] == ["count"]


def test_an_unknown_stop_reason_fails_closed(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    run = start_run(root, script_file(tmp_path, [reply(open_chunk(), stop_reason="paused_for_art")]))
    finished = drive(run)
    assert (finished.outcome, finished.exit_code) == ("failed", 7)
    assert not of(ev.ToolStarted, run)


def test_a_script_that_ends_fails_the_run(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    finished = drive(start_run(root, script_file(tmp_path, [reply(open_chunk())])))
    assert (finished.outcome, finished.exit_code) == ("failed", 7)


# --- ends that a resumed run can leave again ---------------------------------------------


async def test_a_question_about_the_old_process_does_not_wait_in_the_new_one(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path, [reply(open_chunk()), reply(edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )
    limit = {"budgets.max_turns": 1}
    run = start_run(root, script, attended=True, overrides=limit)
    assert (await drive_attended(run, lambda _: Stop(when="now"))).exit_code == 5
    again = resume_run(root, script, run.run_id, overrides={"budgets.max_turns": 50}, review="never")
    assert (await again.drive()).exit_code == 0
    assert again.state.pending == ()


async def test_raising_one_budget_raises_no_other(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path,
        [reply(open_chunk()), reply(edit("TOTAL: int = 0", GOOD)), reply(close_chunk())],
        THE_END,
    )
    asked: list[str] = []

    def person(run: Run) -> Command:
        pending = run.state.pending[0]
        if pending.kind != "budget":
            return approve(run)
        asked.append(pending.title)
        return AnswerInput(request_id=pending.request_id, option="raise")

    run = start_run(
        root, script, attended=True, overrides={"budgets.max_turns": 1, "budgets.max_tokens": 100_000_000}
    )
    assert (await drive_attended(run, person)).exit_code == 0
    assert asked and all("turns" in title for title in asked)


def test_a_cost_limit_without_a_price_is_refused(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    with pytest.raises(InputFault, match="no price for the model scripted"):
        start_run(root, script_file(tmp_path, THE_END), overrides={"budgets.max_cost_usd": 1})
    assert not (root / ".signoff").exists()


def test_a_reported_blocker_is_left_by_resuming(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    blocker = {"report_blocker": {"reason": "no database", "context": "", "steps": ["1"]}}
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), blocker),
            reply(edit("TOTAL: int = 0", GOOD), close_chunk(), when="resumed after your blocker"),
        ],
        THE_END,
    )
    run = start_run(root, script)
    assert drive(run).exit_code == 3
    assert drive(resume_run(root, script, run.run_id)).exit_code == 0
    assert "Resolved" in written(root, "BLOCKERS.md")


def test_a_run_that_ended_without_a_signal_goes_on_when_resumed(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    talk = [{"say": f"thinking {n}"} for n in range(3)]
    script = script_file(
        tmp_path, [*talk, reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )
    run = start_run(root, script)
    assert drive(run).exit_code == 5
    assert drive(resume_run(root, script, run.run_id)).exit_code == 0


def test_thinking_is_never_the_end_of_an_assistant_message(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    cut = {"think": "hm", "calls": [open_chunk()], "stop_reason": "max_tokens"}
    script = script_file(
        tmp_path, [cut, reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )
    run = start_run(root, script)
    drive(run)
    conversation = Conversation(run._blobs.get)
    for record in read(run.folder)[1]:
        conversation.apply(record)
        if isinstance(record.event, ev.ModelTurnStarted) and record.event.turn == 2:
            messages = conversation.request(run.state, ()).messages
            assert [m.role for m in messages if m.role == "assistant"] == []
            return
    raise AssertionError("there was a second turn")


async def test_a_message_sent_at_the_very_end_is_read_before_the_run_completes(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(
        tmp_path,
        [reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk())],
        [reply(raise_decision(tier=2), complete()), reply(complete(), when="Message from the supervisor")],
    )

    def person(run: Run) -> Command:
        if run.state.pending[0].kind == "decision":
            run.submit(SendMessage(text="wait"))
        return approve(run)

    run = start_run(root, script, attended=True)
    assert (await drive_attended(run, person)).exit_code == 0
    assert run.state.queued_messages == ()


def test_a_linked_story_folder_protects_what_it_leads_to(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    real = root / "apps/api/stories" / small.STORY
    real.parent.mkdir(parents=True)
    (root / small.STORY_FOLDER).rename(real)
    (root / small.STORY_FOLDER).symlink_to(real)
    plan = f"apps/api/stories/{small.STORY}/_implementation/IMPLEMENTATION-PLAN.md"
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), {"read_file": {"path": plan}}, write(plan, "# easier\n")),
            reply(edit("TOTAL: int = 0", GOOD), close_chunk()),
        ],
        THE_END,
    )
    run = start_run(root, script)
    drive(run)
    assert (root / plan).read_text() == small.PLAN


# --- several runs -----------------------------------------------------------------------


def test_an_earlier_log_is_continued_not_rewritten(tmp_path: Path) -> None:
    earlier = "# Log\n\n## Chunk 3 — from before\n- Objective: x\n\nBACKEND PARTIAL"
    root = make_workspace(tmp_path, {**QUICK_CHECK, f"{small.IMPLEMENTATION}/BACKEND-LOG.md": earlier})
    script = script_file(
        tmp_path, [reply(open_chunk(), edit("TOTAL: int = 0", GOOD), close_chunk())], THE_END
    )
    assert drive(start_run(root, script)).exit_code == 0
    log = written(root, "BACKEND-LOG.md")
    assert log.startswith(earlier) and "## Chunk 4 — count" in log


def test_one_run_per_story_and_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, QUICK_CHECK)
    script = script_file(tmp_path, THE_END)
    run = start_run(root, script)
    with pytest.raises(InputFault, match=rf"DEMO-001 is held by another run: run {run.run_id}, process"):
        start_run(root, script)
    run.close()
    start_run(root, script).close()


def test_an_untrusted_workspace_is_refused_with_the_command_that_trusts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    root = make_workspace(tmp_path)
    with pytest.raises(InputFault, match=f"signoff trust {root}"):
        start_run(root, script_file(tmp_path, THE_END), trusted=False)
    assert not (root / ".signoff").exists()
