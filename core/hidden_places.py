"""A recording without the absolute paths of this machine, for what is given to others.

The workspace's own path and the home folder of whoever exports can stand in what a tool printed or a model
said. They become `[workspace]` and `[home]`, visibly, in texts and contents alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from core.events import Record
from core.history import History, KeptBlock
from core.recording import Mark, Recording
from core.run_state import Entry, RunState

T = TypeVar("T")

# The home of a machine's administrator names nobody, and stands in any container's files.
NOBODYS_HOMES = frozenset({"/root", "/"})


class WithoutPlaces:
    """`recording` as others get to see it. See core.recording.Recording."""

    def __init__(self, recording: Recording, environ: Mapping[str, str]) -> None:
        self._of = recording
        self._places = Places(recording.root, environ)
        self.run_id = self._places.hidden(recording.run_id)
        self.title = self._places.hidden(recording.title)
        self.root = Path(".")
        self.timed = recording.timed

    @property
    def length(self) -> int:
        return self._of.length

    @property
    def indexed(self) -> float:
        return self._of.indexed

    @property
    def damage(self) -> str:
        return self._places.hidden(self._of.damage)

    def record(self, seq: int) -> Record:
        return self._places.hidden_in(self._of.record(seq))

    def records(self, first: int = 1, last: int | None = None) -> Iterator[Record]:
        return map(self._places.hidden_in, self._of.records(first, last))

    def state_at(self, seq: int) -> RunState:
        return self._places.hidden_in(self._of.state_at(seq))

    def entries(self, chunk: int, seq: int) -> Sequence[Entry]:
        return self._places.hidden_in(tuple(self._of.entries(chunk, seq)))

    def chunk_records(self, chunk: int, seq: int) -> Sequence[Record]:
        return self._places.hidden_in(tuple(self._of.chunk_records(chunk, seq)))

    def log_entry(self, chunk: int, seq: int) -> str:
        return self._places.hidden(self._of.log_entry(chunk, seq))

    def marks(self) -> Sequence[Mark]:
        return self._places.hidden_in(tuple(self._of.marks()))

    def seq_at(self, when: datetime) -> int:
        return self._of.seq_at(when)

    def blob(self, sha: str) -> bytes:
        return self._places.hidden_bytes(self._of.blob(sha))

    def close(self) -> None:
        self._of.close()


class Places:
    """What is hidden, longest first: a workspace is mostly inside the home."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        named = {str(root.absolute()): "[workspace]", str(root.resolve()): "[workspace]"}
        home = environ.get("HOME", "").rstrip("/")
        if home.startswith("/") and home not in NOBODYS_HOMES:
            named.setdefault(home, "[home]")
        self._names = {path: name for path, name in named.items() if path != "/"}
        paths = sorted(self._names, key=len, reverse=True)
        pattern = "|".join(map(re.escape, paths)) or r"(?!)"
        self._text = re.compile(rf"(?<![\w.-])(?:{pattern})(?![\w-]|\.\w)")
        self._bytes = re.compile(self._text.pattern.encode())

    def hidden(self, text: str) -> str:
        return self._text.sub(lambda match: self._names[match[0]], text)

    def hidden_bytes(self, content: bytes) -> bytes:
        return self._bytes.sub(lambda match: self._names[match[0].decode()].encode(), content)

    def hidden_in(self, value: T) -> T:
        """`value` with every text in it hidden; the very same where there was nothing to hide."""
        found: Any = self._walked(value)
        return found  # type: ignore[no-any-return]

    def _walked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.hidden(value)
        if isinstance(value, tuple | list):
            parts = [self._walked(part) for part in value]
            same = all(new is old for new, old in zip(parts, value, strict=True))
            return value if same else type(value)(parts)
        if isinstance(value, History):
            return History.of([_HiddenBlock(self, block) for block in value.blocks], self._walked(value.tail))
        if isinstance(value, dict):
            return {self._walked(key): self._walked(part) for key, part in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            return self._walked_fields(value)
        return value

    def _walked_fields(self, value: Any) -> Any:
        changed = {}
        for field in fields(value):
            old = getattr(value, field.name)
            new = self._walked(old)
            if new is not old and new != old:
                changed[field.name] = new
        return replace(value, **changed) if changed else value


class _HiddenBlock(Generic[T]):
    """A block of a history that is read, and its places hidden, when it is looked at."""

    def __init__(self, places: Places, block: tuple[T, ...] | KeptBlock[T]) -> None:
        self._places = places
        self._block = block

    def items(self) -> tuple[T, ...]:
        block = self._block
        return self._places.hidden_in(block if isinstance(block, tuple) else block.items())
