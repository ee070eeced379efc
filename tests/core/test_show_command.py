"""`log show`, `plan show`, `scope show`, `story show`: pages, JSON, and the file again."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.page import Page, print_page
from tui.cli import main

LOG = "# READ-7 Log\n\n## Chunk 1 — a\n- Objective: x\n- Files changed: `a/b.ts` (new)\n\nBACKEND COMPLETE\n"
PLAN = (
    "# The plan\n\n## Steps\n\n### Step 1: Do it\n- **Files**: `a/b.ts`\n"
    "- **Depends on**: Step 2\n\n### Step 2: And that\n"
)
PLAN_YAML = "schema: 1\nsteps:\n  - id: 1\n    description: Do it\n    files: [a/b.ts]\n"
SCOPE = "| Surface | Impacted | Notes |\n|--|--|--|\n| backend | true | all of it |\n"
ODD = b"\xff\x00# x\r\n\xed\xa0\x80\r## Chunk 1 - a\n\x1b[31m- Objective: \x07b\n"

Capture = pytest.CaptureFixture[bytes]


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[[str, str | bytes], str]:
    def make(name: str, text: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return make


FileOf = Callable[[str, str | bytes], str]


def shown(capture: Capture, *argv: str) -> bytes:
    assert main(list(argv)) == 0
    sys.stdout.flush()
    return capture.readouterr().out


def test_the_shapes_of_the_json(file_of: FileOf, capfdbinary: Capture) -> None:
    log: dict[str, Any] = json.loads(shown(capfdbinary, "log", "show", "--json", file_of("L.md", LOG)))
    assert log["chunks"][0]["files"] == [{"path": "a/b.ts", "action": "create"}]
    plan = json.loads(shown(capfdbinary, "plan", "show", "--json", file_of("P.md", PLAN)))
    assert plan == {
        "title": "The plan",
        "steps": [
            {
                "id": "1",
                "title": "Do it",
                "line": 5,
                "objective": None,
                "files": ["a/b.ts"],
                "verification": None,
                "depends_on": ["2"],
            },
            {
                "id": "2",
                "title": "And that",
                "line": 9,
                "objective": None,
                "files": [],
                "verification": None,
                "depends_on": [],
            },
        ],
        "acceptance_criteria": [],
        "sections": [
            {"level": 1, "title": "The plan", "line": 1},
            {"level": 2, "title": "Steps", "line": 3},
            {"level": 3, "title": "Step 1: Do it", "line": 5},
            {"level": 3, "title": "Step 2: And that", "line": 9},
        ],
        "warnings": [],
    }
    scope = json.loads(shown(capfdbinary, "scope", "show", "--json", file_of("S.md", SCOPE)))
    assert scope == {
        "backend": True,
        "frontend": None,
        "infra": None,
        "source": "table",
        "notes": "backend: all of it",
        "warnings": [],
    }


@pytest.mark.parametrize("kind", ["log", "plan", "scope"])
@pytest.mark.parametrize("name", ["FILE.md", "FILE.yaml"])
def test_the_file_again_byte_for_byte_and_a_page_whatever_it_holds(
    file_of: FileOf, capfdbinary: Capture, kind: str, name: str
) -> None:
    file = file_of(name, ODD)
    assert shown(capfdbinary, kind, "show", "--raw", file) == ODD
    assert json.loads(shown(capfdbinary, kind, "show", "--json", file))["warnings"]
    page = shown(capfdbinary, kind, "show", file)
    assert not any(byte < 32 and byte != 10 for byte in page)


def test_yaml_that_is_invalid_is_a_warning_with_its_line(file_of: FileOf, capfdbinary: Capture) -> None:
    file = file_of("PLAN.yaml", "steps:\n  - id: [\n")
    plan = json.loads(shown(capfdbinary, "plan", "show", "--json", file))
    assert plan["steps"] == []
    assert "PLAN.yaml:3: " in plan["warnings"][0]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("log", LOG, {"signal": "BACKEND COMPLETE"}),
        ("plan", PLAN_YAML, {"title": None}),
        ("plan", PLAN, {"title": "The plan"}),
        ("scope", "schema: 1\ntouches:\n  backend: true\n", {"source": "yaml", "backend": True}),
        ("scope", "# Scope\n\nbackend: true\n", {"source": "flags", "backend": True}),
    ],
)
def test_the_standard_input(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: Capture, kind: str, text: str, expected: dict[str, object]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    found = json.loads(shown(capfdbinary, kind, "show", "--json", "-"))
    assert expected.items() <= found.items()
    assert len(found.get("steps", [1])) >= 1


def test_the_page_of_a_log_without_chunks_lists_its_sections_and_files(
    file_of: FileOf, capfdbinary: Capture
) -> None:
    page = shown(
        capfdbinary, "log", "show", file_of("L.md", "# READ-7\n\n## New files\n\n- `a/b.ts`\n")
    ).decode()
    assert "line 3" in page
    assert "New files" in page
    assert "\n  a/b.ts\n" in page
    assert "no completion signal" in page


def test_what_can_not_be_read_is_one_line_and_exit_2(tmp_path: Path, capfdbinary: Capture) -> None:
    for name in ("missing.md", ".", "a\x00b"):
        assert main(["log", "show", str(tmp_path / name)]) == 2
        error = capfdbinary.readouterr().err
        assert error.startswith(b"signoff: ")
        assert error.count(b"\n") == 1


def test_a_page_is_styled_and_wrapped_only_on_a_terminal() -> None:
    page = Page()
    page.title("Title \x1b[2J")
    page.field("Summary", "- " + "word " * 30)
    page.field("A long label indeed", "text")
    assert page.shown(width=None, styled=False).splitlines() == [
        "Title ␛[2J",
        "  Summary     - " + ("word " * 30).strip(),
        "  A long label indeed",
        "              text",
    ]
    narrow = page.shown(width=40, styled=True)
    assert narrow.startswith("\x1b[1mTitle ␛[2J\x1b[0m\n")
    bare = narrow.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")
    assert max(len(line) for line in bare.splitlines()) <= 40
    assert bare.splitlines()[2].startswith(" " * 16 + "word")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_color_is_heard(environ: dict[str, str]) -> None:
    page, plain, styled = Page(), _Terminal(), _Terminal()
    page.title("Title")
    print_page(page, plain, environ)
    print_page(page, styled, {})
    assert plain.getvalue() == "Title\n"
    assert "\x1b[1m" in styled.getvalue()


STORY = (
    "---\ntitle: Add a book\nautonomy_level: moderate\n---\n# READ-7: Add a book\n\n"
    "## Acceptance Criteria\n\n- [x] AC-1: It is there\n"
)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A feature folder, in no git checkout, whose story has every file."""
    folder = tmp_path / "books" / "in-progress" / "READ-7"
    files = folder / "_implementation"
    files.mkdir(parents=True)
    (folder / "READ-7.md").write_text(STORY)
    (files / "PLAN.yaml").write_text(PLAN_YAML)
    (files / "SCOPE.md").write_text(SCOPE)
    (files / "BACKEND-LOG.md").write_text(LOG)
    (files / "TOKEN-LOG.md").write_text("# Token Log\n")
    (files / "ARCHITECTURAL-DECISIONS.yaml").write_text(
        "architectural_decisions:\n  - {id: ARCH-001, question: Where, decision: Here, timestamp: now}\n"
    )
    (files / "BLOCKERS.md").write_text("# Blockers\n\nNone\n")
    return tmp_path / "books"


