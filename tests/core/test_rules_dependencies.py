"""New dependencies and packages need a settled decision that names them."""

from __future__ import annotations

import json

import pytest

from tests.core.rule_files import Case, changed, context, findings, flags, passes

PYPROJECT = '[project]\nname = "app"\ndependencies = [\n  "httpx>=1",\n]\n'


def manifest(**sections: dict[str, str]) -> str:
    return json.dumps({"name": "@repo/api", **sections}, indent=2)


OLD = manifest(dependencies={"hono": "4"}, devDependencies={"vitest": "2"})
NEW = manifest(dependencies={"hono": "4", "zod": "3"}, devDependencies={"vitest": "2"})
API = "apps/api/package.json"
IN_LIST = PYPROJECT.replace("\n]\n", '\n  "Flask_Login[x]>=1",\n]\n')
LOCAL = PYPROJECT.replace("\n]\n", '\n  "core",\n]\n') + "[tool.uv.sources]\ncore = { workspace = true }\n"


@pytest.mark.parametrize(
    "case",
    [
        # --- TypeScript
        flags("an entry", API, NEW, 5, before=OLD),
        flags("an entry and a broken file before", API, OLD, 4, 7, before="{ not json"),
        passes("a version", API, OLD.replace('"4"', '"5"'), before=OLD),
        passes("a move", API, manifest(dependencies={"hono": "4", "vitest": "2"}), before=OLD),
        passes("a package of the workspace", API, NEW.replace('"3"', '"workspace:*"'), before=OLD),
        passes("a script of that name", API, OLD.replace("{", '{"scripts": {"zod": "zod"},', 1), before=OLD),
        passes("a file that does not parse", API, "{ not json", before=OLD),
        passes("a fixture", "tests/fixtures/app/package.json", NEW, before=OLD),
        passes("a lock file", "pnpm-lock.yaml", "zod@3: {}\n", before="\n"),
        # --- Python
        flags("a project's list", "pyproject.toml", IN_LIST, 5, before=PYPROJECT),
        flags(
            "a group",
            "pyproject.toml",
            PYPROJECT + '[dependency-groups]\ndev = ["ruff"]\n',
            7,
            before=PYPROJECT,
        ),
        flags(
            "Poetry",
            "pyproject.toml",
            PYPROJECT + '[tool.poetry.dependencies]\nrich = "1"\n',
            7,
            before=PYPROJECT,
        ),
        flags("Pipfile", "Pipfile", '[packages]\nhttpx = "*"\n', 2, before="[packages]\n"),
        flags(
            "requirements",
            "requirements-dev.txt",
            "httpx\n# why\nrequests==2 ; x > '3'\n",
            3,
            before="httpx\n",
        ),
        flags("a folder of them", "requirements/base.txt", "-r x.txt\nredis\n", 2, before=""),
        passes("a version", "requirements.txt", "httpx==2\n", before="httpx==1\n"),
        passes("a comment", "requirements.txt", "httpx\n# redis\n", before="httpx\n"),
        passes("a package of the workspace", "pyproject.toml", LOCAL, before=PYPROJECT),
    ],
)
def test_new_dependencies(case: Case) -> None:
    assert case.lines("dependency") == case.flagged


def test_the_finding_names_the_package_as_it_is_compared() -> None:
    (finding,) = findings("dependency", changed("pyproject.toml", IN_LIST, PYPROJECT))
    assert finding.severity == "block"
    assert "new dependency flask-login:" in finding.message


@pytest.mark.parametrize(
    ("settled", "plan", "count"),
    [
        ("Which schema library?: zod", "", 0),
        ("", "Add `pg` for the store", 1),
        ("", "- Install zod in apps/api", 0),
        ("", "Use `zod` for input", 0),
        ("", "The zod of the hill is high", 1),
        ("Which schema library?: zod-mini", "", 1),
        ("Which schema library?: Use zod, not ajv.", "", 0),
        ("Which schema library?: Use ajv, not zod.", "", 1),
        ("Which schema library?: ajv instead of zod", "", 1),
        ("Add zod?: Yes, add it", "", 0),
        ("Add zod?: No, do not add it", "", 1),
        ("Add zod?: zod, not now", "", 1),
        ("Add zod?: A later story. Add zod there.", "", 1),
        ("Add zod?: Write it ourselves", "", 1),
        ("Do we stay without zod?: Yes", "", 1),
        ("zod or ajv?: Yes", "", 1),
        ("", "Do not add `zod` for this", 1),
        ("", "Do not hand the input on unchecked but use `zod`", 0),
        ("", "Use no library other than `zod`", 0),
        ("", "", 1),
    ],
)
def test_a_settled_name_is_not_flagged(settled: str, plan: str, count: int) -> None:
    file = changed(API, NEW, OLD)
    assert len(findings("dependency", file, given=context(settled, plan=plan))) == count


def test_a_new_package_needs_a_decision_that_names_it() -> None:
    new = changed("packages/backend/wishes/package.json", '{"name": "@repo/wishes"}')
    (finding,) = findings("dependency", new)
    assert "new package @repo/wishes" in finding.message
    named = context(plan="Files: packages/backend/wishes/src/index.ts")
    assert findings("dependency", new, given=named) == []
    assert findings("dependency", new, given=context(plan="packages/backend/wishes-old/a.ts")) != []
    fixture = changed("tests/fixtures/wishes/package.json", '{"name": "@repo/wishes"}')
    assert findings("dependency", fixture) == []
