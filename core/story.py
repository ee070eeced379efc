"""From a feature folder and a story id to the Story (SPEC 2)."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import get_args

from core.checkout import InputFault, find_workspace
from core.criteria import read_criteria
from core.domain import AutonomyLevel, JsonObject, Story
from core.markdown import Document, read_markdown
from core.yaml_file import YamlFault, expect_mapping, parse_yaml

__all__ = [
    "FIRST_STAGE",
    "MAX_BYTES",
    "InputFault",
    "find_story",
    "find_workspace",
    "parse_story",
    "read_text",
    "shown_path",
]

FIRST_STAGE = "in-progress"
MAX_BYTES = 2 * 1024 * 1024
NAMED_AT_MOST = 12


def find_story(feature_dir: Path, story_id: str, stage: str | None, root: Path) -> Story:
    """The story `{feature_dir}/{stage}/{story_id}`: in-progress first, then any other stage folder.

    `feature_dir` is taken from the current folder, else from `root`, and must be in `root`.
    InputFault when the story or its file can't be found or read.
    """
    root = root.resolve()
    feature = _feature_folder(feature_dir, root)
    _check_name(story_id, "story id")
    if stage is not None:
        _check_name(stage, "stage")
    stages = [
        s for s in _stages(feature) if (stage is None or s == stage) and story_id in _folders(feature / s)
    ]
    if not stages:
        raise _unknown_story(feature, story_id, stage, root)
    folder = feature / stages[0] / story_id
    also = [f"{story_id} is also in {s}/; this is the one in {stages[0]}/" for s in stages[1:]]
    path = _story_file(folder, story_id, root)
    return parse_story(
        read_text(path, root),
        story_id=story_id,
        folder=folder.relative_to(root).as_posix(),
        stage=stages[0],
        source=shown_path(path, root),
        warnings=tuple(also),
    )


def parse_story(
    text: str, *, story_id: str, folder: str, stage: str, source: str, warnings: tuple[str, ...] = ()
) -> Story:
    """The story in a file's text. Front matter that is no valid YAML is a warning, never a fault."""
    document = read_markdown(text)
    front, trouble = _front_matter(document, source)
    level = front.get("autonomy_level")
    if level is not None and level not in get_args(AutonomyLevel):
        trouble.append(
            f"{source}: autonomy_level is {level!r}, expected one of {', '.join(get_args(AutonomyLevel))}"
        )
        level = None
    return Story(
        id=story_id,
        title=_title(document, front, story_id),
        folder=folder,
        stage=stage,
        text=text,
        autonomy_level=level,
        acceptance_criteria=read_criteria(document),
        warnings=(*warnings, *trouble, *(f"{source}: {w}" for w in document.warnings)),
    )


def read_text(path: Path, root: Path | None = None) -> str:
    """A file's text with its line ends as they are. InputFault unless it is a UTF-8 file of at most
    2 MiB that, links followed, lies in `root` (the workspace could link to anything)."""
    name = shown_path(path, root)
    try:
        if root is not None and not path.resolve().is_relative_to(root.resolve()):
            raise InputFault(f"{name}: leads out of the workspace")
        if not path.is_file():
            raise InputFault(f"{name}: {'not a file' if path.exists() else 'no such file'}")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputFault(f"{name}: can't be read: {error.strerror or error}") from None
    if len(data) > MAX_BYTES:
        raise InputFault(f"{name}: bigger than {MAX_BYTES // (1024 * 1024)} MiB")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputFault(f"{name}:{line}: expected UTF-8 text") from None


def shown_path(path: Path, root: Path | None) -> str:
    """The path as messages name it: relative to the workspace where it is inside."""
    return path.relative_to(root).as_posix() if root and path.is_relative_to(root) else str(path)


def _feature_folder(feature_dir: Path, root: Path) -> Path:
    found = next((place for place in (feature_dir, root / feature_dir) if place.is_dir()), None)
    if found is None:
        raise InputFault(f"{feature_dir}: no such feature folder")
    feature = found.resolve()
    if not feature.is_relative_to(root):
        raise InputFault(f"{feature_dir}: not in the workspace {root}")
    return feature


def _check_name(name: str, what: str) -> None:
    if not re.fullmatch(r"[^\s/\\\x00.][^/\\\x00]*", name):
        raise InputFault(f"{what} {name!r}: expected the name of a folder, not a path")


def _folders(place: Path) -> list[str]:
    """The names of the folders in `place`, as they are on disk whatever its case rules."""
    try:
        return sorted(p.name for p in place.iterdir() if p.is_dir() and not p.name.startswith((".", "_")))
    except OSError:
        return []


def _stages(feature: Path) -> list[str]:
    return sorted(_folders(feature), key=lambda name: (name != FIRST_STAGE, name))


def _unknown_story(feature: Path, story_id: str, stage: str | None, root: Path) -> InputFault:
    there = [(name, s) for s in _stages(feature) for name in _folders(feature / s)]
    where = shown_path(feature / stage if stage else feature, root)
    close = difflib.get_close_matches(story_id.upper(), [name.upper() for name, _ in there], n=3)
    named = [f"{name} ({s})" for name, s in there if not close or name.upper() in close]
    if not named:
        return InputFault(f"{where}: no story {story_id}; expected it at {{stage}}/{story_id}/{story_id}.md")
    more = f" and {len(named) - NAMED_AT_MOST} more" if len(named) > NAMED_AT_MOST else ""
    hint = "did you mean" if close else "there are"
    return InputFault(f"{where}: no story {story_id}; {hint} {', '.join(named[:NAMED_AT_MOST])}{more}")


def _story_file(folder: Path, story_id: str, root: Path) -> Path:
    """`{STORY_ID}.md`; people also write `{story_id}.md`."""
    wanted = f"{story_id}.md"
    names = sorted(p.name for p in folder.iterdir() if p.name.casefold() == wanted.casefold())
    if not names:
        raise InputFault(f"{shown_path(folder / wanted, root)}: no such file; expected the story in it")
    return folder / (wanted if wanted in names else names[0])


def _front_matter(document: Document, source: str) -> tuple[JsonObject, list[str]]:
    if document.front_matter is None:
        return {}, []
    try:
        return expect_mapping(parse_yaml(document.front_matter, source), source), []
    except YamlFault as fault:
        # The front matter begins on the file's second line.
        place = f"{source}:{fault.line + 1}" if fault.line else source
        return {}, [f"{place}: front matter not understood: {fault.message}"]


def _title(document: Document, front: JsonObject, story_id: str) -> str:
    heading = next((h.title for h in document.headings if h.level == 1), None)
    given = front.get("title")
    title = str(given if isinstance(given, str | int | float) and str(given).strip() else heading or story_id)
    bare = re.sub(rf"^{re.escape(story_id)}\s*(?:[:–—-]\s*|\s)", "", title.strip(), flags=re.IGNORECASE)
    return bare.strip() or story_id
