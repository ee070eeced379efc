"""What each manifest brings in, by the name of its file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from core.rules.dependency_source import (
    Dependency,
    is_outside,
    of_table,
    of_version,
    read_json,
    read_toml,
    table,
    without_version,
)
from core.rules.places import lines, name
from core.rules.python_manifests import (
    is_requirements,
    of_conda,
    of_pipfile,
    of_pyproject,
    of_requirements,
    of_setup_cfg,
    of_setup_py,
)

_Reader: TypeAlias = Callable[[str, str], Iterator[Dependency | None]]

_JSON_SECTIONS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_CARGO_SECTIONS = ("dependencies", "dev-dependencies", "build-dependencies")
# The last package of `a>b`, `a/b`, `**/@s/b`, `b@1`.
_OVERRIDDEN = re.compile(r"(?:^|[>/\s])((?:@[\w.~-]+/)?[\w.~-]+)(?:@[^>]*)?$")
_GO_REQUIRE = re.compile(r"^\s*(?:require\s+)?(\w[\w./~-]{0,300})\s+v\d")
_GO_REPLACE = re.compile(r"^\s*(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>\s+(\S+)")
_GEM = re.compile(r"^\s*gem\s*\(?\s*['\"]([\w.-]+)['\"](.*)$")
_GEM_FROM = re.compile(r"\b(?:git|github|path|source|gist|bitbucket)(?::|\s*=>)\s*['\"]([^'\"]+)['\"]")
_GEM_SOURCE = re.compile(r"^\s*source\s*\(?\s*['\"]([^'\"]+)['\"]")
_YAML_ENTRY = re.compile(r"^\s+[\"']?([^\s\"':][^\s\"':]*)[\"']?\s*:\s+[\"']?([^\s\"']+)")
# Where packages come from, in the settings of a package manager.
_SETTING = re.compile(
    r"(?i)^\s*[\"']?((?:@[\w.-]+:)?[\w./:-]*(?:registry(?:server)?|index-?url|find-links|trusted-host))[\"']?"
    r"\s*[=:]\s*(\S.*?)\s*$"
)
DEEPEST = 20


def dependencies_of(path: str, text: str) -> Iterator[Dependency]:
    """What the manifest at `path` depends on, without the packages of its own workspace."""
    reader = _reader(path)
    if reader is not None:
        yield from (each for each in reader(path, text) if each is not None)


def _reader(path: str) -> _Reader | None:
    file = name(path)
    return _READERS.get(file) or (of_requirements if is_requirements(path) else None)


def _of_package_json(path: str, text: str) -> Iterator[Dependency | None]:
    read = read_json(text)
    for section in _JSON_SECTIONS:
        for package, version in table(read, section).items():
            yield of_version(path, package, str(version))
    for keys in (("overrides",), ("resolutions",), ("pnpm", "overrides")):
        yield from _overridden(path, table(read, *keys))


def _overridden(path: str, given: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[Dependency | None]:
    """Overrides: `{"a": "1"}`, and npm's `{"a": {".": "1", "b": "2"}}`. `$a` is the version that it has."""
    for key, version in given.items():
        found = _OVERRIDDEN.search(above[-1] if key == "." and above else key)
        if isinstance(version, dict) and len(above) < DEEPEST:
            yield from _overridden(path, version, (*above, key))
        elif found and not str(version).startswith("$"):
            yield of_version(path, found[1], str(version))


def _of_pnpm_workspace(path: str, text: str) -> Iterator[Dependency | None]:
    """What stands below `overrides:`, and what of a catalog comes from elsewhere than the registry."""
    section = ""
    for line in lines(text):
        top = re.match(r"^([\w-]+)\s*:", line)
        section = top[1] if top else section
        entry = _YAML_ENTRY.match(line)
        package = _OVERRIDDEN.search(entry[1]) if entry else None
        if entry and package and section in ("overrides", "catalog", "catalogs"):
            found = of_version(path, package[1], entry[2])
            yield found if found and (found.source or section == "overrides") else None


def _of_deno(path: str, text: str) -> Iterator[Dependency | None]:
    for package, given in table(read_json(text), "imports").items():
        source = str(given)
        if not source.startswith(("./", "../", "/")) or is_outside(path, source):
            yield Dependency(name=package, source=without_version(source))


def _of_cargo(path: str, text: str) -> Iterator[Dependency | None]:
    read = read_toml(text)
    targets = [each for each in table(read, "target").values() if isinstance(each, dict)]
    for owner in (read, table(read, "workspace"), *targets):
        for section in _CARGO_SECTIONS:
            for package, given in table(owner, section).items():
                yield of_table(path, package, given)
    for registry in table(read, "patch"):
        for package, given in table(read, "patch", registry).items():
            yield of_table(path, package, given)


def _of_go_mod(path: str, text: str) -> Iterator[Dependency | None]:
    for line in lines(text):
        said = line.split("//")[0]
        if found := _GO_REPLACE.match(said):
            is_own = found[2].startswith((".", "/")) and not is_outside(path, found[2])
            yield None if is_own else Dependency(name=found[1], source=found[2])
        elif found := _GO_REQUIRE.match(said):
            yield Dependency(name=found[1])


def _of_gemfile(path: str, text: str) -> Iterator[Dependency | None]:
    for line in lines(text):
        if found := _GEM.match(line):
            source = _GEM_FROM.search(found[2])
            yield Dependency(name=found[1], source=source[1] if source else "")
        elif found := _GEM_SOURCE.match(line):
            yield Dependency(name="", source=f"source {found[1]}")


def _of_settings(path: str, text: str) -> Iterator[Dependency | None]:
    """The settings of a package manager that say where packages come from."""
    for line in lines(text):
        if found := _SETTING.match(line):
            yield Dependency(name="", source=f"{found[1]}={found[2]}")


_READERS: dict[str, _Reader] = {
    "package.json": _of_package_json,
    "pnpm-workspace.yaml": _of_pnpm_workspace,
    "deno.json": _of_deno,
    "deno.jsonc": _of_deno,
    "pyproject.toml": of_pyproject,
    "Pipfile": of_pipfile,
    "setup.cfg": of_setup_cfg,
    "setup.py": of_setup_py,
    "environment.yml": of_conda,
    "environment.yaml": of_conda,
    "Cargo.toml": _of_cargo,
    "go.mod": _of_go_mod,
    "Gemfile": _of_gemfile,
    ".npmrc": _of_settings,
    ".yarnrc": _of_settings,
    ".yarnrc.yml": _of_settings,
    "pip.conf": _of_settings,
    "uv.toml": _of_settings,
}
