"""The packages of a node workspace, as their package.json files say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from core.domain import JsonObject, value

# The type check's script, in this order; what real repositories call it.
SCRIPTS = (
    *("check-types", "typecheck", "type-check", "tsc", "types:check", "check:types", "types"),
    *("check-type", "type:check", "ts:check", "check:ts", "check-ts", "tsc:check", "lint:types", "lint:tsc"),
)
LOCK_FILES = {
    "pnpm-workspace.yaml": "pnpm",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
MANAGERS = frozenset(LOCK_FILES.values())
FILE_LIMIT = 1_000_000  # bytes
PACKAGE_NAME = re.compile(r"(?!.*\.\.\.)(?:@[\w~][\w.~-]*/)?[\w~][\w.~-]*")
WATCHES = re.compile(r"(?:^|\s)(?:-w|--watch)\b")


@value
class Package:
    """A package.json. `folder` is workspace-relative; `broken` when it can't be read as JSON.

    `manager` is its `packageManager`, without the version; `depends`: it names packages to be installed.
    """

    folder: str
    name: str | None
    scripts: dict[str, str]
    broken: bool = False
    manager: str = ""
    depends: bool = False

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
    name, scripts, manager = (manifest.get(key) for key in ("name", "scripts", "packageManager"))
    return Package(
        folder=folder,
        name=name if isinstance(name, str) else None,
        scripts={k: v for k, v in scripts.items() if isinstance(v, str)} if isinstance(scripts, dict) else {},
        manager=manager.partition("@")[0] if isinstance(manager, str) else "",
        depends=any(manifest.get(key) for key in ("dependencies", "devDependencies")),
    )


def manager_of(root: Path) -> str:
    """The package manager of a workspace: by its lock file, else by what its package.json says, else npm."""
    by_lock = next((manager for file, manager in LOCK_FILES.items() if (root / file).is_file()), None)
    if by_lock:
        return by_lock
    package = read_package(root, "")
    return package.manager if package and package.manager in MANAGERS else "npm"


def read_text(file: Path) -> str:
    """What there is of a file of the workspace, at most a megabyte; "" where it can't be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(FILE_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""


def _json_object(file: Path) -> JsonObject:
    with file.open("rb") as stream:
        manifest = json.loads(stream.read(FILE_LIMIT).decode("utf-8-sig"))
    if not isinstance(manifest, dict):
        raise ValueError("not an object")
    return manifest
