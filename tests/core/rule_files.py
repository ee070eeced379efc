"""What the tests of the rules share: files of a diff, and the findings that a rule makes on them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core.diff import added_lines
from core.domain import Finding, Plan, Step
from core.rules.base import ChangedFile, RuleContext, SettledQuestion
from core.rules.registry import RULES


def changed(path: str, after: str | None, before: str | None = None) -> ChangedFile:
    added = added_lines(
        None if before is None else before.encode(), None if after is None else after.encode()
    )
    return ChangedFile(path=path, before=before, after=after, added=added)


def context(*settled: str, plan: str = "", files: tuple[str, ...] = ()) -> RuleContext:
    """`settled` are texts such as `Which library?: zod`."""
    step = Step(id="1", title="one", line=1, files=files)
    return RuleContext(
        plan=Plan(source="PLAN.md", text=plan, steps=(step,)),
        chunk_steps=("1",),
        settled=tuple(
            SettledQuestion(question=question, decision=decision)
            for question, _, decision in (text.partition("?: ") for text in settled)
        ),
    )


def findings(rule: str, *files: ChangedFile, given: RuleContext | None = None) -> list[Finding]:
    return list(RULES[rule].check(files, given or context()))


def flagged(rule: str, path: str, after: str | None, before: str | None = None) -> list[int | None]:
    """The lines that the rule flags in one file."""
    return [finding.line for finding in findings(rule, changed(path, after, before))]


@dataclass(frozen=True)
class Case:
    """A row of a rule's table: a file (its language is in its name), and the lines that the rule flags. Line
    0 is a finding on the file as a whole."""

    path: str
    after: str | None
    flagged: tuple[int, ...]
    before: str | None = None
    plan: str = ""
    settled: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def lines(self, rule: str) -> tuple[int, ...]:
        given = context(*self.settled, plan=self.plan, files=self.files)
        found = findings(rule, changed(self.path, self.after, self.before), given=given)
        return tuple(finding.line or 0 for finding in found)


def flags(name: str, path: str, after: str | None, *lines: int, **more: object) -> object:
    """A row that must be flagged, on line 1 where none is said. `more` are the other fields of Case."""
    return pytest.param(Case(path, after, lines or (1,), **more), id=f"flagged: {name}")  # type: ignore[arg-type]


def passes(name: str, path: str, after: str | None, **more: object) -> object:
    """A row that must not be flagged."""
    return pytest.param(Case(path, after, (), **more), id=f"not: {name}")  # type: ignore[arg-type]
