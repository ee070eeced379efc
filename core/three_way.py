"""Two sets of changes to one text put together, line by line. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.diff import is_binary
from core.line_match import equal_runs


def merged(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """`base` with the changes that lead to `ours` and those that lead to `theirs`; None where they overlap.

    Lines end at LF, and any other byte belongs to its line. Two different changes overlap when no
    unchanged line lies between them. A binary file is one piece.
    """
    if base in (ours, theirs) or ours == theirs:
        return ours if theirs == base else theirs
    if any(map(is_binary, (base, ours, theirs))):
        return None
    parts = list(_parts(*(data.split(b"\n") for data in (base, ours, theirs))))
    if None in parts:
        return None
    return b"\n".join(line for part in parts if part is not None for line in part)


def overlapping_lines(base: bytes, ours: bytes, theirs: bytes) -> tuple[int, ...]:
    """The lines of `theirs`, from 1, in the way of `merged`; where some were removed, the one after them.
    None of them for a binary file."""
    if any(map(is_binary, (base, ours, theirs))):
        return ()
    texts = [data.split(b"\n") for data in (base, ours, theirs)]
    found: list[int] = []
    for parts in _stretches(*texts):
        if _settled(*(text[part] for text, part in zip(texts, parts, strict=True))) is None:
            there = parts[2]
            found += range(there.start + 1, max(there.stop, there.start + 1) + 1)
    return tuple(found)


def _parts(
    base: Sequence[bytes], ours: Sequence[bytes], theirs: Sequence[bytes]
) -> Iterator[Sequence[bytes] | None]:
    """The lines of the result, in pieces: what lies between two unchanged lines, then the unchanged line."""
    for in_base, in_ours, in_theirs in _stretches(base, ours, theirs):
        yield _settled(base[in_base], ours[in_ours], theirs[in_theirs])
        yield base[in_base.stop : in_base.stop + 1]


def _stretches(
    base: Sequence[bytes], ours: Sequence[bytes], theirs: Sequence[bytes]
) -> Iterator[tuple[slice, slice, slice]]:
    """What lies before each unchanged line, and after the last one, in each of the three."""
    in_ours, in_theirs = _places(base, ours), _places(base, theirs)
    at = (0, 0, 0)
    unchanged = (n for n in range(len(base)) if n in in_ours and n in in_theirs)
    ends = [*((n, in_ours[n], in_theirs[n]) for n in unchanged), (len(base), len(ours), len(theirs))]
    for end in ends:
        yield slice(at[0], end[0]), slice(at[1], end[1]), slice(at[2], end[2])
        at = (end[0] + 1, end[1] + 1, end[2] + 1)


def _places(base: Sequence[bytes], other: Sequence[bytes]) -> dict[int, int]:
    """Where the lines of `base` that are still there stand in `other`."""
    runs = equal_runs(base, other)
    return {start + n: place + n for start, place, length in runs for n in range(length)}


def _settled(base: Sequence[bytes], ours: Sequence[bytes], theirs: Sequence[bytes]) -> Sequence[bytes] | None:
    if ours in (base, theirs):
        return theirs
    return ours if theirs == base else None
