"""The packages of a node workspace, as their package.json files say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from core.domain import JsonObject, value

# The type check's script, in this order; what real repositories call it.
SCRIPTS = ("check-types", "typecheck", "type-check", "tsc", "types:check", "check:types", "types")
MANIFEST_LIMIT = 1_000_000  # bytes
PACKAGE_NAME = re.compile(r"(?!.*\.\.\.)(?:@[\w~][\w.~-]*/)?[\w~][\w.~-]*")
WATCHES = re.compile(r"(?:^|\s)(?:-w|--watch)\b")


@value
class Package:
    """A package.json. `folder` is workspace-relative; `broken` when it can't be read as JSON."""

    folder: str
    name: str | None
    scripts: dict[str, str]
    broken: bool = False

    @property
    def selector(self) -> str:
        """What `--filter` takes. A name that is none could be read as an option or a pattern."""
        if self.name and PACKAGE_NAME.fullmatch(self.name):
            return self.name
        return f"./{self.folder}"

    @property
    def script(self) -> str | None:
        return next((s for s in SCRIPTS if s in self.scripts and not WATCHES.search(self.scripts[s])), None)


def folders_above(path: str) -> Iterator[str]:
    """The folders of a file from its own up to the root (""). The file need not be there any more."""
    for folder in PurePosixPath(path).parents:
        yield "" if str(folder) == "." else str(folder)


def owner_of(root: Path, path: str) -> Package | None:
    """The package that a file belongs to: the nearest package.json with a name, or the root's."""
    for folder in folders_above(path):
        package = read_package(root, folder)
        # Without a name it only says how node reads the files beside it.
        if package and (package.name or package.broken or folder == ""):
            return package
    return None


def read_package(root: Path, folder: str) -> Package | None:
    """The package.json of a workspace-relative folder; None where there is none."""
    file = root / folder / "package.json"
    if not file.is_file():
        return None
    try:
        manifest = _json_object(file)
    except (OSError, ValueError, RecursionError):
        return Package(folder=folder, name=None, scripts={}, broken=True)
    name, scripts = manifest.get("name"), manifest.get("scripts")
    return Package(
        folder=folder,
        name=name if isinstance(name, str) else None,
        scripts={k: v for k, v in scripts.items() if isinstance(v, str)} if isinstance(scripts, dict) else {},
    )


def _json_object(file: Path) -> JsonObject:
    with file.open("rb") as stream:
        manifest = json.loads(stream.read(MANIFEST_LIMIT).decode("utf-8-sig"))
    if not isinstance(manifest, dict):
        raise ValueError("not an object")
    return manifest
