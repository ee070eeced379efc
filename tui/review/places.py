"""Where in a diff something is, and the keys of the rows there. Pure."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Side: TypeAlias = Literal["old", "new"]


class Place(NamedTuple):
    """A line of a file, on one side of the diff; the file itself where `line` is None."""

    path: str
    line: int | None = None
    side: Side = "new"


def place_key(place: Place) -> str:
    """The key of a row. The last NUL parts the path from the number; the old side's numbers have a minus."""
    sign = "-" if place.side == "old" else ""
    return f"{place.path}\0{sign}{place.line}" if place.line is not None else f"{place.path}\0"


# No path begins like this. What follows is the path of a folded file; the number of a comment, of a finding.
FOLD_KEY, COMMENT_KEY, FINDING_KEY = "\0fold:", "\0comment:", "\0finding:"


def place_of(key: str) -> Place | None:
    if key.startswith(FOLD_KEY):
        return Place(key.removeprefix(FOLD_KEY))
    if key.startswith("\0"):
        return None
    path, parted, line = key.rpartition("\0")
    if not parted:
        return None
    if not line:
        return Place(path)
    return Place(path, abs(int(line)), "old" if line.startswith("-") else "new")
