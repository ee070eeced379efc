"""Ports are not changed: dev servers, compose files, environment; unless that is settled."""

from __future__ import annotations

import pytest

from tests.core.rule_files import Case, flags, passes

COMPOSE = """\
services:
  db:
    image: postgres:16
    ports:
      - "5432:5432"
    environment:
      - PGPORT=5432
  api:
    ports:
    - 3000:3000
    environment:
      PORT: 3000
      LOG: x
  web:
    ports:
      - target: 80
        published: 8080
"""
SERVER = "apps/api/server.ts"
TWO = 'services:\n  a:\n    ports:\n      - "1:1"\n      - "2:2"\n'


def row(name: str, path: str, before: str, *change: str | int) -> object:
    """A row that changes one text to another in `before`, and the line that is flagged, if any is."""
    old, new, line = (*change, None)[:3]
    after = before.replace(str(old), str(new), 1)
    assert after != before
    if line is None:
        return passes(name, path, after, before=before)
    return flags(name, path, after, int(line), before=before)


@pytest.mark.parametrize(
    "case",
    [
        # --- compose
        row("a mapping", "docker-compose.yml", COMPOSE, '"5432:5432"', '"5433:5432"', 5),
        row(
            "a mapping at the key's indent",
            "docker-compose.dev.yaml",
            COMPOSE,
            "- 3000:3000",
            "- 3001:3000",
            10,
        ),
        row("a variable", "compose.yaml", COMPOSE, "PORT: 3000", "PORT: 3001", 12),
        row("a variable of a list", "compose.yaml", COMPOSE, "PGPORT=5432", "PGPORT=1", 7),
        row("the long form", "compose.yaml", COMPOSE, "published: 8080", "published: 8081", 17),
        row("a flow list", "compose.yaml", "services:\n  a:\n    ports: ['1:1', '2:2']\n", "2:2", "3:2", 3),
        row("one that is taken away", "compose.yml", TWO, '      - "2:2"\n', "", 0),
        row(
            "a new service",
            "compose.yml",
            COMPOSE,
            "  web:",
            '  cache:\n    ports:\n      - "6379:6379"\n  web:',
        ),
        row(
            "a flow mapping",
            "compose.yml",
            "services: {api: {ports: ['3000:80'], environment: {LOG: x}}, db: {ports: ['1:1']}}\n",
            "3000:80",
            "3001:80",
            1,
        ),
        row("a name in a flow mapping", "compose.yml", "services: {a: {image: x:3000}}\n", "3000", "3001"),
        row("an image", "compose.yml", COMPOSE, "postgres:16", "postgres:17"),
        row("a comment", "compose.yml", COMPOSE, '      - "5432', '      # why\n      - "5432'),
        row("quotes", "compose.yml", COMPOSE, '"5432:5432"', "5432:5432"),
        row("a fixture", "tests/fixtures/compose.yml", COMPOSE, "- 3000:3000", "- 3001:3000"),
        # --- environment
        row("a variable", "apps/api/.env.example", "LOG=x\nPORT=3000\n", "3000", "4000", 2),
        row("an address", ".env.sample", 'API_URL="http://localhost:3001/x"\n', "3001", "3002", 1),
        row("a new variable", ".env.example", "PORT=3000\n", "3000\n", "3000\nREPORT_ID=7\n"),
        row("a portfolio", ".env", "PORTFOLIO_ID=6\n", "6", "7"),
        row("a viewport", ".env", "VIEWPORT=1280\n", "1280", "1440"),
        row("a transport", ".env", "TRANSPORT=8080\n", "8080", "8081"),
        row("an address without one", ".env", "URL=http://x/a\n", "x/a", "x/b"),
        # --- scripts and images
        row("a script", "package.json", '{"scripts": {\n "dev": "vite --port 3000"\n}}\n', "3000", "3001", 2),
        row("an exposed port", "Dockerfile", "FROM x\nEXPOSE 3000\n", "3000", "3001", 2),
        row(
            "an address to bind",
            "package.json",
            '{"scripts": {\n "a": "gunicorn -b 0.0.0.0:80"\n}}\n',
            "80",
            "81",
            2,
        ),
        row("a process", "Procfile", "web: uvicorn --port 3000\nworker: x\n", "3000", "3001", 1),
        row("another process", "Procfile", "web: uvicorn --port 3000\n", "web", "b: c --port 1\nweb"),
        # --- configuration
        row("YAML", "config/app.yaml", "server:\n  port: 3000\n", "3000", "3001", 2),
        row("a flow mapping of YAML", "config.yaml", "server: {host: x, port: 3000}\n", "3000", "3001", 1),
        row("JSON", "apps/api/config.json", '{"server": {\n  "httpPort": 3000}}\n', "3000", "3001", 2),
        row("TOML", "fly.toml", "[http_service]\ninternal_port = 3000\n", "3000", "3001", 2),
        row("another server", "config.yaml", "a:\n  port: 3000\n", "3000\n", "3000\nb:\n  port: 3001\n"),
        row("a number in data", "data/harbours.json", '{"port": 3000}\n', "3000", "3001"),
        row("a viewport in JSON", "config.json", '{"viewport": 1280, "ports": "many"}\n', "1280", "1440"),
        row("a fixture of JSON", "tests/config.json", '{"port": 3000}\n', "3000", "3001"),
        row("a version", "package.json", '{\n "version": "3000"\n}\n', "3000", "3001"),
        # --- TypeScript
        row(
            "a dev server", "vite.config.ts", "export default { server: { port: 5173 } }\n", "5173", "5174", 1
        ),
        row("listen", SERVER, "app.listen(3000)\n", "3000", "3001", 1),
        row("a constant that is exported", SERVER, "export const PORT = 3000;\n", "3000", "3001", 1),
        row("listen with options", SERVER, "app.listen({ host, port: 3000 })\n", "3000", "3001", 1),
        row("serve", SERVER, "serve({ fetch: app.fetch, port: 3000 })\n", "3000", "3001", 1),
        row("a default", SERVER, "const port = Number(process.env.PORT ?? '3000')\n", "3000", "3001", 1),
        row(
            "a schema's default",
            "apps/api/env.ts",
            "PORT: z.coerce.number().default(3000),\n",
            "3000",
            "3001",
            1,
        ),
        row("a constant", SERVER, "export const API_PORT = 3000\n", "3000", "3001", 1),
        row(
            "the same, elsewhere",
            "vite.config.ts",
            "export default { port: 1234 }\n",
            "export",
            "// moved\nexport",
        ),
        row(
            "a port of ports and adapters",
            "apps/api/ports/w.ts",
            "export const port = { size: 10 }\n",
            "10",
            "20",
        ),
        row("a number in ports/", "apps/api/ports/w.ts", "export const port = 3000\n", "3000", "4000"),
        row("a viewport", SERVER, "const size = env.VIEWPORT ?? 1280\n", "1280", "1440"),
        row("a transport", SERVER, "const TRANSPORT = 8080\nmakeTransport({ port: 80 })\n", "80 }", "81 }"),
        row("a test", "apps/api/__tests__/a.test.ts", "app.listen(3000)\n", "3000", "3001"),
        row("an object", "apps/api/wishes.ts", "const wish = { port: 5000 }\n", "5000", "6000"),
        row("a comment", SERVER, "// app.listen(3000)\n", "3000", "3001"),
        # --- Python
        row("a server", "app/main.py", "uvicorn.run(app, port=8000)\n", "8000", "8001", 1),
        row("a default", "app/main.py", "port = os.environ.get('PORT', '8000')\n", "8000", "8001", 1),
        row("a constant", "app/main.py", "API_PORT: int = 8000\n", "8000", "8001", 1),
        row(
            "an option",
            "app/main.py",
            "p.add_argument('--port', type=int, default=8000)\n",
            "8000",
            "8001",
            1,
        ),
        row("ports/", "core/ports/store.py", "PORT = 3000\n", "3000", "4000"),
        row("a viewport", "app/main.py", "VIEWPORT = 1280\n", "1280", "1440"),
        row("a transport", "app/main.py", "os.getenv('TRANSPORT', '10')\n", "10", "20"),
        row("a comment", "app/main.py", "# uvicorn.run(app, port=8000)\n", "8000", "8001"),
        # --- others
        passes("a new file", "docker-compose.yml", COMPOSE),
        passes("a file that goes", "docker-compose.yml", None, before=COMPOSE),
    ],
)
def test_ports(case: Case) -> None:
    assert case.lines("port-changed") == case.flagged


