"""No new dependency or package without a settled decision that names it (SPEC 5.4, 6).

Another package of the same workspace (`workspace:*`) is reuse, not a dependency.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from core.domain import Finding, RuleSeverity
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.places import folders, is_fixture, lines, name
from core.rules.planned_files import planned_files
from core.rules.settled import path_or_below, quoted, settled_texts, word

_JSON_SECTIONS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_LOCAL = ("workspace:", "file:", "link:", "portal:")
_REQUIREMENTS = re.compile(r"^(?:requirements|constraints)[\w.-]*\.(?:txt|in)$")
_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[|[=<>!~;@ ]|$)")
_ENTRY = re.compile(r"[\w@][\w@./-]*")
_ABOUT_PACKAGES = re.compile(
    r"dependenc|package|librar|install|\bnpm\b|\bpnpm\b|\byarn\b|\bpip\b|\buv\b|\bpoetry\b"
)


class NewDependency:
    id = "dependency"
    severity: RuleSeverity = "block"
    title = "No new package or dependency without a settled decision"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        for file in files:
            if file.after is None or is_fixture(file.path):
                continue
            packages = list(unsettled_dependencies(file.path, file.before, file.after, context))
            named = _named_lines(file) if packages else {}
            for package in packages:
                message = f"new dependency {package}: raise a decision first"
                yield found(self, file.path, named.get(_folded(package)), message)
            yield from self._new_package(file, context)

    def _new_package(self, file: ChangedFile, context: RuleContext) -> Iterator[Finding]:
        if file.before is not None or name(file.path) not in ("package.json", "pyproject.toml"):
            return
        if file.path in planned_files(context.plan):
            return
        names = {_own_name(file.path, file.after or ""), "/".join(folders(file.path))} - {""}
        wanted = [path_or_below(name) for name in names]
        if not any(text.names(each) for text in settled_texts(context) for each in wanted):
            message = f"new package {' in '.join(sorted(names)) or 'at the root'}: raise a decision first"
            yield found(self, file.path, None, message)


def unsettled_dependencies(path: str, before: str | None, after: str, context: RuleContext) -> Iterator[str]:
    """The packages that the manifest at `path` gains and nobody decided on, by name."""
    had = set(packages_of(path, before or ""))
    for package in sorted(set(packages_of(path, after)) - had):
        if not (context.approves("dependency", path, package) or _is_settled(package, context)):
            yield package


def _is_settled(package: str, context: RuleContext) -> bool:
    in_backticks, plain = quoted(package), word(package)
    return any(
        text.names(in_backticks)
        or (text.names(plain) and (not text.prose or _ABOUT_PACKAGES.search(text.named)))
        for text in settled_texts(context, about=package)
    )


def packages_of(path: str, text: str) -> Iterator[str]:
    """The packages that the manifest at `path` depends on, without those of its own workspace."""
    file = name(path)
    if file == "package.json":
        yield from _of_package_json(_json(text))
    elif file == "pyproject.toml":
        yield from _of_pyproject(_toml(text))
    elif file == "Pipfile":
        yield from _of_pipfile(_toml(text))
    elif _REQUIREMENTS.match(file) or (file.endswith(".txt") and "requirements" in folders(path)):
        yield from (_python_name(line) for line in lines(text) if _REQUIREMENT.match(line))


def _json(text: str) -> dict[str, Any]:
    try:
        found_json = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return {}
    return found_json if isinstance(found_json, dict) else {}


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        return {}


def _of_package_json(read: dict[str, Any]) -> Iterator[str]:
    for section in _JSON_SECTIONS:
        for package, version in _table(read, section).items():
            if not str(version).startswith(_LOCAL):
                yield package


def _of_pyproject(read: dict[str, Any]) -> Iterator[str]:
    project, tool = _table(read, "project"), _table(read, "tool")
    local = {
        _python_name(package)
        for package, source in _table(_table(tool, "uv"), "sources").items()
        if _is_local(source)
    }
    lists = (
        project.get("dependencies"),
        *_table(project, "optional-dependencies").values(),
        *_table(read, "dependency-groups").values(),
        _table(read, "build-system").get("requires"),
    )
    named = [
        _python_name(entry) for entries in lists if isinstance(entries, list) for entry in map(str, entries)
    ]
    poetry = _table(tool, "poetry")
    for table in (poetry, *_table(poetry, "group").values()):
        for section in ("dependencies", "dev-dependencies"):
            entries = _table(table, section).items()
            named += [_python_name(package) for package, source in entries if not _is_local(source)]
    yield from (package for package in named if package not in local and package != "python")


def _of_pipfile(read: dict[str, Any]) -> Iterator[str]:
    for section in ("packages", "dev-packages"):
        for package, source in _table(read, section).items():
            if not _is_local(source):
                yield _python_name(package)


def _is_local(source: object) -> bool:
    return isinstance(source, dict) and bool(source.get("workspace") or source.get("path"))


def _table(read: object, key: str) -> dict[str, Any]:
    inner = read.get(key) if isinstance(read, dict) else None
    return inner if isinstance(inner, dict) else {}


def _python_name(entry: str) -> str:
    """The name as PyPA compares it: `Flask_Login[x] >= 1` is `flask-login`."""
    match = _REQUIREMENT.match(entry)
    return _folded(match[1]) if match else entry.strip()


def _own_name(path: str, text: str) -> str:
    read = _json(text) if path.endswith(".json") else _table(_toml(text), "project")
    given = read.get("name")
    return given if isinstance(given, str) else ""


def _named_lines(file: ChangedFile) -> dict[str, int]:
    """The first added line that names each package, however its separators are written there."""
    written = lines(file.after or "")
    named: dict[str, int] = {}
    for n in sorted(file.added):
        for entry in _ENTRY.findall(written[n - 1]):
            named.setdefault(_folded(entry), n)
    return named


def _folded(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).casefold()
