from __future__ import annotations

import pytest

from tests.core.rule_files import flagged

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


@pytest.mark.parametrize(
    ("path", "before", "old", "new", "line"),
    [
        ("docker-compose.yml", COMPOSE, '"5432:5432"', '"5433:5432"', 5),
        ("docker-compose.dev.yaml", COMPOSE, "- 3000:3000", "- 3001:3000", 10),
        ("compose.yaml", COMPOSE, "PORT: 3000", "PORT: 3001", 12),
        ("compose.yaml", COMPOSE, "PGPORT=5432", "PGPORT=1", 7),
        ("compose.yaml", COMPOSE, "published: 8080", "published: 8081", 17),
        ("compose.yaml", "services:\n  a:\n    ports: ['1:1', '2:2']\n", "2:2", "3:2", 3),
        ("apps/api/.env.example", "LOG=x\nPORT=3000\n", "3000", "4000", 2),
        (".env.sample", 'API_URL="http://localhost:3001/x"\n', "3001", "3002", 1),
        ("vite.config.ts", "export default { server: { port: 5173 } }\n", "5173", "5174", 1),
        ("package.json", '{"scripts": {\n "dev": "vite --port 3000"\n}}\n', "3000", "3001", 2),
        ("Dockerfile", "FROM x\nEXPOSE 3000\n", "3000", "3001", 2),
        ("apps/api/server.ts", "app.listen(3000)\n", "3000", "3001", 1),
        ("apps/api/server.ts", "const port = Number(process.env.PORT ?? '3000')\n", "3000", "3001", 1),
        ("app/main.py", "uvicorn.run(app, port=8000)\n", "8000", "8001", 1),
        ("app/main.py", "port = os.environ.get('PORT', '8000')\n", "8000", "8001", 1),
    ],
)
def test_a_changed_port_is_flagged(path: str, before: str, old: str, new: str, line: int) -> None:
    assert flagged("port-changed", path, before.replace(old, new, 1), before) == [line]


def test_a_port_that_is_taken_away_is_flagged_without_a_line() -> None:
    before = 'services:\n  a:\n    ports:\n      - "1:1"\n      - "2:2"\n'
    assert flagged("port-changed", "compose.yml", before.replace('      - "2:2"\n', ""), before) == [None]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("docker-compose.yml", COMPOSE, COMPOSE + '  cache:\n    ports:\n      - "6379:6379"\n'),
        ("docker-compose.yml", COMPOSE, COMPOSE.replace("postgres:16", "postgres:17")),
        ("docker-compose.yml", COMPOSE, COMPOSE.replace('      - "5432', '      # why\n      - "5432')),
        ("docker-compose.yml", COMPOSE, COMPOSE.replace('"5432:5432"', "5432:5432")),
        (".env.example", "PORT=3000\n", "PORT=3000\nREPORT_ID=7\nSUPPORT=1\n"),
        (
            ".env.example",
            "REPORT_ID=6\nEXPORTS=1\nURL=http://x/a\n",
            "REPORT_ID=7\nEXPORTS=2\nURL=http://x/b\n",
        ),
        ("vite.config.ts", "export default { port: 1234 }\n", "// moved\nexport default { port: 1234 }\n"),
        (
            "apps/api/ports/wishes.ts",
            "export const port = { size: 10 }\n",
            "export const port = { size: 20 }\n",
        ),
        ("core/ports/store.py", "PAGE = 3000\n", "PAGE = 4000\n"),
        ("apps/api/__tests__/a.test.ts", "app.listen(3000)\n", "app.listen(3001)\n"),
        ("apps/api/wishes.ts", "const wish = { port: 5000 }\n", "const wish = { port: 6000 }\n"),
        ("package.json", '{\n "version": "3000"\n}\n', '{\n "version": "3001"\n}\n'),
        ("apps/api/server.ts", "// app.listen(3000)\n", "// app.listen(3001)\n"),
    ],
)
def test_a_new_port_or_another_number_is_not(path: str, before: str, after: str) -> None:
    assert flagged("port-changed", path, after, before) == []


def test_a_new_file_changes_no_port() -> None:
    assert flagged("port-changed", "docker-compose.yml", COMPOSE) == []
