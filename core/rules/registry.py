"""All rules, by id. One file a family, one line a rule."""

from __future__ import annotations

from typing import Literal

from core.domain import Finding
from core.rules.base import ChangedFile, Rule, RuleContext
from core.rules.dependencies import NewDependency
from core.rules.layers import DatabaseInRoutes, HttpInServices
from core.rules.migrations import UnsettledMigration
from core.rules.placement import FrontendFile, HttpFiles, UnplannedFile
from core.rules.ports import PortChanged
from core.rules.route_length import RouteTooLong
from core.rules.service_first import ServiceBeforeRoute
from core.rules.todo import Todo

RULES: dict[str, Rule] = {
    "frontend-file": FrontendFile(),
    "http-in-services": HttpInServices(),
    "db-in-routes": DatabaseInRoutes(),
    "route-too-long": RouteTooLong(),
    "todo": Todo(),
    "port-changed": PortChanged(),
    "http-files": HttpFiles(),
    "dependency": NewDependency(),
    "migration": UnsettledMigration(),
    "unplanned-file": UnplannedFile(),
    "service-before-route": ServiceBeforeRoute(),
}


def run_rules(
    files: tuple[ChangedFile, ...],
    context: RuleContext,
    overrides: tuple[tuple[str, Literal["block", "warn", "off"]], ...] = (),
) -> tuple[Finding, ...]:
    """The findings of all rules that are not off, by file, line and rule.

    `overrides` are (rule id, severity) pairs of a profile; the last for a rule wins, and a rule that is not
    named keeps its own severity.
    """
    severities = dict(overrides)
    findings: list[Finding] = []
    for rule in RULES.values():
        severity = severities.get(rule.id, rule.severity)
        if severity == "off":
            continue
        findings += (
            Finding(rule=rule.id, severity=severity, path=f.path, line=f.line, message=f.message)
            for f in rule.check(files, context)
        )
    return tuple(sorted(findings, key=lambda f: (f.path, f.line or 0, f.rule, f.message)))
