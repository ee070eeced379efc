"""Which earlier escalations a new preference would have spared the supervisor."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.absorption import Escalation, earlier_escalations, suggested_pattern, would_absorb
from core.commands import AnswerDecision, Command
from core.decisions.patterns import Pattern, matching, refusal, text_of
from core.domain import DecisionRequest, PolicyOutcome
from core.journal import Header, Journal
from core.runs import state_folder
from core.session import Run
from tests.core.decided_run import DecidedRun
from tests.core.small_story import (
    close_chunk,
    complete,
    drive_attended,
    edit,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    script_file,
    start_run,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def escalation(title: str = "Response shape of the list", number: int = 0, **policy: Any) -> Escalation:
    given: dict[str, Any] = {"outcome": "escalate", "tier": 2, "tier_by": "worker", "basis": "matrix"}
    request = DecisionRequest(
        id=f"D{number}", title=title, context="", options=(), raised_by=policy.pop("raised_by", "worker")
    )
    return Escalation(
        run_id="run-1",
        at=NOON - timedelta(minutes=number),
        request=request,
        policy=PolicyOutcome(reasons=("",), category="", **(given | policy)),
    )


def test_titles_are_those_that_the_preference_would_have_decided() -> None:
    earlier = [
        escalation(),
        escalation("RESPONSE shape of the item", 1),
        escalation("Name of the file", 2),
        escalation("Response shape, the old one", 3, tier=5),
        escalation("Response shape of a new version", 4, tier=1),
    ]
    found = would_absorb("response.*shape", "created item", earlier[0], earlier)
    assert found.titles == ("RESPONSE shape of the item", "Response shape of a new version")
    assert (found.looked_at, found.problem) == (4, "")


BEYOND = [
    ({"tier": 4}, "tier 4 destructive"),
    ({"tier": 5}, "tier 5 external dependency"),
    ({"tier": None}, "a question without a tier"),
    ({"architectural": True, "basis": "architectural"}, "an architectural question"),
    ({"basis": "floor"}, "decision-classification.yaml always asks"),
    ({"basis": "moonshot"}, "beyond the story"),
    ({"basis": "preference:P1"}, "locked preferences disagree"),
    ({"raised_by": "engine"}, "an act that the engine asks about"),
]


@pytest.mark.parametrize(("changes", "said"), BEYOND)
def test_what_no_preference_decides(changes: dict[str, Any], said: str) -> None:
    asked = escalation(number=1, **changes)
    assert said in would_absorb("shape", "x", asked, [escalation()]).problem
    found = would_absorb("shape", "x", escalation(), [asked])
    assert (found.titles, found.looked_at) == ((), 1)


@pytest.mark.parametrize(
    ("pattern", "choice", "problem"),
    [
        (" ", "x", "the pattern is empty"),
        ("shape", " ", "a preference needs a choice"),
        ("(?=shape)", "x", "the pattern is refused: "),
        ("((", "x", "the pattern is refused: "),
        ("colour", "x", "the pattern does not match this question"),
    ],
)
def test_a_pattern_that_cannot_be_used(pattern: str, choice: str, problem: str) -> None:
    found = would_absorb(pattern, choice, escalation(), [escalation(number=1)])
    assert found.problem.startswith(problem)
    assert (found.titles, found.looked_at) == ((), 0)


# --- what was asked earlier -------------------------------------------------------------


def other_run(root: Path, name: str, *titles: str, age: int = 0) -> Path:
    """A run of the workspace whose journal has a question for each title, asked a day (or more) ago."""
    folder = state_folder(root) / "runs" / name
    journal = Journal.create(folder, Header(run_id=name, story_id="S", story_folder="f"))
    made = DecidedRun()
    for title in titles:
        made.ask(title, 2)
    for record in made.records:
        journal.append(replace(record, run_id=name, at=record.at - timedelta(days=1 + age)))
    journal.close()
    os.utime(folder / "journal.jsonl", (1_000_000 - age, 1_000_000 - age))
    return folder


def titles(found: tuple[Escalation, ...]) -> list[str]:
    return [each.request.title for each in found]


def test_this_run_and_the_other_runs_newest_first(tmp_path: Path) -> None:
    other_run(tmp_path, "older", "A", "B", age=5)
    other_run(tmp_path, "newer", "C")
    run = DecidedRun()
    run.ask("D", 2)
    run.ask("taken by itself", 1)
    run.ask("E", 2)
    assert titles(earlier_escalations(tmp_path, run.records)) == ["E", "D", "C", "B", "A"]


def test_this_runs_own_journal_is_not_read_twice(tmp_path: Path) -> None:
    other_run(tmp_path, "run-1", "D")
    run = DecidedRun()
    run.ask("D", 2)
    assert titles(earlier_escalations(tmp_path, run.records)) == ["D"]


def test_damaged_journals_are_passed_over_and_a_torn_line_is_none(tmp_path: Path) -> None:
    other_run(tmp_path, "whole", "A")
    for name, damage in (("line", b'{"type": "decision_requested"}\n'), ("torn", b'{"decision_requested"')):
        with (other_run(tmp_path, name, name) / "journal.jsonl").open("ab") as file:
            file.write(damage)
    (other_run(tmp_path, "other", "other") / "journal.jsonl").write_bytes(b"nonsense\n")
    assert sorted(titles(earlier_escalations(tmp_path, ()))) == ["A", "torn"]


def test_only_the_newest_runs_are_looked_at(tmp_path: Path) -> None:
    for number in range(22):
        other_run(tmp_path, f"run-{number:03d}x", f"Q{number}", age=number)
    assert titles(earlier_escalations(tmp_path, ())) == [f"Q{number}" for number in range(20)]


async def test_a_live_run_previews_what_a_lock_would_have_saved(tmp_path: Path) -> None:
    asked = [raise_decision("Casing of keys", tier=2), raise_decision("Casing of ids", tier=2)]
    work = reply(open_chunk(), *asked, edit("TOTAL: int = 0", "TOTAL: int = 1"))
    script = script_file(tmp_path, [work, reply(close_chunk())], [reply(complete())])
    root = make_workspace(tmp_path)
    other_run(root, "older", "Casing of headers")
    run = start_run(root, script, attended=True, review="never")
    found = []

    def answer(run: Run) -> Command:
        waits = run.state.pending[0]
        found.append(run.would_absorb(waits.request_id, "Short", "casing"))
        return AnswerDecision(request_id=waits.request_id, option="1")

    await drive_attended(run, answer)
    assert [each.titles for each in found] == [
        ("Casing of headers",),
        ("Casing of keys", "Casing of headers"),
    ]
    assert run.would_absorb("no such", "x", "x").problem == "the run has no such question"


# --- a first pattern --------------------------------------------------------------------


def question(title: str) -> DecisionRequest:
    return DecisionRequest(id="D1", title=title, context="", options=())


@pytest.mark.parametrize(
    ("title", "pattern"),
    [
        ("Which response shape should POST /wishlist have?", "response.*shape.*POST.*wishlist"),
        ("Where do the date-fns helpers of the API live now?", "date.*fns.*helpers.*API"),
        ("What is it?", "What.*is.*it"),
        ("???", r"\?\?\?"),
        ("naïve ﬁle", "naïve.*file"),
    ],
)
def test_the_suggested_pattern(title: str, pattern: str) -> None:
    assert suggested_pattern(question(title)) == pattern


@settings(max_examples=200, deadline=None)
@given(title=st.text(max_size=60))
@example("İstanbul ſ K [a](b) .* \\d")
def test_the_suggested_pattern_matches_its_question(title: str) -> None:
    request = question(title)
    pattern = suggested_pattern(request)
    assert refusal(pattern) is None
    assert matching((Pattern(id="p", regex=pattern),), text_of(request))
