"""All rules together: registry, the table in the documents, the profile, and texts that break things."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain import Finding
from core.rules.registry import RULES, run_rules
from core.worker_profile import bundled_profile, parse_profile
from tests.core.rule_files import changed, context

DOCUMENT = Path(__file__).parents[2] / "docs" / "rules.md"
BROKEN_TS = "import { Hono } from 'hono'\n// TODO: x\nconst = {{{ ( [\n"
BROKEN_PY = "# TODO: x\ndef f(:\n"


def test_every_rule_is_registered_under_its_own_id() -> None:
    assert [rule.id for rule in RULES.values()] == list(RULES)
    assert all(rule.title for rule in RULES.values())


def test_the_document_lists_exactly_the_rules_with_their_severities() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(rule.id, rule.severity) for rule in RULES.values()]


# --- the worker profile -----------------------------------------------------------------

FILES = (changed("b.http", "GET x"), changed("a.ts", "// TODO: y\n// TODO: x\n"))
BOTH = [("a.ts:1", "todo", "warn"), ("a.ts:2", "todo", "warn"), ("b.http:None", "http-files", "block")]


def run(rules: str = "{}") -> list[tuple[str, str, str]]:
    """The findings in FILES with a profile of these rules, by file and line."""
    profile = parse_profile(f"---\nname: x\nrules: {rules}\n---\nprompt\n", "x.md")
    found: tuple[Finding, ...] = run_rules(FILES, context(), profile.rules)
    return [(f"{f.path}:{f.line}", f.rule, f.severity) for f in found]


def test_findings_come_by_file_and_line() -> None:
    assert run() == BOTH


def test_the_profile_rules_on_severity_and_turns_rules_off() -> None:
    blocking = [("a.ts:1", "todo", "block"), ("a.ts:2", "todo", "block")]
    assert run("{todo: block, http-files: off}") == blocking
    assert run("{todo: off}") == BOTH[2:]
    assert run("{http-files: warn, todo: off}") == [("b.http:None", "http-files", "warn")]


@pytest.mark.parametrize("rule", list(RULES))
def test_every_rule_can_be_turned_off(rule: str) -> None:
    profile = parse_profile(f"---\nname: x\nrules: {{{rule}: off}}\n---\nprompt\n", "x.md")
    assert profile.rules == ((rule, "off"),)
    found = run_rules((*FILES, changed("a.css", "x")), context(), profile.rules)
    assert rule not in {finding.rule for finding in found}


def test_the_bundled_profile_names_every_rule() -> None:
    assert dict(bundled_profile("backend").rules) == {rule.id: rule.severity for rule in RULES.values()}


# --- texts that break things ------------------------------------------------------------


def test_a_syntax_error_silences_no_rule_and_no_other_file() -> None:
    found = run_rules(
        (
            changed("apps/api/services/a.ts", BROKEN_TS),
            changed("services/b.py", BROKEN_PY),
            changed("services/c.py", "import flask\n"),
            changed("d.css", "x"),
        ),
        context(),
    )
    assert [(finding.path, finding.line, finding.rule) for finding in found] == [
        ("apps/api/services/a.ts", 1, "http-in-services"),
        ("apps/api/services/a.ts", 2, "todo"),
        ("d.css", None, "frontend-file"),
        ("services/b.py", 1, "todo"),
        ("services/c.py", 1, "http-in-services"),
    ]


def test_a_file_that_is_not_text_is_no_rules_business() -> None:
    assert run_rules((changed("apps/api/routes/a.ts", None, None),), context()) == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("apps/api/routes/a.ts", "a" + ".b" * 3000 + "()\n"),
        ("apps/api/routes/a.ts", "(" * 3000),
        ("apps/api/routes/a.ts", "app" + ".get('/x', c => c)\n" * 1500),
        ("apps/api/routes/a.ts", "const a = a\napp.get('/', a)\nconst b = c(b)\napp.get('/b', b)\n"),
        ("app/routes/a.py", "a" + ".b" * 2500 + "()\n"),
        ("app/routes/a.py", "(" * 3000),
        ("app/routes/a.py", "x = " + "-" * 3000 + "1\n"),
    ],
)
def test_no_depth_breaks_a_rule(path: str, text: str) -> None:
    for finding in run_rules((changed(path, text),), context()):
        assert finding.line is not None


PATHS = (
    "apps/api/routes/migrations/a.ts",
    "apps/api/services/a.tsx",
    "app/routes/migrations/a.py",
    "services/a.py",
    "db/migrations/a.sql",
    "compose.yml",
    ".env.x",
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "Dockerfile",
    "Procfile",
    "config.yaml",
    "config.json",
    "Cargo.toml",
    "go.mod",
    "Gemfile",
    "Pipfile",
    "setup.py",
    "setup.cfg",
    "environment.yml",
    "pnpm-workspace.yaml",
    ".npmrc",
)
WORDS = (
    "import from 'hono' get .get( ports: PORT= 3000 TODO def raise function down( drop table x const a class",
    '" ` ${ } { ( ) [ ] / // /* */ \\ , : ; = => - # -- @router.get() @Get() throw new Error( export default',
)
PIECES = st.sampled_from([*" ".join(WORDS).split(), "\n", "\r", "\t", "\f", "\0", "\u2028", "\u00e9", "    "])


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=30).map(" ".join), st.lists(PIECES, max_size=30).map("".join))
def test_no_text_breaks_a_rule(before: str, after: str) -> None:
    for old, new in ((before, after), (after, before)):
        for finding in run_rules(tuple(changed(path, new, old) for path in PATHS), context(plan="x")):
            assert finding.line is None or 1 <= finding.line <= new.count("\n") + 1
