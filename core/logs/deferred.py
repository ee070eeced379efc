"""DEFERRED-BACKLOG.yaml: what the policy put off, as a fold of the journal (SPEC 5.5, 9)."""

from __future__ import annotations

from functools import partial

from core.domain import JsonObject
from core.events import DecisionRequested, DecisionResolved, Record
from core.logs.log_text import one_line
from core.logs.yaml_list import Edit, add_once, entries_in, head, next_id, text_of
from core.yaml_file import YamlFault

FILE = "DEFERRED-BACKLOG.yaml"
PREFIX = "DEF"
LISTS = ("items",)
TRIGGERS = ("moonshot", "out_of_scope", "low_priority")


class DeferredBacklog:
    """`apply` gives the change that a record makes to the file's text, or None."""

    def __init__(self, earlier: bytes, story_id: str) -> None:
        self._story_id = story_id
        self._asked: dict[str, DecisionRequested] = {}
        self._ids = list(deferred_ids(text_of(earlier)))

    def apply(self, record: Record) -> Edit | None:
        match record.event:
            case DecisionRequested() as asked if asked.policy.outcome == "defer":
                self._asked[asked.request.id] = asked
            case DecisionResolved() as resolved if resolved.request_id in self._asked:
                return self._defer(self._asked.pop(resolved.request_id), resolved)
            case _:
                pass
        return None

    def _defer(self, asked: DecisionRequested, resolved: DecisionResolved) -> Edit:
        item_id = resolved.recorded_as or next_id(self._ids, PREFIX)
        self._ids.append(item_id)
        item = _item(item_id, asked, resolved, self._story_id)
        return partial(_with_item, item=item, story_id=self._story_id)


def deferred_ids(text: str) -> tuple[str, ...]:
    """The ids of a file's items. A file that can't be read has none."""
    try:
        return tuple(str(item.get("id")) for item in entries_in(text, FILE, LISTS))
    except YamlFault:
        return ()


def deferred_of(content: bytes, story_id: str) -> int:
    """How many items a file has of that story; one that names no story counts too."""
    try:
        items = entries_in(text_of(content), FILE, LISTS)
    except YamlFault:
        return 0
    return sum(item.get("story_id", story_id) == story_id for item in items)


def _with_item(text: str, item: JsonObject, story_id: str) -> str:
    start = head({"schema": 1, "story_id": story_id})
    return add_once(text, item, file=FILE, keys=LISTS, start=start, told_by=("title",))


def _item(item_id: str, asked: DecisionRequested, resolved: DecisionResolved, story_id: str) -> JsonObject:
    request, policy = asked.request, asked.policy
    recommended = request.option(request.recommendation)
    trigger = next((each for each in TRIGGERS if each in (policy.category, policy.basis)), TRIGGERS[0])
    return {
        "id": item_id,
        "title": request.title,
        "summary": one_line(resolved.answer.decision),
        "context": request.context,
        "recommendation": recommended.label if recommended else request.recommendation,
        "trigger": trigger,
        "story_id": story_id,
        "tags": list(dict.fromkeys([policy.category, *policy.matched])),
    }
