from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import Scope
from core.scope import parse_scope_markdown, parse_scope_yaml, read_scope
from core.story import InputFault

TABLE = """# Scope - READ-7

| Surface | Impacted | Notes |
|---------|----------|-------|
| backend | true | services |
| frontend | false | true to its name, no UI |
| infra | true | migration |

## Scope Summary

Adds a book.
"""


def flags(scope: Scope) -> tuple[bool | None, bool | None, bool | None]:
    return scope.backend, scope.frontend, scope.infra


def test_a_table() -> None:
    scope = parse_scope_markdown(TABLE, "SCOPE.md")
    assert (scope.source, *flags(scope)) == ("table", True, False, True)
    notes = "backend: services\nfrontend: true to its name, no UI\ninfra: migration\nAdds a book."
    assert (scope.notes, scope.text, scope.warnings) == (notes, TABLE, ())


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("backend: true\nfrontend: false\ninfra: true\n", "flags", (True, False, True)),
        ("- **backend/API**: YES - a handler\n- **frontend/UI**: NO - none\n", "flags", (True, False, None)),
        ("- backend/API: no\n- infra/config: yes (migration)\n", "flags", (False, None, True)),
        ("- **backend/API:** yes (library)\r\n- **infra/config:** no\r\n", "flags", (True, None, False)),
        ("```yaml\nbackend: true\n```\n", "flags", (True, None, None)),
        ("- [x] Backend\n- [ ] Frontend\n", "flags", (True, False, None)),
        (
            "| Area | In |\n|--|--|\n| Backend/API | YES |\n| **UI** | NO (later) |\n",
            "table",
            (True, False, None),
        ),
        ("| Surface | ? |\n|--|--|\n| backend | ✅ |\n| infra | ❌ |\n", "table", (True, None, False)),
        ("# Scope\n\nThe backend gets one.\n\n- Backend: a handler\n", "prose", (None, None, None)),
        ("", "prose", (None, None, None)),
    ],
)
def test_the_forms_of_scope_files(text: str, source: str, expected: tuple[bool | None, ...]) -> None:
    scope = parse_scope_markdown(text, "SCOPE.md")
    assert (scope.source, flags(scope)) == (source, expected)
    assert scope.text == text


def test_a_note_behind_a_flag() -> None:
    scope = parse_scope_markdown("- **backend/API**: YES - a handler\n- frontend: no\n", "SCOPE.md")
    assert scope.notes == "backend: a handler"


def test_prose_and_contradictions_are_told() -> None:
    assert "kept as prose" in parse_scope_markdown("words\n", "SCOPE.md").warnings[0]
    scope = parse_scope_markdown("backend: true\nbackend: false\n", "SCOPE.md")
    assert scope.backend is True
    assert scope.warnings == ("SCOPE.md: line 2 says backend false after the opposite; the first one counts",)


def test_yaml() -> None:
    text = "schema: 1\ntouches:\n  backend: true\n  frontend: no\n  db: true\nsummary: Adds a book\n"
    scope = parse_scope_yaml(text, "SCOPE.yaml")
    assert (scope.source, *flags(scope)) == ("yaml", True, False, None)
    assert (scope.notes, scope.text, scope.warnings) == ("Adds a book", text, ())


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("touches: {backend: [}\n", "SCOPE.yaml:1: "),
        ("touches: {backend: perhaps}\n", "backend is 'perhaps', expected true or false"),
        ("schema: 1\n", "expected touches.backend"),
        ("- backend\n", "expected a mapping"),
    ],
)
def test_yaml_that_is_not_understood_is_kept_with_a_warning(text: str, warning: str) -> None:
    scope = parse_scope_yaml(text, "SCOPE.yaml")
    assert (scope.text, flags(scope)) == (text, (None, None, None))
    assert warning in scope.warnings[0]


@given(st.text(max_size=80) | st.text("|-: *backendtruefalsno[]x\n", max_size=80))
def test_any_text_is_kept(text: str) -> None:
    assert parse_scope_markdown(text, "f").text == text
    assert parse_scope_yaml(text, "f").text == text


def test_which_file_is_read(tmp_path: Path) -> None:
    assert read_scope(tmp_path) == Scope(source="absent")
    (tmp_path / "SCOPE.yaml").write_text("touches: {backend: true}\n")
    assert read_scope(tmp_path, tmp_path).source == "yaml"
    (tmp_path / "SCOPE.md").write_text(TABLE)
    assert read_scope(tmp_path, tmp_path).source == "table"
    (tmp_path / "SCOPE.md").write_bytes(b"\xff")
    with pytest.raises(InputFault, match=r"^SCOPE\.md:1: expected UTF-8"):
        read_scope(tmp_path, tmp_path)
