"""Handlers are measured one by one, wherever they stand; and a route comes after its service."""

from __future__ import annotations

import pytest

from tests.core.rule_files import Case, changed, findings, flagged, flags, passes

TS = "apps/api/routes/wishes.ts"
PY = "app/routes/wishes.py"
APP = "const app = new Hono()\n"


def body(count: int) -> str:
    return "".join(f"  const v{n} = '{{ ( [ {n}'\n" for n in range(count))


LONG = body(50)
PYTHON = "    a = 1\n" * 49
DEEPER = "        a = 1\n" * 49
NUMBERS = "    2,\n" * 50
OBJECT = "  a: () => 1,\n" * 60


def inline(count: int) -> str:
    return f"{APP}app.post('/wishes', validate(Schema), async c => {{\n{body(count)}}})\n"


@pytest.mark.parametrize(
    "case",
    [
        # --- TypeScript
        flags("fifty lines", TS, inline(48), 2),
        passes("forty-nine lines", TS, inline(47)),
        flags(
            "a chain",
            TS,
            f"const r = new Hono()\n  .get('/a', c => f(c))\n  .post('/b', c => {{\n{LONG}  }})\n",
            3,
        ),
        flags("OpenAPI", TS, f"app.openapi(route, async c => {{\n{LONG}}})\n"),
        passes("the hook of OpenAPI", TS, f"app.openapi(route, c => c.json(1), (r, c) => {{\n{LONG}}})\n"),
        flags(
            "a wrapped function", TS, f"app.get<'/x', E>('/x', withAuth(async function (c) {{\n{LONG}}}))\n"
        ),
        flags("an expression", TS, f"app.get('/', async c =>\n  c.json([\n{NUMBERS}  ]))\n"),
        flags(
            "a constant by name",
            TS,
            f"const list = async (c: Context): Promise<R> => {{\n{LONG}}}\nr.get('/', list)\n",
        ),
        flags(
            "a function by name",
            TS,
            f"async function list(c: Context) {{\n{LONG}}}\nr.get('/', auth, list)\n",
        ),
        flags(
            "a function that a factory gives",
            TS,
            f"const list = (s: S) => async c => {{\n{LONG}}}\nr.get('/', list(s))\n",
        ),
        flags("a list of handlers", TS, f"const l = make(auth, async c => {{\n{LONG}}})\nr.get('/', ...l)\n"),
        flags(
            "a method by name",
            TS,
            f"class A {{\n  a = 1\n  add(c) {{\n{LONG}}}\n  f() {{ r.post('/', this.add.bind(this)) }}\n}}\n",
            3,
        ),
        flags(
            "an object's function",
            TS,
            f"const on = {{\n  list: async c => {{\n{LONG}}},\n}}\nr.get('/', on.list)\n",
            2,
        ),
        flags(
            "Express's route()", TS, f"router.route('/w').get(list).post(async (req, res) => {{\n{LONG}}})\n"
        ),
        flags(
            "Fastify's route()",
            TS,
            f"f.route({{ method: 'GET', url: '/w', async handler(q, r) {{\n{LONG}}} }})\n",
        ),
        flags("Fastify's options", TS, f"f.get('/w', {{ schema, handler: async (q, r) => {{\n{LONG}}} }})\n"),
        flags("Hono's on()", TS, f"app.on('PURGE', '/w', c => {{\n{LONG}}})\n"),
        flags(
            "NestJS",
            "apps/api/w.controller.ts",
            f"@Controller()\nclass W {{\n  @Get(':id')\n  one() {{\n{LONG}}}\n}}\n",
            4,
        ),
        flags("the default export", TS, f"export default async function handler(req, res) {{\n{LONG}}}\n"),
        flags(
            "a verb that is exported",
            "apps/api/x/route.ts",
            f"export const GET = async (req) => {{\n{LONG}}}\n",
        ),
        flags("a handler in the application's file", "apps/api/app.ts", inline(48), 2),
        flags("after a syntax error", TS, f"const = 1\n{inline(48)}", 3),
        passes(
            "ten handlers of twenty lines",
            TS,
            "".join(f"app.get('/{n}', c => {{\n{body(20)}}})\n" for n in range(10)),
        ),
        passes("a test", "apps/api/routes/wishes.test.ts", inline(60)),
        passes("a mocked server", "apps/api/__mocks__/server.ts", inline(60)),
        passes("a helper", TS, f"const h = (a: string) => {{\n{LONG}}}\napp.get('/', c => h('x'))\n"),
        passes("a schema", TS, f"const schemas = {{\n{OBJECT}}}\napp.post('/', schemas)\n"),
        passes("options", TS, f"app.post('/', {{\n{OBJECT}}}, c => c)\n"),
        passes("a plugin", TS, f"export default async (f) => {{\n{LONG}  f.get('/', list)\n}}\n"),
        passes("a factory", TS, f"export default (service: Service) => {{\n{LONG}}}\n"),
        passes("all of some promises", TS, f"await Promise.all(ids.map(async id => {{\n{LONG}}}))\n"),
        passes("a client", TS, f"http.get('http://x/y', res => {{\n{LONG}}})\n"),
        passes("a cache elsewhere", "apps/api/services/a.ts", f"cache.get('/k', async () => {{\n{LONG}}})\n"),
        passes("a comment", TS, f"// app.get('/', c => {{\n{LONG}// }})\n"),
        passes("a string", TS, f"const s = `app.get('/', c => {{\n{LONG}}})`\n"),
        passes(
            "blank lines and comments",
            TS,
            inline(40).replace(
                "  const v3 ", "\n\n  // why\n  /* so\n     that\n  */\n\n\n\n\n\n\n  const v3 "
            ),
        ),
        passes("one that was long and did not grow", TS, inline(60).replace("v9 ", "w9 "), before=inline(60)),
        flags(
            "one that grew", TS, inline(60).replace("const v9 ", "a()\n  const v9 "), 12, before=inline(60)
        ),
        # --- Python
        flags("FastAPI", PY, f"@router.post('/x')\nasync def add(request):\n{PYTHON}", 2),
        flags("Flask", PY, f"@bp.route('/x')\ndef add():\n{PYTHON}", 2),
        flags(
            "a router of another name",
            "app/main.py",
            f"wishes = APIRouter()\n@wishes.get('/')\ndef f():\n{PYTHON}",
            3,
        ),
        flags("aiohttp", PY, f"async def f(request):\n{PYTHON}app.add_routes([web.get('/', f)])\n"),
        flags(
            "a method",
            PY,
            f"class A:\n    def f(self):\n{DEEPER}    def g(self):\n        app.add_get('/', self.f)\n",
            2,
        ),
        flags("a class-based view", PY, f"class Wishes(MethodView):\n    def get(self):\n{DEEPER}", 2),
        flags("Falcon", PY, f"class Wishes:\n    def on_get(self, req, resp):\n{DEEPER}", 2),
        flags("Starlette", PY, f"async def f(request):\n{PYTHON}routes = [Route('/', f)]\n"),
        flags(
            "the sample's style",
            PY,
            f"def register(router):\n    def add(q):\n{DEEPER}    router.add('POST', '/x', add)\n",
            2,
        ),
        passes("blank lines", PY, f"@router.get('/')\ndef f():\n{PYTHON}".replace("a = 1\n", "\n", 1)),
        passes(
            "a docstring",
            PY,
            "@router.get('/')\ndef f():\n    '''One.\n" + "    more\n" * 60 + "    '''\n    return 1\n",
        ),
        passes("a patch", PY, f"@mock.patch('x')\ndef f():\n{PYTHON}"),
        passes("a helper", PY, f"def helper():\n{PYTHON}"),
        passes("a test", "app/routes/test_wishes.py", f"@router.get('/')\ndef f():\n{PYTHON}"),
        passes("a file that does not parse", PY, f"@router.get('/')\ndef f(:\n{PYTHON}"),
    ],
)
def test_long_handlers(case: Case) -> None:
    assert case.lines("route-too-long") == case.flagged


