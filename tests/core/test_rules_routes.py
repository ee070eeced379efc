from __future__ import annotations

import pytest

from tests.core.rule_files import changed, findings, flagged

TS = "apps/api/routes/wishes.ts"
PY = "app/routes/wishes.py"


def body(count: int) -> str:
    return "".join(f"  const v{n} = '{{ ( [ {n}'\n" for n in range(count))


PYTHON = "    a = 1\n" * 49
DEEPER = "        a = 1\n" * 49
OBJECT = "  a: () => 1,\n" * 60


def inline(count: int) -> str:
    return f"const app = new Hono()\napp.post('/wishes', validate(Schema), async c => {{\n{body(count)}}})\n"


def test_a_typescript_handler_of_fifty_lines_is_flagged_and_of_forty_nine_is_not() -> None:
    assert flagged("route-too-long", TS, inline(48)) == [2]
    assert flagged("route-too-long", TS, inline(47)) == []


@pytest.mark.parametrize(
    "text",
    [
        f"const r = new Hono()\n  .get('/a', c => f(c))\n  .post('/b', async c => {{\n{body(50)}  }})\n",
        f"app.openapi(route, async c => {{\n{body(50)}}})\n",
        f"app.get<'/x', Env>('/x', withAuth(async function (c) {{\n{body(50)}}}))\n",
        f"const list = async (c: Context): Promise<Response> => {{\n{body(50)}}}\napp.get('/', list)\n",
        f"async function list(c: Context) {{\n{body(50)}}}\napp.get('/', auth, list)\n",
        f"export default async function handler(req, res) {{\n{body(50)}}}\n",
    ],
)
def test_every_way_to_write_a_handler_is_seen(text: str) -> None:
    assert len(flagged("route-too-long", TS, text)) == 1


def test_the_length_is_that_of_a_handler_not_of_the_file() -> None:
    many = "".join(f"app.get('/{n}', async c => {{\n{body(20)}}})\n" for n in range(10))
    assert flagged("route-too-long", TS, many) == []


def test_blank_lines_and_comments_do_not_count() -> None:
    airy = inline(40).replace(
        "  const v3 ", "\n\n  // why\n  /* so\n     that\n  */\n\n\n\n\n\n\n  const v3 "
    )
    assert flagged("route-too-long", TS, airy) == []
    doc = '    """One.\n\n' + "    more\n" * 40 + '    """\n'
    assert flagged("route-too-long", PY, f"@router.get('/')\ndef f():\n{doc}    return 1\n") == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("apps/api/services/wishes.ts", inline(60)),
        ("apps/api/routes/wishes.test.ts", inline(60)),
        (TS, f"const helper = (a: string) => {{\n{body(60)}}}\napp.get('/', c => helper('x'))\n"),
        (
            TS,
            f"const schemas = {{\n{OBJECT}}}\napp.post('/', schemas)\n",
        ),
        (TS, f"app.post('/', {{\n{OBJECT}}}, c => c)\n"),
        (TS, f"// app.get('/', c => {{\n{body(60)}// }})\n"),
        (PY, f"@mock.patch('x')\ndef f():\n{PYTHON}"),
        (PY, f"def helper():\n{PYTHON}"),
    ],
)
def test_what_is_no_handler_may_be_long(path: str, text: str) -> None:
    assert flagged("route-too-long", path, text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"@router.post('/x')\nasync def add(request):\n{PYTHON}",
        f"@bp.route('/x')\ndef add():\n{PYTHON}",
        f"def register(router):\n    def add(q):\n{DEEPER}    router.add('POST', '/x', add)\n",
    ],
)
def test_a_long_python_handler_is_flagged(text: str) -> None:
    assert len(flagged("route-too-long", PY, text)) == 1
    assert flagged("route-too-long", PY, text.replace("a = 1\n", "\n", 1)) == []


def test_a_handler_that_was_long_and_did_not_grow_is_left_alone() -> None:
    before = inline(60)
    assert flagged("route-too-long", TS, before.replace("const v9 ", "const w9 "), before) == []
    assert flagged("route-too-long", TS, before.replace("const v9 ", "a()\n  const v9 "), before) == [12]


def test_a_new_route_without_any_service_is_a_warning() -> None:
    text = "import { Hono } from 'hono'\nconst app = new Hono()\napp.get('/', c => c.text('x'))\n"
    (finding,) = findings("service-before-route", changed(TS, text))
    assert (finding.severity, finding.line) == ("warn", 3)
    assert flagged(
        "service-before-route", PY, "from fastapi import APIRouter\n\n@router.get('/')\ndef f(): ...\n"
    ) == [3]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (TS, "import { list } from '../services/wishes'\napp.get('/', c => list())\n"),
        (TS, "import { list } from '@repo/gallery'\napp.get('/', c => list())\n"),
        (TS, "export const PATH = '/wishes'\nconst v = map.get(key)\n"),
        ("apps/api/routes/health.ts", "app.get('/', c => c.text('ok'))\n"),
        ("apps/web/src/wishes.ts", "app.get('/', c => c.text('ok'))\n"),
        (PY, "from ..services import wishes\n\n@router.get('/')\ndef f(): ...\n"),
        (PY, "from packages.core.wishes import wishes\n\n@router.get('/')\ndef f(): ...\n"),
    ],
)
def test_a_route_on_a_service_is_none(path: str, text: str) -> None:
    assert flagged("service-before-route", path, text) == []


def test_an_old_route_or_a_service_in_the_same_chunk_is_none() -> None:
    text = "app.get('/', c => c.text('x'))\n"
    assert flagged("service-before-route", TS, text + text, text) == []
    service = changed("apps/api/services/wishes/index.ts", "export {}\n")
    assert findings("service-before-route", changed(TS, text), service) == []
