"""Writes that are acts (a dependency, CI, auth, a port, a drop) in whole runs: asked, shown, bound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import events as ev
from core.answering import answer
from core.answers_file import AnswersFile, DecisionAnswer
from core.commands import AnswerDecision, Command, CommandRefused, ReviewChunk
from core.domain import AutonomyLevel, DecisionRequest
from core.session import Run
from tests.core.small_story import (
    PLAN,
    close_chunk,
    complete,
    drive,
    drive_attended,
    edit,
    events,
    make_workspace,
    open_chunk,
    reply,
    resume_run,
    script_file,
    start_run,
    write,
    written,
)

MANIFEST = "apps/api/package.json"
BEFORE = '{\n  "name": "api",\n  "dependencies": {\n    "hono": "1.0.0"\n  }\n}\n'
AFTER = BEFORE.replace('"1.0.0"', '"1.0.0",\n    "left-pad": "1.3.0"')
ADD = edit('"hono": "1.0.0"', '"hono": "1.0.0",\n    "left-pad": "1.3.0"', MANIFEST)
FILES = {MANIFEST: BEFORE, ".signoff/config.yaml": 'checks:\n  commands: [["true"]]\n'}
LEVELS: tuple[AutonomyLevel, ...] = ("conservative", "moderate", "aggressive")


def answered(option: str) -> AnswersFile:
    return AnswersFile(name="a.yaml", decisions=(DecisionAnswer(match=".", option=option, text="", note=""),))


def begin(folder: Path, *calls: dict[str, Any], extra: dict[str, str] | None = None, **more: Any) -> Run:
    root = make_workspace(folder, {**FILES, **(extra or {})})
    script = script_file(folder, [reply(open_chunk(), *calls, close_chunk())], [reply(complete())])
    return start_run(root, script, **more)


def of(kind: type[Any], run: Run) -> list[Any]:
    return [event for event in events(run) if isinstance(event, kind)]


def asked(run: Run) -> list[DecisionRequest]:
    return [event.request for event in of(ev.DecisionRequested, run)]


def broken_rules(run: Run) -> list[str]:
    return [finding.rule for finding in run.state.chunks[0].findings]


# --- asked ------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_a_new_dependency_asks_at_every_level(tmp_path: Path, level: AutonomyLevel) -> None:
    run = begin(tmp_path, ADD, autonomous=level)
    finished = drive(run)
    title = f"Add dependency left-pad in {MANIFEST}"
    assert (finished.exit_code, finished.reason) == (3, f"Architectural decision required - {title}")
    root = tmp_path / "workspace"
    assert (root / MANIFEST).read_text() == BEFORE
    blockers = written(root, "BLOCKERS.md")
    assert "## Architectural Decision Required" in blockers and title in blockers
    (decision,) = run.state.decisions
    assert (decision.policy.tier, decision.request.risk, decision.request.raised_by) == (5, "high", "engine")


def test_exactly_what_would_be_written_is_shown(tmp_path: Path) -> None:
    run = begin(tmp_path, ADD)
    drive(run)
    (request,) = asked(run)
    subject, sha = request.subject or "", request.subject_sha or ""
    assert '-    "hono": "1.0.0"\n+    "hono": "1.0.0",\n+    "left-pad": "1.3.0"\n' in subject
    assert len(sha) == 64 and request.id.endswith(f":{sha[:16]}")


def test_a_new_file_is_shown_whole_and_other_bytes_have_another_hash(tmp_path: Path) -> None:
    requests = []
    for n, content in enumerate(("name: ci\n" * 400, "name: ci\n" * 401)):
        run = begin(tmp_path / str(n), write(".github/workflows/ci.yml", content))
        drive(run)
        requests += asked(run)
        assert (requests[-1].subject or "").endswith(content)
    assert len({r.subject_sha for r in requests}) == 2


@pytest.mark.parametrize(
    ("path", "before", "after", "title"),
    [
        (
            ".github/workflows/ci.yml",
            None,
            "on: push\n",
            "Change CI in {}, which the story does not name",
        ),
        ("apps/api/auth/rights.py", None, "A = 1\n", "Change authentication or authorization in {}"),
        ("apps/api/migrations/1.sql", None, "DROP TABLE t;\n", "Destroy data (DROP TABLE t) in {}"),
        ("apps/api/.env.example", "PORT=1\n", "PORT=2\n", "Change port PORT to 2 in {}"),
        (
            MANIFEST,
            "{}\n",
            '{"scripts": {"postinstall": "node x"}}\n',
            "Change script postinstall: node x in {}",
        ),
    ],
)
def test_other_acts_ask_once_in_tier_4(
    tmp_path: Path, path: str, before: str | None, after: str, title: str
) -> None:
    extra = {path: before} if before else {}
    look: list[dict[str, Any]] = [{"read_file": {"path": path}}] if before else []
    run = begin(tmp_path, *look, write(path, after), extra=extra, autonomous="aggressive")
    assert drive(run).exit_code == 3
    (decision,) = run.state.decisions
    assert decision.request.title == title.format(path)
    assert (decision.policy.tier, decision.policy.architectural) == (4, "auth" in path)
    file = tmp_path / "workspace" / path
    assert (file.read_text() if file.exists() else None) == before


def test_a_planned_auth_file_is_written_without_a_question(tmp_path: Path) -> None:
    path = "apps/api/auth/rights.py"
    plan = PLAN.replace("`apps/api/services/items/names.py`", f"`{path}`")
    named = {"plans/features/demo/in-progress/DEMO-001/_implementation/IMPLEMENTATION-PLAN.md": plan}
    run = begin(tmp_path, write(path, "A = 1\n"), extra=named, review="never")
    assert drive(run).exit_code == 0
    assert not asked(run)


def test_a_file_of_several_acts_is_one_question(tmp_path: Path) -> None:
    before = BEFORE.replace('"name"', '"scripts": {\n    "dev": "vite --port 3000"\n  },\n  "name"')
    after = before.replace("3000", "3001").replace(
        '"1.0.0"', '"1.0.0", "b": "1", "c": "1", "d": "1", "e": "1"'
    )
    run = begin(tmp_path, {"read_file": {"path": MANIFEST}}, write(MANIFEST, after), extra={MANIFEST: before})
    drive(run)
    (request,) = asked(run)
    assert request.title == f"Change port script dev to 3001; add dependency b, c, d, 1 more in {MANIFEST}"
    assert "b, c, d, e" in request.context
    assert (request.tier_view, request.architectural) == (4, True)


def test_what_the_chunk_made_itself_is_its_own_to_change(tmp_path: Path) -> None:
    path = "apps/api/.env.example"
    run = begin(tmp_path, write(path, "PORT=1\n"), edit("PORT=1", "PORT=2", path), review="never")
    assert drive(run).exit_code == 0
    assert not asked(run) and "port-changed" not in broken_rules(run)


ENV = "apps/api/.env.example"
READ_ENV = {"read_file": {"path": ENV}}


@pytest.mark.parametrize(
    ("port", "count"), [("4000", 1), ("3000", 0)], ids=["with another number", "with its own number"]
)
def test_a_port_that_goes_and_comes_back_is_asked_for_what_it_is_now(
    tmp_path: Path, port: str, count: int
) -> None:
    taken = edit("PORT=3000\n", "", ENV), edit("A=1", f"A=1\nPORT={port}", ENV)
    run = begin(tmp_path, READ_ENV, *taken, extra={ENV: "PORT=3000\nA=1\n"}, answers=answered("1"))
    assert drive(run).exit_code == 0
    assert len(asked(run)) == count
    assert [f for f in run.state.chunks[0].findings if f.severity == "block"] == []


def test_what_was_allowed_in_the_chunk_is_not_asked_with_its_next_write(tmp_path: Path) -> None:
    calls = edit("PORT=3000", "PORT=4000", ENV), edit("A=1", "A=2", ENV)
    run = begin(tmp_path, READ_ENV, *calls, extra={ENV: "PORT=3000\nA=1\n"}, answers=answered("1"))
    assert drive(run).exit_code == 0
    assert len(asked(run)) == 1
    assert (tmp_path / "workspace" / ENV).read_text() == "PORT=4000\nA=2\n"


# --- answered ---------------------------------------------------------------------------


def test_refused_is_not_written_and_the_worker_is_told(tmp_path: Path) -> None:
    run = begin(tmp_path, ADD, answers=answered("2"))
    assert drive(run).exit_code == 0
    assert (tmp_path / "workspace" / MANIFEST).read_text() == BEFORE
    assert "not written: Refuse" in next(e.text for e in of(ev.ToolFinished, run) if e.name == "edit_file")
    assert not of(ev.FileChangeStarted, run)


def test_allowed_is_written_and_no_rule_flags_it_again(tmp_path: Path) -> None:
    stub = write("apps/api/services/items/names.py", "# TODO: names\n")
    run = begin(tmp_path, ADD, stub, answers=answered("1"))
    drive(run)
    assert (tmp_path / "workspace" / MANIFEST).read_text() == AFTER
    assert "dependency" not in broken_rules(run)
    assert "todo" in broken_rules(run), "what else is wrong is still seen"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [("apps/api/migrations/1.sql", "", "DROP TABLE t;\n"), ("apps/api/.env.example", "PORT=1\n", "PORT=2\n")],
)
def test_an_allowed_drop_or_port_is_not_flagged_again(
    tmp_path: Path, path: str, before: str, after: str
) -> None:
    look = {"read_file": {"path": path}}
    run = begin(tmp_path, look, write(path, after), extra={path: before}, answers=answered("1"))
    assert drive(run).exit_code == 0
    assert len(asked(run)) == 1
    assert not [f for f in run.state.chunks[0].findings if f.severity == "block"]


@pytest.mark.parametrize("whole", [False, True])
def test_an_answer_given_later_is_carried_out_by_the_resumed_run(tmp_path: Path, whole: bool) -> None:
    """Also where the worker overwrites a file that only the earlier process read."""
    calls = [{"read_file": {"path": MANIFEST}}, write(MANIFEST, AFTER)] if whole else [ADD]
    run = begin(tmp_path, *calls, review="never")
    root = tmp_path / "workspace"
    assert drive(run).exit_code == 3
    answer(root, run.run_id, run.state.pending[0].request_id, "1", "")
    again = resume_run(root, tmp_path / "script.yaml", run.run_id, review="never")
    assert drive(again).exit_code == 0
    assert (root / MANIFEST).read_text() == AFTER
    assert len(asked(again)) == 1 and "dependency" not in broken_rules(again)


def test_an_allowed_write_is_of_the_bytes_that_were_shown(tmp_path: Path) -> None:
    run = begin(tmp_path, ADD)
    root = tmp_path / "workspace"
    assert drive(run).exit_code == 3
    answer(root, run.run_id, run.state.pending[0].request_id, "1", "")
    theirs = BEFORE.replace('"api"', '"api-of-theirs"')
    (root / MANIFEST).write_text(theirs)
    again = resume_run(root, tmp_path / "script.yaml", run.run_id)
    assert drive(again).exit_code == 3, "other bytes are another question"
    assert (root / MANIFEST).read_text() == theirs
    assert len(asked(again)) == 2


def test_an_unread_file_is_no_question(tmp_path: Path) -> None:
    run = begin(tmp_path, write(MANIFEST, AFTER), answers=answered("1"))
    drive(run)
    assert not asked(run)
    assert "was not read yet" in next(e.text for e in of(ev.ToolFinished, run) if e.name == "write_file")


# --- a person ---------------------------------------------------------------------------


def approve(run: Run) -> AnswerDecision | ReviewChunk:
    pending, chunk = run.state.pending[0], run.state.chunk
    if pending.kind == "review":
        assert chunk is not None and chunk.review is not None
        return ReviewChunk(request_id=pending.request_id, verdict="approve", diff_hash=chunk.review.diff_hash)
    decision = run.state.decision(pending.request_id)
    assert decision is not None
    return AnswerDecision(request_id=pending.request_id, option="1", subject_sha=decision.request.subject_sha)


async def test_a_file_that_changes_before_the_answer_is_not_written(tmp_path: Path) -> None:
    run = begin(tmp_path, ADD, attended=True)
    file = tmp_path / "workspace" / MANIFEST
    theirs = BEFORE + "\n"

    def person(run: Run) -> Command:
        if run.state.pending[0].kind == "decision":
            file.write_text(theirs)
        return approve(run)

    await drive_attended(run, person)
    assert file.read_text() == theirs
    told = next(e for e in of(ev.ToolFinished, run) if e.name == "edit_file")
    assert told.is_error and "changed" in told.text and "read it again" in told.text


async def test_an_approval_of_something_else_is_refused(tmp_path: Path) -> None:
    run = begin(tmp_path, ADD, attended=True)

    def person(run: Run) -> Command:
        right = approve(run)
        if isinstance(right, AnswerDecision):
            for sha in ("0" * 64, None):
                with pytest.raises(CommandRefused, match="what was shown is not what would happen now"):
                    run.submit(replace(right, subject_sha=sha))
        return right

    assert (await drive_attended(run, person)).exit_code == 0
    assert (tmp_path / "workspace" / MANIFEST).read_text() == AFTER
    (decision,) = run.state.decisions
    assert decision.answer is not None and decision.answer.subject_sha == decision.request.subject_sha


@pytest.mark.parametrize(
    "call",
    [
        {"delete_file": {"path": MANIFEST, "rationale": "unused"}},
        {"run_command": {"argv": ["pnpm", "add", "left-pad"], "reason": "to pad"}},
        write("scripts/count.py", "x = 1\n"),
    ],
)
def test_every_act_that_the_engine_asks_about_has_a_hash(tmp_path: Path, call: dict[str, Any]) -> None:
    run = begin(tmp_path, call, autonomous="aggressive")
    assert drive(run).exit_code == 3
    assert len(asked(run)[0].subject_sha or "") == 64
