"""A review over two rounds in a real terminal: comments on lines, changes requested, what came of them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.e2e.program import log_of
from tests.e2e.terminal import Terminal
from tests.e2e.test_terminal import OPEN_S, approve, demo
from tests.soak import only_in_soak

CTRL_S = "\x13"
TODO_LINE = 26


def up_to_the_service(terminal: Terminal) -> None:
    """Approves chunks 1 and 2 and answers what chunk 3 asks."""
    while True:
        found = terminal.wait_for("? Review - chunk", "? Decision - Tier")
        if "? Review - chunk 3" in terminal.text:
            return
        time.sleep(OPEN_S)
        if found == "? Review - chunk":
            approve(terminal)
        else:
            terminal.press("1\r")
        terminal.wait_until_gone(found)


def comment(terminal: Terminal, keys: str, text: str, place: str, unsent: str) -> None:
    terminal.press(keys)
    terminal.press("i")
    terminal.wait_for(f"Comment on {place}")
    terminal.press(f"{text}{CTRL_S}")
    terminal.wait_until_gone(f"Comment on {place}")
    terminal.wait_for(unsent)


@pytest.mark.terminal
@only_in_soak
def test_two_comments_a_second_round_and_the_log_that_shows_it_all(tmp_path: Path) -> None:
    service, tests = "apps/api/services/wishlist/service.py", "apps/api/tests/test_wishlist_service.py"
    with demo(tmp_path, 160, 48) as terminal:
        up_to_the_service(terminal)
        terminal.press("d")
        terminal.wait_for(f"{service}  create")
        time.sleep(OPEN_S)
        comment(
            terminal,
            "j" * TODO_LINE,
            "One set: use normalised().",
            f"{service}:{TODO_LINE}",
            "1 comment not sent",
        )
        comment(terminal, "]jj", "Why pytest here?", f"{tests}:2", "2 comments not sent")
        terminal.press("c")
        terminal.wait_for("Changes to chunk 3")
        terminal.press(f"Close.{CTRL_S}")
        terminal.wait_for("wishlist service, round 2")
        time.sleep(OPEN_S)

        terminal.press("d")
        terminal.wait_for("changes requested by user with 2 comments: Close.")
        time.sleep(OPEN_S)
        terminal.press("n" + "j" * TODO_LINE)
        terminal.wait_for("C1 changed")
        terminal.wait_for("worker: normalised() it is")
        terminal.press("]")
        terminal.wait_for("C2 not changed")
        terminal.press("G")
        terminal.wait_for("all seen")
        terminal.press("a")
        terminal.wait_until_gone("round 2")
        terminal.wait_for("? Review - chunk 4")
    log = log_of(tmp_path / "w")
    for line in (
        "- Review: changes requested by user",
        "One set: use normalised().",
        "Why pytest here?",
        "C1: normalised() it is",
    ):
        assert line in log, log
    assert log.count("- Review: approved by user") == 3
