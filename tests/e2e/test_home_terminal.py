"""Home in a real terminal: a waiting run is opened, its prompt is there, and home is there again after it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.e2e.program import ROOT, as_json, environ, signoff
from tests.e2e.terminal import Terminal
from tests.soak import only_in_soak

# After this long a prompt takes keys (it ignores them for 400 ms).
OPEN_S = 0.8
SCRIPT = ROOT / "sample_stories" / "python" / "script.yaml"


def terminal(folder: Path, cwd: Path, *argv: str, columns: int = 160, rows: int = 48) -> Terminal:
    program = [sys.executable, "-m", "tui.cli", *argv]
    return Terminal(program, cwd, environ(folder / "state"), columns, rows)


def leave_the_run(shown: Terminal) -> None:
    time.sleep(OPEN_S)
    shown.press("q")
    shown.wait_for("The run stays in its journal")
    time.sleep(OPEN_S)
    shown.press("y")


@pytest.mark.terminal
@pytest.mark.parametrize(("columns", "rows"), [(160, 48), pytest.param(80, 24, marks=only_in_soak)])
def test_from_home_to_the_prompt_and_home_again(tmp_path: Path, columns: int, rows: int) -> None:
    with terminal(tmp_path, tmp_path, "demo", "--into", "w", "--speed", "60") as demo:
        demo.wait_for("? Review - chunk 1")
        leave_the_run(demo)
        demo.exit_code()
    root = tmp_path / "w"
    with terminal(tmp_path, root, columns=columns, rows=rows) as home:
        home.wait_for("WAITING FOR YOU: review")
        assert "1 needs you" in home.text and "enter review" in home.text
        home.press("\r")
        home.wait_for("? Review - chunk 1")
        leave_the_run(home)
        home.wait_for("1 needs you")
        home.press("p")
        home.wait_until_gone("2 Need you 1", timeout_s=60)
        time.sleep(OPEN_S)
        home.press("q")
        home.wait_for("2 Need you 1")
        home.press("q")
        assert home.exit_code(timeout_s=60) == 0
        assert home.raw.rindex(b"\x1b[?1049l") > home.raw.rindex(b"\x1b[?1049h"), (
            "the terminal is left as it was"
        )
    (run,) = as_json(signoff("runs", "list", "--json", cwd=root, state=tmp_path / "state"))
    assert run["state"] == "waiting"


@only_in_soak
@pytest.mark.terminal
def test_a_story_is_started_from_home_once_the_workspace_is_trusted(tmp_path: Path) -> None:
    made = signoff(
        "demo", "--into", "w", "--headless", "--answers", "none", cwd=tmp_path, state=tmp_path / "other"
    )
    assert made.returncode == 3, made.stderr
    root = tmp_path / "w"
    with terminal(tmp_path, root, "home") as home:
        home.wait_for("decision:")
        home.wait_for("Stories in-progress  1")
        home.press("\x1b[F")  # the story, at the end of the list
        home.press("n")
        home.wait_for("Start a run of WISH-001")
        time.sleep(OPEN_S)
        home.press("\r")
        home.wait_for("start the run")
        home.press(f"scripted:{SCRIPT}\r")
        home.wait_for("Trust this workspace?")
        time.sleep(OPEN_S)
        home.press("y")
        home.wait_for("PREPARING", "WORKING", "CHECKING", "WAITING FOR YOU: ")
        leave_the_run(home)
        home.wait_for("2 Need you 2")
        home.press("q")
        assert home.exit_code(timeout_s=60) == 0
    runs = as_json(signoff("runs", "list", "--json", cwd=root, state=tmp_path / "state"))
    assert sorted(run["state"] for run in runs) in (["blocked", "interrupted"], ["blocked", "waiting"])


@pytest.mark.terminal
def test_outside_of_a_checkout_there_is_the_help(tmp_path: Path) -> None:
    with terminal(tmp_path, tmp_path) as shown:
        assert shown.exit_code() == 0
        assert b"usage: signoff" in shown.raw


def test_without_a_terminal_there_is_the_help_or_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    plain = signoff(cwd=tmp_path, state=tmp_path / "state")
    assert plain.returncode == 0 and plain.stdout.startswith("usage: signoff")
    asked = signoff("home", cwd=tmp_path, state=tmp_path / "state")
    assert asked.returncode == 2
    assert asked.stderr == "signoff: home needs a terminal; without one there is: signoff runs list\n"
    nowhere = signoff("home", "--workspace", "/", cwd=tmp_path, state=tmp_path / "state")
    assert nowhere.returncode == 2 and nowhere.stderr.startswith("signoff: /: not in a git checkout")
