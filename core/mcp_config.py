"""`.mcp.json`: the tool servers that a workspace names (SPEC 8). Nothing is started here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.domain import Sha, value
from core.story import InputFault, read_text
from core.untrusted import strict_json

FILE = ".mcp.json"
KNOWN_KEYS = frozenset({"type", "command", "args", "env", "cwd", "url", "headers"})
_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,60}")


@value
class ServerConfig:
    """A server as the file has it, variables not filled in: the `argv` of a program, or a `url`."""

    name: str
    argv: tuple[str, ...] = ()
    environ: tuple[tuple[str, str], ...] = ()
    cwd: str = ""
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        return self.url or " ".join(self.argv)

    @property
    def command_sha(self) -> Sha:
        """Of all that decides what is started, or talked to."""
        parts = [self.argv, self.environ, self.cwd, self.url, self.headers]
        return sha256(json.dumps(parts).encode()).hexdigest()


def read_servers(root: Path) -> tuple[ServerConfig, ...]:
    """In the file's order; () without a file. InputFault names the server and what was expected."""
    path = root / FILE
    if not path.exists() and not path.is_symlink():
        return ()
    try:
        servers = strict_json(read_text(path, root)).get("mcpServers", {})
    except ValueError as fault:
        raise InputFault(f"{FILE}: {fault}") from None
    if not isinstance(servers, dict):
        raise InputFault(f"{FILE}: mcpServers: expected a mapping of names to servers")
    return tuple(_server(name, raw) for name, raw in servers.items())


def _server(name: str, raw: Any) -> ServerConfig:
    place = f"{FILE}: mcpServers.{name}"
    if not _NAME.fullmatch(name) or "__" in name:
        raise InputFault(f"{place}: a server's name has letters, digits, - and _, and no __")
    if not isinstance(raw, dict):
        raise InputFault(f"{place}: expected a command with args, or a url")
    if unknown := sorted(key for key in raw if key not in KNOWN_KEYS):
        raise InputFault(f"{place}: unknown key {unknown[0]}; known: {', '.join(sorted(KNOWN_KEYS))}")
    command, url = _text(raw, "command", place), _text(raw, "url", place)
    if bool(command) == bool(url):
        raise InputFault(f"{place}: expected either a command or a url")
    if url and not re.match(r"https?://[^/]", url):
        raise InputFault(f"{place}: url should begin with http:// or https://")
    return ServerConfig(
        name=name,
        argv=(command, *_texts(raw, "args", place)) if command else (),
        environ=_pairs(raw, "env", place),
        cwd=_text(raw, "cwd", place),
        url=url,
        headers=_pairs(raw, "headers", place),
    )


def filled_in(text: str, environ: Mapping[str, str]) -> str:
    """`${NAME}`, `${NAME:-default}` from the engineer's environment. ValueError for one that is not set."""

    def value_of(match: re.Match[str]) -> str:
        found = environ.get(match[1]) or match[2]
        if found is None:
            raise ValueError(f"{match[1]} is not set in your environment")
        return found

    return _VARIABLE.sub(value_of, text)


def wanted_of(names: Sequence[str], server: str, tool: str) -> bool:
    """Whether a profile's `mcp_tools` has the server, or this tool of it."""
    return server in names or f"{server}__{tool}" in names


def is_wanted(names: Sequence[str], server: str) -> bool:
    """Whether any tool of the server is in a profile's `mcp_tools`."""
    return any(name == server or name.startswith(f"{server}__") for name in names)


def _text(raw: dict[str, Any], key: str, place: str) -> str:
    found = raw.get(key, "")
    if not isinstance(found, str) or "\0" in found:
        raise InputFault(f"{place}: {key} should be text")
    return found


def _texts(raw: dict[str, Any], key: str, place: str) -> tuple[str, ...]:
    found = raw.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, str) and "\0" not in each for each in found):
        raise InputFault(f"{place}: {key} should be a list of texts")
    return tuple(found)


def _pairs(raw: dict[str, Any], key: str, place: str) -> tuple[tuple[str, str], ...]:
    found = raw.get(key, {})
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise InputFault(f"{place}: {key} should be a mapping of names to texts")
    return tuple(sorted(found.items()))
