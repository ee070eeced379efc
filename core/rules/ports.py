"""Never change ports (the seed) unless the plan or a person says so: dev servers, compose files, environment.

A port is a number in one of a few places, each with a key (a compose service, a variable, a script). It is
changed when a key that was there before has other numbers now; a new key is no change. The word "port" in
ports-and-adapters code is none of these places.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from core.domain import Finding, RuleSeverity, value
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.places import folders, is_fixture, is_python, is_test, is_typescript, line_of, lines, name
from core.rules.python_text import python_code
from core.rules.settled_ports import is_settled_port
from core.rules.typescript_tree import uncommented

_COMPOSE = re.compile(r"(?:^|[.-])compose\b[\w.-]*\.ya?ml$")
_ENV = re.compile(r"^(?:\.env(?:\..+)?|.+\.env)$")
_CONFIG = re.compile(r"\.config\.[cm]?[jt]s$")

_YAML_LINE = re.compile(r"^(\s*)(-\s+)?(?:([\w.$-]+|\"[^\"]*\"|'[^']*')\s*:(?:\s+|$))?(.*)$")
_ENV_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")
_PORT_NAME = re.compile(r"(?i)(?:^|_)(?:PG)?PORTS?(?:_|$)")
_URL_PORT = re.compile(r"://[^\s/'\"]{0,200}:(\d{2,5})\b")
_SCRIPT = re.compile(r"^\s*\"([\w:.-]+)\"\s*:\s*\"(.*)\"")
_SCRIPT_PORT = re.compile(r"(?:--port[= ]|(?:^|\s)-p\s+|\bPORT=|localhost:)(\d{2,5})\b")
_EXPOSE = re.compile(r"(?i)^\s*EXPOSE\s+(.+)$")
# `VIEWPORT`, `TRANSPORT` and `EXPORT` are no ports.
_PORT_VARIABLE = r"(?:\w{1,60}_|PG|)PORT"
_CODE_PORTS = {
    "port": re.compile(r"(?<![\w.])[\"']?(?:port|hmrPort|clientPort)[\"']?\s*:\s*(\d{2,5})\b"),
    "listen": re.compile(r"\.listen\s*\(\s*(\d{2,5})\b"),
    "serve": re.compile(r"\b(?:serve|listen)\s*\(\s*\{[^{}]{0,300}?\bport\s*:\s*(\d{2,5})\b"),
    "PORT": re.compile(
        rf"\b{_PORT_VARIABLE}\b[\"']?\]?\)?\s{{0,9}}"
        r"(?:\|\||\?\?|:\s?z\.[^\n]{0,99}\.default\(|[:=]\s?(?=\d))\s{0,9}['\"]?(\d{2,5})\b"
    ),
    "constant": re.compile(r"\bconst\s+(?:port|(?:api|app|server|dev|http)Port)\s*=\s*(\d{2,5})\b"),
}
_PYTHON_PORTS = {
    "port": re.compile(r"\b(?:run|serve|run_app|bind)\s*\([^()]{0,300}\bport\s*=\s*(\d{2,5})\b"),
    "PORT": re.compile(
        rf"\b(?:getenv|environ\.get)\s*\(\s*['\"]{_PORT_VARIABLE}['\"]\s*,\s*['\"]?(\d{{2,5}})\b"
    ),
    "constant": re.compile(rf"(?m)^{_PORT_VARIABLE}\s*(?::\s*\w+\s*)?=\s*(\d{{2,5}})\b"),
    "--port": re.compile(r"[\"']--port[\"'][^()\n]{0,200}\bdefault\s*=\s*(\d{2,5})\b"),
}


@value
class Port:
    key: str
    number: str
    line: int


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
    had = _by_key(_ports(path, before or ""))
    for key, ports in _by_key(_ports(path, after)).items():
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


def _ports(path: str, text: str) -> Iterator[Port]:
    file = name(path)
    if is_fixture(path):
        return
    if _COMPOSE.search(file):
        yield from _compose(text)
    elif _ENV.match(file):
        yield from _environment(text)
    elif file == "package.json":
        yield from _scripts(text)
    elif file.startswith("Dockerfile"):
        yield from _exposed(text)
    elif is_test(path) or "ports" in folders(path):
        return  # `ports/` is a folder of ports and adapters
    elif is_typescript(path):
        keys = _CODE_PORTS if _CONFIG.search(file) else {k: p for k, p in _CODE_PORTS.items() if k != "port"}
        yield from _in_code(uncommented(path, text), keys)
    elif is_python(path):
        yield from _in_code(python_code(text), _PYTHON_PORTS)


def _in_code(text: str, patterns: dict[str, re.Pattern[str]]) -> Iterator[Port]:
    for key, pattern in patterns.items():
        for match in pattern.finditer(text):
            yield Port(key=key, number=match[1], line=line_of(text, match.start(1)))


def _environment(text: str) -> Iterator[Port]:
    for n, line in enumerate(lines(text), 1):
        match = _ENV_LINE.match(line)
        if not match:
            continue
        given = match[2].split(" #")[0].strip().strip("'\"")
        if _PORT_NAME.search(match[1]) and given:
            yield Port(key=match[1], number=given, line=n)
        for port in _URL_PORT.findall(given):
            yield Port(key=match[1], number=port, line=n)


def _scripts(text: str) -> Iterator[Port]:
    for n, line in enumerate(lines(text), 1):
        match = _SCRIPT.match(line)
        for port in _SCRIPT_PORT.findall(match[2]) if match else ():
            yield Port(key=f"script {match[1] if match else ''}", number=port, line=n)


def _exposed(text: str) -> Iterator[Port]:
    for n, line in enumerate(lines(text), 1):
        match = _EXPOSE.match(line)
        for port in match[1].split() if match else ():
            yield Port(key="EXPOSE", number=port, line=n)


def _compose(text: str) -> Iterator[Port]:
    """The entries of each service's `ports:` and of `PORT` variables, by indentation; short and long form."""
    above: list[tuple[int, str]] = []  # (indent, key) of the open mappings
    for n, line in enumerate(lines(text), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        indent, dash, key, rest = _yaml_line(line)
        # A list may stand at the indent of its own key.
        while above and (above[-1][0] > indent or (above[-1][0] == indent and not dash)):
            above.pop()
        path = [part for _, part in above]
        given = rest.split(" #")[0].strip().strip("'\"")
        if path and path[-1] == "ports":
            if key in ("", "target", "published") and given:
                yield Port(key="/".join([*path, key]).rstrip("/"), number=given, line=n)
        elif key == "ports" and given:
            for port in given.strip("[]").split(","):
                yield Port(key="/".join([*path, key]), number=port.strip().strip("'\""), line=n)
        elif "environment" in path:
            yield from _variable("/".join(path), key, given, n)
        if key and not dash and not given:
            above.append((indent, key))


def _variable(place: str, key: str, given: str, line: int) -> Iterator[Port]:
    """`KEY: value`, or `- KEY=value`."""
    variable, _, number = (key, "", given) if key else given.partition("=")
    if _PORT_NAME.search(variable) and number:
        yield Port(key=f"{place}/{variable}", number=number, line=line)


def _yaml_line(line: str) -> tuple[int, bool, str, str]:
    """(indent, whether it is a list entry, key or "", the rest). A port like `"80:80"` is no key."""
    match = _YAML_LINE.match(line)
    if match is None:
        return 0, False, "", line
    key = (match[3] or "").strip("'\"")
    return len(match[1]), bool(match[2]), key, match[4]
