"""What-if as a table: a row a decision, a column a level. Pure: the simulation in, lines out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.domain import AutonomyLevel
from tui.line import Line
from tui.marks import WARN
from tui.safe_text import Part, fit, row

if TYPE_CHECKING:
    from core.what_if import LevelOutcome, WhatIf, WhatIfRow

LEVELS: tuple[AutonomyLevel, ...] = ("conservative", "moderate", "aggressive")
WORDS = {"auto": "auto", "escalate": "asks", "defer": "deferred", "covered": "covered"}
STYLES = {"auto": "$text-success", "escalate": "$text-accent", "defer": "$text-warning", "covered": ""}
COLUMN = 14
HEAD = 8
"""The cells of chunk and tier."""
TABLE_WIDTH = 64
"""Below so many cells the levels stand beneath each question instead of beside it."""
ROW = "row:"


def what_if_lines(answer: WhatIf, width: int, opened: frozenset[str]) -> Iterator[Line]:
    """`opened` are the request ids whose reasons are shown; `width` in cells."""
    yield from _head_lines(answer)
    if not answer.rows:
        yield Line(row(("No decision was taken in this run.", "$text-muted")))
        return
    yield Line(row(""))
    wide = width >= TABLE_WIDTH
    if wide:
        yield _columns_line(answer, width)
    for each in answer.rows:
        yield _row_line(each, width) if wide else _narrow_line(each)
        yield _became_line(each)
        if not wide:
            yield Line(row("  ", *_narrow_levels(each)), hang=2)
        if each.request_id in opened:
            yield from (_reason_line(outcome) for outcome in each.levels)
    yield Line(row(""))
    if any(outcome.differs for each in answer.rows for outcome in each.levels):
        what = "would have decided something else than what holds"
        yield Line(row((f"{WARN.sign} ", WARN.style), (what, "$text-muted")), hang=2)
    if answer.note:
        yield Line(row((answer.note, "$text-muted")))


def _head_lines(answer: WhatIf) -> Iterator[Line]:
    """How often each level would have interrupted; the run's own level is marked."""
    yield Line(row(("Interruptions by level", "bold"), ("  (questions put to you)", "$text-muted")))
    most = max((count for _, count in answer.interruptions), default=0)
    for level, count in answer.interruptions:
        own = level == answer.level
        bar = "▇" * (round(20 * count / most) if most else 0)
        yield Line(
            row(
                (f"  {level:<13}", "bold" if own else ""),
                (f"{count:>3}  ", "bold"),
                (f"{'this run' if own else '':<10}", "$text-primary bold"),
                (bar, "$accent"),
            ),
            wrap=False,
        )


def _columns_line(answer: WhatIf, width: int) -> Line:
    names = [(f"{level:<{COLUMN}}", "bold" if level == answer.level else "$text-muted") for level in LEVELS]
    space = " " * _title_width(width)
    return Line(row((f"{'Ch T':<{HEAD}}", "$text-muted"), space, *names), wrap=False)


def _title_width(width: int) -> int:
    return width - HEAD - COLUMN * len(LEVELS)


def _place(each: WhatIfRow) -> tuple[str, str]:
    tier = f"T{each.tier}" if each.tier is not None else "T?"
    return (f" {each.chunk:<3}{tier:<{HEAD - 4}}", "$text-muted")


def _row_line(each: WhatIfRow, width: int) -> Line:
    room = _title_width(width) - 2
    title = fit(row(each.title), room)
    space = " " * (room + 2 - title.cell_length)
    parts: list[Part] = [_place(each), title, space]
    for level in LEVELS:
        outcome = each.at(level)
        word = WORDS[outcome.outcome]
        sign = f" {WARN.sign}" if outcome.differs else ""
        parts += [
            (word, STYLES[outcome.outcome]),
            (sign, WARN.style),
            " " * (COLUMN - len(word) - len(sign)),
        ]
    return Line(row(*parts), key=f"{ROW}{each.request_id}", wrap=False)


def _narrow_line(each: WhatIfRow) -> Line:
    return Line(row(_place(each), each.title), key=f"{ROW}{each.request_id}", hang=2)


def _narrow_levels(each: WhatIfRow) -> Iterator[Part]:
    for level in LEVELS:
        outcome = each.at(level)
        yield (f"{level}: ", "$text-muted")
        yield (WORDS[outcome.outcome] + (f" {WARN.sign}" if outcome.differs else ""), STYLES[outcome.outcome])
        yield "  "


def _became_line(each: WhatIfRow) -> Line:
    """What it became in the run."""
    if each.decision is None:
        return Line(row(" " * HEAD, ("open", "$text-muted")), wrap=False)
    by = f"  ({each.decided_by})" if each.decided_by else ""
    return Line(row(" " * HEAD, (each.decision, "$foreground 75%"), (by, "$text-muted")), hang=HEAD)


def _reason_line(outcome: LevelOutcome) -> Line:
    choice = f" → {outcome.choice}" if outcome.choice and outcome.outcome != "escalate" else ""
    words = f"{outcome.level}: {WORDS[outcome.outcome]}{choice}"
    sign = f" {WARN.sign}" if outcome.differs else ""
    return Line(
        row(" " * HEAD, words, (sign, WARN.style), (f"  {outcome.reason}", "$text-muted")), hang=HEAD + 2
    )
