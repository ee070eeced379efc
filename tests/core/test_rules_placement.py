from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain import Finding
from core.rules.registry import RULES, run_rules
from tests.core.rule_files import changed, context, findings, flagged


@pytest.mark.parametrize(
    "path", ["apps/web/src/a.ts", "apps/api/Mail.tsx", "packages/ui/a.ts", "apps/api/x.CSS", "Apps/Web/a.ts"]
)
def test_a_frontend_file_is_flagged(path: str) -> None:
    assert flagged("frontend-file", path, "x") == [None]
    assert flagged("frontend-file", path, None, "x") == [None]


@pytest.mark.parametrize(
    "path", ["apps/api/web/a.ts", "packages/backend/ui-schema/a.ts", "apps/api/css.ts", "a.py"]
)
def test_a_backend_file_is_not(path: str) -> None:
    assert flagged("frontend-file", path, "x") == []


def test_http_files_live_under_their_folder() -> None:
    assert flagged("http-files", "apps/api/wishes.http", "GET x") == [None]
    assert flagged("http-files", "apps/api/http/wishes.http", "GET x") == [None]
    for path in ("apps/api/__http__/wishes.http", "__http__/sets/a.http", "apps/api/http.ts"):
        assert flagged("http-files", path, "GET x") == []
    assert flagged("http-files", "old/a.http", "GET y", "GET x") == []
    assert flagged("http-files", "old/a.http", None, "GET x") == []


PLANNED = (
    "apps/api/services/wishes/index.ts",
    "./packages/core/wishes.py",
    "routes/wishes.ts",
    "/__http__/w.http",
    "packages/backend/db/",
)


@pytest.mark.parametrize(
    "path",
    [
        "apps/api/services/wishes/index.ts",
        "apps/api/services/wishes/types.ts",
        "apps/api/services/wishes/__tests__/index.test.ts",
        "apps/api/routes/wishes.ts",
        "apps/api/routes/sets.ts",
        "packages/core/wishes.py",
        "tests/core/test_wishes.py",
        "__http__/w.http",
        "packages/backend/db/src/deep/schema.ts",
        "pnpm-lock.yaml",
    ],
)
def test_a_planned_file_what_is_beside_it_and_its_tests_are_fine(path: str) -> None:
    assert findings("unplanned-file", changed(path, "x"), given=context(files=PLANNED)) == []


@pytest.mark.parametrize(
    "path",
    ["apps/api/services/sets/index.ts", "README.md", "tests/test_other.py", "packages/backend/dbx/a.ts"],
)
def test_a_file_that_no_step_names_is_a_warning(path: str) -> None:
    (finding,) = findings("unplanned-file", changed(path, "x"), given=context(files=PLANNED))
    assert (finding.severity, finding.line) == ("warn", None)


def test_a_plan_that_names_no_file_says_nothing_about_files() -> None:
    assert findings("unplanned-file", changed("README.md", "x")) == []


# --- the registry -----------------------------------------------------------------------


def test_every_rule_is_registered_under_its_own_id() -> None:
    assert [rule.id for rule in RULES.values()] == list(RULES)
    assert all(rule.title for rule in RULES.values())


def run(*overrides: tuple[str, str]) -> list[tuple[str, str, str]]:
    files = (changed("b.http", "GET x"), changed("a.ts", "// TODO: y\n// TODO: x\n"))
    found: tuple[Finding, ...] = run_rules(files, context(), overrides)  # type: ignore[arg-type]
    return [(f"{f.path}:{f.line}", f.rule, f.severity) for f in found]


def test_findings_come_by_file_and_line() -> None:
    assert run() == [
        ("a.ts:1", "todo", "warn"),
        ("a.ts:2", "todo", "warn"),
        ("b.http:None", "http-files", "block"),
    ]


def test_the_profile_rules_on_severity() -> None:
    assert run(("todo", "block"), ("http-files", "off")) == [
        ("a.ts:1", "todo", "block"),
        ("a.ts:2", "todo", "block"),
    ]


def test_a_file_that_is_not_text_is_no_rules_business() -> None:
    assert run_rules((changed("apps/api/routes/a.ts", None, None),), context()) == ()


PATHS = (
    "apps/api/routes/migrations/a.ts",
    "app/routes/migrations/a.py",
    "services/a.py",
    "db/migrations/a.sql",
    "compose.yml",
    ".env.x",
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "Dockerfile",
)
WORDS = (
    "import from 'hono' get .get( ports: PORT= 3000 TODO def raise function down( drop table x const a class",
    '" ` ${ } { ( ) [ ] / // /* */ \\ , : ; = => - # -- @router.get()',
)
PIECES = st.sampled_from([*" ".join(WORDS).split(), "\n", "\r", "\t", "\f", "\0", "\u2028", "\u00e9", "    "])


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=30).map(" ".join), st.lists(PIECES, max_size=30).map("".join))
def test_no_text_breaks_a_rule(before: str, after: str) -> None:
    for old, new in ((before, after), (after, before)):
        for finding in run_rules(tuple(changed(path, new, old) for path in PATHS), context(plan="x")):
            assert finding.line is None or 1 <= finding.line <= new.count("\n") + 1
