"""The three policy files of `.claude/config/` as frozen values, read whole or not at all (SPEC 5).

autonomy.yaml, preferences.yaml and decision-classification.yaml are each optional. Whatever is there and
can't be understood is a fault with file and line: a policy that is half read might be less cautious than
the one that was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from core.decisions.patterns import Pattern, built_in, built_in_moonshots
from core.decisions.preferences import Preferences, read_preferences
from core.decisions.tiers import DESTRUCTIVE, LEVELS, TIER_NAMES, Cell
from core.decisions.yaml_node import Node, policy_node
from core.domain import AutonomyLevel, value
from core.yaml_file import read_yaml, yaml_text

POLICY_FILES = ("autonomy.yaml", "preferences.yaml", "decision-classification.yaml")
PHASE = "dev_implementation"  # the phase of the customer's workflow that a run is (SPEC 5, Level)

CONDITIONS = (
    "min_confidence",
    "has_project_convention",
    "matches_existing_patterns",
    "no_conflicting_preferences",
)
CELL_WORDS: dict[object, Cell] = {
    True: "auto",
    "auto": "auto",
    "accept": "auto",
    "auto_accept": "auto",
    "auto_approve": "auto",
    "minimal": "minimal",
    "auto_minimal": "minimal",
    "low_risk": "low_risk",
    "auto_low_risk": "low_risk",
    "auto_if_low_risk": "low_risk",
    False: "escalate",
    "ask": "escalate",
    "escalate": "escalate",
    "always_escalate": "escalate",
}


@value
class Rule:
    """A `rules` entry of decision-classification.yaml: the patterns of one tier.

    What it matches is never automatic with `always_escalate`, and only at low risk with `risk_assessment`.
    """

    name: str
    tier: int
    patterns: tuple[Pattern, ...]
    always_escalate: bool = False
    risk_assessment: bool = False


@value
class ClassificationRules:
    """decision-classification.yaml, the built-in patterns standing in for what it does not have.

    `always_escalate` is its top-level list: patterns, and tiers by name (`escalated_tiers`).
    """

    rules: tuple[Rule, ...]
    always_escalate: tuple[Pattern, ...] = ()
    escalated_tiers: tuple[int, ...] = ()
    risky: tuple[Pattern, ...] = ()
    moonshots: tuple[Pattern, ...] = ()


@value
class Conditions:
    """`auto_accept.conditions`: all that is asked for here must hold for an auto on tiers 1-3."""

    min_confidence: float = 0.0
    has_project_convention: bool = False
    matches_existing_patterns: bool = False
    no_conflicting_preferences: bool = False


@value
class Autonomy:
    """autonomy.yaml. `cells` are (level, tier, cell); they only ever add to the caution of the matrix."""

    default_level: AutonomyLevel | None = None
    phase_level: AutonomyLevel | None = None
    cells: tuple[tuple[AutonomyLevel, int, Cell], ...] = ()
    auto_accept: bool = True
    conditions: Conditions = Conditions()
    max_deferred: int = 10


@value
class DecisionConfig:
    """Everything that configuration can say to the policy."""

    classification: ClassificationRules
    autonomy: Autonomy = Autonomy()
    preferences: Preferences = Preferences()


def load_decision_config(folder: Path) -> DecisionConfig:
    """Reads the three files in `folder`, each optional, and the folder too. Raises YamlFault as
    `parse_decision_config` does, and for a file that can't be read."""
    return parse_decision_config(read_policy_texts(folder), folder)


def read_policy_texts(folder: Path) -> dict[str, bytes]:
    """Name -> content of those of POLICY_FILES that are in `folder`. Raises YamlFault."""
    paths = {name: folder / name for name in POLICY_FILES}
    return {name: read_yaml(path) for name, path in paths.items() if path.exists() or path.is_symlink()}


def parse_decision_config(texts: Mapping[str, bytes | str], folder: Path) -> DecisionConfig:
    """The configuration that the files say, name -> content; one that is not there reads as an empty one.

    `folder` is for the faults: raises YamlFault naming file and line for bad YAML, a duplicate key, a wrong
    shape, a name that is not known where a typing error would cost caution, or a pattern that RE2 refuses.
    """
    autonomy, preferences, classification = (
        _root(texts.get(name, ""), folder / name) for name in POLICY_FILES
    )
    return DecisionConfig(
        classification=_classification(classification),
        autonomy=_autonomy(autonomy),
        preferences=read_preferences(preferences),
    )


def _root(content: bytes | str, file: Path) -> Node:
    return policy_node(content if isinstance(content, str) else yaml_text(content, str(file)), file)


def built_in_config() -> DecisionConfig:
    """What holds in a workspace without policy files."""
    return DecisionConfig(
        classification=ClassificationRules(rules=_with_defaults(()), moonshots=built_in_moonshots())
    )


