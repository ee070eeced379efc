"""Migrations need a settled decision; those that destroy data need one that names what goes."""

from __future__ import annotations

import pytest

from tests.core.rule_files import Case, changed, context, findings, flags, passes

SQL = "packages/backend/db/migrations/0002_x.sql"
ALEMBIC = "alembic/versions/1_x.py"
KNEX = "apps/api/migrations/1_x.ts"
PLANNED = "Write the migration."


def up(name: str, path: str, text: str, line: int | None = None) -> object:
    """A row of a migration that is planned: what it destroys is flagged at `line`, if it destroys any."""
    if line is None:
        return passes(name, path, text, plan=PLANNED)
    return flags(name, path, text, line, plan=PLANNED)


@pytest.mark.parametrize(
    "case",
    [
        # --- SQL
        up("a table", SQL, 'select 1;\nDROP TABLE IF EXISTS "wishes";\n', 2),
        up("a column", SQL, "alter table wishes\n  drop column note;\n", 2),
        up("a column without the word", SQL, "ALTER TABLE wishes DROP note;\n", 1),
        up("all rows", SQL, "TRUNCATE wishes;\n", 1),
        up("up after down", SQL, "-- migrate:down\n-- migrate:up\ndrop table wishes;\n", 3),
        up("an index", SQL, "CREATE TABLE w (id int);\nDROP INDEX w_idx;\n"),
        up("what a column demands", SQL, "ALTER TABLE a ALTER COLUMN b DROP NOT NULL;\n"),
        up("a constraint", SQL, "ALTER TABLE a DROP CONSTRAINT a_pk;\n"),
        up(
            "a comment and a string",
            SQL,
            "-- DROP TABLE w\n/* drop table x */\ninsert into l values ('drop table w');\n",
        ),
        up("a temporary table", SQL, "create temp table old_w as select 1;\ndrop table old_w;\n"),
        up("the way down", SQL, "create table w (id int);\n-- migrate:down\ndrop table w;\ndrop table v;\n"),
        passes("a file of the way down", "db/migrations/0002_x.down.sql", "drop table wishes;\n"),
        passes("no migration", "docs/sql/clean.sql", "drop table wishes;\n"),
        passes("a fixture", "tests/fixtures/migrations/1.sql", "drop table wishes;\n"),
        flags("every name", SQL, "DROP TABLE a, b;\n", 1, 1, plan=PLANNED),
        up("another column without the word", SQL, "ALTER TABLE w\n ADD a int,\n DROP note;\n", 3),
        up("some rows", SQL, "select 1;\nDELETE FROM wishes WHERE id = 1;\n", 2),
        up("values", SQL, "UPDATE wishes SET a = 1,\n note = NULL;\n", 2),
        up("what is executed", SQL, "DO $$ BEGIN\nEXECUTE format('DROP TABLE %I', n);\nEND $$;\n", 2),
        up("a comment that MySQL reads", SQL, "/*!40000 DROP TABLE w */;\n", 1),
        up("a name in capitals", SQL.replace(".sql", ".SQL"), "DROP TABLE w;\n", 1),
        up("what may be there already", SQL, "create table if not exists w (id int);\ndrop table w;\n", 2),
        up("another's name", SQL, "create table w (a int);\nalter table v rename to w;\ndrop table w;\n", 3),
        up("a name with the word down", "db/migrations/0005_slow_down_queue.sql", "drop table w;\n", 1),
        up("a table that it made", SQL, "create table w (id int);\ninsert into w select 1;\ndrop table w;\n"),
        up("a value that is looked for", SQL, "UPDATE wishes SET a = 1 WHERE note = NULL;\n"),
        up("what a key does", SQL, "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c ON DELETE SET NULL;\n"),
        up("an upsert", SQL, "INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET b = NULL;\n"),
        # --- Python
        up("a computed statement", ALEMBIC, "def upgrade():\n    op.execute(f'DROP TABLE {t}')\n", 2),
        up("a statement in pieces", ALEMBIC, "def upgrade():\n    op.execute('DROP TABLE ' + t)\n", 2),
        up("a computed name", ALEMBIC, "def upgrade():\n    op.drop_table(NAME)\n", 2),
        up("a named argument", ALEMBIC, "def upgrade():\n    op.drop_table(table_name='w')\n", 2),
        up("a model", "app/migrations/0002_x.py", "operations = [\n  migrations.DeleteModel('W')]\n", 2),
        up("a field", "app/migrations/0002_x.py", "o = [migrations.RemoveField('w', 'note')]\n", 1),
        up("the rows of a model", "app/migrations/0002_x.py", "Wish.objects.filter(a=1).delete()\n", 1),
        up("raw SQL", "app/migrations/0002_x.py", "o = [migrations.RunSQL('DELETE FROM w')]\n", 1),
        up(
            "the way back of raw SQL",
            "app/migrations/0002_x.py",
            "o = [migrations.RunSQL('CREATE TABLE w (a int)', reverse_sql='DROP TABLE v')]\n",
        ),
        up("a column", ALEMBIC, "def upgrade():\n    op.drop_column('wishes', 'note')\n", 2),
        up("a statement", ALEMBIC, "def upgrade():\n    op.execute('DROP TABLE wishes')\n", 2),
        up("a comment", ALEMBIC, "def upgrade():\n    pass  # op.drop_table('w')\n"),
        up("a docstring", ALEMBIC, '"""Drop table w."""\ndef upgrade():\n    pass\n'),
        up("the way down", ALEMBIC, "def upgrade(): ...\ndef downgrade():\n    op.drop_table('w')\n"),
        # --- TypeScript
        up(
            "a table",
            KNEX,
            "export async function up(knex) {\n  await knex.schema.dropTable('wishes')\n}\n",
            2,
        ),
        up(
            "a statement",
            KNEX,
            "export const up = async db => {\n  await sql`drop table w`.execute(db)\n}\n",
            2,
        ),
        up("a computed name", KNEX, "export const up = k => k.schema.dropTable(T)\n", 1),
        up("all rows", KNEX, "export const up = k => k('wishes').del()\n", 1),
        up("rows of Kysely", KNEX, "export const up = db => db.deleteFrom('wishes').execute()\n", 1),
        up("a shortened text", KNEX, "export const up = k => k.comment(truncate(note))\n"),
        up("a comment", KNEX, "export const up = k => k // k.schema.dropTable('w')\n"),
        up(
            "the way down",
            KNEX,
            "export async function down(knex) {\n  await knex.schema.dropTable('wishes')\n}\n",
        ),
        up("down as a constant", KNEX, "export const down = k => k.schema.dropTable('w')\n"),
        up(
            "down as a method",
            KNEX,
            "class A {\n  async down(q) {\n    await q.query(`drop table w`)\n  }\n}\n",
        ),
        up("down of CommonJS", KNEX, "exports.down = k => k.schema.dropTable('w')\n"),
    ],
)
def test_what_a_migration_destroys(case: Case) -> None:
    assert case.lines("migration") == case.flagged


