"""A run and the knowledge base: what it is told, what it cites, what it leaves behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import events as ev
from core.journal import read
from core.knowledge import KnowledgeBase, Lesson, Query
from tests.core import small_story as story


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    root = story.make_workspace(tmp_path)
    (root / ".signoff").mkdir()
    return root


def base_of(root: Path) -> KnowledgeBase:
    return KnowledgeBase(root / ".signoff/kb.sqlite")


def events_of(root: Path, *groups: list[dict[str, object]]) -> list[ev.Event]:
    run = story.start_run(root, story.script_file(root.parent, *groups))
    assert story.drive(run).outcome == "complete"
    return [record.event for record in read(run.folder)[1]]


def test_a_run_looks_at_its_start_and_its_worker_cites_what_it_found(root: Path) -> None:
    base_of(root).add([Lesson(content="demo backend patterns: counters are ints", tags=("demo",))])
    said = events_of(
        root,
        [
            story.reply({"kb_search": {"query": "counters"}}),
            story.reply(story.open_chunk()),
            story.reply(story.close_chunk(cited=[{"entry": "KB-7", "summary": "x"}])),
            story.reply(story.close_chunk(cited=[{"entry": "KB-1", "summary": "counters are ints"}])),
        ],
        [story.reply(story.complete())],
    )
    searches = [e for e in said if isinstance(e, ev.KnowledgeSearched)]
    assert [(s.query, bool(s.call_id), [f.id for f in s.found]) for s in searches] == [
        ("demo backend patterns", False, ["KB-1"]),
        ("counters", True, ["KB-1"]),
    ]
    refused = [e.text for e in said if isinstance(e, ev.ToolFinished) and e.is_error]
    assert any("no search of this run found KB-7" in text for text in refused)
    log = (root / story.IMPLEMENTATION / "BACKEND-LOG.md").read_text()
    assert "Per KB entry KB-1: counters are ints" in log


@pytest.mark.parametrize("broken", [False, True])
def test_without_a_knowledge_base_the_run_goes_on_and_says_so(root: Path, broken: bool) -> None:
    if broken:
        (root / ".signoff/kb.sqlite").write_text("no database" * 100)
    said = events_of(
        root,
        [
            story.reply({"kb_search": {"query": "x"}}),
            story.reply(story.open_chunk()),
            story.reply(story.close_chunk()),
        ],
        [story.reply(story.complete())],
    )
    first = next(e for e in said if isinstance(e, ev.KnowledgeSearched))
    assert first.fault == "the knowledge base is empty" or (broken and "kb.sqlite" in first.fault)
    answer = next(e for e in said if isinstance(e, ev.ToolFinished))
    assert answer.is_error and "go on without it" in answer.text


def test_decisions_and_notes_of_a_run_are_known_to_the_next(root: Path, tmp_path: Path) -> None:
    events_of(
        root,
        [
            story.reply(story.open_chunk()),
            story.reply(story.raise_decision("Which name has the counter?")),
            story.reply(story.close_chunk(notes="The counter is not locked: one writer.")),
        ],
        [story.reply(story.complete())],
    )
    found = base_of(root).search(Query(query="counter name", entry_type="decision"))
    assert found.entries[0].content.startswith("Which name has the counter? -> Short.")
    assert base_of(root).search(Query(query="locked writer")).entries[0].source == story.STORY

    asks = [
        story.reply(story.open_chunk()),
        story.reply(story.raise_decision("What name for the counter?", tier=4)),
    ]
    run = story.start_run(root, story.script_file(tmp_path, asks))
    assert story.drive(run).outcome == "blocked"
    asked = next(e for e in story.events(run) if isinstance(e, ev.DecisionRequested))
    assert [(each.id, each.decision.partition(".")[0]) for each in asked.prior] == [
        (f"{found.entries[0].id} ({story.STORY})", "Short")
    ]
