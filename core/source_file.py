"""A file that a person names to be shown, or the standard input: its bytes, whatever they are."""

from __future__ import annotations

import re
import sys
from pathlib import Path, PurePath

from core.checkout import InputFault
from core.domain import value

MAX_BYTES = 256 * 1024 * 1024
STDIN = "-"
YAML_LINE = re.compile(r"^(?:schema|steps|touches|phases|version)[ \t]*:(?:[ \t]|$)", re.MULTILINE)


@value
class SourceFile:
    name: str
    data: bytes

    @property
    def text(self) -> str:
        """Bytes that are not UTF-8 are replacement characters in it."""
        return self.data.decode("utf-8-sig", "replace")

    @property
    def is_yaml(self) -> bool:
        """By its name; where that says nothing, by keys that no Markdown file begins a line with."""
        ending = PurePath(self.name).suffix.casefold()
        if ending in (".yaml", ".yml"):
            return True
        return ending not in (".md", ".markdown") and YAML_LINE.search(self.text) is not None


def read_source(file: str) -> SourceFile:
    """The file, or the standard input for `-`. InputFault, one line, for what can't be read."""
    if file == STDIN:
        return _bounded("standard input", sys.stdin.buffer.read(MAX_BYTES + 1))
    try:
        place = Path(file)
        if not place.is_file():
            raise InputFault(f"{file}: {'not a file' if place.exists() else 'no such file'}")
        with place.open("rb") as stream:
            return _bounded(file, stream.read(MAX_BYTES + 1))
    except OSError as error:
        raise InputFault(f"{file}: can't be read: {error.strerror or error}") from None
    except ValueError:
        raise InputFault(f"{file}: no name that a file can have") from None


def _bounded(name: str, data: bytes) -> SourceFile:
    if len(data) > MAX_BYTES:
        raise InputFault(f"{name}: bigger than {MAX_BYTES // (1024 * 1024)} MiB")
    return SourceFile(name=name, data=data)
