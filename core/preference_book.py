"""The decision configuration of a run, and preferences.yaml as the run changes it (SPEC 5.6, 5.7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

from core.atomic_file import write_atomic
from core.decisions.configuration import DecisionConfig
from core.domain import PreferenceNote, value
from core.preference_file import (
    preferences_in,
    with_applied,
    with_learned,
    with_locked,
    with_overridden,
)
from core.yaml_file import YamlFault, read_yaml, yaml_text

SaveAction: TypeAlias = Literal["locked", "learned", "applied", "overridden"]


@value
class Saved:
    """What was done to the entry with that id; `content` is the whole file afterwards."""

    action: SaveAction
    preference_id: str
    pattern: str
    choice: str
    content: bytes


class PreferenceBook:
    """`config` is what holds now. Each change is made to the file as it is on disk at that moment, so that
    what a person wrote there meanwhile stays, and holds from then on.

    Every method raises YamlFault, with nothing written, when the file can't be read whole or written.
    """

    def __init__(self, folder: Path, config: DecisionConfig) -> None:
        self.config = config
        self._path = folder / "preferences.yaml"

    def remember(self, note: PreferenceNote, choice: str, *, title: str, at: datetime) -> Saved:
        """What the supervisor wants kept of an answer; `title` is that of the question."""

        def locked(text: str) -> tuple[str, str]:
            source = f"answer to: {title}"
            return with_locked(text, note.pattern, choice, source=source, at=at, file=self._path)

        def learned(text: str) -> tuple[str, str]:
            return with_learned(text, note.pattern, choice, at=at, file=self._path)

        return self._save("locked", locked) if note.kind == "lock" else self._save("learned", learned)

    def applied(self, preference_id: str, at: datetime, *, known: int | None = None) -> Saved:
        """A learned preference decided a question. `known`: how often it had before, if it may be counted
        already (after a crash)."""

        def counted(text: str) -> tuple[str, str]:
            return with_applied(text, preference_id, at, known=known, file=self._path), preference_id

        return self._save("applied", counted)

    def overridden(self, preference_id: str, *, known: int | None = None) -> Saved:
        """The supervisor overturned what a learned preference decided. `known` as for `applied`."""

        def counted(text: str) -> tuple[str, str]:
            return with_overridden(text, preference_id, known=known, file=self._path), preference_id

        return self._save("overridden", counted)

    def _save(self, action: SaveAction, change: Callable[[str], tuple[str, str]]) -> Saved:
        before = self._read()
        text, preference_id = change(before)
        preferences = preferences_in(text, self._path)
        if text != before:
            self._write(text)
        self.config = replace(self.config, preferences=preferences)
        entries = preferences.project if action == "locked" else preferences.learned
        entry = next(entry for entry in entries if entry.id == preference_id)
        return Saved(
            action=action,
            preference_id=preference_id,
            pattern=entry.pattern.regex,
            choice=entry.choice,
            content=text.encode("utf-8"),
        )

    def _read(self) -> str:
        """The text with its byte order mark. A link is refused: writing would put a file in its place."""
        if self._path.is_symlink():
            raise YamlFault(str(self._path), None, "a link; expected the file itself to write to")
        if not self._path.exists():
            return ""
        data = read_yaml(self._path)
        yaml_text(data, str(self._path))
        return data.decode("utf-8")

    def _write(self, text: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(self._path, text.encode("utf-8"))
        except OSError as error:
            raise YamlFault(str(self._path), None, f"can't be written: {error.strerror or error}") from None
