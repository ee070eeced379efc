"""The last word on a question that nothing else decides: the autonomy matrix of SPEC 5.8."""

from __future__ import annotations

from collections.abc import Iterator

from core.decisions.case import Case, Ruling, escalation
from core.decisions.classify import recommended
from core.decisions.preferences import LearnedPreference, Preference, spoken
from core.decisions.tiers import EXTERNAL, MATRIX, PREFERENCE_TIERS


def matrix_ruling(case: Case) -> Ruling:
    """What the matrix says, made more cautious by autonomy.yaml; it always says something."""
    objections = list(_objections(case))
    suggestions = tuple(f"{p.id} suggests {p.choice}" for p in case.preferences)
    if objections:
        basis = objections[0][0]
        reasons = tuple(dict.fromkeys(why for _, why in objections))
        return escalation(basis, *reasons, *suggestions)
    chosen, tier = recommended(case.request), case.kind.tier
    assert chosen is not None and tier is not None  # _objections has looked
    why = f"{case.autonomy} accepts tier {tier}"
    if MATRIX[tier][case.autonomy] == "minimal":
        why += ", in its minimal reading"
    choice = chosen.label
    if tier == EXTERNAL and case.request.fallback:
        choice += f"; fallback: {case.request.fallback}"
    return Ruling(outcome="auto", basis="matrix", reasons=(why, *suggestions), choice=choice)


def _objections(case: Case) -> Iterator[tuple[str, str]]:
    """Everything that stands against an automatic decision, as (basis, why)."""
    tier, level, said = case.kind.tier, case.autonomy, case.config.autonomy
    if tier is None:
        yield "matrix", "nothing tells the tier: no pattern matches and the worker gave no view"
        return
    cell = MATRIX[tier][level]
    file_cells = [cell for at, number, cell in said.cells if (at, number) == (level, tier)]
    if cell == "escalate":
        unlocked = " (no locked preference matches)" if _none_locked(case) else ""
        yield "matrix", f"{level} asks for tier {tier}{unlocked}"
        return
    if "escalate" in file_cells:
        yield "autonomy", f"autonomy.yaml asks for tier {tier} at {level}"
    if not said.auto_accept:
        yield "autonomy", "autonomy.yaml switches automatic answers off"
    if cell == "low_risk" and case.request.risk != "low":
        yield "matrix", f"tier {tier} is automatic at low risk only; {_risk_of(case)}"
    if ("low_risk" in file_cells or case.kind.needs_low_risk) and case.request.risk != "low":
        yield "autonomy", f"the configuration asks for a low risk here; {_risk_of(case)}"
    if case.kind.risky:
        yield "autonomy", f"decision-classification.yaml calls it risky ({', '.join(case.kind.risky)})"
    if "minimal" in (cell, *file_cells) and case.request.reading == "expansive":
        yield "matrix", f"tier {tier} is automatic in its minimal reading only; the worker's is expansive"
    if tier in PREFERENCE_TIERS:
        yield from (("autonomy", f"autonomy.yaml asks for {unmet}") for unmet in _unmet_conditions(case))
    if recommended(case.request) is None:
        yield "matrix", "the worker recommends none of the options"


def _unmet_conditions(case: Case) -> Iterator[str]:
    asked, request = case.config.autonomy.conditions, case.request
    confidence = request.confidence or 0.0
    if not confidence >= asked.min_confidence:  # so that one that is no number does not pass
        has = "gives none" if request.confidence is None else f"has {confidence:g}"
        yield f"a confidence of {asked.min_confidence:g} or more; the worker {has}"
    if asked.has_project_convention and not request.has_project_convention:
        yield "a project convention; the worker names none"
    if asked.matches_existing_patterns and not request.matches_existing_patterns:
        yield "a match with existing patterns; the worker sees none"
    if asked.no_conflicting_preferences and (against := _against_recommendation(case)):
        yield f"no conflicting preference; {against[0].id} says {against[0].choice}"


def _against_recommendation(case: Case) -> list[Preference | LearnedPreference]:
    chosen = recommended(case.request)
    label = spoken(chosen.label) if chosen else ""
    return [p for p in case.preferences if spoken(case.choice(p)) != label]


def _none_locked(case: Case) -> bool:
    return case.kind.tier in PREFERENCE_TIERS and not any(p.locked for p in case.project)


def _risk_of(case: Case) -> str:
    return f"the worker calls it {case.request.risk}" if case.request.risk else "the worker gave none"
