"""What needs a settled decision: dependencies, packages, destructive migrations."""

from __future__ import annotations

import json

import pytest

from core.rules.base import ChangedFile
from tests.core.rule_files import changed, context, findings, flagged

PYPROJECT = '[project]\nname = "app"\ndependencies = [\n  "httpx>=1",\n]\n'


def manifest(**sections: dict[str, str]) -> str:
    return json.dumps({"name": "@repo/api", **sections}, indent=2)


def grown(before: str, after: str) -> ChangedFile:
    return changed("apps/api/package.json", after, before)


OLD = manifest(dependencies={"hono": "4"}, devDependencies={"vitest": "2"})


def test_a_new_entry_is_flagged_on_its_line() -> None:
    new = manifest(dependencies={"hono": "4", "@scope/zod-kit": "1"}, devDependencies={"vitest": "2"})
    (finding,) = findings("dependency", grown(OLD, new))
    assert (finding.line, finding.severity) == (5, "block")
    assert "@scope/zod-kit" in finding.message


@pytest.mark.parametrize(
    ("path", "before", "after", "package"),
    [
        (
            "pyproject.toml",
            PYPROJECT,
            PYPROJECT.replace("\n]\n", '\n  "Flask_Login[x]>=1",\n]\n'),
            "flask-login",
        ),
        ("pyproject.toml", PYPROJECT, PYPROJECT + '[dependency-groups]\ndev = ["ruff"]\n', "ruff"),
        (
            "pyproject.toml",
            PYPROJECT,
            PYPROJECT + '[tool.poetry.group.dev.dependencies]\nrich = "1"\n',
            "rich",
        ),
        ("requirements-dev.txt", "httpx\n", "httpx\n# why\nrequests==2 ; python_version > '3'\n", "requests"),
        ("requirements/base.txt", "", "-r x.txt\nredis\n", "redis"),
    ],
)
def test_python_dependencies_too(path: str, before: str, after: str, package: str) -> None:
    (finding,) = findings("dependency", changed(path, after, before))
    assert f"new dependency {package}:" in finding.message
    assert finding.line is not None


@pytest.mark.parametrize(
    "after",
    [
        manifest(dependencies={"hono": "5"}, devDependencies={"vitest": "2"}),
        manifest(dependencies={"hono": "4", "vitest": "2"}),
        manifest(dependencies={"hono": "4", "@repo/domain": "workspace:*"}, devDependencies={"vitest": "2"}),
        manifest(dependencies={"hono": "4"}, devDependencies={"vitest": "2"}, scripts={"zod": "zod"}),
        "{ not json",
    ],
)
def test_a_version_a_move_or_a_workspace_package_is_no_new_dependency(after: str) -> None:
    assert findings("dependency", grown(OLD, after)) == []


def test_an_own_package_of_a_python_workspace_is_none() -> None:
    after = (
        PYPROJECT.replace("\n]\n", '\n  "core",\n]\n') + "[tool.uv.sources]\ncore = { workspace = true }\n"
    )
    assert flagged("dependency", "pyproject.toml", after, PYPROJECT) == []


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
        ("", "Use no library other than `zod`", 0),
        ("", "", 1),
    ],
)
def test_a_settled_name_is_not_flagged(settled: str, plan: str, count: int) -> None:
    new = manifest(dependencies={"hono": "4", "zod": "3"}, devDependencies={"vitest": "2"})
    assert len(findings("dependency", grown(OLD, new), given=context(settled, plan=plan))) == count


def test_a_new_package_needs_a_decision_that_names_it() -> None:
    new = changed("packages/backend/wishes/package.json", '{"name": "@repo/wishes"}')
    (finding,) = findings("dependency", new)
    assert "new package @repo/wishes" in finding.message
    named = context(plan="Files: packages/backend/wishes/src/index.ts")
    assert findings("dependency", new, given=named) == []
    assert findings("dependency", new, given=context(plan="packages/backend/wishes-old/a.ts")) != []


