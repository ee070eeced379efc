"""The same decisions under each autonomy level."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.commands import AnswerDecision, Command
from core.decisions.tiers import LEVELS
from core.domain import Plan
from core.session import Run
from core.what_if import WhatIf
from tests.core.decided_run import OPTIONS, DecidedRun, settled
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

LOCKED = "project_preferences: [{id: P1, pattern: blue, choice: Right, locked: true}]\n"


def outcomes(found: WhatIf) -> list[list[str]]:
    """For each decision what the levels say, most careful level first."""
    return [[row.at(level).outcome for level in LEVELS] for row in found.rows]


def differs(found: WhatIf) -> list[list[bool]]:
    return [[row.at(level).differs for level in LEVELS] for row in found.rows]


async def test_a_real_run_under_each_level(tmp_path: Path) -> None:
    """At its own level the simulation says what the run did."""
    asked = [
        raise_decision("Which name?"),
        raise_decision("Which casing?", tier=2),
        raise_decision("Which casing?", tier=2),
        raise_decision("Delete the old counters?", tier=1),
    ]
    replies = [reply(open_chunk(), *asked, edit("TOTAL: int = 0", "TOTAL: int = 1")), reply(close_chunk())]
    script = script_file(tmp_path, replies, [reply(complete())])
    run = start_run(make_workspace(tmp_path), script, attended=True, review="never")

    def answer(run: Run) -> Command:
        return AnswerDecision(request_id=run.state.pending[0].request_id, option="2")

    await drive_attended(run, answer)
    found = run.what_if()
    assert found.level == "moderate"
    assert [row.outcome for row in found.rows] == ["auto", "escalate", "covered", "escalate"]
    assert outcomes(found) == [
        ["escalate", "auto", "auto"],
        ["escalate", "escalate", "auto"],
        ["covered", "covered", "auto"],
        ["escalate", "escalate", "escalate"],
    ]
    assert dict(found.interruptions) == {"conservative": 3, "moderate": 2, "aggressive": 1}
    aggressive = found.rows[1].at("aggressive")
    assert (aggressive.choice, aggressive.basis, aggressive.differs) == ("Short", "matrix", True)
    assert (found.rows[1].decision, found.rows[1].decided_by) == ("Long", "user")
    assert differs(found)[0] == [False, False, False]


def test_an_open_question_differs_from_nothing() -> None:
    run = DecidedRun()
    run.ask("Blue or green", 2)
    found = run.what_if()
    assert (found.rows[0].decision, found.rows[0].decided_by) == (None, None)
    assert outcomes(found) == [["escalate", "escalate", "auto"]]
    assert differs(found) == [[False, False, False]]


@pytest.mark.parametrize(
    ("said", "more", "other"),
    [("left.", {}, False), ("Right", {}, True), ("Left", {"rejected": True}, True)],
)
def test_only_another_decision_differs(said: str, more: dict[str, Any], other: bool) -> None:
    run = DecidedRun()
    run.answer(run.ask("Blue or green", 2), said, **more)
    assert differs(run.what_if()) == [[False, False, other]]


def test_the_recorded_fallback_of_an_external_choice_is_no_difference() -> None:
    run = DecidedRun()
    run.answer(run.ask("Blue or green", 5, fallback="do without"), "Left")
    found = run.what_if()
    assert found.rows[0].at("aggressive").choice == "Left; fallback: do without"
    assert differs(found) == [[False, False, False]]


def test_an_overturned_decision_is_what_holds_and_covers_what_comes_after() -> None:
    run = DecidedRun()
    run.overturn(run.ask("Blue or green"), "Right")
    run.ask("Blue or green")
    found = run.what_if()
    assert outcomes(found) == [["escalate", "auto", "auto"], ["covered"] * 3]
    assert differs(found)[0] == [False, True, True]
    assert found.rows[1].at("moderate").choice == "Right"


def test_a_rejected_recommendation_covers_nothing() -> None:
    run = DecidedRun()
    run.answer(run.ask("Blue or green", 2), "", rejected=True)
    run.ask("Blue or green", 2)
    assert dict(run.what_if().interruptions) == {"conservative": 2, "moderate": 2, "aggressive": 0}


def test_plan_and_recorded_decisions_cover_but_never_an_act_of_the_engine() -> None:
    plan = Plan(source="PLAN.yaml", text="- Size of the list: 20\n")
    run = DecidedRun(settled=(settled("Blue or green", "Blue"),), plan=plan)
    run.ask("Blue or green", 2)
    run.ask("Size of the list", 2)
    run.ask("Blue or green", 2, raised_by="engine")
    found = run.what_if()
    assert outcomes(found) == [["covered"] * 3, ["covered"] * 3, ["escalate", "escalate", "auto"]]
    assert found.rows[0].at("moderate").basis == "covered:ARCH-001"


def test_the_limit_of_deferrals_counts_earlier_runs_of_the_story() -> None:
    backlog = "items: [{id: DEF-001, title: Sharing, story_id: WISH-001}]\n"
    files = {"autonomy.yaml": "deferred_backlog: {max_deferred_per_story: 2}\n"}
    run = DecidedRun(files, earlier={"DEFERRED-BACKLOG.yaml": backlog})
    run.ask("Nice to have: a dark mode")
    run.ask("Nice to have: a light mode")
    found = run.what_if()
    assert outcomes(found) == [["defer"] * 3, ["escalate"] * 3]
    assert differs(found)[0] == [False] * 3


def test_the_policy_files_are_those_of_the_moment() -> None:
    run = DecidedRun({"autonomy.yaml": "levels: {moderate: {tier_1: escalate}}\n"})
    run.save_preferences(run.ask("Blue or green"), LOCKED)
    run.ask("Blue or red")
    run.resume({"autonomy.yaml": ""})
    run.ask("Blue or brown")
    found = run.what_if()
    assert found.note == ""
    assert outcomes(found) == [["escalate", "escalate", "auto"], ["auto"] * 3, ["escalate", "auto", "auto"]]
    assert found.rows[1].at("conservative").basis == "preference:P1"


def test_files_that_are_gone_when_the_run_is_resumed_count_no_more() -> None:
    run = DecidedRun({"preferences.yaml": LOCKED})
    run.resume({})
    run.ask("Blue or green")
    assert outcomes(run.what_if()) == [["escalate", "auto", "auto"]]


def test_without_recorded_policy_files_the_answer_says_what_it_rests_on() -> None:
    run = DecidedRun()
    run.ask("Blue or green", 2)
    fallback = DecidedRun({"preferences.yaml": LOCKED}).config
    found = run.what_if(fallback)
    assert outcomes(found) == [["auto"] * 3]
    assert "no policy files" in found.note


def test_a_learned_preference_is_as_old_as_it_was_then() -> None:
    learned = (
        "{id: L1, pattern: blue, choice: Right, confidence: 1, applications: 9, last_applied: 2026-02-01}"
    )
    run = DecidedRun({"preferences.yaml": f"learned_preferences: [{learned}]\n"})
    run.ask("Blue or green", 2)
    assert run.what_if().rows[0].at("conservative").basis == "learned:L1"


def test_a_run_that_has_decided_nothing() -> None:
    found = DecidedRun().what_if()
    assert (found.rows, found.note) == ((), "")
    assert dict(found.interruptions) == dict.fromkeys(LEVELS, 0)


def test_as_json() -> None:
    run = DecidedRun()
    run.answer(run.ask("Blue or green", 2), "Right")
    found = run.what_if().to_json()
    assert found["interruptions"] == {"conservative": 1, "moderate": 1, "aggressive": 0}
    row = found["rows"][0]
    assert (row["title"], row["tier"], row["decision"]) == ("Blue or green", 2, "Right")
    assert row["levels"][2] == {
        "level": "aggressive",
        "outcome": "auto",
        "basis": "matrix",
        "reason": "aggressive accepts tier 2",
        "choice": OPTIONS[0].label,
        "differs": True,
    }
