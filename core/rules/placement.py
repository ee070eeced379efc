"""Where files belong: no frontend file, `.http` files below `__http__`, and nothing that the plan does not
name (the seed's scope constraint and "no unrelated refactors")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from core.domain import Finding, RuleSeverity
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.places import folders, is_test, name

_FRONTEND_FILE = re.compile(r"\.(?:tsx|jsx|css|scss|sass|less|vue|svelte)$", re.IGNORECASE)
_FRONTEND_FOLDERS = (("apps", "web"), ("packages", "frontend"), ("packages", "ui"))
# They follow from a change elsewhere; nobody plans them.
_GENERATED = frozenset(
    {
        "package-lock.json",
        "pnpm-lock.yaml",
        "yarn.lock",
        "bun.lockb",
        "uv.lock",
        "poetry.lock",
        "_journal.json",
        "__init__.py",
    }
)
_TEST_STEM = re.compile(r"^test_|[._-](?:test|tests|spec)$")
_TEST_FOLDERS = frozenset({"__tests__", "__test__", "tests", "test"})


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
            is_new = file.before is None and file.after is not None
            if is_new and file.path.casefold().endswith(".http") and "__http__" not in folders(file.path):
                yield found(
                    self, file.path, None, "an .http file outside of a __http__ folder: move it there"
                )


class UnplannedFile:
    id = "unplanned-file"
    severity: RuleSeverity = "warn"
    title = "Every touched file is named by the plan"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        planned = {
            path.strip().removeprefix("./").strip("/")
            for path in (*context.plan.files, *(path for step in context.plan.steps for path in step.files))
        } - {""}
        for file in files if planned else ():
            if not _is_planned(file.path, planned):
                yield found(self, file.path, None, "no step of the plan names this file or one beside it")


def _is_planned(path: str, planned: set[str]) -> bool:
    if name(path) in _GENERATED or name(path).endswith(".snap"):
        return True
    if any(_covers(plan, path) for plan in planned):
        return True
    return is_test(path) and _tested(path) in {_tested(plan) for plan in planned}


def _covers(plan: str, path: str) -> bool:
    """Whether `plan` is the file, a folder above it or a file beside it; plans shorten paths."""
    plan = plan.partition("*")[0].rstrip("/")
    if not plan:
        return False
    whole, beside = f"/{path}", _folder_text(path)
    if whole.endswith(f"/{plan}") or f"/{plan}/" in whole:
        return True
    near = _folder_text(plan)
    return near != "/" and beside.endswith(near) and "." in name(plan)


def _folder_text(path: str) -> str:
    """`/a/b/` of `a/b/file`; a folder of tests counts as the one it is in."""
    above = folders(path)
    while above and above[-1] in _TEST_FOLDERS:
        above = above[:-1]
    return "/" + "".join(f"{folder}/" for folder in above)


def _tested(path: str) -> str:
    """The name of the file that a test file is of: `wishes` of `test_wishes.py` and `wishes.test.ts`."""
    return _TEST_STEM.sub("", PurePosixPath(path).stem)
