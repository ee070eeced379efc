"""A crash at any record of a run that queues questions and learns: nothing is asked or counted twice."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from core import events as ev
from core.answers_file import AnswersFile, DecisionAnswer
from core.session import Run
from tests.core.small_story import (
    close_chunk,
    complete,
    drive,
    edit,
    events,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    resume_run,
    script_file,
    start_run,
    written,
)
from tests.core.test_resume import (
    STRIDE,
    Crash,
    assert_logs_follow_the_journal,
    crashing_after,
    files_of,
    shape,
)

PREFERENCES = ".claude/config/preferences.yaml"
LEARNED = """\
learned_preferences:
  - {id: L1, pattern: "which tone", choice: Long, confidence: 0.97, applications: 9, last_applied: 2099-01-01}
"""
CONFIG = {".signoff/config.yaml": 'checks:\n  commands: [["true"]]\n', PREFERENCES: LEARNED}
ANSWERS = AnswersFile(
    name="answers",
    decisions=(
        DecisionAnswer(match="first", option="1", text="", note=""),
        DecisionAnswer(match="second", option="2", text="", note="longer"),
    ),
)


def start(folder: Path) -> tuple[Path, Path, Run]:
    folder.mkdir(exist_ok=True)
    root = make_workspace(folder, CONFIG)
    script = script_file(
        folder,
        [
            reply(open_chunk(), raise_decision("Which tone has it?", tier=2)),
            reply(raise_decision("Which first envelope?", tier=2), say="one"),
            reply(raise_decision("Which second envelope?", tier=2), say="two"),
            reply(edit("0", "1"), say="edit"),
            reply(close_chunk()),
            reply(edit("1", "2"), say="adapt"),
            reply(close_chunk("adapted")),
        ],
        [reply(complete())],
    )
    return root, script, start_run(root, script, answers=ANSWERS, batch=True)


def learned(root: Path) -> dict[str, Any]:
    entry: dict[str, Any] = yaml.safe_load((root / PREFERENCES).read_text("utf-8"))["learned_preferences"][0]
    return {key: entry[key] for key in ("id", "applications")}


def pending(root: Path) -> list[tuple[str, str, str]]:
    items = yaml.safe_load(written(root, "PENDING-DECISIONS.yaml"))["items"]
    return [(item["title"], item["status"], item["decision"]) for item in items]


def code(root: Path) -> dict[str, bytes]:
    return {name: content for name, content in files_of(root).items() if name != PREFERENCES}


def test_a_crash_after_any_record_asks_and_counts_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_root, _, whole = start(tmp_path / "whole")
    assert drive(whole).exit_code == 0
    seen = {type(event) for event in events(whole)}
    assert {ev.BatchPresented, ev.PreferenceSaved, ev.MessageDelivered} <= seen
    for count in range(1, len(events(whole)), STRIDE):
        with monkeypatch.context() as patch:
            crashing_after(count, patch)
            root, script, run = start(tmp_path / str(count))
            with pytest.raises(Crash):
                drive(run)
        again = resume_run(root, script, run.run_id, answers=ANSWERS)
        assert drive(again).exit_code == 0, f"crashed after record {count}"
        assert shape(again) == shape(whole), f"crashed after record {count}"
        assert code(root) == code(whole_root), f"crashed after record {count}"
        assert learned(root) == learned(whole_root) == {"id": "L1", "applications": 10}
        assert pending(root) == pending(whole_root)
        assert_logs_follow_the_journal(root, again)
        shutil.rmtree(root)
