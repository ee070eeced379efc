"""PENDING-DECISIONS.yaml, and what overturning leaves in DECISIONS-AUTO.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from core import domain as d
from core import events as e
from core.logs.files import LogFiles, fold
from tests.core.logs_run import Run

PENDING = "PENDING-DECISIONS.yaml"
AUTO = "DECISIONS-AUTO.yaml"


def folded(run: Run, name: str) -> Any:
    return yaml.safe_load(fold(run.records, run.get_blob)[name])


def test_a_queued_question_stands_there_until_and_after_it_is_decided() -> None:
    run = Run()
    run.decide("escalate", None, batched=True, resolve=False, rationale="as elsewhere")
    waiting = folded(run, PENDING)
    assert (waiting["schema"], waiting["story"], waiting["phase"]) == (1, "WISH-001", "dev_implementation")
    item = waiting["items"][0]
    assert item.pop("id") == "PEND-001"
    assert item == {
        "title": "Test naming",
        "tier": 1,
        "category": "clarification",
        "context": "Where?",
        "options": ["test_x (+ as elsewhere)", "x_test"],
        "recommendation": "test_x",
        "rationale": "as elsewhere",
        "status": "pending",
        "approved_by": None,
        "decision": None,
    }
    answer = d.Answer(decision='say "why": no', decided_by="answers file", rejected=True)
    run.record(e.DecisionResolved(request_id="d1", answer=answer))
    item = folded(run, PENDING)["items"][0]
    decided = (item["status"], item["approved_by"], item["decision"])
    assert decided == ("rejected", "answers file", 'say "why": no')


def test_an_earlier_runs_items_keep_their_ids_and_words() -> None:
    earlier = b"items:  # ours\r\n- {id: PEND-007, title: Old, status: pending}\r\n"
    run = Run(earlier={PENDING: earlier})
    run.decide("escalate", "ARCH-001", batched=True)
    after = fold(run.records, run.get_blob)[PENDING]
    assert after.startswith(earlier)
    assert [(i["id"], i["status"]) for i in yaml.safe_load(after)["items"]] == [
        ("PEND-007", "pending"),
        ("PEND-008", "approved"),
    ]


def test_an_overturned_entry_keeps_its_history() -> None:
    run = Run()
    run.decide("auto", "AUTO-001", id="d1")
    run.decide("auto", "AUTO-002", id="d2", title="Other")
    before = folded(run, AUTO)
    run.overturn("d1", "x_test", "ARCH-001", reason="it's: clearer # really")
    after = folded(run, AUTO)
    entry = after["decisions"][0]
    assert entry.pop("overturned") == {
        "by": "user",
        "at": run.records[-1].at.replace(microsecond=0),
        "reason": "it's: clearer # really",
        "decision": "x_test",
    }
    assert entry == {**before["decisions"][0], "status": "overturned"}
    assert after["decisions"][1:] == before["decisions"][1:]
    assert after["summary"] == before["summary"]


@pytest.mark.parametrize(
    "edited",
    [
        lambda text: text.replace("status: accepted", "status: 'accepted'   # looked at"),
        lambda text: text.replace("id: AUTO-001", "id: AUTO-009"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff# ours\n" + text,
    ],
)
def test_a_file_edited_by_hand_gets_the_overturning_and_nothing_else(tmp_path: Path, edited: Any) -> None:
    run = Run()
    files = LogFiles(tmp_path, run.started, run.get_blob)
    run.decide("auto", "AUTO-001")
    for record in run.records:
        files.apply(record)
    path = tmp_path / AUTO
    text = edited(path.read_text("utf-8"))
    path.write_bytes(text.encode())
    run.overturn("d1", "x_test", "ARCH-001")
    assert files.apply(run.records[-1]) == ()
    after = path.read_bytes().decode()
    old, new = text.splitlines(keepends=True), after.splitlines(keepends=True)
    added = [line for line in new if "overturned:" in line]
    assert len(added) == 1
    new.remove(added[0])
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert [b.replace("overturned", "accepted") for _, b in changed] == [a for a, _ in changed]
    assert yaml.safe_load(after)["decisions"][0]["status"] == "overturned"


def test_an_entry_that_was_taken_away_is_not_put_back(tmp_path: Path) -> None:
    run = Run()
    files = LogFiles(tmp_path, run.started, run.get_blob)
    run.decide("auto", "AUTO-001")
    for record in run.records:
        files.apply(record)
    (tmp_path / AUTO).write_text("decisions: []\n", "utf-8")
    run.overturn("d1", "x_test", "ARCH-001")
    assert files.apply(run.records[-1]) == ()
    assert (tmp_path / AUTO).read_text("utf-8") == "decisions: []\n"
