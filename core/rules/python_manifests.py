"""What the manifests of Python projects bring in: pyproject.toml, requirements, setup.py and their kin."""

from __future__ import annotations

import ast
import configparser
import posixpath
import re
from collections.abc import Iterator
from typing import Any

from core.rules.dependency_source import (
    Dependency,
    folded,
    is_outside,
    of_requirement,
    of_table,
    read_toml,
    strings,
    table,
)
from core.rules.places import folders, lines, name
from core.rules.python_text import last_name, python_nodes

_REQUIREMENTS = re.compile(r"^(?:[\w.-]*[._-])?(?:requirements|constraints)[\w.-]*\.(?:txt|in)$")
_OPTION = re.compile(r"^\s*(-{1,2}[A-Za-z][\w-]*)[\s=]*(.*?)\s*(?:\s#.*)?$")
_INDEXES = {"-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--trusted-host"}
_INCLUDES = {"-r", "--requirement", "-c", "--constraint"}
_EGG = re.compile(r"#(?:.*&)?egg=([\w.-]+)")
_LISTS_OF_SETUP = ("install_requires", "setup_requires", "tests_require")
_CONDA_ENTRY = re.compile(r"^(\s*)-\s+[\"']?([^\s\"'#][^\"'#]*)")


def is_requirements(path: str) -> bool:
    file = name(path)
    return bool(_REQUIREMENTS.match(file)) or (
        file.endswith((".txt", ".in")) and "requirements" in folders(path)
    )


def of_requirements(path: str, text: str) -> Iterator[Dependency | None]:
    for line in lines(text):
        option = _OPTION.match(line)
        if option is None:
            yield of_line(path, line)
        elif option[1] in ("-e", "--editable"):
            yield of_line(path, option[2])
        elif option[1] in _INDEXES or (option[1] in _INCLUDES and not _is_judged_itself(path, option[2])):
            yield Dependency(name="", source=f"{option[1]} {option[2]}")


def of_line(path: str, line: str) -> Dependency | None:
    """A line of requirements: a name, an address, a path. One below the workspace is its own."""
    given = line.split(" #", maxsplit=1)[0].strip()
    if "://" in given.split("@")[0] or given.startswith("git+"):
        egg = _EGG.search(given)
        return Dependency(name=folded(egg[1]) if egg else "", source=given)
    if given.startswith((".", "/", "~")):
        return Dependency(name="", source=given) if is_outside(path, given.split("[")[0]) else None
    return of_requirement(given)


def _is_judged_itself(path: str, included: str) -> bool:
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), included))
    return "://" not in included and not is_outside(path, included) and is_requirements(joined)


def of_pyproject(path: str, text: str) -> Iterator[Dependency | None]:
    read = read_toml(text)
    tool = table(read, "tool")
    sources = {folded(each): given for each, given in table(tool, "uv", "sources").items()}
    for entry in _entries(read, tool):
        found = of_requirement(entry)
        given = sources.get(found.name) if found else None
        yield of_table(path, found.name, given) if found and given and not found.source else found
    for section in (table(tool, "poetry"), *_tables(tool, "poetry", "group")):
        for key in ("dependencies", "dev-dependencies"):
            for package, given in table(section, key).items():
                yield of_table(path, folded(package), given) if package != "python" else None
    yield from (Dependency(name="", source=f"index {url}") for url in _indexes(tool))


def _entries(read: dict[str, Any], tool: dict[str, Any]) -> Iterator[str]:
    lists: list[object] = [
        table(read, "project").get("dependencies"),
        *table(read, "project", "optional-dependencies").values(),
        *table(read, "dependency-groups").values(),
        table(read, "build-system").get("requires"),
        table(tool, "uv").get("dev-dependencies"),
        table(tool, "uv").get("override-dependencies"),
        table(tool, "rye").get("dev-dependencies"),
        *table(tool, "pdm", "dev-dependencies").values(),
    ]
    for environment in _tables(tool, "hatch", "envs"):
        lists += [environment.get("dependencies"), environment.get("extra-dependencies")]
    for each in lists:
        yield from strings(each)


def _tables(read: object, *keys: str) -> Iterator[dict[str, Any]]:
    yield from (each for each in table(read, *keys).values() if isinstance(each, dict))


def _indexes(tool: dict[str, Any]) -> Iterator[str]:
    uv = table(tool, "uv")
    for each in (uv.get("index"), table(tool, "poetry").get("source"), table(tool, "pdm").get("source")):
        yield from _addresses(each)
    plain = (uv.get("index-url"), *strings(uv.get("extra-index-url")), *strings(uv.get("find-links")))
    yield from (each for each in plain if isinstance(each, str))


def _addresses(listed: object) -> Iterator[str]:
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and "url" in each:
            yield str(each["url"])


def of_pipfile(path: str, text: str) -> Iterator[Dependency | None]:
    read = read_toml(text)
    for section in ("packages", "dev-packages"):
        for package, given in table(read, section).items():
            yield of_table(path, folded(package), given)
    yield from (Dependency(name="", source=f"index {url}") for url in _addresses(read.get("source")))


def of_setup_cfg(path: str, text: str) -> Iterator[Dependency | None]:
    read = configparser.RawConfigParser(strict=False)
    try:
        read.read_string(text.removeprefix("\ufeff"))
    except configparser.Error:
        return
    for section in read.sections():
        for key, given in read.items(section):
            if (section == "options" and key in _LISTS_OF_SETUP) or section == "options.extras_require":
                yield from (of_line(path, line) for line in lines(given or ""))


def of_setup_py(path: str, text: str) -> Iterator[Dependency | None]:
    """The literals in the lists of `setup(...)`, also where they are a part of something else."""
    for node in python_nodes(text):
        if isinstance(node, ast.Call) and last_name(node.func) == "setup":
            for keyword in node.keywords:
                if keyword.arg in (*_LISTS_OF_SETUP, "extras_require"):
                    yield from (of_line(path, entry) for entry in _literals(keyword.value))


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Dict):
        for each in node.values:
            yield from _literals(each)
        return
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def of_conda(path: str, text: str) -> Iterator[Dependency | None]:
    """An environment.yml: what stands below `dependencies:`, pip's part of it too, and each channel."""
    section = ""
    for line in lines(text):
        top = re.match(r"^([\w-]+)\s*:", line)
        section = top[1] if top else section
        entry = _CONDA_ENTRY.match(line)
        if entry is None or entry[2].strip().endswith(":"):
            continue
        if section == "channels":
            yield Dependency(name="", source=f"channel {entry[2].strip()}")
        elif section == "dependencies":
            given = entry[2].strip()
            found = of_line(path, given.rpartition("::")[2] if "://" not in given else given)
            yield found if found and found.name not in ("python", "pip") else None
