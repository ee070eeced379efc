from __future__ import annotations

import pytest

from tests.core.rule_files import changed, findings, flagged

SERVICE = "apps/api/services/wishlist/index.ts"
ROUTE = "apps/api/routes/wishlist.ts"


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (SERVICE, "import { z } from 'zod'\nimport type { Context } from 'hono'\n", 2),
        (SERVICE, "import { HTTPException } from 'hono/http-exception'\n", 1),
        (SERVICE, "import {\n  type Request,\n  Router,\n} from 'express'\n", 1),
        (SERVICE, "const express = require('express')\n", 1),
        (SERVICE, "const x = a\nimport { zValidator } from '@hono/zod-validator'\n", 2),
        (SERVICE, "import type { APIGatewayProxyEvent } from 'aws-lambda'\n", 1),
        (SERVICE, "export type { Context } from 'hono'\n", 1),
        ("app/services/wishes.py", "import json\nfrom fastapi import HTTPException\n", 2),
        ("services/wishes.py", "def f():\n    import flask\n", 2),
        ("apps/api/services/sets/service.py", "from aiohttp import web\n", 1),
        ("apps/api/services/sets/service.py", "from starlette.requests import Request\n", 1),
    ],
)
def test_http_in_a_service_is_flagged(path: str, text: str, line: int) -> None:
    assert flagged("http-in-services", path, text) == [line]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (ROUTE, "import { Hono } from 'hono'\n"),
        ("apps/api/services/wishlist/__tests__/a.test.ts", "import { Hono } from 'hono'\n"),
        (SERVICE, "// import { Hono } from 'hono'\nconst hint = \"import { Hono } from 'hono'\"\n"),
        (SERVICE, "const text = `\nimport { Hono } from 'hono'\n`\n"),
        (SERVICE, "import { honolulu } from 'honolulu'\nimport { express } from './express'\n"),
        (SERVICE, "export const expressDelivery = 'express'\nimport { z } from 'zod'\n"),
        ("packages/backend/gateway/src/server.ts", "import { Hono } from 'hono'\n"),
        ("services/billing/app/routes/pay.py", "from fastapi import APIRouter\n"),
        ("services/billing/main.py", "from fastapi import FastAPI\n"),
        ("app/services/wishes.py", "# from fastapi import HTTPException\nTEXT = 'import flask'\n"),
        ("app/services/broken.py", "from fastapi import (\n"),
        ("app/services/wishes.py", "from .flask import thing\n"),
    ],
)
def test_http_elsewhere_or_in_words_is_not(path: str, text: str) -> None:
    assert flagged("http-in-services", path, text) == []


def test_only_what_the_chunk_added_is_flagged() -> None:
    before = "import { Hono } from 'hono'\n"
    assert flagged("http-in-services", SERVICE, f"{before}export const a = 1\n", before) == []
    assert flagged("http-in-services", SERVICE, None, before) == []


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        (ROUTE, "import { eq } from 'drizzle-orm'\n", [1]),
        (ROUTE, "import pg from 'pg'\nimport { x } from 'drizzle-orm/pg-core'\n", [1, 2]),
        (
            ROUTE,
            "app.get('/', async c => {\n  return c.json(await db\n    .select()\n    .from(t))\n})\n",
            [2],
        ),
        (ROUTE, "await db.transaction(async tx => tx.insert(t))\n", [1, 1]),
        (ROUTE, "const u = await prisma.user.findMany({})\n", [1]),
        (ROUTE, "const u = await db.query.users.findFirst()\n", [1]),
        ("app/routes/wishes.py", "import sqlite3\n", [1]),
        ("app/routers/wishes.py", "from sqlalchemy import select\n", [1]),
        ("app/routes/wishes.py", "def f(db):\n    return db.session.execute(q)\n", [2]),
        ("app/routes/wishes.py", "def f(conn):\n    conn.cursor()\n    cursor.execute('x')\n", [3]),
    ],
)
def test_the_database_in_a_route_is_flagged(path: str, text: str, lines: list[int]) -> None:
    assert flagged("db-in-routes", path, text) == lines


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("apps/api/adapters/wishes.ts", "import { eq } from 'drizzle-orm'\nawait db.select()\n"),
        ("apps/api/routes/__tests__/w.test.ts", "import pg from 'pg'\n"),
        (ROUTE, "import { db } from '../core/db'\nconst service = createWishes({ db })\n"),
        (ROUTE, "import type { InferSelectModel } from 'drizzle-orm'\n"),
        (ROUTE, "import { type SQL, type Column } from 'drizzle-orm'\n"),
        (ROUTE, "const selected = formdb.select('x')\ncache.delete('k')\nc.get('db')\n"),
        (ROUTE, "// await db.select()\nconst hint = 'db.select()'\n"),
        ("app/routes/wishes.py", "from sqlalchemy.orm import Session\n"),
        ("app/routes/wishes.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import sqlite3\n"),
        ("app/routes/wishes.py", "def f(session):\n    return session.get('user')\n"),
        ("app/routes/wishes.py", "def f(executor):\n    executor.execute(job)\n    search.query('x')\n"),
    ],
)
def test_handing_a_database_on_is_not(path: str, text: str) -> None:
    assert flagged("db-in-routes", path, text) == []


def test_the_finding_says_what_and_where() -> None:
    (finding,) = findings("db-in-routes", changed(ROUTE, "\nawait db.select().from(x)\n"))
    assert (finding.rule, finding.severity, finding.path, finding.line) == ("db-in-routes", "block", ROUTE, 2)
    assert "db.select()" in finding.message
