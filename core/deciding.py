"""`signoff decide`: what the policy says of one question, or of a run's questions at each level.

SPEC 11 and 13. Nothing is asked and nothing is written.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from core.blobs import Blobs
from core.decisions.configuration import DecisionConfig, built_in_config, load_decision_config
from core.decisions.policy import decide, effective_level
from core.decisions.tiers import described
from core.domain import AutonomyLevel, DecisionRequest, JsonObject, Option, PolicyOutcome, value
from core.journal import read
from core.preparation import policy_folder
from core.runs import find_run
from core.story import InputFault, find_workspace
from core.untrusted import visible
from core.what_if import WhatIf, what_if
from core.what_if_table import table

# The policy accepts what the worker recommends: without a recommendation nothing is automatic.
STAND_IN = Option(id="1", label="what the worker recommends")
OF_A_QUESTION = {
    "context": None,
    "tier": None,
    "risk": None,
    "architectural": False,
    "confidence": None,
    "has_convention": False,
    "matches_pattern": False,
    "reading": None,
    "autonomous": None,
    "config": None,
}


@value
class Explanation:
    """What becomes of a question. `level_from` and `config_from` say where level and policy come from."""

    outcome: PolicyOutcome
    level: AutonomyLevel
    level_from: str
    config_from: str

    @property
    def choice(self) -> str | None:
        """What a preference chooses; the matrix only takes what the worker recommends, whatever it is."""
        return None if self.outcome.basis == "matrix" else self.outcome.choice

    def to_json(self) -> JsonObject:
        """The shape of SPEC 13."""
        said = self.outcome
        return {
            "tier": said.tier,
            "tier_by": said.tier_by,
            "matched": list(said.matched),
            "category": said.category,
            "architectural": said.architectural,
            "outcome": said.outcome,
            "basis": said.basis,
            "choice": self.choice,
            "reasons": list(said.reasons),
        }

    @property
    def shown(self) -> str:
        said = self.outcome
        choice = f": {said.choice}" if said.choice else ""
        lines = [
            f"{said.outcome}{choice}",
            *(f"  {reason}" for reason in said.reasons),
            f"basis          {said.basis}",
            f"tier           {described(said.tier)}, {TOLD_BY[said.tier_by]}",
            f"matched        {', '.join(said.matched) or 'no pattern'}",
            f"architectural  {'yes' if said.architectural else 'no'}",
            f"level          {self.level} ({self.level_from})",
            f"policy         {self.config_from}",
        ]
        return "\n".join(visible(line, keep_newlines=False) for line in lines)


TOLD_BY = {
    "pattern": "told by a pattern",
    "worker": "told by the worker's own view",
    "unclassified": "since no pattern matches and there is no view of the worker",
}


@value
class LevelsTable:
    """A run's questions at each level."""

    found: WhatIf

    def to_json(self) -> JsonObject:
        return self.found.to_json()

    @property
    def shown(self) -> str:
        return table(self.found)


def looked_into(args: argparse.Namespace) -> Explanation | LevelsTable:
    """What `decide` was asked for. Raises InputFault for flags, a folder or a run that do not fit, YamlFault
    for a policy file that can't be read whole, JournalFault or BlobFault for a damaged run."""
    if args.what_if is None:
        return _what_becomes_of(args)
    for name, unset in OF_A_QUESTION.items():
        if getattr(args, name) != unset:
            flag = f"--{name.replace('_', '-')}"
            raise InputFault(f"{flag} goes with --title; --what-if takes a run as its journal has it")
    return _each_level(args)


def _what_becomes_of(args: argparse.Namespace) -> Explanation:
    config, config_from = _policy(args.config, args.workspace)
    level, level_from = effective_level(command_line=args.autonomous, story=None, config=config)
    outcome = decide(_question(args), config=config, autonomy=level, now=datetime.now(UTC))
    return Explanation(outcome=outcome, level=level, level_from=level_from, config_from=config_from)


def _question(args: argparse.Namespace) -> DecisionRequest:
    return DecisionRequest(
        id="question",
        title=args.title,
        context=args.context or "",
        options=(STAND_IN,),
        recommendation=STAND_IN.id,
        confidence=args.confidence,
        tier_view=args.tier,
        risk=args.risk,
        architectural=args.architectural,
        has_project_convention=args.has_convention,
        matches_existing_patterns=args.matches_pattern,
        reading=args.reading,
    )


def _policy(folder: Path | None, start: Path) -> tuple[DecisionConfig, str]:
    """The policy files of `folder`, else of the workspace around `start`, else what is built in."""
    if not (given := folder or start).is_dir():
        raise InputFault(f"{given}: expected a folder; there is none")
    if folder is None:
        try:
            folder = policy_folder(find_workspace(start))
        except InputFault:
            return built_in_config(), "built in; this is no git checkout"
    config = load_decision_config(folder)
    return config, str(folder) if config != built_in_config() else f"built in; {folder} adds nothing to it"


def _each_level(args: argparse.Namespace) -> LevelsTable:
    root = find_workspace(args.workspace)
    folder = find_run(root, args.what_if)
    _, records = read(folder)
    now = load_decision_config(policy_folder(root))
    return LevelsTable(found=what_if(records, Blobs(folder / "blobs").get, now))
