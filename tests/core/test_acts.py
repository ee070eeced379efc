"""Which writes are acts that a person decides on, and which are not: the pure table."""

from __future__ import annotations

import json

import pytest

from core.acts import AUTH, CI, acts_of
from core.checks.packages import SCRIPTS
from core.domain import Act, Plan
from core.rules.base import RuleContext
from core.rules.scripts import is_guarded
from tests.core.rule_files import changed, context, findings

NOTHING = context()
OLD = json.dumps({"dependencies": {"hono": "4"}, "scripts": {"dev": "vite --port 3000"}}, indent=2)
NEW = OLD.replace('"hono": "4"', '"hono": "4", "left-pad": "1"')
SQL = "packages/backend/db/migrations/0002_x.sql"


def acts(path: str, after: str, before: str | None = None, given: RuleContext = NOTHING) -> list[str]:
    return [act.what for act in acts_of(path, before, after, given)]


@pytest.mark.parametrize(
    ("path", "before", "after", "what"),
    [
        ("package.json", OLD, NEW, ["left-pad"]),
        ("apps/api/package.json", "\ufeff" + OLD, "\ufeff" + NEW, ["left-pad"]),
        ("packages/new/package.json", None, OLD, ["hono"]),
        ("pyproject.toml", "", '[project]\nname = "a"\ndependencies = ["Rich>=13"]\n', ["rich"]),
        ("requirements-dev.txt", "httpx\n", "httpx\nredis==5\n", ["redis"]),
        ("package.json", OLD, OLD.replace('"4"', '"5"'), []),
        ("pnpm-lock.yaml", "", "packages:\n  left-pad@1.0.0: {}\n", []),
        ("package-lock.json", OLD, NEW, []),
    ],
)
def test_a_dependency_is_what_a_manifest_gains(
    path: str, before: str | None, after: str, what: list[str]
) -> None:
    found = acts_of(path, before, after, NOTHING)
    assert [act.what for act in found] == what
    assert all(act.kind == "dependency" and act.tier == 5 and act.architectural for act in found)


@pytest.mark.parametrize(
    ("path", "before", "after", "what"),
    [
        (SQL, None, "DROP TABLE wishes;\nTRUNCATE sets;\n", ["DROP TABLE wishes", "TRUNCATE sets"]),
        (SQL, "drop table wishes;\n", "-- why\nDROP TABLE  wishes;\n", []),
        (SQL, "drop table a;\n", "drop table a;\ndrop table b;\n", ["DROP TABLE b"]),
        (SQL, "-- migrate:down\ndrop table a;\n", "drop table a;\n", ["DROP TABLE a"]),
        (SQL, None, "create table w (id int);\n-- migrate:down\ndrop table w;\n", []),
        ("db/migrate/1_x.ts", None, "export const up = (k) => k.schema.dropTable('w')\n", ["dropTable w"]),
        ("alembic/versions/1.py", None, "def upgrade():\n    op.drop_table('w')\n", ["drop_table w"]),
        ("alembic/versions/1.py", None, "def downgrade():\n    op.drop_table('w')\n", []),
        ("apps/api/cleanup.sql", None, "drop table wishes;\n", []),
    ],
)
def test_a_migration_is_what_it_newly_destroys_on_its_way_up(
    path: str, before: str | None, after: str, what: list[str]
) -> None:
    found = acts_of(path, before, after, NOTHING)
    assert [act.what for act in found] == what
    assert all((act.kind, act.tier) == ("migration", 4) for act in found)


@pytest.mark.parametrize(
    ("path", "before", "after", "what"),
    [
        (".env.example", "PORT=3000\n", "PORT=4000\n", ["PORT to 4000"]),
        ("package.json", OLD, OLD.replace("3000", "3001"), ["script dev to 3001"]),
        ("app/main.py", "uvicorn.run(app, port=80)\n", "uvicorn.run(app, port=81)\n", ["port to 81"]),
        (".env.example", "A=1\n", "A=1\nPORT=3000\n", []),
        (".env.example", None, "PORT=3000\n", []),
        ("apps/api/ports/store.ts", "export const port = 1000\n", "export const port = 2000\n", []),
    ],
)
def test_a_port_is_one_that_was_there_and_changes(
    path: str, before: str | None, after: str, what: list[str]
) -> None:
    found = acts_of(path, before, after, NOTHING)
    assert [act.what for act in found] == what
    assert all((act.kind, act.tier) == ("port", 4) for act in found)


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".github/actions/setup/action.yml",
        ".gitlab-ci.yml",
        "apps/api/Jenkinsfile",
        ".circleci/config.yml",
        "azure-pipelines.yml",
        "bitbucket-pipelines.yml",
        ".buildkite/pipeline.sh",
        ".ci/run.sh",
    ],
)
def test_ci_is_what_a_service_runs(path: str) -> None:
    assert acts(path, "x\n") == [CI]
    assert acts_of(path, "x\n", "y\n", NOTHING)[0].tier == 4
    assert acts(path, "x\n", "x\n") == [], "nothing changes"


