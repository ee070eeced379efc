"""Ports in files of data: compose files, and configuration in YAML, JSON or TOML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from core.domain import value
from core.rules.dependency_source import read_json, read_toml
from core.rules.places import folders, lines, stem

_YAML_LINE = re.compile(r"^(\s*)(-\s+)?(?:([\w.$-]+|\"[^\"]*\"|'[^']*')\s*:(?:\s+|$))?(.*)$")
PORT_NAME = re.compile(r"(?i)(?:^|_)(?:PG)?PORTS?(?:_|$)")
_FLOW = re.compile(
    r"[\"']?(?P<key>\w[\w.-]{0,60})[\"']?\s*:\s*(?:(?P<open>\{)|\[(?P<items>[^\[\]{}]{0,300})\]|(?P<value>[^\s,{}\[\]]{1,100}))"
    r"|(?P<close>\})"
)
_CONFIGURATION = re.compile(
    r"(?:^|[._-])(?:config|conf|settings?|application|app|server|deployment|service|ingress|values|fly|wrangler|dev"
    r"|development|production|staging|local|default|env|environment|devcontainer|launch)(?:[._-]|$)"
)
_CONFIGURATION_FOLDERS = frozenset(
    {"config", "configs", "conf", "settings", "k8s", "deploy", "helm", ".devcontainer"}
)
_PORT_KEY = re.compile(r"(?:port|PORT|\w{1,60}(?:_port|_PORT|Port)|ports|forwardPorts)")
_WRITTEN = re.compile(r"(?<![\w-])([\w-]{1,80})[\"']?\s*[:=]\s*[\"'\[]{0,2}(\d{2,5}(?!\d))?")
_NUMBER = re.compile(r"\d{2,5}")
DEEPEST = 20


@value
class Port:
    key: str
    number: str
    line: int


def is_configuration(path: str) -> bool:
    """By its name or its folder: a number called `port` in other data may be anything."""
    if PurePosixPath(path).suffix not in (".yaml", ".yml", ".json", ".toml"):
        return False
    is_named = _CONFIGURATION.search(stem(path).casefold()) is not None
    return is_named or bool(_CONFIGURATION_FOLDERS.intersection(folders(path)))


def configured_ports(path: str, text: str) -> Iterator[Port]:
    if path.endswith((".yaml", ".yml")):
        for place, key, given, n in _yaml_entries(text):
            if key and _PORT_KEY.fullmatch(key) and _NUMBER.fullmatch(given):
                yield Port(key="/".join([*place, key]), number=given, line=n)
        return
    read = read_json(text) if path.endswith(".json") else read_toml(text)
    written = _written_lines(text)
    for keys, number in _numbers(read):
        named = next(key for key in reversed(keys) if not key.isdigit())
        line = written.get((named, number)) or written.get((named, ""), 1)
        yield Port(key="/".join(keys), number=number, line=line)


def _written_lines(text: str) -> dict[tuple[str, str], int]:
    """The first line of each (key, number), and of each (key, "")."""
    first: dict[tuple[str, str], int] = {}
    for n, line in enumerate(lines(text), 1):
        for match in _WRITTEN.finditer(line):
            first.setdefault((match[1], match[2] or ""), n)
            first.setdefault((match[1], ""), n)
    return first


def _numbers(read: object, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The numbers of ports in what JSON or TOML says, each with the keys above it; a list's are numbers."""
    named = next((key for key in reversed(keys) if not key.isdigit()), "")
    if len(keys) > DEEPEST:
        return
    if isinstance(read, dict):
        for key, given in read.items():
            yield from _numbers(given, (*keys, str(key)))
    elif isinstance(read, list):
        for n, given in enumerate(read):
            yield from _numbers(given, (*keys, str(n)))
    elif _PORT_KEY.fullmatch(named) and _NUMBER.fullmatch(str(read)):
        yield keys, str(read)


def compose_ports(text: str) -> Iterator[Port]:
    """The entries of each service's `ports:` and of `PORT` variables; short and long form."""
    for path, key, given, n in _yaml_entries(text):
        if path and path[-1] == "ports":
            if key in ("", "target", "published") and given:
                yield Port(key="/".join([*path, key]).rstrip("/"), number=given, line=n)
        elif key == "ports" and given:
            for port in given.strip("[]").split(","):
                yield Port(key="/".join([*path, key]), number=port.strip().strip("'\""), line=n)
        elif "environment" in path:
            yield from _variable("/".join(path), key, given, n)


def _yaml_entries(text: str) -> Iterator[tuple[list[str], str, str, int]]:
    """(keys above, key or "" of a list's entry, what stands there, line), by indentation."""
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
        if given.startswith("{"):
            yield from ((p, k, v, n) for p, k, v in _flow([*path, key] if key else path, given))
            continue
        yield path, key, given, n
        if key and not dash and not given:
            above.append((indent, key))


def _flow(path: list[str], given: str) -> Iterator[tuple[list[str], str, str]]:
    """The entries of a flow mapping, `{api: {ports: ['3000:80']}}`."""
    place = list(path)
    for match in _FLOW.finditer(given):
        if match["close"]:
            if len(place) > len(path):
                place.pop()
        elif match["open"]:
            place.append(match["key"])
        elif match["items"] is not None:
            yield list(place), match["key"], f"[{match['items']}]"
        else:
            yield list(place), match["key"], match["value"].strip("'\"")


def _variable(place: str, key: str, given: str, line: int) -> Iterator[Port]:
    """`KEY: value`, or `- KEY=value`."""
    variable, _, number = (key, "", given) if key else given.partition("=")
    if PORT_NAME.search(variable) and number:
        yield Port(key=f"{place}/{variable}", number=number, line=line)


def _yaml_line(line: str) -> tuple[int, bool, str, str]:
    """(indent, whether it is a list entry, key or "", the rest). A port like `"80:80"` is no key."""
    match = _YAML_LINE.match(line)
    if match is None:
        return 0, False, "", line
    key = (match[3] or "").strip("'\"")
    return len(match[1]), bool(match[2]), key, match[4]
