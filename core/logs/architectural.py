"""ARCHITECTURAL-DECISIONS.yaml: read in both of its shapes; answers of people are appended (SPEC 5, 9)."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from core.domain import Answer, DecisionRequest, JsonObject, SettledDecision
from core.events import DecisionOverturned, DecisionRequested, DecisionResolved, Record
from core.logs.yaml_list import BOM, Edit, add_once, head, moment
from core.yaml_file import YamlFault, parse_yaml

FILE = "ARCHITECTURAL-DECISIONS.yaml"
PREFIX = "ARCH"
LISTS = ("decisions", "architectural_decisions")
QUESTION_KEYS = ("question", "title", "topic", "context")
DECISION_KEYS = ("decision", "answer", "choice", "resolution")

USER = "user"


def read_settled(text: str, file: str) -> tuple[tuple[SettledDecision, ...], tuple[str, ...]]:
    """The decisions in a file's text, and a warning for each thing that could not be read. Never raises."""
    try:
        document = parse_yaml(text.removeprefix(BOM), file)
    except YamlFault as fault:
        return (), (str(fault),)
    entries = _list_of(document)
    if entries is None:
        return (), (f"{file}: expected a list under `decisions`",)
    settled: list[SettledDecision] = []
    warnings: list[str] = []
    for number, entry in enumerate(entries, start=1):
        read = _settled(entry, number)
        if read is None:
            warnings.append(f"{file}: entry {number}: expected `question` and `decision`")
        else:
            settled.append(read)
    return tuple(settled), tuple(warnings)


def _list_of(document: object) -> list[Any] | None:
    """An empty file, and one without the list, has no decisions yet; a bare list is taken as the list."""
    if isinstance(document, dict):
        document = next((document[key] for key in LISTS if document.get(key) is not None), None)
    if document is None:
        return []
    return document if isinstance(document, list) else None


def _settled(entry: object, number: int) -> SettledDecision | None:
    if not isinstance(entry, dict):
        return None
    question, decision = _first(entry, QUESTION_KEYS), _first(entry, DECISION_KEYS)
    if question is None or decision is None:
        return None
    return SettledDecision(
        id=_first(entry, ("id",)) or f"{PREFIX}-{number:03d}",
        question=question,
        decision=decision,
        rationale=_first(entry, ("rationale", "reason")),
        act=_first(entry, ("act",)),
    )


def _first(entry: JsonObject, keys: tuple[str, ...]) -> str | None:
    found = next((entry[key] for key in keys if entry.get(key) not in (None, "")), None)
    if found is None or isinstance(found, str):
        return found
    return json.dumps(found, ensure_ascii=False)


def append_decision(text: str, entry: JsonObject, story_id: str) -> str:
    """`text` with `entry` behind the last decision, every byte of what is there kept.

    One that is there already changes nothing. Raises YamlFault for a file that can't be read.
    """
    return add_once(
        text,
        entry,
        file=FILE,
        keys=LISTS,
        start=head({"schema": 1, "story": story_id}),
        told_by=("question", "decision"),
        at="decided_at",
    )


class ArchitecturalDecisions:
    """`apply` gives the change that a record makes to the file's text, or None."""

    def __init__(self, story_id: str) -> None:
        self._story_id = story_id
        self._asked: dict[str, DecisionRequested] = {}

    def apply(self, record: Record) -> Edit | None:
        match record.event:
            case DecisionRequested() as asked:
                self._asked[asked.request.id] = asked
            case DecisionResolved() as resolved if resolved.request_id in self._asked:
                return self._resolve(record, self._asked[resolved.request_id], resolved)
            case DecisionOverturned() as overturned if overturned.request_id in self._asked:
                request = self._asked[overturned.request_id].request
                entry = _entry(record, request, overturned.answer, overturned.recorded_as)
                return self._appended(entry)
            case _:
                pass
        return None

    def _resolve(self, record: Record, asked: DecisionRequested, resolved: DecisionResolved) -> Edit | None:
        recorded_as = resolved.recorded_as or ""
        if asked.policy.outcome != "escalate" or not recorded_as.startswith(f"{PREFIX}-"):
            return None
        return self._appended(_entry(record, asked.request, resolved.answer, recorded_as))

    def _appended(self, entry: JsonObject) -> Edit:
        return partial(append_decision, entry=entry, story_id=self._story_id)


def _entry(record: Record, request: DecisionRequest, answer: Answer, recorded_as: str) -> JsonObject:
    others = [option.label for option in request.options if option.id != answer.option]
    rationale = answer.note or request.rationale
    act = {"act": request.subject_sha} if request.subject_sha else {}
    if answer.decided_by != USER:
        # The file's `decided_by` is always the user (SPEC 9); who stood in for them is not hidden.
        rationale = f"{rationale} (answered by the {answer.decided_by})".lstrip()
    return {
        "id": recorded_as,
        "question": request.title,
        "decision": answer.decision,
        "rationale": rationale,
        "alternatives_considered": others,
        "decided_at": moment(record.at),
        "decided_by": USER,
        **act,
    }
