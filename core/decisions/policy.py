"""The decision policy: a pure function of (decision, configuration, autonomy) to an outcome (SPEC 5).

`RULES` is the order of SPEC 5, and the first rule that has something to say wins. The floor under tier 4
stands before every rule that configuration can reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from core.decisions.case import Case, Ruling, escalation
from core.decisions.classify import Classification, classify, in_tier
from core.decisions.configuration import DecisionConfig
from core.decisions.covered import entry_for, planned_decision
from core.decisions.matrix import matrix_ruling
from core.decisions.patterns import destructive, one_line, text_of
from core.decisions.preferences import LearnedPreference, Preference, about, learned_about, spoken
from core.decisions.tiers import BATCH_TIERS, DESTRUCTIVE, PREFERENCE_TIERS, described
from core.domain import AutonomyLevel, DecisionRequest, PolicyOutcome, SettledDecision

PolicyRule: TypeAlias = Callable[[Case], Ruling | None]


def decide(
    request: DecisionRequest,
    *,
    config: DecisionConfig,
    autonomy: AutonomyLevel,
    plan_texts: tuple[tuple[str, str], ...] = (),
    settled: tuple[SettledDecision, ...] = (),
    now: datetime,
    deferred_so_far: int = 0,
    retiered: int | None = None,
) -> PolicyOutcome:
    """What to do about a decision, and why. The same arguments always give the same outcome.

    `plan_texts` are (id, text) of documents that may settle it; `settled` what a person has decided, oldest
    first (ARCHITECTURAL-DECISIONS.yaml, then answers of this run; not what the policy itself accepted); `now`
    is aware; `deferred_so_far` counts this story's deferred questions; `retiered` is the tier that the
    supervisor gave the question. An automatic outcome chooses what the worker recommends, so a request
    without a recommended option escalates at the matrix.
    """
    text = text_of(request)
    kind = classify(request, config)
    case = Case(
        request=request,
        kind=kind if retiered is None else in_tier(kind, retiered),
        config=config,
        autonomy=autonomy,
        plan_texts=plan_texts,
        settled=settled,
        deferred_so_far=deferred_so_far,
        project=about(config.preferences.project, text),
        learned=learned_about(config.preferences, text, now),
    )
    return _outcome(case, _as_cautious_as_the_patterns(case, _ruling(case)))


def may_be_queued(request: DecisionRequest, outcome: PolicyOutcome) -> bool:
    """Whether batch mode may put the question off to the chunk's end (SPEC 5, batch): tiers 2 and 5 only.

    What always asks (architectural, `always_escalate`) asks at once: the worker would build on its own guess.
    An act that the engine asks about is at hand and cannot wait.
    """
    always = outcome.architectural or outcome.basis == "floor"
    waits = outcome.outcome == "escalate" and outcome.tier in BATCH_TIERS
    return waits and not always and request.raised_by == "worker"


def effective_level(
    *, command_line: AutonomyLevel | None, story: AutonomyLevel | None, config: DecisionConfig
) -> tuple[AutonomyLevel, str]:
    """The autonomy level of a run and where it comes from, in the precedence of SPEC 5."""
    sources: tuple[tuple[AutonomyLevel | None, str], ...] = (
        (command_line, "--autonomous"),
        (story, "autonomy_level of the story"),
        (config.autonomy.phase_level, "phase_overrides.dev_implementation of autonomy.yaml"),
        (config.autonomy.default_level, "default_level of autonomy.yaml"),
    )
    return next(((level, source) for level, source in sources if level), ("conservative", "built-in default"))


def _ruling(case: Case) -> Ruling:
    said = (rule(case) for rule in RULES)
    return next((ruling for ruling in said if ruling is not None), None) or matrix_ruling(case)


def _as_cautious_as_the_patterns(case: Case, ruling: Ruling) -> Ruling:
    """The worker's own view raises caution and never lowers it (SPEC 5.2): where it moved the question into
    another tier than the patterns', what would have asked there still asks."""
    if case.kind.tier_by != "worker" or ruling.outcome != "auto":
        return ruling
    by_patterns = classify(replace(case.request, tier_view=None), case.config)
    if by_patterns.tier is None:
        return ruling
    there = _ruling(replace(case, kind=by_patterns))
    if there.outcome != "escalate":
        return ruling
    why = f"the worker's view takes nothing away from {described(by_patterns.tier)}, which the patterns say"
    return replace(there, reasons=(*there.reasons, why))


