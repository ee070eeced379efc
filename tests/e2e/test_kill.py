"""kill -9 during a demo, then `signoff resume`: nothing approved is lost or done twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.events import ChunkFinished, FileChanged, ModelTurnFinished
from core.journal import read
from tests.e2e.program import environ, log_of, signoff
from tests.soak import only_in_soak

ANSWERS = Path(__file__).resolve().parents[2] / "sample_stories/python/answers.yaml"


def start_demo(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tui.cli", "demo", "--headless", "--into", "w"],
        cwd=folder,
        env=environ(folder / "state"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill_when(process: subprocess.Popen[bytes], folder: Path, records: int) -> None:
    """Kills it with SIGKILL once its journal has so many lines."""
    runs = folder / "w" / ".signoff" / "runs"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        journals = list(runs.glob("*/journal.jsonl"))
        if journals and journals[0].read_bytes().count(b"\n") > records:
            break
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


@only_in_soak
@pytest.mark.parametrize("seed", range(20))
def test_killed_and_resumed_the_demo_completes(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    kill_when(start_demo(tmp_path), tmp_path, chance.randrange(2, 280))
    root, state = tmp_path / "w", tmp_path / "state"
    (folder,) = (root / ".signoff" / "runs").iterdir()
    _, before = read(folder)
    done = signoff("resume", folder.name, "--headless", "--answers", ANSWERS, cwd=root, state=state)
    assert done.returncode == 0, done.stderr
    assert signoff("journal", "verify", folder.name, cwd=root, state=state).returncode == 0
    _, after = read(folder)
    assert after[: len(before)] == before
    approved = [r.event.chunk for r in after if isinstance(r.event, ChunkFinished)]
    assert approved == sorted(set(approved)) == [1, 2, 3, 4, 5]
    turns = [r.event.turn for r in after if isinstance(r.event, ModelTurnFinished)]
    assert turns == list(range(1, len(turns) + 1))
    calls = [r.event.call_id for r in after if isinstance(r.event, FileChanged)]
    assert len(calls) == len(set(calls))
    assert log_of(root).count("\n## Chunk ") == 5
    assert log_of(root).rstrip().splitlines()[-1] == "BACKEND COMPLETE"
