"""Making a finding of a rule."""

from __future__ import annotations

from core.domain import Finding
from core.rules.base import Rule


def found(rule: Rule, path: str, line: int | None, message: str) -> Finding:
    """`line` is None where the finding is about the file as a whole."""
    return Finding(rule=rule.id, severity=rule.severity, path=path, line=line, message=message)
