from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from textual.color import Color

from tests.tui import journal_of_a_run as journal
from tests.tui.on_screen import on_screen
from tui.app import SignoffApp
from tui.themes import ThemeError, bundled_folder, load_themes, read_theme, user_folder

BUNDLED = sorted(bundled_folder().glob("*.yaml"))


@pytest.mark.parametrize("path", BUNDLED, ids=lambda p: p.stem)
def test_bundled_themes_are_legible(path: Path) -> None:
    theme = read_theme(path)
    background = Color.parse(theme.background or "")
    for colour in (theme.foreground, theme.primary, theme.accent, theme.error, theme.success, theme.warning):
        assert contrast(background, Color.parse(colour or "")) >= 4.5, colour
    assert contrast(background, Color.parse(theme.variables["text-muted"])) >= 4.5


def contrast(a: Color, b: Color) -> float:
    """WCAG 2: from 1 to 21."""

    def luminance(color: Color) -> float:
        parts = [c / 255 for c in (color.r, color.g, color.b)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def write(text: str) -> Path:
    user_folder().mkdir(parents=True, exist_ok=True)
    path = user_folder() / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_persons_theme_stands_beside_the_bundled_ones() -> None:
    write('name: mine\nprimary: "#ff0000"\n')
    themes, problems = load_themes()
    assert {"mine", "signoff-dark", "signoff-light", "high-contrast"} <= set(themes)
    assert problems == ()
    assert {"diff-added", "diff-removed"} <= set(themes["mine"].variables)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a list", "expected a mapping"),
        ("name: x\n", "`primary` is missing"),
        ("name: x\nprimary: nocolour\n", "`primary` must be a colour"),
        ("name: x\nprimary: red\nborder: red\n", "unknown key `border`"),
        ("name: [\n", "not a readable YAML file"),
        ("name: x\nprimary: red\nvariables: 3\n", "`variables` must be a mapping"),
    ],
)
def test_a_broken_theme_is_one_line_that_names_the_file(text: str, says: str) -> None:
    path = write(text)
    with pytest.raises(ThemeError) as raised:
        read_theme(path)
    assert str(path) in str(raised.value)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_an_unknown_theme_falls_back_and_says_so() -> None:
    app = SignoffApp(journal.RecordedView(journal.working()), theme="nope")
    assert app.theme == "signoff-dark"


async def test_no_color_leaves_marks_and_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_screen(journal.at_review()) as shown:
        assert shown.app.no_color
        text = shown.text()
        assert "? WAITING FOR YOU: review" in text
        assert "initial 2✗" in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_the_app_cleanly(number: signal.Signals) -> None:
    async with on_screen(journal.working()) as shown:
        os.kill(os.getpid(), number)
        await shown.settle()
        assert shown.app.return_code == 128 + number
