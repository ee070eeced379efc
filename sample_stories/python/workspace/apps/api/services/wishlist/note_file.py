"""Wishes as people kept them until now: a text file, one set a line, `10497 Galaxy Explorer`."""

from __future__ import annotations

from pathlib import Path


def read_notes(path: Path) -> list[tuple[str, str]]:
    """The set number and title of each line; lines without both are skipped."""
    wishes = []
    for line in path.read_text(encoding="utf-8").splitlines():
        number, _, title = line.strip().partition(" ")
        if number and title:
            wishes.append((number, title))
    return wishes
