"""Worker profiles: the bundled one says what the customer's document asks, wrong ones are refused."""

from __future__ import annotations

import pytest

from core.profile_check import check_profile
from core.story import InputFault
from core.tools.command import matches
from core.worker_profile import bundled_profile, parse_profile

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
        ("---\nlog_file: x.md\n---\nprompt", "`name` should be text"),
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


def test_the_bundled_profile_names_what_is_there() -> None:
    check_profile(bundled_profile("backend"), "backend.md")


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
