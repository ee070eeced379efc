"""Which earlier escalations a new preference would have absorbed (UX, "Decision prompt": `l`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from core.decisions.configuration import ClassificationRules, DecisionConfig
from core.decisions.patterns import Pattern, matching, one_line, refusal, text_of
from core.decisions.policy import decide
from core.decisions.preferences import Preference, Preferences
from core.decisions.tiers import PREFERENCE_TIERS, described
from core.domain import DecisionRequest, PolicyOutcome, value
from core.events import DecisionRequested, Record
from core.journal import FILE_NAME, JournalFault, decode, read_header
from core.run_state import DecisionState
from core.runs import run_folders

MOST_RUNS = 20
MARK = b'"decision_requested"'
NEW = "the new one"
MOST_WORDS = 4
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a an and any are as at be by can do does for from how i if in into is it its new of on one or our
        shall should so such than that the their them then there these they this to us use used using we
        what when where whether which who why will with would""",
    )
)


@value
class Absorption:
    """`titles` are those of the escalations that would not have been asked, newest first, of `looked_at`
    escalations of this run and earlier ones. `problem` is set when the pattern can't be used: it is refused,
    or is not about the question at hand."""

    titles: tuple[str, ...] = ()
    looked_at: int = 0
    problem: str = ""


@value
class Escalation:
    """A question that was put to the supervisor. `policy` is what was said when it was raised: the tier that
    the supervisor gave it afterwards would not have spared them the question."""

    run_id: str
    at: datetime
    request: DecisionRequest
    policy: PolicyOutcome


def would_absorb(
    pattern: str, choice: str, question: Escalation, earlier: Iterable[Escalation]
) -> Absorption:
    """What a locked preference with this pattern and choice would have spared the supervisor.

    `question` is the one at hand, with what the policy says of it now; it is not counted, also where it is
    among the `earlier` ones.
    """
    problem = _problem(pattern.strip(), choice.strip(), question)
    if problem:
        return Absorption(problem=problem)
    others = [e for e in earlier if (e.run_id, e.request.id) != (question.run_id, question.request.id)]
    titles = tuple(e.request.title for e in others if _decides(pattern.strip(), choice.strip(), e))
    return Absorption(titles=titles, looked_at=len(others))


def absorbed_earlier(
    root: Path, records: tuple[Record, ...], decision: DecisionState | None, choice: str, pattern: str
) -> Absorption:
    """`would_absorb` for a question of the run that has these records, over all that it can look at."""
    earlier = earlier_escalations(root, records)
    return _absorbed(earlier, records[0].run_id if records else "", decision, choice, pattern)


def absorbed_in(
    records: Iterable[Record], run_id: str, decision: DecisionState | None, choice: str, pattern: str
) -> Absorption:
    """The same over this one run alone: nothing of the workspace is read."""
    return _absorbed(tuple(_escalations(records))[::-1], run_id, decision, choice, pattern)


def _absorbed(
    earlier: tuple[Escalation, ...], run_id: str, decision: DecisionState | None, choice: str, pattern: str
) -> Absorption:
    if decision is None:
        return Absorption(problem="the run has no such question")
    question = Escalation(run_id=run_id, at=decision.at, request=decision.request, policy=decision.policy)
    return would_absorb(pattern, choice, question, earlier)


def _problem(pattern: str, choice: str, question: Escalation) -> str:
    if not pattern:
        return "the pattern is empty"
    if not choice:
        return "a preference needs a choice"
    if refused := refusal(pattern):
        return f"the pattern is refused: {refused}"
    if kept := _beyond_preferences(question):
        return f"a preference never decides {kept}"
    if not matching((Pattern(id=NEW, regex=pattern),), text_of(question.request)):
        return "the pattern does not match this question"
    return ""


def _beyond_preferences(escalation: Escalation) -> str:
    """Why this is a question that no preference decides, in words that follow "never decides" (SPEC 5)."""
    policy = escalation.policy
    if escalation.request.raised_by == "engine":
        return "an act that the engine asks about"
    if policy.tier not in PREFERENCE_TIERS:
        return "a question without a tier" if policy.tier is None else described(policy.tier)
    if policy.architectural:
        return "an architectural question"
    if policy.basis == "floor":
        return "what decision-classification.yaml always asks"
    if policy.basis == "moonshot":
        return "what lies beyond the story"
    if policy.basis.startswith("preference:"):
        return "what locked preferences disagree on"
    return ""


def _decides(pattern: str, choice: str, escalation: Escalation) -> bool:
    """Whether the policy would have taken the preference's word: in the tier that the question had then,
    whatever the patterns make of it now."""
    if _beyond_preferences(escalation):
        return False
    preference = Preference(id=NEW, pattern=Pattern(id=NEW, regex=pattern), choice=choice, locked=True)
    outcome = decide(
        escalation.request,
        config=DecisionConfig(
            classification=ClassificationRules(rules=()), preferences=Preferences(project=(preference,))
        ),
        autonomy="conservative",
        now=escalation.at,
        retiered=escalation.policy.tier,
    )
    return outcome.basis == f"preference:{NEW}"


# --- what was asked earlier -------------------------------------------------------------


def earlier_escalations(root: Path, records: Iterable[Record]) -> tuple[Escalation, ...]:
    """Those of this run's records and of the newest other runs of the workspace, newest first.

    Journals are read line by line, and only lines about decisions decoded; a damaged journal is passed over.
    """
    records = tuple(records)
    ours = records[0].run_id if records else ""
    found = list(_escalations(records))
    others = [folder for folder in run_folders(root) if folder.name != ours]
    for folder in others[:MOST_RUNS]:
        try:
            found += tuple(_escalations(_decision_records(folder)))
        except (JournalFault, OSError):
            continue
    return tuple(sorted(found, key=lambda escalation: escalation.at, reverse=True))


def _decision_records(folder: Path) -> Iterator[Record]:
    read_header(folder)  # refuses what is no journal, or one of a newer format
    path = folder / FILE_NAME
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n") and MARK in line:
                yield decode(line, f"{path}:{number}")


def _escalations(records: Iterable[Record]) -> Iterator[Escalation]:
    """The first request of an id counts, as in the run."""
    asked: set[str] = set()
    for record in records:
        event = record.event
        if not isinstance(event, DecisionRequested) or event.request.id in asked:
            continue
        asked.add(event.request.id)
        if event.policy.outcome == "escalate":
            yield Escalation(run_id=record.run_id, at=record.at, request=event.request, policy=event.policy)


# --- a first pattern --------------------------------------------------------------------


def suggested_pattern(request: DecisionRequest) -> str:
    """A pattern to begin with: the title's first significant words, in order. It matches the question."""
    title = one_line(request.title)
    words = re.findall(r"\w+", title)
    telling = [word for word in words if word.casefold() not in STOP_WORDS] or words
    return ".*".join(re.escape(word) for word in telling[:MOST_WORDS]) or re.escape(title)
