"""Policy files that can't be read whole: one line with file and line, exit 2, and no run is started."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.core.small_story import FEATURE, STORY, make_workspace, script_file
from tests.e2e.program import signoff

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)
FAULTS = {
    "alias bomb": ("autonomy.yaml", BOMB, 5, "aliases counted as written out"),
    "duplicate key": (
        "preferences.yaml",
        "decay: {rate: 0.9}\nproject_preferences: []\ndecay: {rate: 1}\n",
        3,
        "the key `decay` is already on line 1",
    ),
    "wrong shape": (
        "preferences.yaml",
        "# ours\nproject_preferences:\n  pattern: x\n  choice: y\n",
        2,
        "project_preferences: expected a list",
    ),
    "lookbehind": (
        "decision-classification.yaml",
        "rules:\n  tier_4_destructive:\n    patterns:\n      - drop\n      - '(?<=hard )reset'\n",
        5,
        "the pattern `(?<=hard )reset` is refused",
    ),
}


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> tuple[str, str, int, str]:
    return FAULTS[request.param]


def test_decide_names_file_and_line(tmp_path: Path, fault: tuple[str, str, int, str]) -> None:
    name, text, line, said = fault
    (tmp_path / name).write_text(text)
    done = signoff(
        "decide", "--title", "Blue or green", "--json", "--config", ".", cwd=tmp_path, state=tmp_path / "s"
    )
    assert done.stdout == ""
    refused(done, f"{name}:{line}: ", said)


def test_run_refuses_to_start(tmp_path: Path, fault: tuple[str, str, int, str]) -> None:
    name, text, line, said = fault
    root = make_workspace(tmp_path, {f".claude/config/{name}": text})
    script = f"scripted:{script_file(tmp_path, [])}"
    done = signoff(
        "run", FEATURE, STORY, "--headless", "--trust", "--model", script, cwd=root, state=tmp_path / "s"
    )
    refused(done, f".claude/config/{name}:{line}: ", said)
    assert not (root / ".signoff").exists()


def refused(done: subprocess.CompletedProcess[str], place: str, said: str) -> None:
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert place in done.stderr and said in done.stderr
