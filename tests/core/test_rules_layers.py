"""Services know nothing of HTTP, route handlers nothing of the database: what is flagged and what is not."""

from __future__ import annotations

import pytest

from tests.core.rule_files import Case, changed, findings, flagged, flags, passes

SERVICE = "apps/api/services/wishlist/index.ts"
PY_SERVICE = "app/services/wishes.py"
ROUTE = "apps/api/routes/wishlist.ts"
PY_ROUTE = "app/routes/wishes.py"


@pytest.mark.parametrize(
    "case",
    [
        # --- TypeScript
        flags("a type of Hono", SERVICE, "import { z } from 'zod'\nimport type { Context } from 'hono'\n", 2),
        flags("a part of a framework", SERVICE, "import { HTTPException } from 'hono/http-exception'\n"),
        flags("several lines", SERVICE, "import {\n  type Request,\n  Router,\n} from 'express'\n"),
        flags("require", SERVICE, "const express = require('express')\n"),
        flags("import =", SERVICE, "import express = require('express')\n"),
        flags("import()", SERVICE, "export const f = async () => {\n  await import('fastify')\n}\n", 2),
        flags(
            "a package of the framework's scope",
            SERVICE,
            "import { zValidator } from '@hono/zod-validator'\n",
        ),
        flags("the types of a platform", SERVICE, "import type { APIGatewayProxyEvent } from 'aws-lambda'\n"),
        flags("a type handed on", SERVICE, "export type { Context } from 'hono'\n"),
        flags("HTTP of NestJS", SERVICE, "import { Injectable, HttpException } from '@nestjs/common'\n"),
        flags("the platform's request", SERVICE, "export const add = async (\n  req: Request,\n) => 1\n", 2),
        flags("after a syntax error", SERVICE, "const = 1\nimport { Hono } from 'hono'\n", 2),
        flags(
            "a services folder elsewhere", "packages/backend/x/services/a.ts", "import { Hono } from 'hono'\n"
        ),
        passes("a route", ROUTE, "import { Hono } from 'hono'\n"),
        passes("a test", "apps/api/services/w/__tests__/a.test.ts", "import { Hono } from 'hono'\n"),
        passes("a comment", SERVICE, "// import { Hono } from 'hono'\n/* import 'hono' */\n"),
        passes("a string", SERVICE, "const hint = \"import { Hono } from 'hono'\"\n"),
        passes("a template", SERVICE, "const text = `\nimport { Hono } from 'hono'\n`\n"),
        passes("a longer name", SERVICE, "import { honolulu } from 'honolulu'\n"),
        passes("an own file of that name", SERVICE, "import { express } from './express'\n"),
        passes("a word", SERVICE, "export const expressDelivery = 'express'\nimport { z } from 'zod'\n"),
        passes("NestJS without its HTTP", SERVICE, "import { Injectable, Logger } from '@nestjs/common'\n"),
        passes(
            "an own type Request", SERVICE, "type Request = { id: string }\nconst f = (r: Request) => r.id\n"
        ),
        passes("another's answer", SERVICE, "const read = async (r: Response) => r.json()\n"),
        passes("no service", "packages/backend/gateway/src/server.ts", "import { Hono } from 'hono'\n"),
        passes("the edge of a deployable", "services/billing/routes/a.ts", "import { Hono } from 'hono'\n"),
        # --- Python
        flags("from", PY_SERVICE, "import json\nfrom fastapi import HTTPException\n", 2),
        flags("in a function", "services/wishes.py", "def f():\n    import flask\n", 2),
        flags("a submodule by name", "apps/api/services/sets/service.py", "from aiohttp import web\n"),
        flags("a submodule", PY_SERVICE, "from starlette.requests import Request\n"),
        passes("an API of its own", "services/billing/app/routes/pay.py", "from fastapi import APIRouter\n"),
        passes("the main of one", "services/billing/main.py", "from fastapi import FastAPI\n"),
        passes("a comment and a string", PY_SERVICE, "# from fastapi import X\nTEXT = 'import flask'\n"),
        passes("an own module of that name", PY_SERVICE, "from .flask import thing\n"),
        passes("a file that does not parse", "app/services/broken.py", "from fastapi import (\n"),
        # --- both
        passes(
            "what was there",
            SERVICE,
            "import { Hono } from 'hono'\nexport const a = 1\n",
            before="import { Hono } from 'hono'\n",
        ),
        passes("a file that goes", SERVICE, None, before="import { Hono } from 'hono'\n"),
    ],
)
def test_http_in_services(case: Case) -> None:
    assert case.lines("http-in-services") == case.flagged


