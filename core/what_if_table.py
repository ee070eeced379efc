"""A run's decisions under each level, as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from core.domain import AutonomyLevel
from core.untrusted import visible
from core.what_if import LevelOutcome, WhatIf, WhatIfRow

LEVELS = get_args(AutonomyLevel)
WORDS = {"auto": "auto", "escalate": "asks", "defer": "defers", "covered": "covered"}
OTHER_WAY = " *"
LONGEST = 40


def table(found: WhatIf) -> str:
    """A row for each decision, then what each level would have cost, then where it would have differed.

    Everything that others wrote is on one line, cut, and has its control characters made visible.
    """
    if not found.rows:
        return f"{visible(found.run_id, keep_newlines=False)}: no decision was raised"
    head = ["chunk", "tier", "question", "became", *(_title(level, found.level) for level in LEVELS)]
    costs = dict(found.interruptions)
    last = ["", "", "interruptions", "", *(str(costs[level]) for level in LEVELS)]
    lines = [*_aligned([head, *(_cells(row) for row in found.rows), last])]
    notes = [note for row in found.rows for note in _differences(row)]
    if notes:
        lines += ["", "* would have gone the other way:", *notes]
    if found.note:
        lines += ["", found.note]
    return "\n".join(lines)


def _title(level: AutonomyLevel, of_the_run: AutonomyLevel) -> str:
    return f"{level} (now)" if level == of_the_run else level


def _cells(row: WhatIfRow) -> list[str]:
    tier = "-" if row.tier is None else str(row.tier)
    became = "open" if row.decision is None else f"{_cut(row.decision)} ({_cut(row.decided_by or '')})"
    return [str(row.chunk), tier, _cut(row.title), became, *(_word(row.at(level)) for level in LEVELS)]


def _word(said: LevelOutcome) -> str:
    return WORDS[said.outcome] + (OTHER_WAY if said.differs else "")


def _differences(row: WhatIfRow) -> Iterator[str]:
    """One line for all levels that would have decided the same."""
    by_choice: dict[str, list[str]] = {}
    for said in row.levels:
        if said.differs:
            would = f"take {_cut(said.choice)}" if said.choice else "put it off"
            by_choice.setdefault(f"{would} ({_cut(said.basis)})", []).append(said.level)
    for would, levels in by_choice.items():
        yield f"  {_cut(row.title)}: {' and '.join(levels)} would {would}"


def _cut(text: str) -> str:
    shown = visible(" ".join(text.split()), keep_newlines=False)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def _aligned(rows: list[list[str]]) -> Iterator[str]:
    from rich.cells import cell_len

    widths = [max(cell_len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()
