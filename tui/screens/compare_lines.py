"""Two runs side by side as lines: totals, where they part, a row a chunk, the questions. Pure."""

from __future__ import annotations

from collections.abc import Iterator

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
INDENT = "      "
SHORT = 15
"""The cells of what a short fact is about, in a narrow terminal."""
STYLES = {SAME: "$text-muted", DIFFERS: WARN.style, "": "$text-muted"}
NAMES = ("left", "right")


def compare_lines(found: Comparison, width: int, opened: frozenset[int]) -> Iterator[Line]:
    """`opened` are the places of the pairs that are told in full; `width` in cells."""
    page = _Page(width)
    yield from page.heads(found)
    yield Line(row(""))
    for what, left, right in (*found.set_up, *totals(found)):
        if what != "status":
            yield from page.facts(what, left, right)
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
        label = row("    ", (f"{sign or ' '} ", STYLES.get(sign, WARN.style)), what)
        yield from page.detail(label, left, right)
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
        self._width = width
        self._beside = width >= BESIDE
        self._label = max(24, width * 2 // 5)
        self._column = (width - self._label) // 2 - GAP

    def heads(self, found: Comparison) -> Iterator[Line]:
        left, right = found.left, found.right
        if self._beside:
            yield self._columns(row(""), _title(left), _title(right))
            yield self._columns(row(""), _pill(left), _pill(right))
            return
        for name, side in zip(NAMES, (left, right), strict=True):
            yield Line(row(_name(name), _pill(side), " ", _title(side)), wrap=False)

    def facts(self, what: str, left: str, right: str) -> Iterator[Line]:
        label = row((what, "$text-muted"))
        if not self._beside and SHORT + len(left) + len(right) + 3 <= self._width:
            between = (" | ", "$text-muted")
            yield Line(row((f"{what:<{SHORT}}", "$text-muted"), left, between, right), wrap=False)
            return
        if self._beside and max(len(left), len(right)) > self._column:
            yield from self._beneath(label, row(left), row(right))
            return
        yield from self.across(label, row(left), row(right))

    def detail(self, label: Content, left: str, right: str) -> Iterator[Line]:
        """In a narrow terminal both runs share a line where they can."""
        said = row(INDENT, left, (" | ", "$text-muted"), right)
        if self._beside or said.cell_length > self._width:
            yield from self.across(label, row(left), row(right))
            return
        yield Line(label, hang=6)
        yield Line(said, wrap=False)

    def across(self, label: Content, left: Content, right: Content, *, key: str = "") -> Iterator[Line]:
        """One line where there is room for three columns; else each run on a line beneath the label."""
        if self._beside:
            yield self._columns(label, left, right, key)
            return
        yield from self._beneath(label, left, right, key)

    def _beneath(self, label: Content, left: Content, right: Content, key: str = "") -> Iterator[Line]:
        yield Line(label, key=key, hang=4)
        for name, said in zip(NAMES, (left, right), strict=True):
            yield Line(row("    ", _name(name), said), hang=10)

    def _columns(self, label: Content, left: Content, right: Content, key: str = "") -> Line:
        cells = (_cell(label, self._label), _cell(left, self._column), fit(right, self._column))
        return Line(row(*cells), key=key, wrap=False)


def _cell(content: Content, width: int) -> Content:
    shown = fit(content, width)
    return row(shown, " " * (width - shown.cell_length + GAP))


def _name(name: str) -> Content:
    return row((f"{name:<6}", "$text-muted"))


def _title(side: RunSide) -> Content:
    return row((side.title, "$text-primary bold"))


def _pill(side: RunSide) -> Content:
    if not side.timed:
        return row(("a log", "$text-muted"))
    look = PILLS[side.pill]
    return row((f" {look.mark} {side.pill.upper()} ", f"{look.style} bold"))