@pytest.mark.parametrize(
    "path",
    [
        ".github/CODEOWNERS",
        ".github/dependabot.yml",
        "Dockerfile",
        "docs/.gitlab-ci.yml",
        "apps/api/circleci/config.yml",
        "apps/api/services/github/workflows/list.ts",
        "packages/create/templates/.github/workflows/ci.yml",
        "apps/api/jenkinsfile_parser.py",
    ],
)
def test_what_no_service_runs_is_not_ci(path: str) -> None:
    assert acts(path, "x\n") == []


@pytest.mark.parametrize(
    "path",
    [
        "apps/api/auth/service.ts",
        "apps/api/services/authn.py",
        "apps/api/authz/policy.py",
        "apps/api/middleware/auth.ts",
        "apps/api/middleware/requireAuth.ts",
        "apps/api/middleware/require_authentication.py",
        "packages/backend/AuthService.ts",
        "packages/backend/JWTVerifier.ts",
        "packages/backend/jwt-verify.ts",
        "packages/core/OAuth2Client.ts",
        "packages/core/oauth_client.py",
        "apps/api/permissions.py",
        "apps/api/routes/login.ts",
        "apps/api/routes/signIn.ts",
        "apps/api/user-authorization.config.json",
        "apps/api/2fa.ts",
        "apps/api/rbac.yaml",
    ],
)
def test_auth_is_told_by_whole_words_of_the_path(path: str) -> None:
    (act,) = acts_of(path, None, "x\n", NOTHING)
    assert (act.kind, act.what, act.tier, act.architectural) == ("auth", AUTH, 4, True)


@pytest.mark.parametrize(
    "path",
    [
        "apps/api/author.py",
        "apps/api/authors/service.ts",
        "apps/api/authority.ts",
        "apps/api/authoring/editor.py",
        "apps/api/services/oracle.py",
        "apps/api/services/catalog_in_stock.py",
        "apps/api/log_in_memory.py",
        "apps/api/auth/__tests__/service.test.ts",
        "tests/auth/test_login.py",
        "apps/api/auth/README.md",
        "docs/auth/flow.yaml",
        "apps/api/fixtures/login.json",
        "apps/api/__http__/login.http",
        "apps/api/db/session.py",
        "packages/core/design/tokens.ts",
    ],
)
def test_what_only_sounds_like_auth_is_not(path: str) -> None:
    assert acts(path, "def open(): ...\n") == []


@pytest.mark.parametrize("word", ["session.py", "tokenStore.ts", "roles.guard.ts", "passwords.py"])
def test_a_word_of_two_meanings_is_auth_beside_a_text_about_it(word: str) -> None:
    path = f"apps/api/services/{word}"
    assert acts(path, "open()\n") == []
    assert acts(path, "set_cookie(jwt)\n") == acts(path, "\n", "authenticate(user)\n") == [AUTH]


def scripts(**given: str) -> str:
    return json.dumps({"scripts": given})


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ({}, {"postinstall": "node x.js"}, ["postinstall: node x.js"]),
        ({}, {"prepare": "tsc"}, ["prepare: tsc"]),
        ({"test": "vitest run"}, {"test": "vitest run; curl x | sh"}, ["test: vitest run; curl x | sh"]),
        ({}, {"check-types": "tsc -p /tmp/x"}, ["check-types: tsc -p /tmp/x"]),
        ({}, {"pretest": "sh x"}, ["pretest: sh x"]),
        (
            {"lint": "pnpm run a", "a": "x"},
            {"lint": "pnpm run a", "a": "y", "prea": "z"},
            ["a: y", "prea: z"],
        ),
        ({}, {"test": "vitest run --coverage", "check-types": "tsc --noEmit && tsc -p e2e --noEmit"}, []),
        ({}, {"lint": "eslint 'src/**/*.ts' --max-warnings=0"}, []),
        ({}, {"dev": "vite", "build": "vite build"}, []),
        ({"test": "sh x"}, {"test": "sh x"}, []),
        ({"test": "sh x"}, {}, []),
    ],
)
def test_a_script_is_what_runs_without_another_question(
    before: dict[str, str], after: dict[str, str], what: list[str]
) -> None:
    found = acts_of("package.json", scripts(**before), scripts(**after) + "\n", NOTHING)
    assert [act.what for act in found] == what
    assert all((act.kind, act.tier) == ("script", 4) for act in found)


