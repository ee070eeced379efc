"""What the tests of the rules share: files of a diff, and the findings that a rule makes on them."""

from __future__ import annotations

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