def _classification(root: Node) -> ClassificationRules:
    rules = tuple(_rule(name, node) for name, node in root["rules"].children().items())
    escalated = _patterns(root["always_escalate"], "always_escalate")
    tiers = tuple(_tier(pattern.regex) for pattern in escalated)
    return ClassificationRules(
        rules=_with_defaults(rules),
        always_escalate=tuple(p for p, tier in zip(escalated, tiers, strict=True) if tier is None),
        escalated_tiers=tuple(tier for tier in tiers if tier is not None),
        risky=_risky(root["risk_assessment"]),
        moonshots=_patterns(root["moonshot_patterns"], "moonshot_patterns") or built_in_moonshots(),
    )


def _rule(name: str, node: Node) -> Rule:
    tier = _tier(name)
    if tier is None:
        raise node.fault("expected a rule named tier_1_... to tier_5_...")
    return Rule(
        name=name,
        tier=tier,
        patterns=_patterns(node["patterns"], name),
        always_escalate=node["always_escalate"].flag(False),
        risk_assessment=node["risk_assessment"].flag(False),
    )


def _tier(name: str) -> int | None:
    """The tier that `tier_2_preference`, `tier-2` or `2` names."""
    found = re.fullmatch(r"(?:tier[_ -]?)?([1-5])(?:[_ -]\w*)?", name, re.IGNORECASE)
    return int(found[1]) if found else None


def _with_defaults(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The built-in patterns beside the file's, for every tier that it has no pattern for.

    Not for tier 4: its built-in patterns hold whatever a file says, so they are no configuration.
    """
    there = {rule.tier for rule in rules if rule.patterns} | {DESTRUCTIVE}
    missing = (tier for tier in TIER_NAMES if tier not in there)
    return rules + tuple(Rule(name=f"default.tier_{t}", tier=t, patterns=built_in(t)) for t in missing)


def _patterns(node: Node, name: str) -> tuple[Pattern, ...]:
    return tuple(item.pattern(f"{name}.{place}") for place, item in enumerate(node.items(), start=1))


def _risky(node: Node) -> tuple[Pattern, ...]:
    """Top-level `risk_assessment: {high: [...], medium: [...]}`: what matches is not of low risk.

    `low` patterns count for nothing: a file may add caution, not take it away.
    """
    if isinstance(node.content, bool):
        return ()
    found: list[Pattern] = []
    for risk, patterns in node.children().items():
        if risk not in ("low", "medium", "high"):
            raise patterns.fault("expected one of low, medium, high")
        read = _patterns(patterns, f"risk_assessment.{risk}")
        found += read if risk != "low" else ()
    return tuple(found)


def _autonomy(root: Node) -> Autonomy:
    usual = Autonomy()
    phase = root["phase_overrides"][PHASE]
    auto_accept, deferred = root["auto_accept"], root["deferred_backlog"]
    limit = deferred["max_deferred_per_story"].count(usual.max_deferred)
    return Autonomy(
        default_level=_level(root["default_level"]),
        phase_level=_level(phase if isinstance(phase.content, str) else phase["level"]),
        cells=_cells(root["levels"]),
        auto_accept=auto_accept["enabled"].flag(True),
        conditions=_conditions(auto_accept["conditions"]),
        max_deferred=limit if deferred["enabled"].flag(True) else 0,
    )


def _level(node: Node) -> AutonomyLevel | None:
    if not node.given:
        return None
    word = node.text().lower()
    if word not in LEVELS:
        raise node.fault(f"expected one of {', '.join(LEVELS)}")
    return word


def _cells(levels: Node) -> tuple[tuple[AutonomyLevel, int, Cell], ...]:
    cells: list[tuple[AutonomyLevel, int, Cell]] = []
    for name, node in levels.children().items():
        level = name.lower()
        if level not in LEVELS:
            raise node.fault(f"expected one of {', '.join(LEVELS)}")
        for key, cell in [*node.children().items(), *node["tiers"].children().items()]:
            tier = _tier(key)
            if tier is not None:
                cells.append((level, tier, _cell(cell)))
            elif _word(cell) in CELL_WORDS:  # `teir_1: escalate`: read over, it would cost caution
                raise cell.fault("expected tier_1 to tier_5")
    return tuple(cells)


def _cell(node: Node) -> Cell:
    if _word(node) not in CELL_WORDS:
        raise node.fault("expected auto, auto_if_low_risk or escalate")
    return CELL_WORDS[_word(node)]


def _word(node: Node) -> bool | str | None:
    if isinstance(node.content, str):
        return re.sub(r"[\s-]+", "_", node.content.strip().lower())
    return node.content if isinstance(node.content, bool) else None


def _conditions(node: Node) -> Conditions:
    usual = Conditions()
    for name, entry in node.children().items():
        if name not in CONDITIONS:  # read over, it would be a condition that nobody asks for
            raise entry.fault(f"expected one of {', '.join(CONDITIONS)}")
    return Conditions(
        min_confidence=node["min_confidence"].share(usual.min_confidence),
        has_project_convention=node["has_project_convention"].flag(False),
        matches_existing_patterns=node["matches_existing_patterns"].flag(False),
        no_conflicting_preferences=node["no_conflicting_preferences"].flag(False),
    )
