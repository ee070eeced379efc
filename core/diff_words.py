"""Which lines of a change belong together, and which words of such a pair differ. Pure.

Nothing here is done for a line before it is in sight, except the pairing; that is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TypeAlias

from core.diff import DiffLine, Hunk

# (start, end) of characters, in order, apart from each other.
Stretches: TypeAlias = tuple[tuple[int, int], ...]
Pair: TypeAlias = tuple[DiffLine | None, DiffLine | None]

# difflib is quadratic in tokens: longer lines are changed as a whole.
LONGEST_LINE = 1_000
MOST_TOKENS = 250
# Lines with less in common than this are other lines, not changed ones.
ALIKE = 0.4
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


def pairs(hunk: Hunk) -> Iterator[Pair]:
    """A hunk as (before, after), in reading order: a context line beside itself, a changed one beside what it
    became, an added or removed one alone."""
    removed: list[DiffLine] = []
    added: list[DiffLine] = []
    for line in hunk.lines:
        if line.kind == "-" and not added:
            removed.append(line)
        elif line.kind == "+":
            added.append(line)
        else:
            yield from _beside(removed, added)
            removed, added = ([line], []) if line.kind == "-" else ([], [])
            if line.kind == " ":
                yield line, line
    yield from _beside(removed, added)


def _beside(removed: Sequence[DiffLine], added: Sequence[DiffLine]) -> Iterator[Pair]:
    """The nth beside the nth; what one side has more of stands alone, before them or after them."""
    extra = len(added) - len(removed)
    if removed and added and surplus_first(removed, added):
        yield from ((None, line) for line in added[: max(extra, 0)])
        yield from ((line, None) for line in removed[: max(-extra, 0)])
        removed, added = removed[max(-extra, 0) :], added[max(extra, 0) :]
    both = min(len(removed), len(added))
    yield from zip(removed[:both], added[:both], strict=True)
    yield from ((line, None) for line in removed[both:])
    yield from ((None, line) for line in added[both:])


def surplus_first(removed: Sequence[DiffLine], added: Sequence[DiffLine]) -> bool:
    """Whether the last lines of a change have more in common than its first ones: then it is paired from its
    end. Only these four lines are looked at; there is one on each side."""
    first, last = _common(removed[0].text, added[0].text), _common(removed[-1].text, added[-1].text)
    return last > first


def _common(a: str, b: str) -> float:
    """The share of words that two lines have in common."""
    words_a, words_b = (set(re.findall(r"\w+", text[:LONGEST_LINE])) for text in (a, b))
    return len(words_a & words_b) / max(1, len(words_a | words_b))


@lru_cache(maxsize=1024)
def changed_words(before: str, after: str) -> tuple[Stretches, Stretches]:
    """What of each line is not in the other one; nothing where they are too different or too long."""
    if max(len(before), len(after)) > LONGEST_LINE:
        return (), ()
    a, b = _TOKEN.findall(before), _TOKEN.findall(after)
    if max(len(a), len(b)) > MOST_TOKENS:
        return (), ()
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    same = sum(len(token.strip()) for block in blocks for token in a[block.a : block.a + block.size])
    length = sum(len(token.strip()) for token in (*a, *b)) / 2
    if same < ALIKE * length:
        return (), ()
    kept_a = {n for block in blocks for n in range(block.a, block.a + block.size)}
    kept_b = {n for block in blocks for n in range(block.b, block.b + block.size)}
    return _stretches(a, kept_a), _stretches(b, kept_b)


def _stretches(tokens: Sequence[str], kept: set[int]) -> Stretches:
    """The tokens that are not kept, joined over the blanks between them."""
    found: list[tuple[int, int]] = []
    at, gap = 0, ""
    for n, token in enumerate(tokens):
        end = at + len(token)
        if n in kept:
            gap += token
        elif found and not gap.strip():
            found[-1] = (found[-1][0], end)
            gap = ""
        else:
            found.append((at, end))
            gap = ""
        at = end
    return tuple(found)
