"""One question before the policy: what the rules look at, and what a rule says."""

from __future__ import annotations

from typing import Literal

from core.decisions.classify import Classification
from core.decisions.configuration import DecisionConfig
from core.decisions.preferences import LearnedPreference, Preference, Standing, choice_among
from core.domain import AutonomyLevel, DecisionRequest, SettledDecision, value


@value
class Case:
    """All that a rule may look at."""

    request: DecisionRequest
    kind: Classification
    config: DecisionConfig
    autonomy: AutonomyLevel
    plan_texts: tuple[tuple[str, str], ...]
    settled: tuple[SettledDecision, ...]
    deferred_so_far: int
    project: tuple[Preference, ...]
    learned: tuple[tuple[LearnedPreference, Standing], ...]

    @property
    def preferences(self) -> tuple[Preference | LearnedPreference, ...]:
        """Every preference that is about this question, whether it may decide it or not."""
        return (*self.project, *(preference for preference, _ in self.learned))

    def choice(self, preference: Preference | LearnedPreference) -> str:
        """What a preference chooses here: the label of an option where it names one."""
        return choice_among(preference.choice, self.request.options)


@value
class Ruling:
    """What one rule says; `reasons` are in words for a person, the deciding one first."""

    outcome: Literal["auto", "escalate", "defer", "covered"]
    basis: str
    reasons: tuple[str, ...]
    choice: str | None = None


def escalation(basis: str, *reasons: str) -> Ruling:
    return Ruling(outcome="escalate", basis=basis, reasons=reasons)
