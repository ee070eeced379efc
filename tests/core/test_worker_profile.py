"""Worker profiles: the bundled one says what the customer's document asks, wrong ones are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.profile_check import check_profile
from core.story import InputFault
from core.tools.command import matches
from core.worker_profile import BUNDLED, bundled_profile, load_profile, parse_profile

# What the customer's agent document asks of the worker, in the words that must come through.
ASKED = (
    "ONLY the backend",
    "apps/api/services/{domain}/",
    "NO HTTP types",
    "apps/api/routes/{domain}.ts",
    "under 50 lines",
    "migrations and schema",
    "packages/backend/**",
    "packages/core/**",
    "transport-agnostic",
    "pnpm turbo gen api-endpoint",
    "React components",
    "Do NOT expand scope",
    "Reuse first",
    "Services first",
    "Never put business logic into a route handler",
    "No unrelated refactors",
    "TODO as a substitute",
    "Never change ports",
    "/__http__/",
    "NEVER make architectural decisions",
    "STOP implementing",
    "TWO fix attempts",
    "kb_search",
    "Per KB entry {ID}: {summary}",
    "Context7",
    "explain_query",
    "report_blocker",
    "why new was necessary",
    "AUTHORITATIVE",
    "Ports and adapters",
    "reused",
    "what stayed in core and what in adapters",
    "notes and risks",
    "acceptance criteria",
    "Zod schema validation patterns",
    "Drizzle ORM query patterns",
    "Hono framework middleware",
    "Vitest mocking database",
    "unsure of its current syntax",
    "list_objects",
    "get_object_details",
    "analyze_query_indexes",
    "migrations, complex queries and performance questions",
    "{domain} backend patterns",
    "api endpoint patterns {method}",
    "database migration patterns",
    "error handling patterns {domain}",
    "role dev and limit 3",
    "No result, or no knowledge base: the standard approach",
    "small, auditable chunks",
    "type check",
    "1 clarification, 2 preference, 3 ambiguous scope, 4 destructive, 5 external dependency",
    "token summary",
    "call `complete`",
)


@pytest.mark.parametrize("words", ASKED)
def test_the_backend_prompt_says_what_the_customer_asks(words: str) -> None:
    assert " ".join(words.split()) in " ".join(bundled_profile("backend").prompt.split())


def test_the_backend_profile_has_its_bounds() -> None:
    profile = bundled_profile("backend")
    assert (profile.log_file, profile.completion_signal) == ("BACKEND-LOG.md", "BACKEND COMPLETE")
    assert "apps/api/**" in profile.scope.inside and "apps/web/**" in profile.scope.outside
    assert profile.architecture_document == "docs/architecture/api-layer.md"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no front matter", "expected front matter"),
        ("---\nname: x\n", "not closed"),
        ("---\nname: x\n---\n\n", "prompt .* is empty"),
        ("---\nscope: {inside: [a]}\n---\nprompt", "`name` should be text"),
        ("---\nextends: backed\n---\nprompt", "`extends` is 'backed', expected one of backend, frontend"),
        ("---\nname: x\npermission_level: all\n---\nprompt", "expected one of code-write, read-only"),
        ("---\nname: x\nmcp_tools: ['a b']\n---\nprompt", "a server's name, or server__tool"),
        ("---\nname: x\nkb_tools: [kb_write]\n---\nprompt", "unknown tool 'kb_write'.*kb_search"),
        ("---\nname: x\nlog_file: a/b.md\n---\nprompt", "without a folder"),
        ("---\nname: x\nlog_file: BLOCKERS.md\n---\nprompt", "another file of the story"),
        ("---\nname: x\nlog_file: plan.yaml\n---\nprompt", "another file of the story"),
        ("---\nname: x\nlog_file: ..\n---\nprompt", "without a folder"),
        ("---\nname: x\nchecks: [auto, foo]\n---\nprompt", "unknown check 'foo'; known: auto, "),
        ("---\nname: x\nrules: {nosuch: block}\n---\nprompt", "unknown rule 'nosuch'; known: .*todo"),
        ("---\nname: x\ntools: [nosuch]\n---\nprompt", "unknown tool 'nosuch'; known: .*read_file"),
        ("---\nname: x\nscope: {inside: ['!']}\n---\nprompt", "scope.inside has '!', which is no glob"),
        ("---\nname: x\nscope: {outside: ['[z-a]']}\n---\nprompt", "scope.outside has '.z-a.'"),
        ("---\nname: x\nscope: {insde: [a]}\n---\nprompt", "`scope` has no key 'insde'"),
        ("---\nname: x\nnmae: y\n---\nprompt", "unknown key 'nmae'"),
        ("---\nname: x\nrules: {todo: maybe}\n---\nprompt", "block, warn or off"),
        ("---\nname: x\ncommands: [{name: t, argv: make}]\n---\nprompt", "list of texts"),
        ("---\nname: x\ncommands: [{name: t, argv: [a], flags: [-q]}]\n---\nprompt", "no key 'flags'"),
        ("---\nname: x\ncommands: [{name: t, argv: [a], options: [-q]}]\n---\nprompt", "ends in {...}"),
        ("---\nname: x\ncommands: [{name: t, argv: ['{...}', a]}]\n---\nprompt", "the last part"),
        (
            "---\nname: x\ncommands: [{name: t, argv: [a, '{...}'], options: [q]}]\n---\nprompt",
            "should read -q",
        ),
    ],
)
def test_a_profile_that_is_wrong_says_where(text: str, said: str) -> None:
    with pytest.raises(InputFault, match=said):
        parse_profile(text, "mine.md")


def test_a_profile_that_names_what_is_there_is_taken() -> None:
    text = (
        "---\nname: x\nlog_file: API LOG.md\nscope: {inside: ['a/**', '!a/b']}\nrules: {todo: off}\n"
        "tools: [read_file, complete]\nchecks: [python]\n---\nprompt"
    )
    profile = parse_profile(text, "mine.md")
    assert (profile.log_file, profile.rules, profile.checks) == (
        "API LOG.md",
        (("todo", "off"),),
        ("python",),
    )


@pytest.mark.parametrize("name", BUNDLED)
def test_the_bundled_profiles_name_what_is_there(name: str) -> None:
    check_profile(bundled_profile(name), f"{name}.md")


# The front matter of the customer's own document, which was written for another program.
AGENT = """---
created: 2026-01-24
updated: 2026-02-06
version: 3.4.0
type: worker
permission_level: code-write
mcp_tools: [context7, postgres-mcp]
kb_tools:
  - kb_search
