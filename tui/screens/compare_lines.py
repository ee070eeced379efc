"""Two runs side by side as lines: totals, where they part, a row a chunk, the questions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.content import Content

from core.compare import ChunkPair, Comparison, RunSide
from core.compare_chunks import ChunkSide
from core.compare_words import (
    ASPECTS,
    DIFFERS,
    NOTHING,
    SAME,
    decision_sign,
    details,
    diagnostics,
    pair_name,
    pair_sign,
    parting_words,
    side_words,
    totals,
)
from tui.line import Line
from tui.marks import CHUNK_MARKS, PILLS, WARN
from tui.safe_text import fit, row

PAIR = "pair:"
BESIDE = 100
"""Below so many cells the right run stands beneath the left one instead of beside it."""
GAP = 2
STYLES = {SAME: "$text-muted", DIFFERS: WARN.style, "": "$text-muted"}
NAMES = ("left", "right")


def compare_lines(found: Comparison, width: int, opened: frozenset[int]) -> Iterator[Line]:
    """`opened` are the places of the pairs that are told in full; `width` in cells."""
    page = _Page(width)
    yield from page.heads(found)
    yield Line(row(""))
    for what, left, right in (*totals(found), *found.set_up):
        yield from page.facts(what, left, right, "$text-muted")
    yield Line(row(""))
    style = WARN.style if found.parting is not None else "$text-success"
    yield Line(row((parting_words(found), f"{style} bold")))
    yield Line(row(""))
    for place, pair in enumerate(found.pairs):
        yield from _pair_lines(page, pair, place, place in opened)
    if found.decisions:
        yield Line(row(""))
        yield Line(row(("Decisions", "bold")))
    for each in found.decisions:
        sign = decision_sign(each)
        label = row((f"{sign or ' '} ", STYLES[sign]), each.question)
        yield from page.across(label, row(each.left or NOTHING), row(each.right or NOTHING))


def _pair_lines(page: _Page, pair: ChunkPair, place: int, opened: bool) -> Iterator[Line]:
    sign = pair_sign(pair)
    fold = "▾" if opened else "▸"
    label = row((f"{sign} ", STYLES[sign]), (f"{fold} ", "$text-muted"), (pair_name(pair), "bold"))
    yield from page.across(label, _side(pair.left), _side(pair.right), key=f"{PAIR}{place}")
    if not opened:
        return
    for aspect in pair.parts:
        yield Line(row("    ", (ASPECTS[aspect], WARN.style)), hang=4)
    for sign, what, left, right in details(pair):
        yield from page.across(
            row("    ", (f"{sign or ' '} ", STYLES.get(sign, WARN.style)), what), row(left), row(right)
        )
    for name, error in diagnostics(pair):
        yield Line(row("    ", (f"{name}: ", "$text-muted"), (error, "$text-error")), hang=6)


def _side(side: ChunkSide | None) -> Content:
    if side is None:
        return row((side_words(side), "$text-muted"))
    mark = CHUNK_MARKS[side.status]
    sign = [(f"{mark.sign} ", mark.style)] if side.timed else []
    return row(*sign, side_words(side))


class _Page:
    """How the three columns lie in a width: what it is, the left run, the right run."""

    def __init__(self, width: int) -> None:
        self._beside = width >= BESIDE
        self._label = max(24, width * 2 // 5) if self._beside else width
        self._column = (width - self._label) // 2 - GAP if self._beside else width

    def heads(self, found: Comparison) -> Iterator[Line]:
        sides = (found.left, found.right)
        if self._beside:
            yield self._columns(row(""), *(row((side.title, "$text-primary bold")) for side in sides))
            yield self._columns(row(""), *map(_pill, sides))
            return
        for name, side in zip(NAMES, sides, strict=True):
            yield Line(
                row((f"{name:<6}", "$text-muted"), _pill(side), " ", (side.title, "$text-primary bold")),
                wrap=False,
            )

    def facts(self, what: str, left: str, right: str, style: str) -> Iterator[Line]:
        if what == "status":
            return
        yield from self.across(row((what, style)), row(left), row(right))

    def across(self, label: Content, left: Content, right: Content, *, key: str = "") -> Iterator[Line]:
        """One line where there is room for three columns; else the label, and each run on a line beneath it."""
        if self._beside:
            yield self._columns(label, left, right, key)
            return
        yield Line(label, key=key, hang=4)
        for name, said in zip(NAMES, (left, right), strict=True):
            yield Line(row((f"    {name:<6}", "$text-muted"), said), hang=10)

    def _columns(self, label: Content, left: Content, right: Content, key: str = "") -> Line:
        return Line(
            row(*_padded([(label, self._label), (left, self._column), (right, self._column)])),
            key=key,
            wrap=False,
        )


def _padded(cells: Iterable[tuple[Content, int]]) -> Iterator[Content | str]:
    for content, width in cells:
        shown = fit(content, width)
        yield shown
        yield " " * (width - shown.cell_length + GAP)


def _pill(side: RunSide) -> Content:
    if not side.timed:
        return row(("a log", "$text-muted"))
    look = PILLS[side.pill]
    return row((f" {look.mark} {side.pill.upper()} ", f"{look.style} bold"))
