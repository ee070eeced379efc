"""A run watched from other terminals: they see it live, its process killed, and another one take it up."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.program import environ
from tests.e2e.terminal import Terminal
from tests.e2e.test_terminal import OPEN_S, answer_everything, approve, demo
from tests.record_journal import JOURNALS

RUN = ["-m", "tui.cli"]


def watcher(root: Path, columns: int, rows: int, *more: str) -> Terminal:
    argv = [sys.executable, *RUN, "watch", "WISH-001", *more]
    return Terminal(argv, root, environ(root.parent / "state"), columns, rows)


@pytest.mark.terminal
def test_watchers_see_the_run_its_death_and_its_end(tmp_path: Path) -> None:
    root, state = tmp_path / "w", tmp_path / "state"
    with demo(tmp_path, 160, 48) as first:
        first.wait_for("? Review - chunk 1")
        with watcher(root, 160, 48) as wide, watcher(root, 80, 24) as narrow:
            for terminal in (wide, narrow):
                terminal.wait_for("? Review - chunk 1")
                terminal.wait_for("watching")
            wide.press("a")
            wide.wait_for("This run is only watched")
            assert "? Review - chunk 1" in first.text, "a watcher approved"
            time.sleep(OPEN_S)
            approve(first)
            for terminal in (first, wide, narrow):
                terminal.wait_for("? Review - chunk 2")

            first.child.kill(signal.SIGKILL)
            first.exit_code()
            for terminal in (wide, narrow):
                terminal.wait_for("process is gone since")
            assert "signoff resume" in wide.text

            argv = [sys.executable, *RUN, "resume", "WISH-001", "--speed", "60"]
            with Terminal(argv, root, environ(state), 160, 48) as second:
                for terminal in (wide, narrow):
                    terminal.wait_until_gone("process is gone since")
                answer_everything(second)
            for terminal in (wide, narrow):
                terminal.wait_for("COMPLETE")
                terminal.wait_for("the run has ended: signoff replay")
                terminal.press("q")
                assert terminal.exit_code() == 0
                assert b"\x1b[?1049l" in terminal.raw, "the alternate screen was left"


@pytest.mark.terminal
def test_a_journal_that_is_taken_away_ends_the_watch_in_one_line(tmp_path: Path) -> None:
    root = tmp_path / "w"
    run = root / ".signoff" / "runs" / "WISH-001-20261124-123956-a232"
    (root / ".git").mkdir(parents=True)
    shutil.copytree(JOURNALS / "python-blocked", run)
    journal = run / "journal.jsonl"
    with watcher(root, 80, 24) as terminal:
        terminal.wait_for("BLOCKED")
        journal.rename(journal.with_name("elsewhere.jsonl"))
        assert terminal.exit_code() == 2
        said = f"signoff: {journal}: the journal was removed; there is nothing to watch\r\n"
        assert terminal.raw.endswith(said.encode())
        assert b"Traceback" not in terminal.raw
