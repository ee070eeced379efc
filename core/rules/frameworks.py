"""The packages that speak HTTP or to a database (sub-packages count with them), and names around them."""

from __future__ import annotations

HTTP_TYPESCRIPT = frozenset(
    {
        "hono",
        "@hono",
        "express",
        "@types/express",
        "fastify",
        "@fastify",
        "koa",
        "@koa/router",
        "restify",
        "aws-lambda",
        "@types/aws-lambda",
        "@vercel/node",
        "next/server",
        "@nestjs/common",
        "@nestjs/platform-express",
        "h3",
        "elysia",
        "polka",
    }
)
HTTP_PYTHON = frozenset(
    {
        "fastapi",
        "flask",
        "starlette",
        "django.http",
        "django.views",
        "rest_framework",
        "aiohttp.web",
        "werkzeug",
        "sanic",
        "bottle",
        "tornado.web",
        "litestar",
        "quart",
        "falcon",
        "mangum",
        "connexion",
    }
)
# A repository with a top-level `services/` keeps whole deployables there, with their own HTTP edges.
EDGES = frozenset(
    {
        "api",
        "app",
        "main",
        "server",
        "routes",
        "route",
        "routers",
        "router",
        "handlers",
        "handler",
        "controllers",
        "controller",
        "endpoints",
        "views",
        "web",
        "http",
        "adapters",
        "middleware",
        "dependencies",
        "deps",
    }
)
DATABASE_TYPESCRIPT = frozenset(
    {
        "drizzle-orm",
        "pg",
        "postgres",
        "@neondatabase/serverless",
        "@vercel/postgres",
        "knex",
        "kysely",
        "@prisma/client",
        "mysql",
        "mysql2",
        "better-sqlite3",
        "sqlite3",
        "node:sqlite",
        "typeorm",
        "sequelize",
        "mongoose",
        "mongodb",
    }
)
DATABASE_PYTHON = frozenset(
    {
        "sqlalchemy",
        "sqlmodel",
        "psycopg",
        "psycopg2",
        "asyncpg",
        "sqlite3",
        "aiosqlite",
        "pymysql",
        "MySQLdb",
        "pymongo",
        "motor",
        "peewee",
        "tortoise",
        "databases",
        "django.db",
    }
)
# What of `@nestjs/common` has nothing to do with HTTP.
NO_HTTP = frozenset(
    {
        "Injectable",
        "Inject",
        "Optional",
        "Logger",
        "Module",
        "Global",
        "Scope",
        "OnModuleInit",
        "OnModuleDestroy",
        "forwardRef",
    }
)
# A route may name the session that it hands to its service.
SESSION_TYPES = frozenset(
    {"Session", "AsyncSession", "Connection", "AsyncConnection", "Engine", "AsyncEngine"}
)
