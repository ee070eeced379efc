"""What a pattern from a policy file can cost: linear matching against a backtracking engine.

    make bench

The pattern makes a backtracking engine try 2^n ways on n characters, so it gets a short text; the policy is
measured on that text and on one of 50,000 characters. Ratios are what to look at.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from core.decisions.configuration import parse_decision_config
from core.decisions.patterns import Pattern, matching
from core.decisions.policy import decide
from core.domain import DecisionRequest

PATTERN = "(a+)+$"
SHORT = "a" * 27 + "!"
LONG = "a" * 50_000 + "!"
RUNS = 25
CLASSIFICATION = f"rules: {{tier_2_preference: {{patterns: ['{PATTERN}']}}}}\n"


def main() -> None:
    # One pass of the backtracking engine takes seconds. `match` tries one start only: kinder than `search`.
    backtracking = once(lambda: re.match(PATTERN, SHORT))
    linear = median(lambda: matching((Pattern(id="p", regex=PATTERN),), SHORT))
    config = parse_decision_config({"decision-classification.yaml": CLASSIFICATION}, Path("config"))
    now = datetime.now(UTC)

    def policy(title: str) -> float:
        request = DecisionRequest(id="D1", title=title, context="", options=())
        return median(lambda: decide(request, config=config, autonomy="aggressive", now=now))

    print(f"{f'pattern {PATTERN}':<44}{'ms':>12}{'ratio':>14}")
    for name, seconds in {
        f"RE2, {len(SHORT)} characters": linear,
        f"backtracking re, {len(SHORT)} characters": backtracking,
        f"the whole policy, {len(SHORT)} characters": policy(SHORT),
        f"the whole policy, {len(LONG):,} characters": policy(LONG),
    }.items():
        print(f"{name:<44}{seconds * 1000:>12.3f}{seconds / linear:>14,.1f}")
    print()


def once(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def median(act: Callable[[], object]) -> float:
    act()  # the first one compiles the patterns
    return statistics.median(once(act) for _ in range(RUNS))


if __name__ == "__main__":
    main()
