"""What a write does beside writing: acts that are destructive or external, so that a person decides (SPEC 5).

Pure. What the plan or a person settled is no act. The rules ask the same functions: none flags what was no
act, nor what was one and was allowed.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.act_places import is_auth, is_ci
from core.domain import Act
from core.rules.base import RuleContext
from core.rules.dependencies import unsettled_dependencies
from core.rules.migrations import unsettled_drops
from core.rules.ports import unsettled_ports
from core.rules.scripts import unsettled_scripts
from core.rules.settled import settled_texts, word

AUTH = "authentication or authorization"
CI = "CI"


def acts_of(path: str, before: str | None, after: str, context: RuleContext) -> tuple[Act, ...]:
    """The acts of making `after` the whole file at `path`, where `before` was (None: no file, or no text).

    Tiers: a dependency is tier 5 and architectural (SPEC 5.4). The others are tier 4, whose floor no
    configuration reaches and whose answer is a deliberate one: the bytes can be put back, but not the rows
    that were dropped, the port that others rely on, what ran here or on other machines with their secrets,
    or what somebody saw who was let in. Auth is architectural as well (SPEC 5.4).
    """
    if before == after:
        return ()
    return tuple(dict.fromkeys(_acts(path, before, after, context)))


def _acts(path: str, before: str | None, after: str, context: RuleContext) -> Iterator[Act]:
    for drop in unsettled_drops(path, before, after, context):
        yield Act(kind="migration", path=path, what=drop.named, tier=4)
    for port in unsettled_ports(path, before, after, context):
        yield Act(kind="port", path=path, what=port.named, tier=4)
    for package in unsettled_dependencies(path, before, after, context):
        yield Act(kind="dependency", path=path, what=package.named, tier=5, architectural=True)
    for script in unsettled_scripts(path, before, after, context):
        yield Act(kind="script", path=path, what=script.named, tier=4)
    if is_ci(path) and not _is_named(path, context):
        yield Act(kind="ci", path=path, what=CI, tier=4)
    if is_auth(path, before or "", after) and not _is_named(path, context):
        yield Act(kind="auth", path=path, what=AUTH, tier=4, architectural=True)


def _is_named(path: str, context: RuleContext) -> bool:
    """Whether the plan's files or a decision name this very file. Plans shorten paths, but not to a name."""
    plan = context.plan
    for listed in (*plan.files, *(file for step in plan.steps for file in step.files)):
        short = listed.strip().removeprefix("./").strip("/")
        if path == short or ("/" in short and path.endswith(f"/{short}")):
            return True
    named = word(path)
    return any(not text.prose and text.names(named) for text in settled_texts(context))
