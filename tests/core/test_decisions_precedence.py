"""What goes before what: levels, tiers, the patterns and the worker's view."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import compress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.decisions.configuration import (
    Autonomy,
    Conditions,
    DecisionConfig,
    built_in_config,
    parse_decision_config,
)
from core.decisions.policy import decide, effective_level
from core.decisions.tiers import LEVELS
from core.domain import AutonomyLevel, DecisionRequest, Option, PolicyOutcome

CLASSIFICATION = "rules:\n" + "".join(f"  tier_{t}_x: {{patterns: ['word{t}']}}\n" for t in (1, 2, 3, 4, 5))
BY_WORD = parse_decision_config({"decision-classification.yaml": CLASSIFICATION}, Path("config"))
MOST_CAUTIOUS_FIRST = (4, 5, 2, 3, 1)

levels = st.sampled_from(LEVELS)
tiers = st.sampled_from((1, 2, 3, 4, 5))
autonomies = st.builds(
    Autonomy,
    cells=st.lists(st.tuples(levels, tiers, st.sampled_from(("auto", "low_risk", "escalate")))).map(tuple),
    conditions=st.builds(
        Conditions, min_confidence=st.sampled_from((0.0, 0.8)), has_project_convention=st.booleans()
    ),
)
requests = st.builds(
    DecisionRequest,
    id=st.just("D1"),
    title=st.just("Blue or green"),
    context=st.lists(tiers, max_size=3).map(lambda named: " ".join(f"word{tier}" for tier in named)),
    options=st.just((Option(id="1", label="Left"), Option(id="2", label="Right"))),
    recommendation=st.just("1"),
    risk=st.sampled_from(("low", "high")),
    reading=st.sampled_from(("minimal", "expansive")),
    confidence=st.sampled_from((0.1, 0.9)),
    has_project_convention=st.booleans(),
    tier_view=st.sampled_from((2, 5, 1, 3, 4, None)),
)


def asked(request: DecisionRequest, config: DecisionConfig, level: AutonomyLevel) -> PolicyOutcome:
    return decide(request, config=config, autonomy=level, now=datetime(2026, 3, 10, tzinfo=UTC))


@settings(max_examples=100, deadline=None)
@given(
    chosen=st.lists(levels, min_size=4, max_size=4), given_=st.lists(st.booleans(), min_size=4, max_size=4)
)
def test_the_nearest_source_gives_the_level(chosen: list[AutonomyLevel], given_: list[bool]) -> None:
    command_line, story, phase, default = (
        level if there else None for level, there in zip(chosen, given_, strict=True)
    )
    config = replace(built_in_config(), autonomy=Autonomy(phase_level=phase, default_level=default))
    level, source = effective_level(command_line=command_line, story=story, config=config)
    nearest = next(compress(chosen, given_), "conservative")
    assert level == nearest
    names = ("--autonomous", "autonomy_level", "phase_overrides", "default_level")
    assert next(compress(names, given_), "built-in") in source


@settings(max_examples=200, deadline=None)
@given(request=requests, level=levels)
def test_the_most_cautious_tier_wins(request: DecisionRequest, level: AutonomyLevel) -> None:
    named = {int(word[-1]) for word in request.context.split()} | {request.tier_view}
    expected = next((tier for tier in MOST_CAUTIOUS_FIRST if tier in named), None)
    assert asked(request, BY_WORD, level).tier == expected


@settings(max_examples=300, deadline=None)
@given(request=requests, autonomy=autonomies, level=st.sampled_from(("aggressive", "moderate")))
def test_the_workers_view_never_makes_a_question_automatic_that_the_patterns_ask(
    request: DecisionRequest, autonomy: Autonomy, level: AutonomyLevel
) -> None:
    config = replace(BY_WORD, autonomy=autonomy)
    without = asked(replace(request, tier_view=None), config, level)
    if without.outcome == "escalate" and without.tier is not None:
        assert asked(request, config, level).outcome == "escalate"


@pytest.mark.parametrize(
    ("context", "view", "changes", "autonomy", "reason"),
    [
        ("word3", 2, {"reading": "expansive"}, Autonomy(), "minimal reading only"),
        (
            "word2",
            5,
            {"confidence": 0.1},
            Autonomy(conditions=Conditions(min_confidence=0.8)),
            "a confidence",
        ),
        ("word3", 2, {}, Autonomy(cells=(("aggressive", 3, "escalate"),)), "autonomy.yaml asks for tier 3"),
    ],
)
def test_a_view_of_another_tier_keeps_what_the_patterns_tier_asks_for(
    context: str, view: int, changes: dict[str, object], autonomy: Autonomy, reason: str
) -> None:
    request = DecisionRequest(
        id="D1",
        title="Blue or green",
        context=context,
        options=(Option(id="1", label="Left"),),
        recommendation="1",
        risk="low",
        tier_view=view,
    )
    said = asked(replace(request, **changes), replace(BY_WORD, autonomy=autonomy), "aggressive")  # type: ignore[arg-type]
    assert (said.outcome, said.tier, said.tier_by) == ("escalate", view, "worker")
    assert reason in said.reasons[0]
    assert any("takes nothing away from" in why for why in said.reasons)


def test_a_view_alone_can_make_a_question_automatic() -> None:
    """Nothing matches: there is no caution of the patterns that the view could lower."""
    request = DecisionRequest(
        id="D1",
        title="Blue or green",
        context="",
        options=(Option(id="1", label="Left"),),
        recommendation="1",
        tier_view=1,
    )
    assert asked(request, BY_WORD, "moderate").outcome == "auto"


def test_a_pattern_that_hangs_a_backtracking_engine_is_matched() -> None:
    """It would take the age of the universe by backtracking: that it ends is the proof (no clock is read)."""
    text = "rules: {tier_2_x: {patterns: ['(a+)+$', '^(a+)+$']}}"
    config = parse_decision_config({"decision-classification.yaml": text}, Path("config"))
    request = DecisionRequest(id="D1", title="a" * 50_000 + "!", context="", options=())
    assert asked(request, config, "aggressive").tier is None
    said = asked(replace(request, title="a" * 50_000, context="a"), config, "aggressive")
    assert (said.tier, said.matched) == (2, ("tier_2_x.1",))
