"""A line in pieces, each with all the styles that it has. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

# (start, end, style) of characters of the line, in order, apart from each other.
Styled: TypeAlias = Sequence[tuple[int, int, str]]


def pieces(text: str, *layers: Styled) -> Iterator[tuple[str, str]]:
    """Where two layers say otherwise, the later one holds."""
    edges = {0, len(text), *(n for layer in layers for start, end, _ in layer for n in (start, end))}
    left = [iter(layer) for layer in layers]
    now = [next(layer, None) for layer in left]
    for start, end in pairwise(sorted(n for n in edges if n <= len(text))):
        for n, layer in enumerate(left):
            while (stretch := now[n]) is not None and stretch[1] <= start:
                now[n] = next(layer, None)
        styles = (stretch[2] for stretch in now if stretch is not None and stretch[0] <= start)
        yield text[start:end], " ".join(styles)
