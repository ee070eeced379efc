"""Ten thousand mutated configurations, and not one that lets a destructive decision through.

Each policy file is mutated as text and read as such; the configurations combine what came of that (reading
all three files anew for each would take too long).
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from core.decisions.configuration import DecisionConfig, parse_decision_config
from core.decisions.policy import decide
from core.decisions.tiers import LEVELS
from core.domain import DecisionRequest, Option
from core.yaml_file import YamlFault

# Ten thousand with SIGNOFF_SOAK (make soak), a part of them otherwise.
TEXTS, CONFIGURATIONS = (1_000, 10_000) if os.environ.get("SIGNOFF_SOAK") else (200, 2_000)
SEED = 20_260_206
TIERS = ("tier_1", "tier_2", "tier_3", "tier_4", "tier_5", "tier_4_destructive", "tier-4", "4", "tire_4")
CELLS = ("auto", "auto_accept", "auto_if_low_risk", "minimal", "escalate", True, False, "never", None, 4)
PATTERNS = (".*", "drop", "delete|drop", "table", "blue", "wishlist", "x", "(?=drop)", "((", "")
JUNK = ("\t- x", "*gone", "a: b: c", "}", "tier_4: auto", "  - .*", "\x00", "locked: true")

Rng = random.Random
Mutation = Callable[[Rng], dict[str, Any]]


def question(title: str, view: int) -> DecisionRequest:
    """With everything that speaks for an automatic answer."""
    return DecisionRequest(
        id="D1",
        title=title,
        context="",
        options=(Option(id="1", label="Left"), Option(id="2", label="Right")),
        recommendation="1",
        confidence=1.0,
        risk="low",
        reading="minimal",
        has_project_convention=True,
        matches_existing_patterns=True,
        tier_view=view,
    )


BY_PATTERN = question("Drop the wishlist table", 1)
BY_THE_WORKERS_VIEW = question("Blue or green", 4)
HARMLESS = question("Blue or green", 2)


def test_no_configuration_lets_a_destructive_decision_through() -> None:
    rng = random.Random(SEED)
    read: Counter[str] = Counter()
    autonomy, preferences, classification = (
        readable(name, mutation, rng, read) for name, mutation in MUTATIONS.items()
    )
    harmless: Counter[str] = Counter()
    for number in range(CONFIGURATIONS):
        config = DecisionConfig(
            autonomy=rng.choice(autonomy).autonomy,
            preferences=rng.choice(preferences).preferences,
            classification=rng.choice(classification).classification,
        )
        level = rng.choice(LEVELS)
        now = datetime(2026, 3, 10, tzinfo=UTC)
        for request in (BY_PATTERN, BY_THE_WORKERS_VIEW):
            said = decide(request, config=config, autonomy=level, now=now)
            assert (said.outcome, said.tier, said.basis) == ("escalate", 4, "floor"), config
        if number % 10 == 0:
            harmless[decide(HARMLESS, config=config, autonomy=level, now=now).outcome] += 1
    # The mutations matter: they are read and refused, and they change what becomes of another question.
    assert min(read["whole"], read["refused"]) > TEXTS / 4
    assert min(harmless["auto"], harmless["escalate"], harmless["defer"]) > CONFIGURATIONS / 200


def readable(name: str, mutation: Mutation, rng: Rng, read: Counter[str]) -> list[DecisionConfig]:
    """What is read of mutated texts of one file; every other text is one fault, which stops a run."""
    found = []
    for _ in range(TEXTS):
        text = damaged(yaml.dump(mutation(rng), Dumper=DUMPER, sort_keys=False), rng)
        try:
            found.append(parse_decision_config({name: text}, Path("config")))
            read["whole"] += 1
        except YamlFault:
            read["refused"] += 1
    return found


def damaged(text: str, rng: Rng) -> str:
    lines = text.splitlines()
    place = rng.randrange(len(lines) + 1)
    match rng.randrange(12):
        case 0:
            lines.insert(place, rng.choice(JUNK))
        case 1:
            lines[place:] = lines[place + 1 :]
        case 2:
            lines[place:place] = lines[place : place + 1]
        case _:
            pass
    return "\n".join(lines)


def some(rng: Rng, choices: tuple[Any, ...], most: int = 3) -> list[Any]:
    return rng.sample(choices, rng.randint(0, most))


def autonomy_file(rng: Rng) -> dict[str, Any]:
    levels = {level: {tier: rng.choice(CELLS[: rng.choice((5, 10))]) for tier in some(rng, TIERS)}
              for level in some(rng, LEVELS)}  # fmt: skip
    return {
        "default_level": rng.choice((*LEVELS, *LEVELS, "bold")),
        "levels": levels,
        "phase_overrides": {"dev_implementation": {"level": rng.choice(LEVELS)}},
        "auto_accept": {
            "enabled": rng.choice((True, True, False)),
            "conditions": rng.choice(({}, {"min_confidence": 0}, {"has_project_convention": False})),
        },
        "deferred_backlog": {"max_deferred_per_story": rng.choice((0, 10, 9_999))},
    }


def preferences_file(rng: Rng) -> dict[str, Any]:
    locked = [
        {"id": f"P{place}", "pattern": pattern, "choice": rng.choice(("Left", "right")), "locked": True}
        for place, pattern in enumerate(some(rng, PATTERNS[: rng.choice((7, 7, 10))]))
    ]
    learned = {"pattern": ".*", "choice": "Left", "confidence": 1.0, "applications": 99, "overrides": 0}
    bar = {"min_confidence": 0, "min_applications": 0, "max_overrides": 99}
    return {
        "project_preferences": locked,
        "learned_preferences": rng.choice(([], [{**learned, "last_applied": "2026-03-01"}], [{"id": 1}])),
        "application_rules": rng.choice(({}, {"auto_apply": bar}, {"auto": bar}, {"always": bar})),
        "decay": rng.choice(({}, {"enabled": False}, {"rate": 1}, {"rate": 2})),
    }


def classification_file(rng: Rng) -> dict[str, Any]:
    rules = {
        f"{rng.choice(TIERS[:8])}": {
            "patterns": some(rng, PATTERNS[: rng.choice((7, 7, 10))]),
            "always_escalate": rng.choice((True, False, False)),
            "risk_assessment": rng.choice((True, False, False)),
        }
        for _ in range(rng.randint(0, 3))
    }
    return {
        "rules": rules,
        "always_escalate": rng.choice(([], [], [], ["tier_2"], False)),
        "risk_assessment": rng.choice(({}, {"low": [".*"]}, {"high": ["x"]})),
        "moonshot_patterns": some(rng, PATTERNS[:7], most=1),
    }


DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
MUTATIONS: dict[str, Mutation] = {
    "autonomy.yaml": autonomy_file,
    "preferences.yaml": preferences_file,
    "decision-classification.yaml": classification_file,
}
