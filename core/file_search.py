"""Walking and searching the text files of a workspace, without what git ignores.

Links are never followed. Globs and patterns run on RE2, in linear time whatever a file or a worker says.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from core.diff import is_binary
from core.domain import value
from core.file_errors import PatternError
from core.scope_guard import glob_spec
from core.untrusted import redact

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SKIPPED = frozenset({".git", ".signoff", "node_modules", ".venv"})
MOST_WALKED = 50_000
LARGEST_IGNORE_FILE = 200_000
LONGEST_LINE = 400

# (folder, its .gitignore), outermost first
Ignores: TypeAlias = tuple[tuple[str, "GitIgnoreSpec"], ...]


@value
class SearchHit:
    """`line` counts from 1; `text` is the line, cut at 400 characters."""

    path: str
    line: int
    text: str


class _Pattern(Protocol):
    def finditer(self, text: bytes) -> Iterator[_Match]: ...


class _Match(Protocol):
    def start(self) -> int: ...


def walk(root: Path, folder: str, glob: str) -> Iterator[str]:
    """The regular files below `folder` ("" is the root) that `glob` fits, in order of their paths.

    The glob is gitignore-style, from `folder` or from the root. PatternError when it is none.
    """
    wanted = _glob(glob)
    start = f"{folder}/" if folder else ""
    for path in _files(root, folder, _ignores_above(root, folder)):
        names = (path[len(start) :], path)
        if wanted is None or any(wanted.match_file(_matched(name)) for name in names):
            yield path


def search_below(
    root: Path, folder: str, glob: str, pattern: _Pattern, load: Callable[[str], bytes | None]
) -> Iterator[SearchHit]:
    """The hits in the files of `walk` that `load` gives the bytes of."""
    for path in walk(root, folder, glob):
        data = load(path)
        if data is not None:
            yield from hits_in(path, data, pattern)


def compile_pattern(pattern: str) -> _Pattern:
    """An RE2 pattern, matched line by line. PatternError says why it is refused."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        compiled: _Pattern = re2.compile(f"(?m:{pattern})".encode(), options)
    except (re2.error, UnicodeEncodeError) as fault:
        why = fault.args[0].decode("utf-8", "replace") if isinstance(fault.args[0], bytes) else str(fault)
        raise PatternError(pattern[:LONGEST_LINE], f"RE2 refuses this pattern: {why}") from None
    return compiled


def hits_in(path: str, data: bytes, pattern: _Pattern) -> Iterator[SearchHit]:
    """The lines of a text file in which a match begins; none for a binary file."""
    if is_binary(data):
        return
    counted, line, last = 0, 1, 0
    for match in pattern.finditer(data):
        place = match.start()
        line += data.count(b"\n", counted, place)
        counted = place
        if line == last or (place == len(data) and data[-1:] in (b"", b"\n")):
            continue
        last = line
        start = data.rfind(b"\n", 0, place) + 1
        end = data.find(b"\n", place)
        text = data[start : end if end >= 0 else len(data)].decode("utf-8", "replace").rstrip("\r")
        if not _in_private_key(data, start):
            yield SearchHit(path=path, line=line, text=redact(text)[:LONGEST_LINE])


def _in_private_key(data: bytes, place: int) -> bool:
    """A line inside a key has no shape of its own."""
    begin = data.rfind(b"-----BEGIN ", 0, place)
    head = data[begin : data.find(b"\n", begin)] if begin >= 0 else b""
    return b"PRIVATE KEY" in head and data.find(b"-----END ", begin, place) < 0


def _glob(glob: str) -> GitIgnoreSpec | None:
    if glob in ("", "*", "**", "**/*"):
        return None
    try:
        return glob_spec([glob])
    except ValueError:
        raise PatternError(glob[:LONGEST_LINE], "is not a glob") from None


def _files(root: Path, folder: str, ignores: Ignores, walked: list[int] | None = None) -> Iterator[str]:
    walked = walked if walked is not None else [0]
    ignores = _with_own(root, folder, ignores)
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        walked[0] += 1
        if walked[0] > MOST_WALKED:
            return
        path = f"{folder}/{entry.name}" if folder else entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name in SKIPPED or _is_ignored(path, is_folder, ignores):
            continue
        if is_folder:
            yield from _files(root, path, ignores, walked)
        elif entry.is_file(follow_symlinks=False):
            yield path


def _matched(name: str) -> str:
    """RE2 takes no lone surrogates, which stand for bytes that are not UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")


def _ignores_above(root: Path, folder: str) -> Ignores:
    """The ignore files of the folders above `folder`; its own is read when it is walked."""
    ignores: Ignores = ()
    above = folder.split("/")[:-1] if folder else []
    for depth in range(len(above) + 1 if folder else 0):
        ignores = _with_own(root, "/".join(above[:depth]), ignores)
    return ignores


def _with_own(root: Path, folder: str, ignores: Ignores) -> Ignores:
    file = root / folder / ".gitignore"
    try:
        found = file.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_IGNORE_FILE:
            return ignores
        return (*ignores, (folder, glob_spec(_valid(file.read_text("utf-8", "replace")))))
    except OSError:
        return ignores


def _valid(text: str) -> Iterator[str]:
    """git passes over a line that is no pattern, so one bad line must not stop a search."""
    for line in text.splitlines():
        try:
            glob_spec([line])
        except ValueError:
            continue
        yield line


def _is_ignored(path: str, is_folder: bool, ignores: Ignores) -> bool:
    """The innermost ignore file that says anything decides, as in git."""
    for folder, spec in reversed(ignores):
        below = path[len(folder) + 1 :] if folder else path
        said = spec.check_file(_matched(f"{below}/" if is_folder else below)).include
        if said is not None:
            return said
    return False
