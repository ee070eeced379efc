"""Theme files: YAML, the bundled ones and the person's own beside them, loaded again when they are saved."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

from core.resources import resource_folder

DEFAULT_THEME = "signoff-dark"
COLOURS = (
    "primary",
    "secondary",
    "accent",
    "warning",
    "error",
    "success",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
)
KEYS = {"name", "dark", "variables", *COLOURS}


class ThemeError(Exception):
    """A theme file that can't be used: one line that names the file and what was expected."""


def bundled_folder() -> Path:
    """`themes/` of a checkout, or its copy inside an installed package."""
    return resource_folder("themes")


def user_folder() -> Path:
    """Where a person's own themes are: `SIGNOFF_CONFIG_DIR/themes`, or that of this system."""
    override = os.environ.get("SIGNOFF_CONFIG_DIR")
    if override:
        return Path(override) / "themes"
    from platformdirs import user_config_dir

    return Path(user_config_dir("signoff")) / "themes"


def load_themes() -> tuple[dict[str, Theme], tuple[str, ...]]:
    """All themes by name, a person's own over the bundled ones, and one line for each unusable file."""
    themes: dict[str, Theme] = {}
    problems: list[str] = []
    for folder in (bundled_folder(), user_folder()):
        for path in _theme_files(folder):
            try:
                theme = read_theme(path)
            except ThemeError as error:
                problems.append(str(error))
            else:
                themes[theme.name] = theme
    return themes, tuple(problems)


def _theme_files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(p for p in folder.iterdir() if p.suffix in (".yaml", ".yml"))


def read_theme(path: Path) -> Theme:
    """Reads one file. Raises ThemeError."""
    import yaml

    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        first = str(error).split("\n", 1)[0]
        raise ThemeError(f"{path}: not a readable YAML file: {first}") from error
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        raise ThemeError(f"{path}: expected a mapping with `name`, `primary` and other colours")
    return _theme(path, data)


def _theme(path: Path, data: dict[str, Any]) -> Theme:
    unknown = sorted(str(key) for key in set(data) - KEYS)
    if unknown:
        raise ThemeError(f"{path}: unknown key `{unknown[0]}`; known are {', '.join(sorted(KEYS))}")
    colours: dict[str, Any] = {key: _colour(path, key, data[key]) for key in COLOURS if key in data}
    if "primary" not in colours:
        raise ThemeError(f"{path}: `primary` is missing")
    given = data.get("variables", {})
    if not isinstance(given, dict):
        raise ThemeError(f"{path}: `variables` must be a mapping")
    dark = bool(data.get("dark", True))
    variables = {str(key): str(text) for key, text in given.items()}
    for key, text in variables.items():
        if not key.endswith("-text-style"):
            _colour(path, key, text.split(" ")[0])
    variables = {**_diff_colours(colours, dark), **variables}
    return Theme(name=data["name"], dark=dark, variables=variables, **colours)


def _colour(path: Path, key: str, text: object) -> str:
    try:
        Color.parse(str(text))
    except ColorParseError as error:
        raise ThemeError(f"{path}: `{key}` must be a colour such as `#3a7bd5`, not `{text}`") from error
    return str(text)


def _diff_colours(colours: dict[str, Any], dark: bool) -> dict[str, str]:
    """The backgrounds of added and removed lines, from the theme's own colours where it names none."""
    background = Color.parse(colours.get("background", "#121212" if dark else "#fafafa"))
    share = 0.16 if dark else 0.2
    added = background.blend(Color.parse(colours.get("success", "#3fb950")), share)
    removed = background.blend(Color.parse(colours.get("error", "#f85149")), share)
    return {"diff-added": added.hex, "diff-removed": removed.hex}


async def changes() -> AsyncIterator[None]:
    """Yields each time a theme file is saved. Ends at once where there is no folder to watch."""
    from watchfiles import awatch

    folders = [folder for folder in (bundled_folder(), user_folder()) if folder.is_dir()]
    if not folders:
        return
    async for _ in awatch(*folders, step=100, debounce=200):
        yield
