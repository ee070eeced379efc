"""DECISIONS-AUTO.yaml: the decisions that nobody was asked for, as a fold of the journal (SPEC 9)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from core.domain import DecisionRequest, JsonObject, PolicyOutcome
from core.events import DecisionOverturned, DecisionRequested, DecisionResolved, Record
from core.logs.entry_edit import quoted, set_in_entry
from core.logs.yaml_list import Edit, add_once, entries_in, head, moment, set_counts, text_of
from core.yaml_file import YamlFault, expect_mapping, parse_yaml

FILE = "DECISIONS-AUTO.yaml"
PREFIX = "AUTO"
LISTS = ("decisions",)
COUNTED_AS = {"escalate": "escalated", "defer": "moonshots_deferred"}


class AutoDecisions:
    """`apply` gives the change that a record makes to the file's text, or None.

    A change may be made again: an entry that is there stays as it is. Entries are the decisions
    recorded as `AUTO-NNN`; escalated and deferred ones only count in the summary.
    """

    def __init__(self, earlier: bytes, story_id: str) -> None:
        self._story_id = story_id
        self._asked: dict[str, DecisionRequested] = {}
        self._entries: dict[str, JsonObject] = {}
        self._counts = _counts_in(text_of(earlier))

    def apply(self, record: Record) -> Edit | None:
        match record.event:
            case DecisionRequested() as asked:
                return self._ask(asked)
            case DecisionResolved() as resolved if resolved.request_id in self._asked:
                return self._resolve(record, self._asked[resolved.request_id], resolved)
            case DecisionOverturned() as overturned if overturned.request_id in self._entries:
                entry = self._entries[overturned.request_id]
                return partial(_overturned, entry=entry, overturned=overturned, at=record.at)
            case _:
                return None

    def _ask(self, asked: DecisionRequested) -> Edit | None:
        known = asked.request.id in self._asked
        self._asked[asked.request.id] = asked
        counted = COUNTED_AS.get(asked.policy.outcome)
        if known or counted is None:
            return None
        self._count(counted)
        return partial(_with_counts, counts=dict(self._counts))

    def _resolve(self, record: Record, asked: DecisionRequested, resolved: DecisionResolved) -> Edit | None:
        recorded_as = resolved.recorded_as or ""
        if asked.policy.outcome not in ("auto", "covered") or not recorded_as.startswith(f"{PREFIX}-"):
            return None
        self._count("auto_accepted")
        entry = _entry(record, asked, resolved)
        self._entries[resolved.request_id] = entry
        return partial(_with_entry, entry=entry, story_id=self._story_id, counts=dict(self._counts))

    def _count(self, what: str) -> None:
        self._counts[what] += 1
        self._counts["total_decisions"] += 1


def recorded_ids(text: str) -> tuple[str, ...]:
    """The ids of a file's entries, for `next_id`. A file that can't be read has none."""
    try:
        return tuple(str(entry.get("id")) for entry in entries_in(text, FILE, LISTS))
    except YamlFault:
        return ()


def _counts_in(text: str) -> dict[str, int]:
    """What an earlier run counted; the number of entries where the file has no summary."""
    accepted = len(recorded_ids(text))
    counts = {"total_decisions": accepted, "auto_accepted": accepted, "escalated": 0, "moonshots_deferred": 0}
    try:
        summary = expect_mapping(parse_yaml(text, FILE), FILE).get("summary")
    except YamlFault:
        return counts
    said = summary if isinstance(summary, dict) else {}
    return {name: said[name] if type(said.get(name)) is int else count for name, count in counts.items()}


def _with_entry(text: str, entry: JsonObject, story_id: str, counts: dict[str, int]) -> str:
    start = head({"schema": 1, "story_id": story_id})
    text = add_once(text, entry, file=FILE, keys=LISTS, start=start, told_by=("title", "decision"), at="at")
    return set_counts(text, counts, file=FILE, key="summary")


def _overturned(text: str, entry: JsonObject, overturned: DecisionOverturned, at: datetime) -> str:
    """The entry keeps what it says; its status changes, and who overturned it, when and why is added."""
    history = {
        "by": quoted(overturned.answer.decided_by),
        "at": f"{moment(at):%Y-%m-%dT%H:%M:%SZ}",
        "reason": quoted(overturned.reason),
        "decision": quoted(overturned.answer.decision),
    }
    words = ", ".join(f"{key}: {each}" for key, each in history.items())
    values = {"status": "overturned", "overturned": f"{{{words}}}"}

    told = expect_mapping(parse_yaml(head(entry), FILE), FILE)

    def is_it(there: JsonObject) -> bool:
        return all(there.get(key) == told[key] for key in ("run", "at", "title", "status"))

    return set_in_entry(text, is_it, values, file=FILE, keys=LISTS)


def _with_counts(text: str, counts: dict[str, int]) -> str:
    """Counts alone make no file."""
    return set_counts(text, counts, file=FILE, key="summary") if text.strip() else text


def _entry(record: Record, asked: DecisionRequested, resolved: DecisionResolved) -> JsonObject:
    request, policy, answer = asked.request, asked.policy, resolved.answer
    return {
        "id": resolved.recorded_as,
        "at": moment(record.at),
        "run": record.run_id,
        "chunk": asked.chunk,
        "title": request.title,
        "tier": policy.tier,
        "category": policy.category,
        "context": request.context,
        "options_considered": options_considered(request),
        "decision": answer.decision,
        "rationale": _rationale(request, policy),
        "basis": policy.basis,
        "confidence": request.confidence,
        "autonomy_level": asked.autonomy,
        "auto_accepted": True,
        "decided_by": answer.decided_by,
        "status": "accepted",
    }


def options_considered(request: DecisionRequest) -> list[str]:
    """`Created item (+ matches GET; - bigger payload)`, an option each."""
    return [_option(option.label, option.pros, option.cons) for option in request.options]


def _option(label: str, pros: str, cons: str) -> str:
    trade_offs = "; ".join(
        part for part in (f"+ {pros}" if pros else "", f"- {cons}" if cons else "") if part
    )
    return f"{label} ({trade_offs})" if trade_offs else label


def _rationale(request: DecisionRequest, policy: PolicyOutcome) -> str:
    """The worker's reasons, the policy's, and the way back that an auto on tier 5 needs (SPEC 5)."""
    reasons = "; ".join(policy.reasons)
    parts = (
        request.rationale,
        f"Policy: {reasons}" if reasons else "",
        f"Fallback: {request.fallback}" if request.fallback else "",
    )
    return "\n".join(part for part in parts if part)
