"""Which paths a run may write (SPEC 6). Pure on the string; `safe_path` holds it to the real file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.domain import ScopeGlobs, ScopeVerdict, value

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# Whatever a profile says, no run writes below these names, at any depth: they run code, or rule the run.
NEVER_WRITTEN = frozenset({".git", ".signoff", ".claude", ".mcp.json", "node_modules", ".venv", "venv"})
# What Unicode calls default ignorable: nothing is drawn, and some file systems pass over it in a name.
IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 4096


class UnsafePath(ValueError):
    """A path that names nothing inside the workspace, or hides what it names. The text says why."""


@value
class ScopeJudgement:
    """`path` is the normal form (NFC, no `.` or empty parts), or the path as given where it has none."""

    verdict: ScopeVerdict
    reason: str
    path: str


def clean_path(path: str) -> str:
    """The normal form of a workspace-relative posix path of a file. UnsafePath when it has none."""
    path = unicodedata.normalize("NFC", path)
    _refuse_characters(path)
    if path.startswith("/"):
        raise UnsafePath("is absolute; paths are relative to the workspace")
    if path.endswith(("/", "/.")):
        raise UnsafePath("names a folder, not a file")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not parts:
        raise UnsafePath("is empty")
    for part in parts:
        _refuse_part(part)
    cleaned = "/".join(parts)
    if len(cleaned.encode()) > MAX_PATH_BYTES:
        raise UnsafePath(f"is longer than {MAX_PATH_BYTES} bytes")
    return cleaned


def _refuse_characters(path: str) -> None:
    if "\\" in path:
        raise UnsafePath("has a backslash; paths are written with /")
    for char in path:
        # Category C: controls, bidi marks, zero-width characters, lone surrogates, private use.
        if unicodedata.category(char)[0] == "C" or char in "\u2028\u2029" or IGNORED.match(char):
            raise UnsafePath(f"has an invisible or control character (U+{ord(char):04X})")


def _refuse_part(part: str) -> None:
    if part == "..":
        raise UnsafePath("goes up with ..")
    if part.endswith((".", " ")):
        raise UnsafePath("has a name that ends in a dot or a space")
    if len(part.encode()) > MAX_NAME_BYTES:
        raise UnsafePath(f"has a name longer than {MAX_NAME_BYTES} bytes")


def folded(text: str) -> str:
    """The form in which a file system that ignores case and Unicode form would compare names."""
    decomposed = unicodedata.normalize("NFD", IGNORED.sub("", text)).casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", decomposed).casefold())


def glob_spec(globs: Iterable[str]) -> GitIgnoreSpec:
    """Compiled gitignore-style globs. On RE2: a glob like `*a*a*a*b` cannot hang a run."""
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(globs, backend="re2")


class ScopeGuard:
    """Judges paths by a profile's globs, the files that the plan names and the run's own files.

    An entry of `protected` is a file or a folder (`folder` or `folder/**`), never a pattern.
    `outside`, the built-in names and `protected` are compared without regard to case and Unicode form, also
    to the compatible ones (fullwidth letters), and win over everything; `inside` and the plan's files count
    only as written. A wrong glob is a ValueError.
    """

    def __init__(self, globs: ScopeGlobs, plan_files: tuple[str, ...], protected: tuple[str, ...]) -> None:
        self._outside = glob_spec(folded(glob) for glob in globs.outside)
        self._inside = glob_spec(globs.inside)
        self._plan_files = frozenset(_named(plan_files))
        self._protected = tuple(
            folded(path) for path in _named(name.removesuffix("/**") for name in protected)
        )

    def judge(self, path: str) -> ScopeJudgement:
        """The verdict on writing the file at `path`, with the reason in one line."""
        try:
            cleaned = clean_path(path)
        except UnsafePath as why:
            return ScopeJudgement(verdict="out", reason=str(why), path=path)
        verdict, reason = self._verdict(cleaned)
        return ScopeJudgement(verdict=verdict, reason=reason, path=cleaned)

    def _verdict(self, path: str) -> tuple[ScopeVerdict, str]:
        for compared in dict.fromkeys((folded(path), folded(unicodedata.normalize("NFKC", path)))):
            never = next((part for part in compared.split("/") if part in NEVER_WRITTEN), None)
            if never:
                return "out", f"no run writes {never}"
            if any(compared == own or compared.startswith(f"{own}/") for own in self._protected):
                return "out", "belongs to the run itself"
            if self._outside.match_file(compared):
                return "out", "outside the worker's scope"
        if path in self._plan_files:
            return "in", "named by the plan"
        if self._inside.match_file(path):
            return "in", "inside the worker's scope"
        return "adjacent", "neither the worker's scope nor the plan names it"


def _named(paths: Iterable[str]) -> Iterable[str]:
    """The normal forms of paths that people wrote; plans write `/__http__/a.http` too."""
    for path in paths:
        try:
            yield clean_path(path.strip().lstrip("/"))
        except UnsafePath:
            continue