CREATE = "CREATE TABLE public.wishes (id int);\n"
TABLE_OF_KNEX = "export const up = k => k.schema.createTable('wishes', t => t)\n"


@pytest.mark.parametrize(
    "case",
    [
        flags("SQL", SQL, CREATE, 0),
        flags("TypeScript", KNEX, TABLE_OF_KNEX, 0),
        flags("Python", ALEMBIC, "def upgrade():\n    op.create_table('wishes')\n", 0),
        flags("a plan without one", SQL, CREATE, 0, plan="No migration is needed."),
        flags("a plan that says none", SQL, CREATE, 0, plan="- Migrations: none"),
        flags("a path in a plan", SQL, CREATE, 0, plan="See packages/backend/db/migrations/0001_a.sql"),
        flags("a plan of another", SQL, CREATE, 0, files=("db/migrations/0003_y.sql",)),
        flags("another table", SQL, CREATE, 0, plan="Add the table `sets`"),
        flags("a mere word", SQL, CREATE, 0, plan="List the wishes of a user"),
        flags("a person's no", SQL, CREATE, 0, settled=("Add a migration?: No",)),
        passes("a plan with its file", SQL, CREATE, files=("db/migrations/0002_x.sql",)),
        passes("a plan with its folder", SQL, CREATE, files=("packages/backend/db/migrations/",)),
        passes("a plan with an open name", SQL, CREATE, files=("packages/backend/db/migrations/*.sql",)),
        passes("a plan of a migration", SQL, CREATE, plan="### Step 1: Schema and migration"),
        passes("a plan of its table", SQL, CREATE, plan="Create the `wishes` table"),
        passes("a table of TypeScript", KNEX, TABLE_OF_KNEX, plan="Create the `wishes` table"),
        passes("a person's table", SQL, CREATE, settled=("Which table keeps them?: wishes",)),
        passes("a person's yes", SQL, CREATE, settled=("Add a migration for it?: Yes",)),
        passes("an old migration", SQL, CREATE + "\n", before=CREATE),
        passes("an index of the folder", "apps/api/migrations/index.ts", "export * from './1_x'\n"),
        passes("the runner", "alembic/env.py", "run_migrations()\n"),
        passes("what a generator keeps", "db/migrations/meta/_journal.json", "{}\n"),
        passes("a test of them", "db/migrations/__tests__/1_x.test.ts", TABLE_OF_KNEX),
    ],
)
def test_new_migrations(case: Case) -> None:
    assert case.lines("migration") == case.flagged


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


