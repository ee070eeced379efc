"""Where files belong: the frontend, `.http` files, and what the plan does not name."""

from __future__ import annotations

import pytest

from tests.core.rule_files import Case, changed, context, findings, flags, passes


@pytest.mark.parametrize(
    "case",
    [
        flags("the web app", "apps/web/src/a.ts", "x", 0),
        flags("the web app, spelt otherwise", "Apps/Web/a.ts", "x", 0),
        flags("a component", "apps/api/Mail.tsx", "x", 0),
        flags("a component that was there", "apps/api/Mail.tsx", "y", 0, before="x"),
        flags("a component that goes", "apps/api/Mail.jsx", None, 0, before="x"),
        flags("a style", "apps/api/x.CSS", "x", 0),
        flags("a package of the frontend", "packages/ui/a.ts", "x", 0),
        passes("a folder named web", "apps/api/web/a.ts", "x"),
        passes("a schema for a UI", "packages/backend/ui-schema/a.ts", "x"),
        passes("code about styles", "apps/api/css.ts", "x"),
        passes("Python", "a.py", "x"),
    ],
)
def test_frontend_files(case: Case) -> None:
    assert case.lines("frontend-file") == case.flagged


@pytest.mark.parametrize(
    "case",
    [
        flags("beside the code", "apps/api/wishes.http", "GET x", 0),
        flags("a folder of almost that name", "apps/api/http/wishes.http", "GET x", 0),
        passes("its folder", "apps/api/__http__/wishes.http", "GET x"),
        passes("below its folder", "__http__/sets/a.http", "GET x"),
        passes("code of that name", "apps/api/http.ts", "x"),
        passes("one that was there", "old/a.http", "GET y", before="GET x"),
        passes("one that goes", "old/a.http", None, before="GET x"),
        passes("a fixture", "apps/api/__fixtures__/a.http", "GET x"),
    ],
)
def test_http_files(case: Case) -> None:
    assert case.lines("http-files") == case.flagged


PLANNED = (
    "apps/api/services/wishes/index.ts",
    "./packages/core/wishes.py",
    "routes/wishes.ts",
    "/__http__/w.http",
    "packages/backend/db/",
    "apps/api/jobs/*.ts",
)


def touched(name: str, path: str, *lines: int, before: str | None = "y") -> object:
    """A row of a file that is there already, unless `before` is None."""
    if lines:
        return flags(name, path, "x", *lines, before=before, files=PLANNED)
    return passes(name, path, "x", before=before, files=PLANNED)


@pytest.mark.parametrize(
    "case",
    [
        touched("another domain", "apps/api/services/sets/index.ts", 0),
        touched("a new file of another domain", "apps/api/services/sets/a.ts", 0, before=None),
        touched("an old file beside a planned one", "apps/api/routes/sets.ts", 0),
        touched("a document", "README.md", 0),
        touched("a test of something else", "tests/test_other.py", 0),
        touched("a folder of almost that name", "packages/backend/dbx/a.ts", 0),
        flags("a file that goes", "apps/api/routes/sets.ts", None, 0, before="y", files=PLANNED),
        touched("the file", "apps/api/services/wishes/index.ts"),
        touched("the file by a short path", "apps/api/routes/wishes.ts"),
        touched("the file by ./", "packages/core/wishes.py"),
        touched("a file of a planned folder", "packages/backend/db/src/deep/schema.ts"),
        touched("a file of a pattern", "apps/api/jobs/send.ts"),
        touched("a new part beside it", "apps/api/services/wishes/types.ts", before=None),
        touched("the index beside it", "apps/api/routes/index.ts"),
        touched("its tests", "apps/api/services/wishes/__tests__/index.test.ts"),
        touched("its tests elsewhere", "tests/core/test_wishes.py"),
        touched("a fixture of its tests", "apps/api/services/wishes/__tests__/fixtures/a.json", before=None),
        touched("a lock file", "pnpm-lock.yaml"),
        touched("a package's marker", "apps/other/__init__.py"),
        touched("a snapshot", "apps/other/__snapshots__/a.snap"),
        touched("generated code", "apps/other/__generated__/client.ts"),
        touched("generated code by name", "apps/other/client.gen.ts"),
        touched("what a migration tool keeps", "apps/other/migrations/meta/_journal.json"),
        passes("a plan that names no file", "README.md", "x"),
    ],
)
def test_files_that_no_step_names(case: Case) -> None:
    assert case.lines("unplanned-file") == case.flagged


@pytest.mark.parametrize(
    ("rule", "path", "severity"),
    [
        ("unplanned-file", "README.md", "warn"),
        ("frontend-file", "a.css", "block"),
        ("http-files", "a.http", "block"),
    ],
)
def test_the_finding_is_about_the_whole_file(rule: str, path: str, severity: str) -> None:
    (finding,) = findings(rule, changed(path, "x"), given=context(files=PLANNED))
    assert (finding.path, finding.line, finding.severity) == (path, None, severity)
