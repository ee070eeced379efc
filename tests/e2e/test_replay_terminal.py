"""Replay in a real terminal: a demo run and a bare log, driven by keys to a failure, a decision, the end."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.e2e.program import environ, signoff
from tests.e2e.terminal import Terminal
from tests.recorded_run import JOURNALS
from tests.soak import only_in_soak

RUN = "WISH-001-20261124-123956-a232"


def replay(reference: str | Path, cwd: Path, state: Path, columns: int, rows: int) -> Terminal:
    argv = [sys.executable, "-m", "tui.cli", "replay", str(reference)]
    return Terminal(argv, cwd, environ(state), columns, rows)


def workspace_with(journal: str, folder: Path) -> Path:
    """A workspace that has one past run in it, and nothing else: a replay reads no more of it."""
    run = folder / "w" / ".signoff" / "runs" / RUN
    shutil.copytree(JOURNALS / journal, run, ignore=shutil.ignore_patterns("expected"))
    (folder / "w" / ".git").mkdir()
    return folder / "w"


@pytest.mark.terminal
@pytest.mark.parametrize(("columns", "rows"), [(160, 48), pytest.param(80, 24, marks=only_in_soak)])
def test_a_demo_run_by_keys_to_a_failure_a_decision_the_end(tmp_path: Path, columns: int, rows: int) -> None:
    root = workspace_with("python-blocked", tmp_path)
    before = sorted(p for p in root.rglob("*"))
    with replay("WISH-001", root, tmp_path / "state", columns, rows) as terminal:
        terminal.wait_for("1 of 133")
        assert "recorded" in terminal.text and "paused 1x" in terminal.text
        terminal.press("f")
        terminal.wait_for("check: failed, 1 error")
        terminal.press("f")
        terminal.wait_for("check after fix 1: failed")
        terminal.press("D")
        terminal.wait_for("decision (tier 2, auto): Test data")
        terminal.press("L")
        terminal.wait_for("2 decisions: 2 auto")
        terminal.press("\x1b")
        terminal.wait_for("decision (tier 2, auto): Test data")
        terminal.press("v")
        terminal.wait_for("No file is changed yet.")
        terminal.press("gchunk 1\r")
        terminal.wait_for("opened: wishlist item and its port")
        terminal.press("\x1b[F")
        terminal.wait_for("133 of 133")
        terminal.wait_for(f"signoff resume {RUN}")
        terminal.press("q")
        assert terminal.exit_code() == 0
    assert b"\x1b[?1049l" in terminal.raw, "the alternate screen was left"
    assert [p for p in sorted(root.rglob("*")) if p not in before and p.suffix in (".py", ".md")] == []


@only_in_soak
@pytest.mark.terminal
def test_it_plays_to_the_end_by_itself(tmp_path: Path) -> None:
    root = workspace_with("python-blocked", tmp_path)
    with replay(RUN, root, tmp_path / "state", 120, 30) as terminal:
        terminal.wait_for("1 of 133")
        terminal.press("5 ")
        terminal.wait_for("playing 30x")
        terminal.wait_for("133 of 133")
        terminal.wait_for("paused 30x")
        assert "BLOCKED" in terminal.text


@pytest.mark.terminal
def test_a_bare_log_chunk_by_chunk(tmp_path: Path) -> None:
    log = tmp_path / "BACKEND-LOG.md"
    shutil.copy(JOURNALS / "python" / "expected" / "BACKEND-LOG.md", log)
    with replay(log, tmp_path, tmp_path / "state", 120, 30) as terminal:
        terminal.wait_for("Chunk 1 - wishlist item and its port")
        assert not re.search(r"\d:\d\d / \d", terminal.text), "it has no times"
        terminal.press(">>")
        terminal.wait_for("Chunk 3 - wishlist service")
        terminal.wait_for("changes requested")
        terminal.press("e")
        terminal.wait_for("Changes after review (round 2)")
        terminal.press("\x1b[F")
        terminal.wait_for("Complete")
        assert "signoff resume" not in terminal.text
        terminal.press("q")
        assert terminal.exit_code() == 0
    assert list(tmp_path.glob("*.md")) == [log]


@pytest.mark.parametrize(
    ("reference", "said"), [("nowhere", "no run 'nowhere'"), ("BACKEND-LOG.md", "needs a terminal")]
)
def test_what_can_not_be_replayed_is_said_in_one_line(tmp_path: Path, reference: str, said: str) -> None:
    root = workspace_with("python-blocked", tmp_path)
    (root / "BACKEND-LOG.md").write_text("# Log\n", encoding="utf-8")
    if said.startswith("needs"):
        done = signoff("replay", reference, cwd=root, state=tmp_path / "state")
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and said in done.stderr
        return
    with replay(reference, root, tmp_path / "state", 120, 30) as terminal:
        terminal.wait_for(said)
        assert terminal.exit_code() == 2 and b"Traceback" not in terminal.raw
