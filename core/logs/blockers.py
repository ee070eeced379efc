"""BLOCKERS.md: what stands in the way, in the seed's form; a cleared blocker is marked, never deleted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from core.events import BlockerCleared, BlockerRaised, Record
from core.logs.log_text import bounded, code, disarm, item, one_line, text_lines
from core.logs.yaml_list import Edit

FILE = "BLOCKERS.md"
HEADINGS = {
    "architectural": "Architectural Decision Required",
    "decision": "Decision Required",
    "check": "Check Failed",
    "rule": "Rule Broken",
    "worker": "Reported by the Worker",
    "budget": "Budget Reached",
}


class Blockers:
    """`apply` gives the change that a record makes to the file's text, or None."""

    def apply(self, record: Record) -> Edit | None:
        match record.event:
            case BlockerRaised() as raised:
                mark = _mark(record.run_id, raised.blocker_id)
                return partial(_with_section, mark=mark, section="\n".join(section(raised)))
            case BlockerCleared() as cleared:
                mark = _mark(record.run_id, cleared.blocker_id)
                return partial(_resolved, mark=mark, how=_without_comments([one_line(cleared.how)])[0])
            case _:
                return None


def _mark(run_id: str, blocker_id: str) -> str:
    """A comment above a blocker's heading, by which it is found again. No text of others can hold one."""
    return f"<!-- blocker {one_line(blocker_id)} of run {one_line(run_id)} -->"


def _with_section(text: str, mark: str, section: str) -> str:
    if mark in text:
        return text
    gap = "" if not text.strip() else "\n" if text.endswith("\n") else "\n\n"
    return f"{text}{gap}{mark}\n{section}\n"


def _resolved(text: str, mark: str, how: str) -> str:
    """The status goes under the heading. Where a person took the section away there is nothing to mark."""
    heading = re.search(rf"{re.escape(mark)}\r?\n## [^\r\n]*\r?\n", text)
    if heading is None or text.startswith("\n**Status**: Resolved", heading.end()):
        return text
    return f"{text[: heading.end()]}\n**Status**: Resolved — {how}\n{text[heading.end() :]}"


def section(raised: BlockerRaised) -> list[str]:
    """The section's lines, heading first. A decision always has all five fields of the seed's form."""
    lines = [f"## {HEADINGS[raised.kind]}", "", *_field("Context", raised.context or raised.reason)]
    if raised.kind in ("architectural", "decision"):
        lines += _decision(raised)
    else:
        lines += _fault(raised)
    steps = ", ".join(one_line(step) for step in raised.blocked_steps)
    return _without_comments([*lines, *_field("Blocked Steps", steps)])


def _decision(raised: BlockerRaised) -> list[str]:
    return [
        *_field("Decision Needed", raised.needed or raised.reason),
        *_numbered("Options Identified", raised.options),
        *_field("Recommendation", raised.recommendation),
    ]


def _fault(raised: BlockerRaised) -> list[str]:
    """A failed check, a broken rule, the worker's own report, a budget: the fields that it has."""
    lines = _field("Reason", raised.reason) if raised.context else []
    if raised.command:
        lines.append(f"**Command**: {code(raised.command)}")
    if raised.diagnostics:
        lines += [
            "**Diagnostics**:",
            *(line for text in bounded(raised.diagnostics) for line in item(text, 0)),
        ]
    if raised.attempts:
        lines += _numbered("Fix Attempts", raised.attempts)
    if raised.needed and raised.needed != raised.reason:
        lines += _field("Needed", raised.needed)
    if raised.options:
        lines += _numbered("Options Identified", raised.options)
    if raised.recommendation:
        lines += _field("Recommendation", raised.recommendation)
    return lines


def _field(label: str, text: str) -> list[str]:
    first, *rest = text_lines(text) or ["None"]
    return [f"**{label}**: {first}", *(f"  {disarm(line)}" for line in rest)]


def _numbered(label: str, texts: Sequence[str]) -> list[str]:
    if not texts:
        return [f"**{label}**: None"]
    lines = [f"**{label}**:"]
    for number, text in enumerate(texts, start=1):
        first, *rest = text_lines(text) or ["None"]
        lines += [f"{number}. {disarm(first.lstrip())}", *(f"   {disarm(line)}" for line in rest)]
    return lines


def _without_comments(lines: list[str]) -> list[str]:
    return [line.replace("<!--", "<\\!--") for line in lines]
