"""Whether a question is settled already: by a decision on record, or by a line of the plan (SPEC 5.1).

Only the same question counts; nothing here is fuzzy. A destructive act is stricter still.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.decisions.patterns import one_line
from core.domain import DecisionRequest, SettledDecision

# Between a question and its decision on one line: `Page size: 20`, `Page size = 20`, `| Page size | 20 |`.
DIVIDER = re.compile(r"\s*\??\s*(?:[:=|→—–]|->|-(?=\s))\s*(?P<decision>.*\w.*)")
LIST_MARK = re.compile(r"^[\s>|]*(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|\[[ xX]\]\s)*[\s|]*")
EMPHASIS = re.compile(r"\*\*|__|`")
NAMED_THING = re.compile(r"\w[_./]\w|`[^`]+`|\"[^\"]+\"|'[^']+'")
UNDECIDED = re.compile(
    r"\W*(?:tbd|tba|todo|open|pending|unknown|undecided|to be \w+|ask|n/?a|none)\b", re.IGNORECASE
)


def entry_for(
    request: DecisionRequest, settled: tuple[SettledDecision, ...], *, destructive: bool
) -> SettledDecision | None:
    """The latest decision on exactly this question.

    For a destructive act the question must be the same to the letter and say what the act is done to: either
    its context is known and the same too, or its title names a thing (`old_items`, `data/old.csv`). An
    approval is of one act, not of all that share a title. An approved act of the engine settles no question.
    """
    same = one_line if destructive else _normalised
    title = same(request.title)
    entries = [e for e in reversed(settled) if title and same(e.question) == title and e.decision.strip()]
    if destructive:
        entries = [e for e in entries if _same_act(request, e)]
    return next((e for e in entries if e.act is None), None)


def _same_act(request: DecisionRequest, entry: SettledDecision) -> bool:
    subject = request.subject
    if request.raised_by == "engine" or (subject is not None and one_line(subject) not in request.title):
        return False
    if entry.context is not None:
        return one_line(entry.context) == one_line(request.context)
    return NAMED_THING.search(request.title) is not None


def planned_decision(title: str, plan_texts: tuple[tuple[str, str], ...]) -> tuple[str, str] | None:
    """(id, decision) of a line that states the question word for word and then its decision.

    A title of one word is no question: plans have labels such as `Verification:`.
    """
    question = _normalised(EMPHASIS.sub("", title))
    if len(question.split()) < 2:
        return None
    for source, text in plan_texts:
        for decision in _decisions(question, text):
            return source, decision
    return None


def _decisions(question: str, text: str) -> Iterator[str]:
    asked = re.compile(re.escape(question), re.IGNORECASE)
    for line in text.splitlines():
        said = one_line(EMPHASIS.sub("", LIST_MARK.sub("", line)))
        found = asked.match(said)
        divided = DIVIDER.fullmatch(said[found.end() :]) if found else None
        if divided is None:
            continue
        decision = divided["decision"].split("|")[0].strip()
        if decision and not UNDECIDED.match(decision):
            yield decision


def _normalised(text: str) -> str:
    return one_line(text).casefold().rstrip(" ?.!:")
