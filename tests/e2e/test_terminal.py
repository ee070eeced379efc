"""The demo in a real terminal, every prompt answered by key, to the end."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.program import as_json, environ, log_of, signoff
from tests.e2e.terminal import Terminal
from tests.soak import only_in_soak

# After this long a prompt takes keys (it ignores them for 400 ms).
OPEN_S = 0.8


def demo(folder: Path, columns: int, rows: int, *more: str) -> Terminal:
    argv = [sys.executable, "-m", "tui.cli", "demo", "--into", "w", "--speed", "60", *more]
    return Terminal(argv, folder, environ(folder / "state"), columns, rows)


def approve(terminal: Terminal) -> None:
    """From the run screen: nobody has looked at the diff there, so it is asked once more."""
    terminal.press("a")
    terminal.wait_for("approve all the same")
    time.sleep(OPEN_S)
    terminal.press("y")


def read_to_the_end(terminal: Terminal) -> None:
    """What would happen is longer than its window: it has to be seen before it can be confirmed."""
    while "lines unseen" in terminal.text or "page down read" in terminal.text:
        before = terminal.text
        terminal.press("\x1b[6~")
        time.sleep(0.2)
        if terminal.text == before:
            return


def answer_everything(terminal: Terminal) -> list[str]:
    """Answers each prompt as it comes, by key; what was asked, in order."""
    asked: list[str] = []
    while True:
        found = terminal.wait_for("? Review - chunk", "? Decision - Tier", "Complete")
        if found == "Complete":
            return asked
        time.sleep(OPEN_S)
        if found == "? Review - chunk":
            asked.append("review")
            approve(terminal)
        elif "DESTRUCTIVE" in terminal.text:
            asked.append("tier 4")
            terminal.press("1\r")
            terminal.wait_for("Type the word")
            read_to_the_end(terminal)
            terminal.press("confirm\r")
        else:
            asked.append("decision")
            terminal.press("1\r")
        terminal.wait_until_gone(found)


@pytest.mark.terminal
@pytest.mark.parametrize(("columns", "rows"), [(160, 48), (80, 24)])
def test_the_demo_by_keys_to_the_end(tmp_path: Path, columns: int, rows: int) -> None:
    with demo(tmp_path, columns, rows) as terminal:
        asked = answer_everything(terminal)
        assert asked.count("review") == 5 and asked.count("tier 4") == 1 and "decision" in asked
        time.sleep(OPEN_S)
        terminal.press("q")
        assert terminal.exit_code() == 0
    assert log_of(tmp_path / "w").rstrip().splitlines()[-1] == "BACKEND COMPLETE"
    assert b"\x1b[?1049l" in terminal.raw, "the alternate screen was left"


@pytest.mark.terminal
def test_keys_that_come_with_the_prompt_change_nothing(tmp_path: Path) -> None:
    with demo(tmp_path, 160, 48) as terminal:
        terminal.wait_for("? Review - chunk 1")
        terminal.press("a")
        time.sleep(0.1)
        terminal.press("a")
        time.sleep(1.0)
        assert "? Review - chunk 1" in terminal.text and "approve all the same" not in terminal.text


@pytest.mark.terminal
def test_keys_that_come_with_a_decision_answer_nothing(tmp_path: Path) -> None:
    """UX: a keystroke meant for something else never approves anything."""
    root, state = tmp_path / "w", tmp_path / "state"
    blocked = signoff("demo", "--into", "w", "--headless", "--answers", "none", cwd=tmp_path, state=state)
    assert blocked.returncode == 3, blocked.stderr
    argv = [sys.executable, "-m", "tui.cli", "resume", "WISH-001", "--speed", "60"]
    with Terminal(argv, root, environ(state), 160, 48) as terminal:
        terminal.wait_until_written("? Decision - ")
        time.sleep(0.1)
        for key in ("\r", "1", "a", "y", "x", "t", "l"):
            terminal.press(key)
        time.sleep(OPEN_S)
        shown = terminal.text
        assert "? Decision - " in shown and "enter choose" in shown, shown
        assert "Which tier" not in shown and "Lock as project preference:" not in shown
        assert "decision_resolved" not in _asked_by_hand(root, state)
        terminal.press("1\r")
        terminal.wait_until_gone("? Decision - ")
        assert "decision_resolved" in _asked_by_hand(root, state)


def _asked_by_hand(root: Path, state: Path) -> set[str]:
    """The types of the events about the decision that was put to a person first."""
    shown = signoff("journal", "show", "--json", "WISH-001", cwd=root, state=state)
    events = [json.loads(line)["event"] for line in shown.stdout.splitlines()]
    raised = (e for e in events if e["type"] == "decision_requested" and e["policy"]["outcome"] == "escalate")
    first = next(raised)["request"]["id"]
    return {e["type"] for e in events if e.get("request_id") == first}


@pytest.mark.terminal
@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=only_in_soak)])
def test_a_signal_leaves_the_terminal_as_it_was_and_the_run_resumable(
    tmp_path: Path, number: signal.Signals
) -> None:
    with demo(tmp_path, 160, 48) as terminal:
        terminal.wait_for("? Review - chunk 1")
        terminal.child.kill(number)
        terminal.exit_code()
        assert b"\x1b[?1049l" in terminal.raw
        assert b"\x1b[?1000l" in terminal.raw, "mouse reports were switched off"
    root, state = tmp_path / "w", tmp_path / "state"
    (run,) = as_json(signoff("runs", "list", "--json", cwd=root, state=state))
    assert run["state"] == "waiting" and run["needs_you"][0]["kind"] == "review"


@pytest.mark.terminal
def test_closed_and_resumed_the_same_review_is_on_the_screen(tmp_path: Path) -> None:
    with demo(tmp_path, 160, 48) as terminal:
        terminal.wait_for("? Review - chunk 1")
        time.sleep(OPEN_S)
        terminal.press("q")
        terminal.wait_for("resume")
        time.sleep(OPEN_S)
        terminal.press("y")
        terminal.exit_code()
    argv = [sys.executable, "-m", "tui.cli", "resume", "WISH-001", "--speed", "60"]
    with Terminal(argv, tmp_path / "w", environ(tmp_path / "state"), 160, 48) as again:
        again.wait_for("? Review - chunk 1")
        time.sleep(OPEN_S)
        approve(again)
        again.wait_for("? Review - chunk 2")
    assert "- Review: approved by user" in log_of(tmp_path / "w")