HONO = "import { Hono } from 'hono'\nconst app = new Hono()\n"


@pytest.mark.parametrize(
    "case",
    [
        flags("a route of Hono", TS, f"{HONO}app.get('/', c => c.text('x'))\n", 3),
        flags("a route with a handler from elsewhere", TS, f"{HONO}app.get('/', handler)\n", 3),
        flags(
            "a route of FastAPI", PY, "from fastapi import APIRouter\n\n@router.get('/')\ndef f(): ...\n", 3
        ),
        passes(
            "an imported service",
            TS,
            "import { list } from '../services/wishes'\napp.get('/', c => list())\n",
        ),
        passes("another package", TS, "import { list } from '@repo/gallery'\napp.get('/', c => list())\n"),
        passes("no route", TS, "export const PATH = '/wishes'\nconst v = map.get(key)\n"),
        passes("a health route", "apps/api/routes/health.ts", "app.get('/', c => c.text('ok'))\n"),
        passes("another folder", "apps/web/src/wishes.ts", "app.get('/', c => c.text('ok'))\n"),
        passes("a relative service", PY, "from ..services import wishes\n\n@router.get('/')\ndef f(): ...\n"),
        passes("the core", PY, "from packages.core.w import wishes\n\n@router.get('/')\ndef f(): ...\n"),
        passes(
            "an old route",
            TS,
            "app.get('/', c => 1)\napp.get('/x', c => 1)\n",
            before="app.get('/', c => 1)\n",
        ),
        passes("a comment", TS, "// app.get('/', c => c.text('x'))\n"),
        passes("a file that does not parse", PY, "@router.get('/')\ndef f(:\n"),
    ],
)
def test_a_service_comes_before_its_route(case: Case) -> None:
    assert case.lines("service-before-route") == case.flagged


def test_a_service_in_the_same_chunk_is_enough() -> None:
    route = changed(TS, "app.get('/', c => c.text('x'))\n")
    (alone,) = findings("service-before-route", route)
    assert alone.severity == "warn"
    service = changed("apps/api/services/wishes/index.ts", "export {}\n")
    assert findings("service-before-route", route, service) == []


def test_one_function_for_two_routes_is_one_finding() -> None:
    text = f"const list = c => {{\n{LONG}}}\napp.get('/a', list)\napp.get('/b', list)\n"
    assert flagged("route-too-long", TS, text) == [1]


def test_the_finding_names_the_route_and_its_length() -> None:
    (finding,) = findings("route-too-long", changed(TS, inline(58)))
    assert finding.severity == "block"
    assert "POST /wishes has 60 lines" in finding.message