def test_every_script_that_a_check_runs_is_one() -> None:
    assert [script for script in SCRIPTS if not is_guarded(script)] == []


def test_what_a_package_manager_runs_by_its_settings_is_one() -> None:
    assert acts(".npmrc", "ignore-scripts=false\nsave-exact=true\n") == ["ignore-scripts: false"]
    one, other = acts(".pnpmfile.cjs", "a()\n"), acts(".pnpmfile.cjs", "b()\n")
    assert len(one) == len(other) == 1 and one != other
    built = json.dumps({"pnpm": {"onlyBuiltDependencies": ["esbuild"]}})
    assert acts("package.json", built, "{}") == ["installation: of esbuild"]


def test_a_script_is_settled_by_its_very_words() -> None:
    after = scripts(test="node run.js")
    assert acts("package.json", after, "{}", context(plan="Add the script `test`: `node run.js`")) == []
    assert acts("package.json", after, "{}", context(plan="Add the script `test`")) != []
    assert acts("package.json", after, "{}", context(plan="Do not run `node run.js` as test")) != []


# --- settled ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        context(plan="- Install left-pad in apps/api"),
        context("Which padding library?: left-pad"),
        context("Add left-pad?: yes"),
    ],
)
def test_a_dependency_that_is_decided_is_no_act(given: RuleContext) -> None:
    assert acts("package.json", NEW, OLD, given) == []


@pytest.mark.parametrize("settled", ["Add left-pad?: no", "Which library?: pad, not left-pad"])
def test_a_no_settles_nothing(settled: str) -> None:
    assert acts("package.json", NEW, OLD, context(settled)) == ["left-pad"]


def test_a_drop_that_is_decided_is_no_act() -> None:
    assert acts(SQL, "DROP TABLE wishes;\n", given=context("Drop the table wishes?: yes")) == []
    assert acts(SQL, "DROP TABLE wishes;\n", given=context("Drop the table sets?: yes")) != []


@pytest.mark.parametrize("path", [".github/workflows/ci.yml", "apps/api/auth/session.ts"])
def test_a_file_that_the_plan_names_is_no_act(path: str) -> None:
    of_plan = RuleContext(plan=Plan(source="P", text="", files=(path,)), chunk_steps=())
    folder, _, file = path.rpartition("/")
    above = folder.rpartition("/")[2]
    for given in (
        of_plan,
        context(files=(f"./{path}",)),
        context(files=(f"{above}/{file}",)),
        context(f"Change {path}?: yes"),
    ):
        assert acts(path, "x\n", given=given) == []
    for given in (
        context(files=(file,)),
        context(files=(f"{folder}/",)),
        context(files=(f"{folder}/other.ts",)),
        context(plan=f"As in `{path}`."),
        context(f"Change {path}?: no"),
    ):
        assert acts(path, "x\n", given=given) != []


# --- rules and acts ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "path", "before", "after"),
    [
        ("dependency", "package.json", OLD, NEW),
        ("migration", SQL, None, "DROP TABLE wishes;\n"),
        ("port-changed", ".env.example", "PORT=1\n", "PORT=2\n"),
    ],
)
def test_a_rule_flags_what_is_an_act_until_just_that_is_allowed(
    rule: str, path: str, before: str | None, after: str
) -> None:
    file, found = changed(path, after, before), acts_of(path, before, after, NOTHING)
    assert len(found) == len(findings(rule, file)) == 1
    assert findings(rule, file, given=allowing(*found)) == []
    elsewhere = Act(kind=found[0].kind, path=f"other/{path}", what=found[0].what, tier=4)
    another = Act(kind=found[0].kind, path=path, what=f"{found[0].what}0", tier=4)
    assert len(findings(rule, file, given=allowing(elsewhere, another))) == 1


def test_what_was_not_allowed_with_it_is_still_flagged() -> None:
    after = NEW.replace('"left-pad": "1"', '"left-pad": "1", "is-odd": "1"')
    (left,) = acts_of("package.json", OLD, NEW, NOTHING)
    (finding,) = findings("dependency", changed("package.json", after, OLD), given=allowing(left))
    assert "is-odd" in finding.message


def allowing(*approved: Act) -> RuleContext:
    return RuleContext(plan=Plan(source="P", text=""), chunk_steps=(), approved=approved)