# --- migrations -------------------------------------------------------------------------

SQL = "packages/backend/db/migrations/0002_x.sql"
ALEMBIC = "alembic/versions/1_x.py"
KNEX = "apps/api/migrations/1_x.ts"


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (SQL, 'select 1;\nDROP TABLE IF EXISTS "wishes";\n', 2),
        (SQL, "alter table wishes\n  drop column note;\n", 2),
        (SQL, "ALTER TABLE wishes DROP note;\n", 1),
        (SQL, "TRUNCATE wishes;\n", 1),
        (SQL, "-- migrate:down\n-- migrate:up\ndrop table wishes;\n", 3),
        (ALEMBIC, "def upgrade():\n    op.drop_column('wishes', 'note')\n", 2),
        (ALEMBIC, "def upgrade():\n    op.execute('DROP TABLE wishes')\n", 2),
        (KNEX, "export async function up(knex) {\n  await knex.schema.dropTable('wishes')\n}\n", 2),
        (KNEX, "export const up = async db => {\n  await sql`drop table wishes`.execute(db)\n}\n", 2),
    ],
)
def test_a_destructive_migration_is_flagged(path: str, text: str, line: int) -> None:
    assert flagged("migration", path, text) == [line]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            SQL,
            "CREATE TABLE w (id int);\nDROP INDEX w_idx;\nALTER TABLE a ALTER COLUMN b DROP NOT NULL;\n",
        ),
        (SQL, "ALTER TABLE a DROP CONSTRAINT a_pk;\n"),
        (SQL, "-- DROP TABLE wishes\n/* drop table x */\ninsert into log values ('drop table wishes');\n"),
        (SQL, "create temp table old_w as select 1;\ndrop table old_w;\n"),
        (SQL, "create table w (id int);\n-- migrate:down\ndrop table w;\ndrop table v;\n"),
        ("db/migrations/0002_x.down.sql", "drop table wishes;\n"),
        ("docs/sql/clean.sql", "drop table wishes;\n"),
        (
            ALEMBIC,
            '"""Drop table wishes."""\ndef upgrade():\n    pass\ndef downgrade():\n    op.drop_table("w")\n',
        ),
        (KNEX, "export async function down(knex) {\n  await knex.schema.dropTable('wishes')\n}\n"),
    ],
)
def test_what_destroys_nothing_on_the_way_up_is_not(path: str, text: str) -> None:
    assert flagged("migration", path, text) == []


def test_a_decision_that_names_what_goes_settles_it() -> None:
    drop = changed(SQL, "DROP TABLE public.wishes;\n")
    assert findings("migration", drop, given=context("Drop the table wishes?: yes, it is empty")) == []
    assert findings("migration", drop, given=context(plan="Step 2\n- remove the `wishes` table\n")) == []
    assert len(findings("migration", drop, given=context(plan="List wishes.\nRemove the old flag.\n"))) == 1
    assert len(findings("migration", drop, given=context("Drop the table sets?: yes"))) == 1


@pytest.mark.parametrize(
    ("settled", "count"),
    [
        ("Drop the table wishes?: Keep it", 1),
        ("Drop the table wishes?: No", 1),
        ("Drop the table wishes?: Refuse: do not drop wishes", 1),
        ("Drop the table wishes?: Rename it", 1),
        ("Drop the table wishes?: Drop it", 0),
        ("Drop wishes or sets?: Drop sets", 1),
        ("Keep the table wishes, drop nothing?: Yes", 1),
        ("Which table is dropped?: wishes", 0),
    ],
)
def test_an_answer_that_refuses_settles_nothing(settled: str, count: int) -> None:
    drop = changed(SQL, "DROP TABLE wishes;\n")
    assert len(findings("migration", drop, given=context(settled))) == count


def test_a_plan_that_forbids_it_does_not_settle_it() -> None:
    drop = changed(SQL, "DROP TABLE wishes;\n")
    assert len(findings("migration", drop, given=context(plan="Do not drop the `wishes` table."))) == 1
