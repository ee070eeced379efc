"""A second worker through the same engine: nothing in it is for the backend alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import events as ev
from tests.core import small_story as story

PAGE = "apps/web/pages/items.py"


def test_a_frontend_worker_has_its_own_scope_log_and_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    root = story.make_workspace(tmp_path)
    script = story.script_file(
        tmp_path,
        [
            story.reply(story.open_chunk("page")),
            story.reply(story.edit("TOTAL: int = 0", "TOTAL: int = 1")),
            story.reply(story.write(PAGE, '"""The page."""\n\nTITLE: str = "Items"\n')),
            story.reply(story.close_chunk()),
        ],
        [story.reply(story.complete())],
    )
    run = story.start_run(root, script, worker=Path("frontend"))
    assert story.drive(run).outcome == "complete"
    denied = [e.path for e in story.events(run) if isinstance(e, ev.ScopeDenied)]
    assert denied == [story.SERVICE]
    log = story.written(root, "FRONTEND-LOG.md")
    assert f"- {PAGE} (CREATE)" in log and log.rstrip().endswith("FRONTEND COMPLETE")
    assert not (root / story.IMPLEMENTATION / "BACKEND-LOG.md").exists()
