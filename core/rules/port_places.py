"""Where ports stand. A port is a number in one of a few places, each with a key (a compose service, a
variable, a script). The word "port" in ports-and-adapters code is none of these places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.rules.configured_ports import (
    PORT_NAME,
    Port,
    compose_ports,
    configured_ports,
    is_configuration,
)
from core.rules.places import folders, is_fixture, is_python, is_test, is_typescript, line_of, lines, name
from core.rules.python_text import python_code
from core.rules.typescript_tree import uncommented

_COMPOSE = re.compile(r"(?:^|[.-])compose\b[\w.-]*\.ya?ml$")
_ENV = re.compile(r"^(?:\.env(?:\..+)?|.+\.env)$")
_PROCFILE = re.compile(r"^Procfile(?:\.\w+)?$")
_CONFIG = re.compile(r"\.config\.[cm]?[jt]s$")

_ENV_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")
_URL_PORT = re.compile(r"://[^\s/'\"]{0,200}:(\d{2,5})\b")
_SCRIPT = re.compile(r"^\s*\"([\w:.-]+)\"\s*:\s*\"(.*)\"")
_SCRIPT_PORT = re.compile(
    r"(?:--port[= ]|(?:^|\s)-p\s+|\bPORT=|(?:localhost|(?:0|127)\.0\.0\.[01]|--bind[= ]|\s-b\s+):)"
    r"(\d{2,5})\b"
)
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


def ports_in(path: str, text: str) -> Iterator[Port]:
    file = name(path)
    if is_fixture(path):
        return
    if _COMPOSE.search(file):
        yield from compose_ports(text)
    elif _ENV.match(file):
        yield from _environment(text)
    elif file == "package.json":
        yield from _scripts(text)
    elif file.startswith("Dockerfile"):
        yield from _exposed(text)
    elif _PROCFILE.match(file):
        yield from _processes(text)
    elif is_test(path) or "ports" in folders(path):
        return  # `ports/` is a folder of ports and adapters
    elif is_typescript(path):
        keys = _CODE_PORTS if _CONFIG.search(file) else {k: p for k, p in _CODE_PORTS.items() if k != "port"}
        yield from _in_code(uncommented(path, text), keys)
    elif is_python(path):
        yield from _in_code(python_code(text), _PYTHON_PORTS)
    elif is_configuration(path):
        yield from configured_ports(path, text)


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
        if PORT_NAME.search(match[1]) and given:
            yield Port(key=match[1], number=given, line=n)
        for port in _URL_PORT.findall(given):
            yield Port(key=match[1], number=port, line=n)


def _scripts(text: str) -> Iterator[Port]:
    for n, line in enumerate(lines(text), 1):
        match = _SCRIPT.match(line)
        for port in _SCRIPT_PORT.findall(match[2]) if match else ():
            yield Port(key=f"script {match[1] if match else ''}", number=port, line=n)


def _processes(text: str) -> Iterator[Port]:
    for n, line in enumerate(lines(text), 1):
        process, colon, command = line.partition(":")
        for port in _SCRIPT_PORT.findall(command) if colon and not line.startswith("#") else ():
            yield Port(key=f"process {process.strip()}", number=port, line=n)


def _exposed(text: str) -> Iterator[Port]:
    for n, line in enumerate(lines(text), 1):
        match = _EXPOSE.match(line)
        for port in match[1].split() if match else ():
            yield Port(key="EXPOSE", number=port, line=n)
