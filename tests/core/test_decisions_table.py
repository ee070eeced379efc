"""The whole policy against a table written by hand from SPEC 5, through the texts of the policy files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.decisions.configuration import parse_decision_config
from core.decisions.policy import decide, may_be_queued
from core.decisions.tiers import LEVELS
from core.domain import DecisionRequest, Option

CONDITIONS = """
auto_accept:
  conditions:
    min_confidence: 0.8
    has_project_convention: true
    matches_existing_patterns: true
    no_conflicting_preferences: true
"""
LOCKED = "project_preferences: [{id: P1, pattern: '.*', choice: right, locked: true}]"
WORKER: dict[str, dict[str, Any]] = {
    "met": {"confidence": 0.8, "has_project_convention": True, "matches_existing_patterns": True},
    "unmet": {"confidence": 0.79, "has_project_convention": True, "matches_existing_patterns": True},
    "absent": {},
}

# M: auto by the matrix, P: auto by the locked preference, -: asks at once, Q: queued. The first three columns
# are without batch mode, the last three with it; the levels are conservative, moderate, aggressive. `absent`:
# autonomy.yaml has no conditions. The risk is low.
TABLE = """
tier  conditions  locked  architectural  con mod agg    con mod agg
1     met         no      no             -   M   M      -   M   M
1     unmet       no      no             -   -   -      -   -   -
1     absent      no      no             -   M   M      -   M   M
1     met         yes     no             P   P   P      P   P   P
1     unmet       yes     no             P   P   P      P   P   P
1     absent      yes     no             P   P   P      P   P   P
1     met         no      yes            -   -   -      -   -   -
1     unmet       no      yes            -   -   -      -   -   -
1     absent      no      yes            -   -   -      -   -   -
1     met         yes     yes            -   -   -      -   -   -
1     unmet       yes     yes            -   -   -      -   -   -
1     absent      yes     yes            -   -   -      -   -   -
2     met         no      no             -   -   M      Q   Q   M
2     unmet       no      no             -   -   -      Q   Q   Q
2     absent      no      no             -   -   M      Q   Q   M
2     met         yes     no             P   P   P      P   P   P
2     unmet       yes     no             P   P   P      P   P   P
2     absent      yes     no             P   P   P      P   P   P
2     met         no      yes            -   -   -      -   -   -
2     unmet       no      yes            -   -   -      -   -   -
2     absent      no      yes            -   -   -      -   -   -
2     met         yes     yes            -   -   -      -   -   -
2     unmet       yes     yes            -   -   -      -   -   -
2     absent      yes     yes            -   -   -      -   -   -
3     met         no      no             -   M   M      -   M   M
3     unmet       no      no             -   -   -      -   -   -
3     absent      no      no             -   M   M      -   M   M
3     met         yes     no             P   P   P      P   P   P
3     unmet       yes     no             P   P   P      P   P   P
3     absent      yes     no             P   P   P      P   P   P
3     met         no      yes            -   -   -      -   -   -
3     unmet       no      yes            -   -   -      -   -   -
3     absent      no      yes            -   -   -      -   -   -
3     met         yes     yes            -   -   -      -   -   -
3     unmet       yes     yes            -   -   -      -   -   -
3     absent      yes     yes            -   -   -      -   -   -
4     met         no      no             -   -   -      -   -   -
4     unmet       no      no             -   -   -      -   -   -
4     absent      no      no             -   -   -      -   -   -
4     met         yes     no             -   -   -      -   -   -
4     unmet       yes     no             -   -   -      -   -   -
4     absent      yes     no             -   -   -      -   -   -
4     met         no      yes            -   -   -      -   -   -
4     unmet       no      yes            -   -   -      -   -   -
4     absent      no      yes            -   -   -      -   -   -
4     met         yes     yes            -   -   -      -   -   -
4     unmet       yes     yes            -   -   -      -   -   -
4     absent      yes     yes            -   -   -      -   -   -
5     met         no      no             -   -   M      Q   Q   M
5     unmet       no      no             -   -   M      Q   Q   M
5     absent      no      no             -   -   M      Q   Q   M
5     met         yes     no             -   -   M      Q   Q   M
5     unmet       yes     no             -   -   M      Q   Q   M
5     absent      yes     no             -   -   M      Q   Q   M
5     met         no      yes            -   -   -      -   -   -
5     unmet       no      yes            -   -   -      -   -   -
5     absent      no      yes            -   -   -      -   -   -
5     met         yes     yes            -   -   -      -   -   -
5     unmet       yes     yes            -   -   -      -   -   -
5     absent      yes     yes            -   -   -      -   -   -
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_the_full_table(row: list[str]) -> None:
    tier, conditions, locked, architectural, *expected = row
    request = DecisionRequest(
        id="D1",
        title="Blue or green",
        context="",
        options=(Option(id="1", label="Left"), Option(id="2", label="Right")),
        recommendation="1",
        risk="low",
        tier_view=int(tier),
        architectural=architectural == "yes",
        **WORKER[conditions],
    )
    autonomy = "" if conditions == "absent" else CONDITIONS
    texts = {"autonomy.yaml": autonomy, "preferences.yaml": LOCKED if locked == "yes" else ""}
    found = [letter(request, texts, level, batch) for batch in (False, True) for level in LEVELS]
    assert found == expected


def letter(request: DecisionRequest, texts: dict[str, str], level: Any, batch: bool) -> str:
    config = parse_decision_config(texts, Path("config"))
    said = decide(request, config=config, autonomy=level, now=datetime(2026, 3, 10, tzinfo=UTC))
    if said.outcome == "escalate":
        return "Q" if batch and may_be_queued(request, said) else "-"
    assert said.outcome == "auto"
    return {("matrix", "Left"): "M", ("preference:P1", "Right"): "P"}[said.basis, said.choice or ""]


def test_the_table_has_every_combination_once() -> None:
    keys = [tuple(row[:4]) for row in ROWS]
    assert len(set(keys)) == len(keys) == 5 * 3 * 2 * 2
