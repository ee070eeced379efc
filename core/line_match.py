"""Which lines of two texts are the same, in near-linear time on any input.

Lines that are unique on both sides anchor the match (the patience idea); difflib decides within the gaps
that are small enough for its quadratic worst case, and a larger gap counts as replaced whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

# Lines times lines that difflib is given: in one gap, and in all gaps of a file. The worst texts that
# were tried (short repeating patterns) took 0.15 s a gap and 1.5 s a file.
LARGEST_GAP = 100_000
ALL_GAPS = 1_000_000

# (start in a, start in b, length)
Run: TypeAlias = tuple[int, int, int]


def equal_runs(a: Sequence[bytes], b: Sequence[bytes]) -> tuple[Run, ...]:
    """Runs of equal lines in order, non-empty, no two adjacent on both sides."""
    return tuple(_joined(_runs(a, b)))


def _runs(a: Sequence[bytes], b: Sequence[bytes]) -> Iterator[Run]:
    head = _common_head(a, b)
    tail = _common_tail(a, b, head)
    end_a, end_b = len(a) - tail, len(b) - tail
    yield 0, 0, head
    at_a, at_b, budget = head, head, ALL_GAPS
    for next_a, next_b in [*_anchors(a, b, head, end_a, end_b), (end_a, end_b)]:
        size = (next_a - at_a) * (next_b - at_b)
        if 0 < size <= min(LARGEST_GAP, budget):
            budget -= size
            for start_a, start_b, length in _gap(a[at_a:next_a], b[at_b:next_b]):
                yield at_a + start_a, at_b + start_b, length
        if next_a < end_a:
            yield next_a, next_b, 1
        at_a, at_b = next_a + 1, next_b + 1
    yield end_a, end_b, tail


def _common_head(a: Sequence[bytes], b: Sequence[bytes]) -> int:
    shorter = min(len(a), len(b))
    return next((n for n in range(shorter) if a[n] != b[n]), shorter)


def _common_tail(a: Sequence[bytes], b: Sequence[bytes], head: int) -> int:
    shorter = min(len(a), len(b)) - head
    return next((n for n in range(shorter) if a[-1 - n] != b[-1 - n]), shorter)


def _anchors(
    a: Sequence[bytes], b: Sequence[bytes], start: int, end_a: int, end_b: int
) -> list[tuple[int, int]]:
    """The longest increasing pairing of the lines that occur once on each side."""
    count_a, count_b = Counter(a[start:end_a]), Counter(b[start:end_b])
    place_b = {line: n for n, line in enumerate(b[start:end_b], start) if count_b[line] == 1}
    pairs = [
        (n, place_b[line])
        for n, line in enumerate(a[start:end_a], start)
        if count_a[line] == 1 and line in place_b
    ]
    return _longest_increasing(pairs)


def _longest_increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    tops: list[int] = []
    top_pairs: list[int] = []
    before: list[int | None] = []
    for n, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        before.append(top_pairs[pile - 1] if pile else None)
        tops[pile : pile + 1] = [place]
        top_pairs[pile : pile + 1] = [n]
    chain: list[tuple[int, int]] = []
    at = top_pairs[-1] if top_pairs else None
    while at is not None:
        chain.append(pairs[at])
        at = before[at]
    return chain[::-1]


def _gap(a: Sequence[bytes], b: Sequence[bytes]) -> Iterator[Run]:
    for match in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks():
        yield match.a, match.b, match.size


def _joined(runs: Iterator[Run]) -> Iterator[Run]:
    start_a, start_b, length = 0, 0, 0
    for next_a, next_b, size in runs:
        if (next_a, next_b) == (start_a + length, start_b + length):
            length += size
        elif size:
            if length:
                yield start_a, start_b, length
            start_a, start_b, length = next_a, next_b, size
    if length:
        yield start_a, start_b, length