shared:
  - _shared/decision-handling.md
  - ../../outside.md
---

# Agent: dev-implement-backend-coder

## Mission
Implement ONLY the backend portions of a story.
"""


def test_an_agent_document_of_the_customers_is_a_worker_with_the_bounds_of_backend(tmp_path: Path) -> None:
    agents = tmp_path / "repo/agents"
    (agents / "_shared").mkdir(parents=True)
    (agents / "_shared/decision-handling.md").write_text("Classify first.\n")
    (tmp_path / "outside.md").write_text("not for the worker")
    (agents / "coder.md").write_text(AGENT)
    worker, backend = load_profile(agents / "coder.md"), bundled_profile("backend")
    assert (worker.name, worker.mcp_tools, worker.kb) == (
        "dev-implement-backend-coder",
        ("context7", "postgres-mcp"),
        True,
    )
    assert (worker.scope, worker.rules, worker.commands) == (backend.scope, backend.rules, backend.commands)
    assert "# Shared: _shared/decision-handling.md\n\nClassify first." in worker.prompt
    assert "not for the worker" not in worker.prompt
    assert [w for w in worker.warnings if "../../outside.md is not there" in w] == list(worker.warnings)


def test_what_a_profile_gives_wins_over_what_it_extends() -> None:
    worker = parse_profile(
        "---\nname: x\nextends: frontend\nkb_tools: []\nrules: {todo: block}\n---\np", "x.md"
    )
    assert (worker.rules, worker.kb, worker.log_file) == ((("todo", "block"),), False, "FRONTEND-LOG.md")
    assert worker.scope == bundled_profile("frontend").scope


def test_a_worker_that_may_only_read_has_no_tool_that_writes() -> None:
    worker = parse_profile("---\nname: x\npermission_level: read-only\n---\nprompt", "x.md")
    assert "read_file" in worker.tools and not {"write_file", "run_command"} & set(worker.tools)


def test_a_profile_that_is_not_there_says_which_come_with_the_program(tmp_path: Path) -> None:
    with pytest.raises(InputFault, match=r"No such file.*backend, frontend"):
        load_profile(tmp_path / "nosuch.md")


@pytest.mark.parametrize(
    ("argv", "allowed"),
    [
        (("python", "-m", "pytest"), True),
        (("python", "-m", "pytest", "-q", "tests"), True),
        (("python", "-m", "http.server"), False),
        (("pnpm", "--filter", "@repo/api", "test"), True),
        (("pnpm", "--filter", "--workspace-root", "test"), False),
        (("pnpm", "--filter", "@repo/api", "test", "extra"), False),
        (("pnpm", "turbo", "gen", "api-endpoint", "--args", "sets"), True),
        (("pnpm", "check-types", "--filter", "@repo/api"), True),
        (("pnpm", "--filter", "api", "run", "test"), True),
        (("pnpm", "--filter", "api", "run", "db:drop"), False),
        (("pnpm", "--filter", "*", "test"), False),
        (("pnpm", "--filter", "../other", "test"), False),
        (("pnpm", "--filter", "{..}", "test"), False),
        (("python", "-m", "pytest", "-k", "not slow", "--tb=short", "apps/api/t.py::test_a"), True),
        (("python", "-m", "pytest", "-k"), False),
        (("python", "-m", "pytest", "-k", "--basetemp=apps/web"), False),
        (("python", "-m", "pytest", "--basetemp=apps/web"), False),
        (("python", "-m", "pytest", "--", "--basetemp=apps/web"), False),
        (("python", "-m", "pytest", "/etc"), False),
        (("python", "-m", "pytest", "apps/../../x"), False),
        (("python", "-m", "pytest", "@arguments.txt"), False),
        (("pytest", "--tb=/etc/x"), False),
        (("mypy", "--strict", "apps"), True),
        (("mypy", "--junit-xml", ".signoff/config.yaml"), False),
        (("mypy", "--python-executable=./evil.sh"), False),
        (("ruff", "check", "--output-format", "concise", "apps/api"), True),
        (("ruff", "check", "--fix", "apps/web"), False),
        (("ruff", "check", "-o", "apps/api/x"), False),
        (("rm", "-rf", "."), False),
        (("mypy;rm",), False),
    ],
)
def test_commands_are_matched_argument_by_argument(argv: tuple[str, ...], allowed: bool) -> None:
    assert any(matches(template, argv) for template in bundled_profile("backend").commands) == allowed
