"""Runs with `checks.warm`: which checks are incremental, and which never are."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from core import events as ev
from core.blobs import Blobs
from core.session import Run
from tests.core.attended import of
from tests.core.small_story import (
    close_chunk,
    complete,
    drive,
    edit,
    events,
    make_workspace,
    open_chunk,
    reply,
    script_file,
    start_run,
)
from tests.core.test_process import make_program
from tests.soak import only_in_soak

WARM = {".signoff/config.yaml": "checks:\n  warm: true\n"}
ZERO = "TOTAL: int = 0"
GOOD = "TOTAL: int = 10"
THE_END: list[dict[str, Any]] = [reply(complete())]


def checks(run: Run) -> list[tuple[int, int, list[str]]]:
    """(chunk, attempt, the commands of its output) of each check."""
    blobs = Blobs(run.folder / "blobs")
    found = []
    for event in of(events(run), ev.CheckFinished):
        shown = blobs.get(event.result.output or "").decode().splitlines()
        programs = [line.split()[1] for line in shown if line.startswith("$ ")]
        found.append((event.chunk, event.attempt, programs))
    return found


def test_a_chunk_is_checked_warm_and_the_whole_run_cold(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, WARM)
    script = script_file(tmp_path, [reply(open_chunk(), edit(ZERO, GOOD)), reply(close_chunk())], THE_END)
    run = start_run(root, script)
    assert drive(run).exit_code == 0
    assert checks(run) == [(1, 0, ["dmypy"]), (0, 0, ["mypy"])]
    (chunk, last) = of(events(run), ev.CheckFinished)
    assert chunk.result.commands[0].argv[:4] == (
        "dmypy", "--status-file", ".signoff/runs/warm/DEMO-001/dmypy-0.json", "run",
    )  # fmt: skip
    assert last.result.commands[0].argv[0] == "mypy"
    assert not (root / ".signoff/runs/warm/DEMO-001").exists()
    assert of(events(run), ev.WarningRaised) == []


@only_in_soak
def test_what_may_end_the_run_is_not_left_to_the_daemon(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, WARM)
    wrong = [f'TOTAL: int = "{"x" * n}"' for n in range(1, 4)]
    script = script_file(
        tmp_path,
        [reply(open_chunk(), edit(ZERO, wrong[0]), close_chunk())]
        + [reply(edit(old, new), close_chunk()) for old, new in pairwise(wrong)],
    )
    run = start_run(root, script)
    assert drive(run).exit_code == 4
    both = ["dmypy", "mypy"]
    assert checks(run) == [(1, 0, both), (1, 1, both), (1, 2, ["mypy"])]


def test_a_daemon_that_does_not_start_is_journaled_and_the_cold_command_run(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, WARM)
    make_program(root / ".venv/bin/mypy")
    make_program(root / ".venv/bin/dmypy", "#!/bin/sh\necho dmypy 2.4.1\n")
    script = script_file(tmp_path, [reply(open_chunk(), edit(ZERO, GOOD), close_chunk())], THE_END)
    run = start_run(root, script)
    assert drive(run).exit_code == 0
    assert checks(run) == [(1, 0, ["mypy"]), (0, 0, ["mypy"])]
    (warning,) = of(events(run), ev.WarningRaised)
    assert warning.text.startswith("the incremental check could not run: mypy's daemon ended: dmypy 2.4.1")


def test_nobody_asked_for_it(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    script = script_file(tmp_path, [reply(open_chunk(), edit(ZERO, GOOD), close_chunk())], THE_END)
    run = start_run(root, script)
    assert drive(run).exit_code == 0
    assert checks(run) == [(1, 0, ["mypy"]), (0, 0, ["mypy"])]
