"""A run driven by the replies of an earlier one: the same run again, up to where its inputs differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import events as ev
from core.domain import TextBlock
from core.preparation import RunOptions
from core.session import start
from core.story import InputFault
from tests.core import small_story as story


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    return story.make_workspace(tmp_path)


@pytest.fixture
def recorded(root: Path, tmp_path: Path) -> str:
    """The id of a run of two chunks, whose workspace is put back as it was."""
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    script = story.script_file(
        tmp_path,
        [
            story.reply({"read_file": {"path": story.SERVICE}}, say="reading"),
            story.reply(story.open_chunk()),
            story.reply(story.edit("TOTAL: int = 0", "TOTAL: int = 1")),
            story.reply(story.close_chunk()),
        ],
        [
            story.reply(story.open_chunk("name", ["2"])),
            story.reply(story.close_chunk("nothing to do", notes="Names are short.")),
        ],
        [story.reply(story.complete([]))],
    )
    run = story.start_run(root, script)
    assert story.drive(run).outcome == "complete"
    for path in root.rglob("*"):
        if path.is_file() and ".signoff" not in path.parts:
            path.unlink() if path not in before else path.write_bytes(before[path])
    return run.run_id


def again(root: Path, recorded: str) -> tuple[ev.RunFinished, list[ev.Event]]:
    run = start(
        root / story.FEATURE,
        story.STORY,
        RunOptions(environ={}, model=f"recorded:{recorded}", attended=False, trusted=True),
    )
    assert run.state.scripted and run.state.model == f"recorded {recorded}"
    return story.drive(run), story.events(run)


def test_the_same_inputs_give_the_same_run(root: Path, recorded: str) -> None:
    finished, said = again(root, recorded)
    assert finished.outcome == "complete", finished.reason
    assert (root / story.SERVICE).read_text().endswith("TOTAL: int = 1\n")
    assert "reading" in [
        block.text
        for event in said
        if isinstance(event, ev.ModelTurnFinished)
        for block in event.blocks
        if isinstance(block, TextBlock)
    ]


def test_where_the_inputs_differ_the_run_says_so_and_executes_nothing(root: Path, recorded: str) -> None:
    path = root / story.SERVICE
    path.write_text(path.read_text().replace("Items.", "Other items."))
    finished, said = again(root, recorded)
    assert (finished.outcome, finished.exit_code) == ("failed", 7)
    assert "parts from the recorded one at its turn 2 (chunk 1)" in finished.reason
    assert "Items." in finished.reason and "Other items." in finished.reason
    assert [e.name for e in said if isinstance(e, ev.ToolStarted)] == ["read_file"]


def test_a_run_that_is_not_there_is_bad_input(root: Path) -> None:
    with pytest.raises(InputFault, match="no run 'nosuch'"):
        again(root, "nosuch")
