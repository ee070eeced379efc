"""Where files belong: no frontend file, `.http` files below `__http__`, and nothing that the plan does not
name (the seed's scope constraint and "no unrelated refactors")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from core.domain import Finding, RuleSeverity
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.places import folders, is_fixture, is_test, name
from core.rules.planned_files import names, planned_files

_FRONTEND_FILE = re.compile(r"\.(?:tsx|jsx|css|scss|sass|less|vue|svelte)$", re.IGNORECASE)
_FRONTEND_FOLDERS = (("apps", "web"), ("packages", "frontend"), ("packages", "ui"))
_GENERATED = frozenset(
    {
        "package-lock.json",
        "pnpm-lock.yaml",
        "yarn.lock",
        "bun.lockb",
        "uv.lock",
        "poetry.lock",
        "bun.lock",
        "npm-shrinkwrap.json",
        "Pipfile.lock",
        "pdm.lock",
        "__init__.py",
    }
)
_GENERATED_FOLDERS = frozenset({"__generated__", "generated", "__snapshots__", "meta"})
_GENERATED_NAME = re.compile(r"\.snap$|\.(?:generated|gen)\.\w+$|_pb2(?:_grpc)?\.pyi?$")
# Files that only name the others of their folder.
_BARREL = re.compile(r"^(?:index|mod)\.[cm]?[jt]s$")
_TEST_STEM = re.compile(r"^test_|[._-](?:test|tests|spec)$")
_TEST_FOLDERS = frozenset({"__tests__", "__test__", "tests", "test", "fixtures", "__fixtures__"})


class FrontendFile:
    id = "frontend-file"
    severity: RuleSeverity = "block"
    title = "No frontend file is touched"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        for file in files:
            if _FRONTEND_FILE.search(file.path) or folders(file.path.casefold())[:2] in _FRONTEND_FOLDERS:
                yield found(self, file.path, None, "a frontend file: this worker does the backend only")


class HttpFiles:
    id = "http-files"
    severity: RuleSeverity = "block"
    title = "`.http` files live under a `__http__` folder"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        for file in files:
            is_new = file.before is None and file.after is not None and not is_fixture(file.path)
            if is_new and file.path.casefold().endswith(".http") and "__http__" not in folders(file.path):
                yield found(
                    self, file.path, None, "an .http file outside of a __http__ folder: move it there"
                )


class UnplannedFile:
    id = "unplanned-file"
    severity: RuleSeverity = "warn"
    title = "Every touched file is named by the plan"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        planned = planned_files(context.plan)
        for file in files if planned else ():
            if not _is_planned(file, planned):
                yield found(self, file.path, None, "no step of the plan names this file")


def _is_planned(file: ChangedFile, planned: frozenset[str]) -> bool:
    """By itself, or by what it is to a file that is: a new part of it, its tests, the index beside it. An old
    file beside it that is changed is what the rule is about."""
    path = file.path
    if _is_generated(path) or any(names(plan, path) for plan in planned):
        return True
    belongs = file.before is None or is_test(path) or _BARREL.search(name(path)) is not None
    if belongs and any(_is_beside(plan, path) for plan in planned):
        return True
    return is_test(path) and _tested(path) in {_tested(plan) for plan in planned}


def _is_generated(path: str) -> bool:
    """Such files follow from a change elsewhere; nobody plans them. `meta/` is that of a migration tool."""
    above = folders(path)
    in_folder = not _GENERATED_FOLDERS.isdisjoint(above) and (above[-1] != "meta" or path.endswith(".json"))
    return name(path) in _GENERATED or in_folder or _GENERATED_NAME.search(name(path)) is not None


def _is_beside(plan: str, path: str) -> bool:
    near = _folder_text(plan)
    return near != "/" and _folder_text(path).endswith(near) and "." in name(plan)


def _folder_text(path: str) -> str:
    """`/a/b/` of `a/b/file`; a folder of tests counts as the one it is in."""
    above = folders(path)
    while above and above[-1] in _TEST_FOLDERS:
        above = above[:-1]
    return "/" + "".join(f"{folder}/" for folder in above)


def _tested(path: str) -> str:
    """The name of the file that a test file is of: `wishes` of `test_wishes.py` and `wishes.test.ts`."""
    return _TEST_STEM.sub("", PurePosixPath(path).stem)
