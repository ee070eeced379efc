from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain import ScopeGlobs
from core.scope_guard import ScopeGuard

GLOBS = ScopeGlobs(
    inside=("apps/api/**", "packages/core/**"),
    outside=("apps/web/**", "**/*.tsx", "**/*.css", "packages/core/ui/**"),
)
GUARD = ScopeGuard(
    GLOBS,
    plan_files=("docs/notes.md", "/__http__/sets.http", "lib/[id].ts", "apps/web/named.ts", "../up.ts"),
    protected=("plans/in-progress/S-1/**", "run.log"),
)


@pytest.mark.parametrize(
    "path",
    [
        "apps/api/a.ts",
        "./apps//api/./services/x.ts",
        "packages/core/x.ts",
        "docs/notes.md",
        "__http__/sets.http",
        "lib/[id].ts",
        "apps/api/.env.example",
        "apps/api/…/naïve.ts",
    ],
)
def test_in(path: str) -> None:
    assert GUARD.judge(path).verdict == "in"


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "apps/api-evil/a.ts",
        "Apps/api/a.ts",
        "lib/i.ts",
        "lib/d.ts",
        "xapps/api/a.ts",
        "apps/api",
    ],
)
def test_adjacent(path: str) -> None:
    assert GUARD.judge(path).verdict == "adjacent"


@pytest.mark.parametrize(
    "path",
    [
        "apps/web/a.ts",
        "APPS/Web/a.ts",
        "apps/api/Page.TSX",
        "apps/api/page.t\u017fx",  # long s: folds to s
        "apps/web/named.ts",
        "packages/core/ui/button.ts",
        ".git/config",
        "apps/api/.GIT/hooks/pre-commit",
        ".git",
        ".signoff/runs/1/journal.jsonl",
        ".Claude/settings.json",
        "apps/api/.mcp.json",
        "plans/in-progress/S-1/S-1.md",
        "PLANS/in-progress/s-1/_implementation/BACKEND-LOG.md",
        "run.log",
        "../up.ts",
        "apps/api/../../etc/passwd",
        "/etc/passwd",
        "/apps/api/a.ts",
        "",
        ".",
        "apps/api/",
        "apps/api/.",
        "apps\\api\\a.ts",
        "apps/api/a\0.ts",
        "apps/api/a\n.ts",
        "apps/api/\u202egnp.ts",
        "apps/api/.g\u200cit/x",
        "apps/api/\ud800.ts",
        "apps/api/.g\u034fit/x",  # passed over by file systems that ignore case
        "apps/api/a\ufe0f.ts",
        "\uff41pps/\uff37eb/a.ts",  # fullwidth
        "apps\uff0fweb/a.ts",
        "apps/api/page.\uff54sx",
        "apps/api/.git./config",
        "apps/api/.git /config",
        "apps/api/" + "x" * 300,
        "apps/api/" + "x/" * 3000 + "x",
    ],
)
def test_out(path: str) -> None:
    assert GUARD.judge(path).verdict == "out"
    assert GUARD.judge(path).reason


def test_the_path_comes_back_in_its_normal_form() -> None:
    assert GUARD.judge("./apps//api/cafe\u0301.ts").path == "apps/api/caf\u00e9.ts"


def test_an_outside_name_in_another_unicode_form_is_still_outside() -> None:
    guard = ScopeGuard(ScopeGlobs(inside=("**",), outside=("caf\u00e9/**",)), (), ())
    assert guard.judge("Cafe\u0301/menu.ts").verdict == "out"


def test_a_glob_cannot_hang_the_run() -> None:
    guard = ScopeGuard(ScopeGlobs(inside=("*a" * 20 + "b",)), (), ())
    assert guard.judge("a" * 200).verdict == "adjacent"


PARTS = st.sampled_from(
    ["apps", "api", "web", "..", ".", "", "a.ts", ".git", "...", "a.tsx", "\\", "é", "~", "core", "packages"]
)


@settings(max_examples=300)
@given(st.lists(PARTS | st.text(max_size=4), min_size=1, max_size=7))
def test_nothing_that_resolves_outside_is_ever_in(parts: list[str]) -> None:
    path = "/".join(parts)
    if GUARD.judge(path).verdict != "in":
        return
    real = Path(os.path.normpath(Path("/root") / path))
    assert real.is_relative_to("/root/apps/api") or real.is_relative_to("/root/packages/core")
    assert not real.name.casefold().endswith((".tsx", ".css"))