@pytest.mark.parametrize(
    ("sql", "plan", "count"),
    [
        ("DROP TABLE items", "DELETE /items/:id removes one of the items.", 1),
        ("DROP TABLE items", "`DELETE /items/:id` deletes a row of the items table", 1),
        ("DROP TABLE items", "Users can remove items from the table", 1),
        ("DROP TABLE items", "Drop items onto the board", 1),
        ("DROP TABLE items", "Remove the old flag, list items of the table", 1),
        ("DROP TABLE items", "Delete all rows of the `items` table", 1),
        ("DROP TABLE items", "Drop the `note` column of items", 1),
        ("DROP TABLE items", "No items table is dropped", 1),
        ("DROP TABLE items", "Drop the users table, not the items table", 1),
        ("DROP TABLE items", "Delete the items table's rows", 1),
        ("DROP TABLE items", "- drop the items table", 0),
        ("DROP TABLE items", "- drop `items`", 0),
        ("DROP TABLE items", "Remove the tables `a`, `items` and `b`", 0),
        ("DROP TABLE items", "The `items` table will be removed", 0),
        ("DROP TABLE items, users", "- drop the items table", 1),
        ("ALTER TABLE items DROP note", "Drop the `note` column of items", 0),
        ("ALTER TABLE items DROP note", "Remove the note field", 0),
        ("ALTER TABLE items DROP note", "Remove the note from the list", 1),
        ("DELETE FROM items", "Delete all rows of `items`", 0),
        ("DELETE FROM items", "DELETE /items empties the list", 1),
        ("TRUNCATE items", "Truncate `items`", 0),
    ],
)
def test_a_plan_settles_what_it_says_goes(sql: str, plan: str, count: int) -> None:
    assert len(findings("migration", changed(SQL, sql), given=context(plan=plan))) == count


def test_an_answer_that_does_something_else_with_it_settles_nothing() -> None:
    drop = changed(SQL, "DROP TABLE wishes;\n")
    assert len(findings("migration", drop, given=context("Drop the table wishes?: rename wishes"))) == 1
