"""The rules of the policy one by one: their order, the floor, and what each says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.decisions.configuration import (
    Autonomy,
    ClassificationRules,
    Conditions,
    DecisionConfig,
    Rule,
    built_in_config,
)
from core.decisions.patterns import Pattern
from core.decisions.policy import decide, effective_level
from core.decisions.preferences import Band, LearnedPreference, Preference, Preferences
from core.decisions.tiers import LEVELS, Cell
from core.domain import AutonomyLevel, DecisionRequest, Option, PolicyOutcome, SettledDecision

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ANY = Pattern(id="any", regex=".*")
OPTIONS = (Option(id="1", label="Left"), Option(id="2", label="Right"))
PLAIN = built_in_config()
LOCKED = Preferences(project=(Preference(id="P1", pattern=ANY, choice="right", locked=True),))
CONDITIONS = Conditions(
    min_confidence=0.8,
    has_project_convention=True,
    matches_existing_patterns=True,
    no_conflicting_preferences=True,
)


def question(title: str = "Blue or green", **fields: Any) -> DecisionRequest:
    given = {"context": "", "options": OPTIONS, "recommendation": "1", "risk": "low", **fields}
    return DecisionRequest(id="D1", title=title, **given)


def asked(
    request: DecisionRequest,
    config: DecisionConfig = PLAIN,
    autonomy: AutonomyLevel = "aggressive",
    **fields: Any,
) -> PolicyOutcome:
    return decide(request, config=config, autonomy=autonomy, now=NOW, **fields)


def autonomy_file(**fields: Any) -> DecisionConfig:
    return replace(PLAIN, autonomy=Autonomy(**fields))


def learned(**fields: Any) -> Preferences:
    usual: dict[str, Any] = {"confidence": 0.95, "applications": 9, "overrides": 0, "applied_at": NOW}
    return Preferences(learned=(LearnedPreference(id="L1", pattern=ANY, choice="Right", **(usual | fields)),))


def test_the_first_rule_that_applies_wins() -> None:
    """One question that every rule has something to say about; then the rules fall silent one by one."""
    config = replace(
        PLAIN,
        classification=replace(PLAIN.classification, moonshots=(ANY,)),
        preferences=replace(LOCKED, learned=learned().learned),
    )
    settled = (SettledDecision(id="ARCH-001", question="blue or  GREEN?", decision="Blue"),)
    request = question(architectural=True, tier_view=2)
    assert asked(request, config, settled=settled).basis == "covered:ARCH-001"
    assert asked(replace(request, tier_view=4), config).basis == "floor"
    assert asked(request, config).basis == "architectural"
    request = replace(request, architectural=False)
    assert asked(request, config).basis == "moonshot"
    config = replace(config, classification=PLAIN.classification)
    assert asked(request, config).basis == "preference:P1"
    config = replace(config, preferences=learned())
    assert asked(request, config).basis == "learned:L1"
    assert asked(request, PLAIN).basis == "matrix"


# --- the floor --------------------------------------------------------------------------

patterns = st.sampled_from([".*", "delete", "table", "x"]).map(lambda regex: Pattern(id=regex, regex=regex))
shares = st.sampled_from([0.0, 0.5, 1.0])
configs = st.builds(
    DecisionConfig,
    classification=st.builds(
        ClassificationRules,
        rules=st.lists(
            st.builds(
                Rule,
                name=st.just("rule"),
                tier=st.integers(1, 5),
                patterns=st.lists(patterns, max_size=2).map(tuple),
                always_escalate=st.booleans(),
                risk_assessment=st.booleans(),
            ),
            max_size=4,
        ).map(tuple),
        moonshots=st.lists(patterns, max_size=2).map(tuple),
    ),
    autonomy=st.builds(
        Autonomy,
        cells=st.lists(
            st.tuples(st.sampled_from(LEVELS), st.integers(1, 5), st.sampled_from(get_args(Cell)))
        ).map(tuple),
        auto_accept=st.booleans(),
        conditions=st.builds(Conditions, min_confidence=shares, has_project_convention=st.booleans()),
        max_deferred=st.integers(0, 99),
    ),
    preferences=st.builds(
        Preferences,
        project=st.lists(
            st.builds(
                Preference, id=st.just("P"), pattern=patterns, choice=st.just("Left"), locked=st.booleans()
            ),
            max_size=2,
        ).map(tuple),
        learned=st.just(learned().learned),
        bands=st.just((("auto", Band(min_confidence=0, min_applications=0, max_overrides=99)),)),
    ),
)
DESTRUCTIVE_ACTS = [
    ("Blue or green", 4),
    ("Delete the old exports", 1),
    ("Drop the wishlist table", 2),
    ("Truncate order_items", None),
    ("Force-push the branch", 3),
    ("Ｄｅｌｅｔｅ the de\u200bsk files", 1),
]


@settings(max_examples=150, deadline=None)
@given(config=configs, act=st.sampled_from(DESTRUCTIVE_ACTS), level=st.sampled_from(LEVELS))
def test_no_configuration_makes_a_destructive_decision_automatic(
    config: DecisionConfig, act: tuple[str, int | None], level: AutonomyLevel
) -> None:
    title, view = act
    request = question(title, tier_view=view, confidence=1.0, has_project_convention=True)
    outcome = asked(request, config, level, plan_texts=(("plan", f"{title}: yes, do it"),))
    assert (outcome.outcome, outcome.tier, outcome.basis) == ("escalate", 4, "floor")


@settings(max_examples=150, deadline=None)
@given(config=configs, tier=st.sampled_from([1, 2, 3, 5, None]), level=st.sampled_from(LEVELS))
def test_autonomy_files_only_add_caution(
    config: DecisionConfig, tier: int | None, level: AutonomyLevel
) -> None:
    file_alone = replace(PLAIN, autonomy=config.autonomy)
    if asked(question(tier_view=tier), file_alone, level).outcome == "auto":
        assert asked(question(tier_view=tier), PLAIN, level).outcome == "auto"


def test_a_destructive_choice_makes_the_question_destructive() -> None:
    options = (Option(id="1", label="Delete the old files"), Option(id="2", label="Keep them"))
    assert asked(question("Old exports", options=options, tier_view=1)).basis == "floor"
    assert asked(question("Old exports", options=options, tier_view=1, recommendation="2")).basis == "matrix"


# --- covered ----------------------------------------------------------------------------


def settled(question: str) -> tuple[SettledDecision, ...]:
    return (SettledDecision(id="ARCH-007", question=question, decision="Yes"),)


@pytest.mark.parametrize(
    ("recorded", "covers"),
    [
        ("Page size of the list", True),
        ("  page size of the LIST? ", True),
        ("Page size of the list view", False),
        ("Page size", False),
        ("", False),
    ],
)
def test_only_the_same_question_covers(recorded: str, covers: bool) -> None:
    outcome = asked(question("Page size of the list?", tier_view=2), settled=settled(recorded))
    assert (outcome.outcome == "covered") is covers


def test_the_latest_answer_to_a_question_counts() -> None:
    entries = (*settled("Blue or green"), SettledDecision(id="U1", question="Blue or green", decision="No"))
    outcome = asked(question(tier_view=2), settled=entries)
    assert (outcome.basis, outcome.choice) == ("covered:U1", "No")


@pytest.mark.parametrize(
    ("line", "decision"),
    [
        ("- **Page size of the list**: 20", "20"),
        ("| page size of the list | 20 per page | note |", "20 per page"),
        ("### Page size of the list? -> 20", "20"),
        ("Page size of the list: TBD", None),
        ("Page size of the list:", None),
        ("The page size of the list: 20", None),
        ("Page size of the list is up to you: 20", None),
    ],
)
def test_a_line_of_the_plan_covers_when_it_states_question_and_decision(
    line: str, decision: str | None
) -> None:
    outcome = asked(
        question("Page size of the list?", tier_view=2), plan_texts=(("PLAN", f"# Plan\n\n{line}\n"),)
    )
    assert outcome.choice == (decision or "Left")
    assert outcome.basis == ("covered:PLAN" if decision else "matrix")


def test_a_label_of_the_plan_is_no_question() -> None:
    outcome = asked(question("Verification", tier_view=2), plan_texts=(("PLAN", "Verification: run tests"),))
    assert outcome.basis == "matrix"


@pytest.mark.parametrize(
    ("recorded", "subject", "covers"),
    [
        ("Delete src/old.ts", None, True),
        ("delete src/OLD.ts", None, False),
        ("Delete src/old.ts", "src/old.ts", True),
        ("Delete src/old.ts", "src/old.ts src/new.ts", False),
    ],
)
def test_a_destructive_act_is_covered_by_its_own_approval_only(
    recorded: str, subject: str | None, covers: bool
) -> None:
    outcome = asked(question("Delete src/old.ts", subject=subject), settled=settled(recorded))
    assert outcome.basis == ("covered:ARCH-007" if covers else "floor")


# --- moonshots --------------------------------------------------------------------------


def test_moonshots_are_deferred_up_to_the_limit() -> None:
    request = question("Nice to have: a dark mode", tier_view=2)
    outcome = asked(request, deferred_so_far=9)
    assert (outcome.outcome, outcome.basis, outcome.category) == ("defer", "moonshot", "moonshot")
    assert asked(request, deferred_so_far=10).outcome == "escalate"
    assert asked(request, autonomy_file(max_deferred=0)).outcome == "escalate"


# --- preferences ------------------------------------------------------------------------


def test_a_locked_preference_names_the_option_it_means() -> None:
    outcome = asked(question(tier_view=2), replace(PLAIN, preferences=LOCKED), "conservative")
    assert outcome.choice == "Right"
    assert outcome.reasons[0] == "locked preference P1 says right"


def test_preferences_do_not_decide_what_has_no_tier() -> None:
    outcome = asked(question(), replace(PLAIN, preferences=LOCKED))
    assert (outcome.outcome, outcome.tier_by) == ("escalate", "unclassified")
    assert "P1 suggests right" in outcome.reasons


def test_locked_preferences_that_disagree_ask() -> None:
    other = Preference(id="P2", pattern=ANY, choice="left", locked=True)
    both = replace(LOCKED, project=(*LOCKED.project, other))
    outcome = asked(question(tier_view=1), replace(PLAIN, preferences=both))
    assert outcome.outcome == "escalate"
    assert "P2 says left" in outcome.reasons[0]


@pytest.mark.parametrize(
    ("fields", "basis", "note"),
    [
        ({}, "learned:L1", False),
        ({"confidence": 0.85, "overrides": 1}, "learned:L1", True),
        ({"confidence": 0.75, "overrides": 2}, "matrix", False),
    ],
)
def test_learned_preferences_decide_by_their_band(fields: dict[str, Any], basis: str, note: bool) -> None:
    outcome = asked(question(tier_view=2), replace(PLAIN, preferences=learned(**fields)), "moderate")
    assert outcome.basis == basis
    assert any(reason.startswith("note:") for reason in outcome.reasons) is note
    assert ("L1 suggests Right" in outcome.reasons) is (basis == "matrix")


@pytest.mark.parametrize("request_", [question(tier_view=5), question(architectural=True, tier_view=2)])
def test_learned_preferences_leave_external_and_architectural_questions_alone(
    request_: DecisionRequest,
) -> None:
    assert asked(request_, replace(PLAIN, preferences=learned()), "moderate").outcome == "escalate"


# --- the matrix and its conditions ------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "fields", "reason"),
    [
        (PLAIN, {"tier_view": 3, "reading": "expansive"}, "minimal reading only"),
        (PLAIN, {"tier_view": 5, "risk": "medium"}, "low risk only; the worker calls it medium"),
        (PLAIN, {"tier_view": 5, "risk": None}, "the worker gave none"),
        (PLAIN, {"tier_view": 1, "recommendation": None}, "recommends none"),
        (PLAIN, {"tier_view": 1, "recommendation": "Up"}, "recommends none"),
        (PLAIN, {}, "nothing tells the tier"),
        (
            autonomy_file(cells=(("aggressive", 1, "escalate"),)),
            {"tier_view": 1},
            "autonomy.yaml asks for tier 1",
        ),
        (
            autonomy_file(cells=(("aggressive", 1, "low_risk"),)),
            {"tier_view": 1, "risk": "high"},
            "asks for a low risk here",
        ),
        (autonomy_file(auto_accept=False), {"tier_view": 1}, "switches automatic answers off"),
        (autonomy_file(conditions=CONDITIONS), {"tier_view": 1}, "the worker gives none"),
        (
            autonomy_file(conditions=Conditions(min_confidence=0.8)),
            {"tier_view": 1, "confidence": float("nan")},
            "confidence of 0.8 or more",
        ),
    ],
)
def test_what_stands_against_an_automatic_answer_is_said(
    config: DecisionConfig, fields: dict[str, Any], reason: str
) -> None:
    outcome = asked(question(**fields), config)
    assert (outcome.outcome, outcome.choice) == ("escalate", None)
    assert reason in outcome.reasons[0]


def test_a_preference_against_the_recommendation_is_a_conflict() -> None:
    def outcome(choice: str) -> str:
        preferences = Preferences(project=(Preference(id="P1", pattern=ANY, choice=choice),))
        config = replace(
            autonomy_file(conditions=Conditions(no_conflicting_preferences=True)), preferences=preferences
        )
        return asked(question(tier_view=1), config).outcome

    assert (outcome("left"), outcome("right")) == ("auto", "escalate")


def test_automatic_answers_say_what_was_chosen() -> None:
    assert asked(question(tier_view=1, recommendation=" right ")).choice == "Right"
    assert asked(question(tier_view=3)).reasons[0] == "aggressive accepts tier 3, in its minimal reading"
    external = asked(question(tier_view=5, fallback="do without"))
    assert external.choice == "Left; fallback: do without"
    moderate = asked(question("Response format", tier_view=None), autonomy="moderate")
    assert moderate.reasons == (
        "moderate asks for tier 2 (no locked preference matches)",
        "tier 2 preference: default.tier_2.format matches",
    )


# --- the level --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command_line", "story", "config", "level"),
    [
        ("aggressive", "moderate", autonomy_file(phase_level="moderate"), "aggressive"),
        (
            None,
            "aggressive",
            autonomy_file(phase_level="moderate", default_level="conservative"),
            "aggressive",
        ),
        (None, None, autonomy_file(phase_level="aggressive", default_level="moderate"), "aggressive"),
        (None, None, autonomy_file(default_level="moderate"), "moderate"),
        (None, None, PLAIN, "conservative"),
    ],
)
def test_the_level_comes_from_the_nearest_source(
    command_line: AutonomyLevel | None, story: AutonomyLevel | None, config: DecisionConfig, level: str
) -> None:
    assert effective_level(command_line=command_line, story=story, config=config)[0] == level
