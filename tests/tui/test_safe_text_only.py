"""No other way for text to reach a widget than through tui/safe_text.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TUI = Path(__file__).resolve().parents[2] / "tui"
FORBIDDEN = {
    "a widget with text of its own": re.compile(
        r"\b(Static|Label|Button|Markdown|RichLog|Log|OptionList)\((?!Content\(\"\"\))[^)]"
    ),
    "markup parsed": re.compile(r"from_markup|markup=True|render_str|\.markup\b"),
    "a notification with markup": re.compile(r"\.notify\((?!.*markup=False)"),
    "a notification of raw text": re.compile(r"\.notify\((?!one_line\()"),
    "a title that is not safe": re.compile(r"\.border_(sub)?title = (?!row\()"),
    "an update that is not safe": re.compile(r"\.update\((?!row\(|title\)|self\._asked\(\)|$)"),
    "a terminal write": re.compile(r"sys\.stdout|print\("),
    "Content from elsewhere": re.compile(r"\bContent\((?!\"\"\)|\"\\n\"\)|\" \" \*)"),
    "Text from elsewhere": re.compile(r"\bText\((?!one_line\()"),
}


def offences(source: str) -> list[str]:
    return [
        f"{number}: {what}: {line.strip()}"
        for number, line in enumerate(source.split("\n"), 1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]


@pytest.mark.parametrize(
    "path",
    sorted(p for p in TUI.rglob("*.py") if p.name not in ("safe_text.py", "cli.py")),
    ids=lambda p: p.name,
)
def test_no_other_way(path: Path) -> None:
    assert offences(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        'yield Static(f"{name}")',
        "self.notify(text)",
        'self.notify(one_line(f"{x}"))',
        'panel.border_title = f"{x}"',
        "static.update(text)",
        "Content.from_markup(text)",
        "Content(text)",
        "Text(words)",
    ],
)
def test_the_search_finds_what_it_is_for(line: str) -> None:
    assert offences(line) != []
