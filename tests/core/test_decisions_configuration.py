"""The three policy files: the shapes people write, and faults that name file and line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.decisions.configuration import (
    Conditions,
    built_in_config,
    load_decision_config,
    parse_decision_config,
    read_policy_texts,
)
from core.decisions.policy import decide
from core.decisions.preferences import Band, Decay
from core.domain import DecisionRequest, Option, PolicyOutcome
from core.yaml_file import YamlFault

CLASSIFICATION = """
version: 1
rules:
  tier_4_destructive:
    patterns:
      - "erase|shred"
    always_escalate: true
  tier_2_preference:
    patterns:
      - "colou?r"
      - {id: fonts, pattern: "font.*size", description: how big}
  tier_1_clarification:
    patterns: ["comma"]
    risk_assessment: true
  tier_3_ambiguous:
    patterns: ["vague"]
    always_escalate: true
always_escalate: ["payroll", tier_2_preference]
risk_assessment:
  high: ["money"]
moonshot_patterns:
  - "some.*day"
"""
AUTONOMY = """
version: 1
updated_at: 2026-02-06
default_level: conservative
levels:
  conservative: {description: "asks for all", tier_1: escalate}
  moderate:
    1: false
    tier_3: auto_accept
  aggressive:
    tier_5_external: auto_if_low_risk
    tier_4: auto
phase_overrides:
  dev_implementation:
    level: Moderate
auto_accept:
  enabled: true
  conditions:
    min_confidence: 0.8
    has_project_convention: true
deferred_backlog:
  max_deferred_per_story: 3
"""
PREFERENCES = """
application_rules:
  auto_apply: {min_confidence: 0.95, max_overrides: 1}
  do_not_apply: {below_confidence: 0.6}
decay: {rate: 0.9, archive_after_months: 12}
project_preferences:
  - id: proj-1
    pattern: "test.*framework"
    choice: vitest
    locked: true
    category: testing
learned_preferences:
  - id: user-1
    pattern: "colou?r"
    choice: blue
    confidence: 0.9
    applications: 8
    overrides: 0
    last_applied: 2026-02-06T10:00:00Z
  - {id: user-2, pattern: x, choice: y, updated_at: 2026-02-06}
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text, encoding="utf-8")
    return folder


def asked(folder: Path, title: str, view: int | None = None) -> PolicyOutcome:
    request = DecisionRequest(
        id="D1",
        title=title,
        context="",
        options=(Option(id="1", label="A"),),
        recommendation="1",
        tier_view=view,
        risk="low",
    )
    config = load_decision_config(folder)
    return decide(request, config=config, autonomy="aggressive", now=datetime(2026, 3, 1, tzinfo=UTC))


def test_without_files_the_built_in_configuration_holds(tmp_path: Path) -> None:
    assert load_decision_config(tmp_path / "missing") == built_in_config()
    assert load_decision_config(write(tmp_path, autonomy="", preferences="# nothing\n")) == built_in_config()


def test_the_files_patterns_replace_the_built_in_ones_of_their_tier(tmp_path: Path) -> None:
    folder = write(tmp_path, decision_classification=CLASSIFICATION)
    assert asked(folder, "Font and its size").matched == ("fonts",)
    assert asked(folder, "The COLOR").matched == ("tier_2_preference.1",)
    assert asked(folder, "Response format").tier is None
    assert asked(folder, "Upgrade the payment SDK").tier == 5
    assert asked(folder, "Some fine day").outcome == "defer"
    assert asked(folder, "Nice to have").outcome == "escalate"


def test_tier_4_keeps_its_built_in_patterns_beside_the_files(tmp_path: Path) -> None:
    folder = write(tmp_path, decision_classification=CLASSIFICATION)
    assert asked(folder, "Shred it").matched == ("tier_4_destructive.1",)
    assert asked(folder, "Delete the old files", view=1).tier == 4


def test_the_classification_file_can_ask_for_more_caution(tmp_path: Path) -> None:
    folder = write(tmp_path, decision_classification=CLASSIFICATION)
    assert asked(folder, "A comma", view=1).outcome == "auto"
    assert asked(folder, "A comma about money", view=1).outcome == "escalate"
    for title, view in (("Vague", 3), ("The payroll", 1), ("The color", 2)):
        outcome = asked(folder, title, view)
        assert (outcome.outcome, outcome.basis) == ("escalate", "floor")


def test_autonomy(tmp_path: Path) -> None:
    found = load_decision_config(write(tmp_path, autonomy=AUTONOMY)).autonomy
    assert (found.default_level, found.phase_level) == ("conservative", "moderate")
    assert found.cells == (
        ("conservative", 1, "escalate"),
        ("moderate", 1, "escalate"),
        ("moderate", 3, "auto"),
        ("aggressive", 5, "low_risk"),
        ("aggressive", 4, "auto"),
    )
    assert found.conditions == Conditions(min_confidence=0.8, has_project_convention=True)
    assert found.max_deferred == 3


def test_switching_the_backlog_off_defers_nothing(tmp_path: Path) -> None:
    config = load_decision_config(write(tmp_path, autonomy="deferred_backlog: {enabled: false}\n"))
    assert config.autonomy.max_deferred == 0


