"""Learned confidence: bands, decay, archive; and what a free-text choice names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.decisions.patterns import Pattern
from core.decisions.preferences import (
    Decay,
    LearnedPreference,
    Preferences,
    choice_among,
    months_since,
    standing,
)
from core.domain import Option

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)


def learned(**fields: Any) -> LearnedPreference:
    usual: dict[str, Any] = {"confidence": 1.0, "applications": 9, "overrides": 0, "applied_at": NOW}
    return LearnedPreference(id="L1", pattern=Pattern(id="L1", regex="x"), choice="y", **(usual | fields))


@pytest.mark.parametrize(
    ("confidence", "applications", "overrides", "expected"),
    [
        (0.9, 5, 0, "auto"),
        (0.89, 5, 0, "note"),
        (0.9, 4, 0, "note"),
        (0.9, 5, 1, "note"),
        (0.8, 3, 1, "note"),
        (0.79, 3, 1, "suggest"),
        (0.8, 2, 1, "suggest"),
        (0.8, 3, 2, "suggest"),
        (0.7, 2, 2, "suggest"),
        (0.69, 9, 0, "ignore"),
        (0.9, 1, 0, "ignore"),
        (0.9, 9, 3, "ignore"),
    ],
)
def test_bands(confidence: float, applications: int, overrides: int, expected: str) -> None:
    preference = learned(confidence=confidence, applications=applications, overrides=overrides)
    assert standing(preference, Preferences(), NOW) == expected


@pytest.mark.parametrize(
    ("applied", "expected"),
    [
        (datetime(2026, 7, 16, tzinfo=UTC), "auto"),  # not a month yet: 1.00
        (datetime(2026, 6, 15, tzinfo=UTC), "auto"),  # two months: 0.9025
        (datetime(2026, 5, 15, tzinfo=UTC), "note"),  # three: 0.857
        (datetime(2026, 3, 1, tzinfo=UTC), "suggest"),  # five: 0.774
        (datetime(2026, 2, 15, tzinfo=UTC), "ignore"),  # six: archived
        (datetime(2027, 1, 1, tzinfo=UTC), "auto"),  # a clock that jumped
        (None, "suggest"),  # an age that nobody knows
    ],
)
def test_decay_by_the_month(applied: datetime | None, expected: str) -> None:
    assert standing(learned(applied_at=applied), Preferences(), NOW) == expected


def test_decay_and_thresholds_are_the_files() -> None:
    old = learned(applied_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert standing(old, Preferences(decay=Decay(enabled=False)), NOW) == "auto"
    assert standing(learned(confidence=0.75), Preferences(ignored_below=0.8), NOW) == "ignore"


def test_months_are_whole_calendar_months() -> None:
    assert months_since(datetime(2026, 7, 15, 12, tzinfo=UTC), NOW) == 1
    assert months_since(datetime(2026, 7, 15, 12, 1, tzinfo=UTC), NOW) == 0
    assert months_since(datetime(2025, 12, 31, tzinfo=UTC), NOW) == 7


@pytest.mark.parametrize(
    ("choice", "labels", "named"),
    [
        ("vitest", ["Jest", "Vitest"], "Vitest"),
        ("Use `Vitest`, as everywhere", ["Jest", "Vitest"], "Vitest"),
        ("zod schema with z.infer", ["Zod", "Zod schema", "Interface"], "Zod schema"),
        ("jest, not vitest", ["Jest", "Vitest"], "jest, not vitest"),
        ("validation", ["Id", "Whole item"], "validation"),
        ("tailwind", [], "tailwind"),
    ],
)
def test_a_choice_names_an_option(choice: str, labels: list[str], named: str) -> None:
    options = tuple(Option(id=str(i), label=label) for i, label in enumerate(labels, start=1))
    assert choice_among(choice, options) == named