@pytest.mark.parametrize(
    ("plan", "settled", "is_settled"),
    [
        ("Move the dev server to port 5433", "", True),
        ("- change `PORT` from 5432 to 5433", "", True),
        ("Publish `db` on 5433", "", True),
        ("Port: 5433", "", True),
        ("", "Which port for the database?: 5433", True),
        ("", "May the port of db become 5433?: Yes", True),
        ("", "Which address?: use port 5433 for now", True),
        ("", "", False),
        ("Move the dev server to port 5434", "", False),
        ("Move the dev server to port 54330", "", False),
        ("Ports & adapters: move 5 files", "", False),
        ("The table has 5433 rows", "", False),
        ("Port 5433 is taken by the gateway", "", False),
        ("Do not change the port to 5433", "", False),
        ("Change the port from 5433 to 5500", "", False),
        ("Change the port: 5433 -> 5500", "", False),
        ("", "Which port for the database?: 5500, not 5433", False),
        ("", "May the port of db become 5433?: No", False),
        ("", "How many rows?: 5433", False),
    ],
)
def test_a_port_that_the_plan_or_a_person_names(plan: str, settled: str, is_settled: bool) -> None:
    case = Case(
        path="compose.yml",
        before=COMPOSE,
        after=COMPOSE.replace('"5432:5432"', '"5433:5432"'),
        flagged=() if is_settled else (5,),
        plan=plan,
        settled=(settled,) if settled else (),
    )
    assert case.lines("port-changed") == case.flagged


def test_each_new_number_has_to_be_settled() -> None:
    after = COMPOSE.replace('"5432:5432"', '"5433:5434"')
    case = Case("compose.yml", after, (5,), before=COMPOSE, plan="Change the port of db to 5433")
    assert case.lines("port-changed") == case.flagged


def test_that_a_port_goes_is_settled_by_no_number() -> None:
    after = TWO.replace('      - "2:2"\n', "")
    case = Case("compose.yml", after, (0,), before=TWO, plan="Change port 2, use port 1")
    assert case.lines("port-changed") == case.flagged
