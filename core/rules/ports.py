"""Never change ports (the seed) unless the plan or a person says so: dev servers, compose files, environment.

It is changed when a key that was there before has other numbers now; a new key is no change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from core.domain import Finding, RuleSeverity, value
from core.rules.base import ChangedFile, RuleContext
from core.rules.configured_ports import Port
from core.rules.found import found
from core.rules.port_places import ports_in
from core.rules.settled_ports import is_settled_port


@value
class PortChange:
    """The numbers of one key before and after; `new` are the ports that were not there."""

    key: str
    was: str
    now: str
    new: tuple[Port, ...]

    @property
    def named(self) -> str:
        return f"{self.key} to {self.now}"


class PortChanged:
    id = "port-changed"
    severity: RuleSeverity = "block"
    title = "No port is changed without a settled decision"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        for file in files:
            if file.before is None or file.after is None:
                continue
            for change in unsettled_ports(file.path, file.before, file.after, context):
                new = next((p for p in change.new if p.line in file.added), None)
                message = (
                    f"{change.key}: {change.was} became {change.now}; a port is changed only by a decision"
                )
                yield found(self, file.path, new.line if new else None, message)


def unsettled_ports(path: str, before: str | None, after: str, context: RuleContext) -> Iterator[PortChange]:
    """The ports that were there and have other numbers now, unless a person or the plan settled just that."""
    had = _by_key(ports_in(path, before or ""))
    for key, ports in _by_key(ports_in(path, after)).items():
        was = Counter(port.number for port in had.get(key, ()))
        now = Counter(port.number for port in ports)
        if was and was != now:
            new = tuple(port for port in ports if port.number not in was)
            change = PortChange(key=key, was=_shown(was), now=_shown(now), new=new)
            numbers = tuple(port.number for port in new)
            if not (
                context.approves("port", path, change.named)
                or is_settled_port(key, change.was, numbers, context)
            ):
                yield change


def _shown(numbers: Counter[str]) -> str:
    return ", ".join(sorted(numbers.elements()))


def _by_key(ports: Iterator[Port]) -> dict[str, tuple[Port, ...]]:
    ordered = sorted(ports, key=lambda port: port.key)
    return {key: tuple(group) for key, group in groupby(ordered, key=lambda port: port.key)}
