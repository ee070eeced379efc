"""A comparison as a page of text: totals, where the runs part, the chunks, the questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.compare import Comparison
from core.compare_words import (
    NOTHING,
    decision_sign,
    details,
    diagnostics,
    pair_name,
    pair_sign,
    parting_words,
    side_words,
    totals,
)
from core.untrusted import visible

LONGEST = 56
"""What others wrote is cut to so many characters in a column."""


def table(found: Comparison) -> str:
    """Everything that others wrote is on one line, cut, and has its control characters made visible."""
    parts = [
        _aligned([("", found.left.title, found.right.title), *found.set_up, *totals(found)]),
        ["", visible(parting_words(found), keep_newlines=False), ""],
        _aligned(list(_chunk_rows(found))),
        _decisions(found),
    ]
    return "\n".join(line for part in parts for line in part).rstrip()


def _chunk_rows(found: Comparison) -> Iterator[Sequence[str]]:
    """A chunk that differs is told in full."""
    for pair in found.pairs:
        yield pair_sign(pair), pair_name(pair), side_words(pair.left), side_words(pair.right)
        if pair.parts and pair.left and pair.right:
            for sign, what, left, right in details(pair):
                yield "", f"  {sign or ' '} {what}", left, right
            for name, error in diagnostics(pair):
                yield "", f"    {name} error", *((error, "") if name == "left" else ("", error))


def _decisions(found: Comparison) -> list[str]:
    if not found.decisions:
        return []
    rows = [
        (decision_sign(each) or " ", each.question, each.left or NOTHING, each.right or NOTHING)
        for each in found.decisions
    ]
    return ["", "Decisions", *_aligned(rows)]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    from rich.cells import cell_len

    if not rows:
        return []
    shown = [[_cut(cell) for cell in row] for row in rows]
    widths = [max(cell_len(row[place]) for row in shown) for place in range(len(shown[0]))]
    return [
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in shown
    ]


def _cut(text: str) -> str:
    indent = text[: len(text) - len(text.lstrip(" "))]
    shown = indent + visible(" ".join(text.split()), keep_newlines=False)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
