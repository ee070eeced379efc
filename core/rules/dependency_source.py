"""A dependency as a manifest says it, and whether where it comes from is the workspace, the usual registry,
or something else, which a name alone does not tell."""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from typing import Any

from core.domain import value

_LOCAL = ("file:", "link:", "portal:")
# `a@npm:b@1`, an address, `owner/repository`; not a range of versions, a tag, `catalog:`.
_FOREIGN = re.compile(
    r"^(?:npm:|jsr:|[\w.+-]{0,20}://|git[+:@]|(?:github|gitlab|bitbucket|gist|git|https?|ssh|patch):"
    r"|[\w.-]{1,100}/[\w.-]{1,100}(?:#.*)?$|.+\.t(?:ar\.)?gz$)"
)
_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[|[=<>!~;@ ]|$)")


@value
class Dependency:
    """`name` as its ecosystem compares it; `source` where it comes from, "" for the usual registry."""

    name: str
    source: str = ""

    @property
    def named(self) -> str:
        if self.name and self.source:
            return f"{self.name} from {self.source}"
        return self.name or self.source


def is_outside(manifest: str, given: str) -> bool:
    """Whether a path that the manifest names leads out of the workspace."""
    if given.startswith(("/", "~", "\\")) or re.match(r"^[A-Za-z]:", given):
        return True
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(manifest), given.replace("\\", "/")))
    return joined == ".." or joined.startswith("../")


def of_version(manifest: str, package: str, version: str) -> Dependency | None:
    """What an entry of a package.json brings in, by its version; None for a package of the workspace."""
    if version.startswith("workspace:"):
        return None
    if version.startswith(_LOCAL):
        path = version.partition(":")[2]
        return Dependency(name=package, source=version) if is_outside(manifest, path) else None
    return Dependency(name=package, source=without_version(version) if _FOREIGN.match(version) else "")


def without_version(source: str) -> str:
    """`npm:@s/a` of `npm:@s/a@1`; an address stays as it is."""
    return re.sub(r"(?<=[\w])@[^/@]*$", "", source) if source.startswith(("npm:", "jsr:")) else source


def of_requirement(entry: str) -> Dependency | None:
    """What `Flask_Login[x] >= 1` or `y @ git+https://...` brings in; None for what is no requirement."""
    match = _REQUIREMENT.match(entry)
    if match is None:
        return None
    _, at, source = entry.partition("@")
    is_address = bool(at) and "://" in source
    return Dependency(name=folded(match[1]), source=source.split(";")[0].strip() if is_address else "")


def of_table(manifest: str, package: str, given: object) -> Dependency | None:
    """What an entry of a TOML table brings in (Poetry, uv, Cargo, a Pipfile); None for its own packages."""
    if not isinstance(given, dict):
        return Dependency(name=package)
    path = given.get("path")
    if isinstance(path, str):
        return Dependency(name=package, source=path) if is_outside(manifest, path) else None
    if given.get("workspace"):
        return None
    source = next(
        (given[key] for key in ("git", "url", "file", "registry", "index", "package") if given.get(key)), ""
    )
    return Dependency(name=package, source=str(source))


def folded(package: str) -> str:
    """The name as PyPA compares it."""
    return re.sub(r"[-_.]+", "-", package).casefold()


def table(read: object, *keys: str) -> dict[str, Any]:
    for key in keys:
        read = read.get(key) if isinstance(read, dict) else None
    return read if isinstance(read, dict) else {}


def strings(read: object) -> list[str]:
    return [entry for entry in read if isinstance(entry, str)] if isinstance(read, list) else []


def read_json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def read_toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        return {}
