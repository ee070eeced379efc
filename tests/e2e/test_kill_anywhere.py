"""SIGKILL right behind any record of a run that meets nearly all kinds of events: it ends as it would have.

The full count (every record, 500 kills and more) runs with SIGNOFF_SOAK=1.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core import events as ev
from core.fold import fold
from core.journal import read
from core.run_state import RunState
from core.verify import verify
from tests.core.small_story import IMPLEMENTATION

SOAK = bool(os.environ.get("SIGNOFF_SOAK"))
ROOT = Path(__file__).resolve().parents[2]
# What another course of a run brings about, or the clock (a watch over files), not this one.
ELSEWHERE = {
    "BlockerCleared",
    "BlockerRaised",
    "OutsideEditSeen",
    "RunResumed",
    "StopRequested",
    "UnknownEvent",
    "WarningRaised",
}
TIMES = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?|\d+(?:\.\d+)? m?s\b|DEMO-001-\d{8}-\d{6}-[0-9a-f]{4}"
    r"|(?<=Commit: )[0-9a-f]{12}"  # a commit's name holds its time
    r"|(?<=usage: input )[\d,]+"  # the log is part of what is sent, and it says how long checks took
)


def story(folder: Path, *kill_at: int) -> int:
    folder.mkdir(exist_ok=True)
    argv = [sys.executable, "-m", "tests.e2e.kill_story", str(folder), *map(str, kill_at)]
    return subprocess.run(argv, check=False, cwd=ROOT, capture_output=True, timeout=120).returncode


def journal(folder: Path) -> list[ev.Record]:
    (run,) = (folder / "workspace" / ".signoff" / "runs").iterdir()
    assert verify(run).ok
    return read(run)[1]


def outcome(folder: Path) -> dict[str, Any]:
    """All that the run left: files, logs (but for times), and what was decided."""
    root = folder / "workspace"
    files = {
        str(path.relative_to(root)): TIMES.sub("<time>", path.read_text("utf-8"))
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".signoff/" not in f"{path.relative_to(root)}/" and ".git" not in path.parts
    }
    return {"files": files, **shape(fold(journal(folder)))}


def shape(state: RunState) -> dict[str, Any]:
    return {
        "chunks": [(c.number, c.status, c.summary, c.round, c.closed_files) for c in state.opened_chunks],
        "decisions": [
            (d.request, d.policy, d.answer, d.recorded_as, d.overturned and d.overturned.answer)
            for d in state.decisions
        ],
        "steps": [(s.step.id, s.status) for s in state.steps],
        "reviews": [(r.round, r.verdict, r.comment) for c in state.chunks for r in c.reviews],
        "waived": [w.finding for c in state.chunks for w in c.waived],
        "turns": state.turns,
        "outcome": (state.outcome, state.exit_code),
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    assert story(folder) == 0
    return folder


def test_the_story_meets_nearly_every_kind_of_event(whole: Path) -> None:
    met = {type(record.event).__name__ for record in journal(whole)}
    every = {kind.__name__ for kind in ev.Event.__args__}
    assert every - met - ELSEWHERE == set()


def kill_points(records: list[ev.Record]) -> list[int]:
    """Behind the first record of each kind, or behind each record, in a soak again and again."""
    if SOAK:
        return list(range(1, len(records))) * (1 + 500 // len(records))
    kinds = {type(record.event): record.seq for record in reversed(records)}
    return sorted(seq for seq in kinds.values() if seq < len(records))[::8]


def test_killed_behind_any_record_it_ends_as_it_would_have(whole: Path, tmp_path: Path) -> None:
    expected = outcome(whole)
    turns = turns_of(journal(whole))
    for n, point in enumerate(kill_points(journal(whole))):
        folder = tmp_path / f"{n}"
        assert story(folder, point) == -signal.SIGKILL
        before = journal(folder)
        assert len(before) == point
        assert story(folder) == 0, f"killed behind record {point}"
        after = journal(folder)
        assert after[:point] == before, f"killed behind record {point}"
        assert turns_of(after) == turns, f"killed behind record {point}: a turn was asked twice"
        assert commits(folder) == commits(whole), f"killed behind record {point}"
        assert outcome(folder) == expected, f"killed behind record {point}"
        assert (folder / "workspace" / IMPLEMENTATION).is_dir()
        shutil.rmtree(folder)


def commits(folder: Path) -> list[str]:
    argv = ["git", "log", "--format=%s", "--name-status"]
    return subprocess.run(
        argv, cwd=folder / "workspace", check=True, capture_output=True, text=True
    ).stdout.splitlines()


def turns_of(records: list[ev.Record]) -> list[int]:
    return [r.event.turn for r in records if isinstance(r.event, ev.ModelTurnFinished)]
