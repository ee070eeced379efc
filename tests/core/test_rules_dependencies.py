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
        flags("an alias", API, OLD.replace('"4"', '"npm:evil@4"'), 4, before=OLD),
        flags("a repository", API, OLD.replace('"4"', '"honojs/hono#main"'), 4, before=OLD),
        flags("an archive", API, OLD.replace('"4"', '"https://x.org/hono.tgz"'), 4, before=OLD),
        flags("a path outside", API, NEW.replace('"3"', '"file:../../../zod"'), 5, before=OLD),
        flags("an override", API, OLD.replace("{", '{"overrides": {"a": {"b": "1"}},', 1), 1, before=OLD),
        flags("a resolution", API, OLD.replace("{", '{"resolutions": {"**/b": "1"},', 1), 1, before=OLD),
        flags("pnpm's", API, OLD.replace("{", '{"pnpm": {"overrides": {"a>b": "1"}},', 1), 1, before=OLD),
        flags("a catalog's alias", "pnpm-workspace.yaml", "catalog:\n  a: npm:evil@1\n", 2, before="\n"),
        flags("a registry", ".npmrc", "save-exact=true\nregistry=https://x.org\n", 2, before=""),
        flags("Deno", "deno.json", '{"imports": {\n"c": "npm:c@1", "l": "./l.ts"}}', 2, before="{}"),
        passes("a path inside", API, NEW.replace('"3"', '"file:../zod"'), before=OLD),
        passes(
            "a version of an alias",
            API,
            '{"dependencies":{"a":"npm:b@2"}}',
            before='{"dependencies":{"a":"npm:b@1"}}',
        ),
        passes("an own version", API, OLD.replace("{", '{"overrides": {"hono": "$hono"},', 1), before=OLD),
        passes("a catalog", "pnpm-workspace.yaml", "catalog:\n  react: ^18\n", before="\n"),
        # --- other languages
        flags("Go", "go.mod", "module x.org/m\nrequire (\n\ta.org/b v1.0.0\n)\n", 3, before="\n"),
        flags("Go's replacement", "go.mod", "replace a.org/b => evil.org/b v1\n", 1, before="\n"),
        flags("Cargo", "Cargo.toml", '[dev-dependencies]\na = "1"\nb = {workspace = true}\n', 2, before=""),
        flags(
            "Cargo's repository",
            "Cargo.toml",
            '[dependencies]\na = {git = "https://x.org/a"}\n',
            2,
            before='[dependencies]\na = "1"\n',
        ),
        flags("a Gemfile", "Gemfile", "# why\ngem 'rails', '~> 7'\n", 2, before=""),
        passes("a path of Go", "go.mod", "replace a.org/b => ./b\n", before="\n"),
        # --- Python
        flags("a repository", "requirements.txt", "git+https://x.org/y\n", 1, before=""),
        flags("an editable one", "requirements.txt", "-e git+https://x.org/y#egg=y\n", 1, before=""),
        flags("another source", "requirements.txt", "y @ https://x.org/y.whl\n", 1, before="y==1\n"),
        flags("an index", "requirements.txt", "--extra-index-url https://x.org\n", 1, before=""),
        flags("another file", "requirements.txt", "-r other.txt\n", 1, before=""),
        flags("a name behind the use", "dev-requirements.txt", "redis\n", 1, before=""),
        flags("uv", "pyproject.toml", '[tool.uv]\ndev-dependencies = ["a"]\n', 2, before=""),
        flags(
            "a source of uv",
            "pyproject.toml",
            PYPROJECT + '[tool.uv.sources]\nhttpx = {git = "https://x"}\n',
            7,
            before=PYPROJECT,
        ),
        flags("pdm", "pyproject.toml", '[tool.pdm.dev-dependencies]\nt = ["a"]\n', 2, before=""),
        flags("hatch", "pyproject.toml", '[tool.hatch.envs.t]\ndependencies = ["a"]\n', 2, before=""),
        flags(
            "setup.cfg",
            "setup.cfg",
            "[options]\ninstall_requires =\n  a ; python_version < '3'\n",
            3,
            before="",
        ),
        flags("setup.py", "setup.py", "setup(name='n',\n  install_requires=['a>=1'])\n", 2, before=""),
        flags("conda", "environment.yml", "dependencies:\n- python=3\n- pip:\n  - a==1\n", 4, before=""),
        passes("the workspace itself", "requirements.txt", "-e .\n./libs/core\n", before=""),
        passes(
            "a group in a group",
            "pyproject.toml",
            '[dependency-groups]\na = [{include-group = "b"}]\n',
            before="",
        ),
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


@pytest.mark.parametrize(
    ("plan", "count"),
    [
        ("Install `hono`", 1),
        ("Install `hono` from honojs/hono#main", 0),
        ("Install honojs/hono#main", 1),
        ("Do not install hono from honojs/hono#main", 1),
    ],
)
def test_another_source_is_settled_by_its_name_and_the_source(plan: str, count: int) -> None:
    file = changed(API, OLD.replace('"4"', '"honojs/hono#main"'), OLD)
    assert len(findings("dependency", file, given=context(plan=plan))) == count


def test_a_new_package_needs_a_decision_that_names_it() -> None:
    new = changed("packages/backend/wishes/package.json", '{"name": "@repo/wishes"}')
    (finding,) = findings("dependency", new)
    assert "new package @repo/wishes" in finding.message
    named = context(plan="Files: packages/backend/wishes/src/index.ts")
    assert findings("dependency", new, given=named) == []
    assert findings("dependency", new, given=context(plan="packages/backend/wishes-old/a.ts")) != []
    fixture = changed("tests/fixtures/wishes/package.json", '{"name": "@repo/wishes"}')
    assert findings("dependency", fixture) == []
