"""Budgets: a word before the limit, a question at it, and time that counts only while the run works."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import events as ev
from core.fold import apply, worked_until
from core.run_state import RunState
from tests.core import small_story as story

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def record(seq: int, seconds: float, event: ev.Event) -> ev.Record:
    return ev.Record(seq=seq, run_id="r", at=START + timedelta(seconds=seconds), event=event)


def test_time_counts_while_the_run_works_and_not_while_it_waits_or_is_gone() -> None:
    asked = ev.InputRequested(request_id="q", kind="environment", title="t", detail="", options=(("a", "A"),))
    resumed = ev.RunResumed(headless=True, model="m", scripted=True, review="each")
    happened: list[tuple[float, ev.Event]] = [
        (0, ev.WarningRaised(text="begin")),
        (10, asked),
        (1000, ev.InputResolved(request_id="q", option="a", text="", by="you")),
        (1015, ev.Paused(by="you")),
        (2000, ev.Resumed(by="you")),
        (2005, ev.WarningRaised(text="the last word before a crash")),
        (90_000, resumed),
        (90_002, ev.WarningRaised(text="x")),
        (89_000, ev.WarningRaised(text="the clock jumped back")),
    ]
    state = RunState()
    for seq, (seconds, event) in enumerate(happened, start=1):
        state = apply(state, record(seq, seconds, event))
    assert state.worked_s == 10 + 15 + 5 + 2
    assert worked_until(state, START + timedelta(seconds=89_004)) == 32 + 4


@pytest.mark.parametrize(
    ("limit", "kind"), [({"budgets.max_turns": 5}, "turns"), ({"budgets.max_minutes": 0.000_001}, "minutes")]
)
def test_a_limit_is_announced_asked_about_and_with_nobody_there_blocks(
    tmp_path: Path, limit: dict[str, object], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    root = story.make_workspace(tmp_path)
    script = story.script_file(
        tmp_path,
        [story.reply({"search": {"pattern": "a"}})],
        otherwise=story.reply({"read_file": {"path": story.SERVICE}}),
    )
    run = story.start_run(root, script, overrides=limit)
    finished = story.drive(run)
    assert (finished.outcome, finished.exit_code) == ("blocked", 6)
    said = story.events(run)
    near = [e for e in said if isinstance(e, ev.BudgetNeared)]
    reached = [e for e in said if isinstance(e, ev.BudgetReached)]
    assert [e.kind for e in reached] == [kind]
    if kind == "turns":
        assert [(e.limit, e.used) for e in near] == [(5.0, 4.0)], "once, at four fifths"
