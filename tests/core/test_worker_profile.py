"""Worker profiles: the bundled one says what the customer's document asks, wrong ones are refused."""

from __future__ import annotations

import pytest

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
        ("---\nname: x\nnmae: y\n---\nprompt", "unknown key 'nmae'"),
        ("---\nname: x\nrules: {todo: maybe}\n---\nprompt", "block, warn or off"),
        ("---\nname: x\ncommands: [{name: t, argv: make}]\n---\nprompt", "list of texts"),
    ],
)
def test_a_profile_that_is_wrong_says_where(text: str, said: str) -> None:
    with pytest.raises(InputFault, match=said):
        parse_profile(text, "mine.md")


@pytest.mark.parametrize(
    ("argv", "allowed"),
    [
        (("python", "-m", "pytest"), True),
        (("python", "-m", "pytest", "-q", "tests"), True),
        (("python", "-m", "http.server"), False),
        (("pnpm", "--filter", "@repo/api", "test"), True),
        (("pnpm", "--filter", "--workspace-root", "test"), False),
        (("pnpm", "--filter", "@repo/api", "test", "extra"), False),
        (("rm", "-rf", "."), False),
        (("mypy;rm",), False),
    ],
)
def test_commands_are_matched_argument_by_argument(argv: tuple[str, ...], allowed: bool) -> None:
    assert any(matches(template, argv) for template in bundled_profile("backend").commands) == allowed