QUERY = "app.get('/', async c => {\n  return c.json(await db\n    .select()\n    .from(t))\n})\n"


@pytest.mark.parametrize(
    "case",
    [
        # --- TypeScript
        flags("an import", ROUTE, "import { eq } from 'drizzle-orm'\n"),
        flags("two", ROUTE, "import pg from 'pg'\nimport { x } from 'drizzle-orm/pg-core'\n", 1, 2),
        flags("a query over lines", ROUTE, QUERY, 2),
        flags("a transaction", ROUTE, "await db.transaction(async tx => tx.insert(t))\n", 1, 1),
        flags("Prisma", ROUTE, "const u = await prisma.user.findMany({})\n"),
        flags("a relational query", ROUTE, "const u = await db.query.users.findFirst()\n"),
        flags("of the context", ROUTE, "const u = await c.var.db.select()\n"),
        flags("out of the context", ROUTE, "const u = await c.get('db').select()\n"),
        flags("a database that is got", ROUTE, "const u = await (await getDb()).select()\n"),
        flags("a controller", "apps/api/wishes.controller.ts", "await this.prisma.user.create({})\n"),
        flags("a handler elsewhere", "apps/api/app.ts", f"const app = new Hono()\n{QUERY}", 3),
        passes(
            "an adapter", "apps/api/adapters/w.ts", "import { eq } from 'drizzle-orm'\nawait db.select()\n"
        ),
        passes("a test", "apps/api/routes/__tests__/w.test.ts", "import pg from 'pg'\n"),
        passes("handing it on", ROUTE, "import { db } from '../db'\nconst s = createWishes({ db })\n"),
        passes("a type", ROUTE, "import type { InferSelectModel } from 'drizzle-orm'\n"),
        passes("types", ROUTE, "import { type SQL, type Column } from 'drizzle-orm'\n"),
        passes("other names", ROUTE, "const s = formdb.select('x')\ncache.delete('k')\nc.get('db')\n"),
        passes("a comment and a string", ROUTE, "// await db.select()\nconst hint = 'db.select()'\n"),
        passes(
            "outside of a handler", "apps/api/app.ts", "await db.execute(x)\napp.get('/', c => c.text('x'))\n"
        ),
        # --- Python
        flags("an import of a driver", PY_ROUTE, "import sqlite3\n"),
        flags("an import of a mapper", "app/routers/wishes.py", "from sqlalchemy import select\n"),
        flags("a session", PY_ROUTE, "def f(db):\n    return db.session.execute(q)\n", 2),
        flags("a cursor", PY_ROUTE, "def f(conn):\n    conn.cursor()\n    cursor.execute('x')\n", 3),
        flags("a commit", PY_ROUTE, "def f(session):\n    session.commit()\n", 2),
        flags("Django", PY_ROUTE, "def f():\n    return Wish.objects.filter(x=1)\n", 2),
        flags("a handler elsewhere", "app/main.py", "@app.get('/')\ndef f(db):\n    db.execute('x')\n", 3),
        passes("a session for the service", PY_ROUTE, "from sqlalchemy.orm import Session\n"),
        passes(
            "an import for types",
            PY_ROUTE,
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import sqlite3\n",
        ),
        passes("a session of the user", PY_ROUTE, "def f(session):\n    return session.get('user')\n"),
        passes(
            "an executor", PY_ROUTE, "def f(executor):\n    executor.execute(job)\n    search.query('x')\n"
        ),
        passes("outside of a handler", "app/main.py", "def setup(db):\n    db.execute('x')\n"),
    ],
)
def test_database_in_routes(case: Case) -> None:
    assert case.lines("db-in-routes") == case.flagged


def test_the_finding_says_what_and_where() -> None:
    (finding,) = findings("db-in-routes", changed(ROUTE, "\nawait db.select().from(x)\n"))
    assert (finding.rule, finding.severity, finding.path, finding.line) == ("db-in-routes", "block", ROUTE, 2)
    assert "db.select()" in finding.message


@pytest.mark.parametrize(("folder", "count"), [("apps/api/services/handlers", 1), ("services/handlers", 0)])
def test_the_services_of_the_api_have_no_edges_of_their_own(folder: str, count: int) -> None:
    assert len(flagged("http-in-services", f"{folder}/a.ts", "import { Hono } from 'hono'\n")) == count