def test_preferences(tmp_path: Path) -> None:
    found = load_decision_config(write(tmp_path, preferences=PREFERENCES)).preferences
    assert [(p.id, p.choice, p.locked) for p in found.project] == [("proj-1", "vitest", True)]
    assert found.learned[0].applied_at == datetime(2026, 2, 6, 10, tzinfo=UTC)
    assert found.learned[1].applied_at == datetime(2026, 2, 6, tzinfo=UTC)
    assert found.bands[0] == ("auto", Band(min_confidence=0.95, min_applications=5, max_overrides=1))
    assert (found.decay, found.ignored_below) == (Decay(rate=0.9, archive_after=12), 0.6)


@pytest.mark.parametrize("archived", ["archived: true", "status: archived"])
def test_an_archived_preference_counts_for_nothing(tmp_path: Path, archived: str) -> None:
    text = PREFERENCES.replace("    overrides: 0\n", f"    overrides: 0\n    {archived}\n")
    found = load_decision_config(write(tmp_path, preferences=text)).preferences
    assert [p.id for p in found.learned] == ["user-2"]


def test_the_files_are_read_from_their_texts_as_from_the_disk(tmp_path: Path) -> None:
    folder = write(tmp_path, autonomy="\ufeff" + AUTONOMY, preferences=PREFERENCES)
    texts = read_policy_texts(folder)
    assert texts["preferences.yaml"] == PREFERENCES.encode() and len(texts) == 2
    assert parse_decision_config(texts, Path("gone")) == load_decision_config(folder)
    decoded = {name: content.decode() for name, content in texts.items()}
    assert parse_decision_config(decoded, Path("gone")) == load_decision_config(folder)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("decay:\n  rate: 2\n", "gone/preferences.yaml:2: decay.rate: expected"),
        (
            "a: {question: Port?, a: b}\nlearned_preferences: 3\n",
            "gone/preferences.yaml:2: learned_preferences",
        ),
        (b"# \xc3\xa4\na: \xff\n", "gone/preferences.yaml:2: not UTF-8 text"),
    ],
)
def test_a_fault_in_a_text_names_file_and_line(content: str | bytes, said: str) -> None:
    with pytest.raises(YamlFault) as fault:
        parse_decision_config({"preferences.yaml": content}, Path("gone"))
    assert said in str(fault.value)


def test_a_link_to_nothing_is_not_read_as_an_absent_file(tmp_path: Path) -> None:
    (tmp_path / "autonomy.yaml").symlink_to(tmp_path / "gone.yaml")
    with pytest.raises(YamlFault, match="no such file"):
        load_decision_config(tmp_path)


@pytest.mark.parametrize(
    ("file", "text", "line", "said"),
    [
        ("autonomy", "default_level: bold\n", 1, "default_level: expected one of conservative"),
        ("autonomy", "levels:\n  moderat:\n    tier_1: escalate\n", 2, "levels.moderat: expected one of"),
        ("autonomy", "levels:\n  moderate:\n    tire_1: escalate\n", 3, "expected tier_1 to tier_5"),
        ("autonomy", "levels:\n  moderate:\n    tier_1: maybe\n", 3, "expected auto, auto_if_low_risk"),
        (
            "autonomy",
            "auto_accept:\n  conditions:\n    confident: yes\n",
            3,
            "expected one of min_confidence",
        ),
        ("autonomy", "auto_accept:\n  conditions:\n    min_confidence: 80\n", 3, "a number from 0 to 1"),
        ("autonomy", "- default_level\n", 1, "expected a mapping"),
        ("autonomy", "default_level: moderate\ndefault_level: aggressive\n", 2, "default_level"),
        ("decision_classification", "rules:\n  risky:\n    patterns: [x]\n", 2, "named tier_1_"),
        (
            "decision_classification",
            "rules:\n  tier_2_x:\n    patterns:\n      - ok\n      - 'a(?=b)'\n",
            5,
            "`a(?=b)` is refused",
        ),
        ("decision_classification", "moonshot_patterns:\n  - ok\n  - {id: m}\n", 3, "expected a text"),
        ("decision_classification", "always_escalate: yes\n", 1, "expected a list"),
        (
            "preferences",
            "project_preferences:\n  - pattern: x\n    choice: y\n    locked: sure\n",
            4,
            "expected true or false",
        ),
        ("preferences", "project_preferences:\n  - choice: y\n", 2, "pattern: expected a text"),
        ("preferences", "learned_preferences:\n  - pattern: '(('\n    choice: y\n", 2, "is refused"),
        (
            "preferences",
            "learned_preferences:\n  - pattern: x\n    choice: y\n    last_applied: long ago\n",
            4,
            "expected a date",
        ),
        ("preferences", "application_rules:\n  automatic: {}\n", 2, "expected one of auto_apply"),
        ("preferences", "decay:\n  rate: 1.5\n", 2, "a number from 0 to 1"),
    ],
)
def test_a_file_that_cannot_be_read_whole_is_one_fault(
    tmp_path: Path, file: str, text: str, line: int, said: str
) -> None:
    folder = write(tmp_path, **{file: text})
    with pytest.raises(YamlFault) as fault:
        load_decision_config(folder)
    assert fault.value.file == str(folder / f"{file.replace('_', '-')}.yaml")
    assert fault.value.line == line
    assert said in fault.value.message
