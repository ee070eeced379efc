"""The knowledge base: what is kept, how it is found, and what is no knowledge base."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ending import BAD_INPUT, COMPLETE
from core.knowledge import Found, KnowledgeBase, KnowledgeFault, Lesson, Query
from tui.cli import main

LESSONS = (
    Lesson(content="Item endpoints answer the created item", entry_type="decision", tags=("api", "wishlist")),
    Lesson(content="Migrations are additive: add columns, never rename", tags=("database",)),
    Lesson(content="Prefer error codes over texts in API answers", role="all", tags=("api",)),
    Lesson(content="Testers reset the seed data", role="qa"),
)


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path / "kb.sqlite")
    assert base.add(LESSONS) == ("KB-1", "KB-2", "KB-3", "KB-4")
    return base


def ids(found: Found) -> list[str]:
    return [entry.id for entry in found.entries]


def test_all_words_are_looked_for_first_and_some_of_them_then(base: KnowledgeBase) -> None:
    both = base.search(Query(query="created item"))
    assert (ids(both), both.fallback) == (["KB-1"], False)
    some = base.search(Query(query="created migrations"))
    assert (set(ids(some)), some.fallback) == ({"KB-1", "KB-2"}, True)
    assert all(entry.relevance < 0.6 for entry in some.entries) and both.entries[0].relevance == 1.0


def test_words_are_found_in_their_other_forms(base: KnowledgeBase) -> None:
    assert ids(base.search(Query(query="migration renaming"))) == ["KB-2"]


def test_role_tags_type_limit_and_confidence_narrow_a_search(base: KnowledgeBase) -> None:
    assert ids(base.search(Query(query="seed", role="dev"))) == []
    assert ids(base.search(Query(query="seed", role="qa"))) == ["KB-4"]
    assert ids(base.search(Query(query="api", role="qa"))) == ["KB-3"], "what is for all is for testers too"
    assert set(ids(base.search(Query(query="api", tags=("API",))))) == {"KB-1", "KB-3"}
    assert ids(base.search(Query(query="api", tags=("api", "wishlist")))) == ["KB-1"]
    assert ids(base.search(Query(query="api", entry_type="decision"))) == ["KB-1"]
    limited = base.search(Query(query="api", limit=1))
    assert (len(limited.entries), limited.total) == (1, 2)
    assert ids(base.search(Query(query="created migrations", min_confidence=0.9))) == []


def test_the_same_lesson_is_kept_once(base: KnowledgeBase) -> None:
    again = Lesson(content="  item endpoints  answer the CREATED item ", entry_type="note")
    assert base.add([again]) == ("KB-1",)
    assert base.count() == {"decision": 1, "note": 3}


def test_no_file_is_an_empty_knowledge_base_and_a_search_makes_none(tmp_path: Path) -> None:
    base = KnowledgeBase(tmp_path / "kb.sqlite")
    assert ids(base.search(Query(query="anything"))) == [] and base.count() == {}
    assert not base.path.exists()


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_kept_and_looked_for(
    tmp_path_factory: pytest.TempPathFactory, kept: str, asked: str
) -> None:
    base = KnowledgeBase(tmp_path_factory.mktemp("kb") / "kb.sqlite")
    if "\ud800" <= max(kept + asked, default="") <= "\udfff":
        return
    base.add([Lesson(content=kept)])
    found = base.search(Query(query=asked))
    assert all(0 <= entry.relevance <= 1 for entry in found.entries)
    json.dumps(found.to_json())


@pytest.mark.parametrize(
    "operator", ['"', "a OR", "NEAR(a b)", "content: x", "a*", "-a", "(", "^a", 'x" OR content:"y']
)
def test_a_query_is_words_and_no_language(base: KnowledgeBase, operator: str) -> None:
    base.search(Query(query=operator))


def test_what_is_no_knowledge_base_is_refused(tmp_path: Path) -> None:
    text, other, link = (tmp_path / name for name in ("text", "other", "link"))
    text.write_text("not a database, although it is long enough to be one" * 40)
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE entries (number)")
    database.close()
    link.symlink_to(text)
    for path in (text, other, link, tmp_path):
        base = KnowledgeBase(path)
        with pytest.raises(KnowledgeFault, match=str(path)):
            base.search(Query(query="x"))
        with pytest.raises(KnowledgeFault, match=str(path)):
            base.add([Lesson(content="x")])
    assert text.read_text().startswith("not a database")


# --- by hand ----------------------------------------------------------------------------


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_the_commands_add_search_import_and_count(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docs = workspace / "notes"
    docs.mkdir()
    (docs / "lessons.md").write_text(
        "---\ntags: [orm]\n---\n# Lessons\n\n## Rows\nSelect only what is shown.\n"
    )
    (docs / "more.jsonl").write_text('{"content": "Dates are UTC.", "entry_type": "decision"}\n')
    (docs / "broken.json").write_text("{")
    (docs / ".env.md").symlink_to(docs / "lessons.md")
    assert (
        main(["kb", "add", "Use the shared client\x1b[2J", "--tag", "http", "--type", "lesson"]) == COMPLETE
    )
    assert main(["kb", "import", str(docs)]) == COMPLETE
    said = capsys.readouterr()
    assert said.out.splitlines() == ["KB-1", "2 new entries from 2 files"]
    assert said.err.startswith("signoff: broken.json: ")

    assert main(["kb", "search", "rows shown", "--json"]) == COMPLETE
    found = json.loads(capsys.readouterr().out)
    assert found["results"][0]["content"] == "Lessons / Rows\nSelect only what is shown."
    assert found["results"][0]["tags"] == ["orm"]
    assert found["metadata"]["total"] == 1 and found["metadata"]["fallback_mode"] is False

    assert main(["kb", "search", "shared client"]) == COMPLETE
    assert "\x1b" not in capsys.readouterr().out
    assert main(["kb", "stats", "--json"]) == COMPLETE
    assert json.loads(capsys.readouterr().out)["by_type"] == {"decision": 1, "lesson": 1, "note": 1}


def test_a_secret_is_not_kept(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / ".env").write_text("STAGING_KEY=kX93-fjj2-0d9c\n")
    assert main(["kb", "add", "staging opens with kX93-fjj2-0d9c"]) == COMPLETE
    assert b"kX93-fjj2-0d9c" not in (workspace / ".signoff/kb.sqlite").read_bytes()


@pytest.mark.parametrize(
    "argv", [["add", " "], ["import", "no-such-folder"], ["search", "x", "--limit", "0"], ["search"]]
)
def test_bad_usage_is_one_line(workspace: Path, argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(["kb", *argv])
    except SystemExit as left:
        code = int(str(left.code))
    assert code == BAD_INPUT and not (workspace / ".signoff/kb.sqlite").exists()
    assert "Traceback" not in capsys.readouterr().err
