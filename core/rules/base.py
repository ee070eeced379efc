"""What a rule sees (the chunk's changed files) and gives (findings)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from core.domain import Act, ActKind, Finding, Plan, RuleSeverity, value


@value
class ChangedFile:
    """A file of the chunk's diff. `added` holds the line numbers (from 1, in `after`) that the
    chunk added or changed; only those may be flagged. `before`/`after` are None where there is no file
    or it is not text."""

    path: str
    before: str | None
    after: str | None
    added: frozenset[int]


@value
class SettledQuestion:
    """A question and what a person decided on it, which may well be "no"."""

    question: str
    decision: str


@value
class RuleContext:
    """What a rule may look at beside the diff. `settled` are the decisions of people:
    ARCHITECTURAL-DECISIONS.yaml and the answers of this run. `approved` are the acts of the chunk that a
    person saw and allowed."""

    plan: Plan
    chunk_steps: tuple[str, ...]
    settled: tuple[SettledQuestion, ...] = ()
    approved: tuple[Act, ...] = ()

    def approves(self, kind: ActKind, path: str, what: str) -> bool:
        return any((act.kind, act.path, act.what) == (kind, path, what) for act in self.approved)


class Rule(Protocol):
    """One rule. `severity` is its default; the profile may say `block`, `warn` or `off`."""

    id: str
    severity: RuleSeverity
    title: str

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterable[Finding]: ...
