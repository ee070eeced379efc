"""PENDING-DECISIONS.yaml: the questions of the batch, as a fold of the journal (SPEC 5, batch; SPEC 9)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.domain import JsonObject
from core.events import DecisionRequested, DecisionResolved, Record
from core.logs.decisions_auto import options_considered
from core.logs.entry_edit import quoted, set_in_entry
from core.logs.yaml_list import Edit, add_once, entries_in, head, moment, next_id, text_of
from core.yaml_file import YamlFault, expect_mapping, parse_yaml

FILE = "PENDING-DECISIONS.yaml"
PREFIX = "PEND"
LISTS = ("items",)
PHASE = "dev_implementation"
PENDING, APPROVED, REJECTED = "pending", "approved", "rejected"


class PendingDecisions:
    """`apply` gives the change that a record makes to the file's text, or None.

    A queued question stands there as pending, and keeps its place with what was decided.
    """

    def __init__(self, earlier: bytes, story_id: str) -> None:
        self._story_id = story_id
        self._ids = list(_ids_in(text_of(earlier)))
        self._queued: dict[str, JsonObject] = {}  # request id -> its item

    def apply(self, record: Record) -> Edit | None:
        match record.event:
            case DecisionRequested() as asked if asked.batched:
                return self._queue(record, asked)
            case DecisionResolved() as resolved if resolved.request_id in self._queued:
                return partial(_decided, item=self._queued[resolved.request_id], resolved=resolved)
            case _:
                return None

    def _queue(self, record: Record, asked: DecisionRequested) -> Edit:
        item_id = next_id(self._ids, PREFIX)
        self._ids.append(item_id)
        item = _item(item_id, asked)
        self._queued[asked.request.id] = item
        start = {"schema": 1, "story": self._story_id, "phase": PHASE, "created": moment(record.at)}
        return partial(
            add_once, entry=item, file=FILE, keys=LISTS, start=head(start), told_by=("title", "context")
        )


def _ids_in(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(item.get("id")) for item in entries_in(text, FILE, LISTS))
    except YamlFault:
        return ()


def _item(item_id: str, asked: DecisionRequested) -> JsonObject:
    request, policy = asked.request, asked.policy
    recommended = request.option(request.recommendation)
    return {
        "id": item_id,
        "title": request.title,
        "tier": policy.tier,
        "category": policy.category,
        "context": request.context,
        "options": options_considered(request),
        "recommendation": recommended.label if recommended else None,
        "rationale": request.rationale,
        "status": PENDING,
        "approved_by": None,
        "decision": None,
    }


def _decided(text: str, item: JsonObject, resolved: DecisionResolved) -> str:
    answer = resolved.answer
    values = {
        "status": REJECTED if answer.rejected else APPROVED,
        "approved_by": quoted(answer.decided_by),
        "decision": quoted(answer.decision),
    }

    told = expect_mapping(parse_yaml(head(item), FILE), FILE)
    # Where a person had given the id to an item of theirs, ours has another one.
    for keys in (("id", "title", "status"), ("title", "context", "status")):
        after = set_in_entry(text, _like(told, keys), values, file=FILE, keys=LISTS)
        if after != text:
            return after
    return text


def _like(told: JsonObject, keys: tuple[str, ...]) -> Callable[[JsonObject], bool]:
    return lambda there: all(there.get(key) == told[key] for key in keys)