def _outcome(case: Case, ruling: Ruling) -> PolicyOutcome:
    return PolicyOutcome(
        outcome=ruling.outcome,
        tier=case.kind.tier,
        tier_by=case.kind.tier_by,
        basis=ruling.basis,
        reasons=(*ruling.reasons, *_why_this_tier(case.kind)),
        category="moonshot" if ruling.outcome == "defer" else case.kind.category,
        matched=case.kind.matched,
        architectural=case.kind.architectural,
        choice=ruling.choice,
    )


def _why_this_tier(kind: Classification) -> Iterator[str]:
    if kind.tier_by == "worker":
        yield f"{described(kind.tier)}: the worker says so"
    elif kind.tier_by == "human":
        yield f"{described(kind.tier)}: the supervisor says so"
    elif kind.tier_by == "pattern":
        yield f"{described(kind.tier)}: {kind.matched[0]} matches"


def _covered(case: Case) -> Ruling | None:
    destructive = case.kind.tier == DESTRUCTIVE
    entry = entry_for(case.request, case.settled, destructive=destructive)
    if entry is not None:
        return _settled(entry.id, entry.decision)
    planned = None if destructive else planned_decision(case.request.title, case.plan_texts)
    return _settled(*planned) if planned else None


def _settled(source: str, decision: str) -> Ruling:
    why = f"{source} settles this question"
    return Ruling(outcome="covered", basis=f"covered:{source}", reasons=(why,), choice=decision)


def _tier_4_floor(case: Case) -> Ruling | None:
    if case.kind.tier != DESTRUCTIVE:
        return None
    return escalation("floor", "a destructive decision always asks, at every level")


def _architectural(case: Case) -> Ruling | None:
    if not case.kind.architectural:
        return None
    names = [name for name in case.kind.matched if name.startswith("architectural.")]
    topics = ", ".join(name.removeprefix("architectural.").replace("_", " ") for name in names)
    why = f"an architectural decision always asks ({topics or 'the worker says so'})"
    return escalation("architectural", why)


def _always_escalate(case: Case) -> Ruling | None:
    if not case.kind.must_escalate:
        return None
    return escalation(
        "floor", f"decision-classification.yaml always asks here ({', '.join(case.kind.must_escalate)})"
    )


def _moonshot(case: Case) -> Ruling | None:
    # What the engine asks about is an act at hand; it can't be put off to another story.
    if not case.kind.moonshot or case.request.raised_by == "engine":
        return None
    beyond, limit = f"beyond the story ({case.kind.moonshot[0]} matches)", case.config.autonomy.max_deferred
    if case.deferred_so_far >= limit:
        why = (
            f"the story's {limit} deferrals are used up"
            if limit
            else "autonomy.yaml lets nothing be deferred"
        )
        return escalation("moonshot", f"{beyond}, but {why}")
    why = f"{beyond}: deferred to the backlog"
    return Ruling(outcome="defer", basis="moonshot", reasons=(why,))


def _locked(case: Case) -> Ruling | None:
    locked = [(p, f"preference:{p.id}") for p in case.project if p.locked]
    return _preferred(case, locked, "locked preference")


def _learned(case: Case) -> Ruling | None:
    sure, noted = (
        [(p, f"learned:{p.id}") for p, stands in case.learned if stands == wanted]
        for wanted in ("auto", "note")
    )
    ruling = _preferred(case, [*sure, *noted], "learned preference")
    if ruling is None or ruling.outcome != "auto" or sure:
        return ruling
    note = "note: learned, but not yet sure enough to pass without mention"
    return Ruling(outcome="auto", basis=ruling.basis, reasons=(*ruling.reasons, note), choice=ruling.choice)


def _preferred(
    case: Case, found: Sequence[tuple[Preference | LearnedPreference, str]], kind: str
) -> Ruling | None:
    """The choice of the preferences that match, when this tier is theirs to decide and they agree."""
    if not found or case.kind.tier not in PREFERENCE_TIERS or not case.config.autonomy.auto_accept:
        return None
    if case.request.raised_by == "engine":  # an act with exact bytes: nobody can have preferred it before
        return None
    first, basis = found[0]
    if len({spoken(case.choice(preference)) for preference, _ in found}) > 1:
        said = "; ".join(f"{p.id} says {p.choice}" for p, _ in found)
        return escalation(basis, f"each {kind} says something else: {said}")
    why = f"{kind} {first.id} says {first.choice}"
    if destructive(one_line(case.choice(first))):
        return escalation("floor", "a destructive decision always asks, at every level", why)
    return Ruling(outcome="auto", basis=basis, reasons=(why,), choice=case.choice(first))


RULES: tuple[PolicyRule, ...] = (
    _covered,
    _tier_4_floor,
    _architectural,
    _always_escalate,
    _moonshot,
    _locked,
    _learned,
)