def test_a_story_with_all_that_is_found_of_it(story: Path, capfdbinary: Capture) -> None:
    found = json.loads(shown(capfdbinary, "story", "show", "--json", str(story), "READ-7"))
    assert found == {
        "id": "READ-7",
        "title": "Add a book",
        "folder": "in-progress/READ-7",
        "stage": "in-progress",
        "autonomy_level": "moderate",
        "acceptance_criteria": [{"id": "AC-1", "text": "It is there", "done": True}],
        "plan": {
            "file": "in-progress/READ-7/_implementation/PLAN.yaml",
            "title": None,
            "steps": [{"id": "1", "title": "Do it"}],
        },
        "scope": {
            "backend": True,
            "frontend": None,
            "infra": None,
            "source": "table",
            "notes": "backend: all of it",
            "warnings": [],
        },
        "log": {
            "file": "BACKEND-LOG.md",
            "chunks": [{"number": 1, "name": "a"}],
            "files": ["a/b.ts"],
            "signal": "BACKEND COMPLETE",
        },
        "decisions": [{"id": "ARCH-001", "question": "Where", "decision": "Here", "rationale": None}],
        "blockers": {"blocked": False, "blockers": []},
        "warnings": [],
    }
    assert shown(capfdbinary, "story", "show", "--raw", str(story), "READ-7") == STORY.encode()
    page = shown(capfdbinary, "story", "show", str(story), "READ-7").decode()
    assert page.startswith("READ-7  Add a book\n")
    assert "  Blocked     no\n" in page
    assert "ARCH-001    Where: Here\n" in page


def test_a_story_with_nothing_else_and_one_with_broken_files(story: Path, capfdbinary: Capture) -> None:
    files = story / "in-progress" / "READ-7" / "_implementation"
    for name in ("SCOPE.md", "BACKEND-LOG.md", "BLOCKERS.md", "ARCHITECTURAL-DECISIONS.yaml"):
        (files / name).unlink()
    (files / "PLAN.yaml").write_text("steps: [\n")
    (files / "BLOCKERS.md").write_text("## Key\n\nIt is missing.\n")
    (files / "BACKEND-LOG.md").symlink_to("/etc/hostname")
    found = json.loads(shown(capfdbinary, "story", "show", "--json", str(story), "READ-7"))
    assert [found[name] for name in ("plan", "scope", "log", "decisions")] == [None] * 4
    assert found["blockers"] == {
        "blocked": True,
        "blockers": [{"title": "Key", "line": 1, "resolved": False}],
    }
    assert "PLAN.yaml:" in found["warnings"][0]
    assert "leads out of the workspace" in found["warnings"][1]


def test_a_story_that_is_not_there(story: Path, capfdbinary: Capture) -> None:
    assert main(["story", "show", str(story), "READ-8"]) == 2
    assert b"no story READ-8" in capfdbinary.readouterr().err
