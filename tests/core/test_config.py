from __future__ import annotations

from pathlib import Path

import pytest

from core.config import Provenance, Settings, is_trusted, load_settings, trust
from core.domain import Budgets, CommandTemplate
from core.story import InputFault


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "workspace/.signoff").mkdir(parents=True)
    return tmp_path / "workspace"


def load(
    root: Path,
    workspace: str | None = None,
    user: str | None = None,
    trusted: bool = True,
    environ: dict[str, str] | None = None,
    **overrides: object,
) -> tuple[Settings, Provenance]:
    if workspace is not None:
        (root / ".signoff/config.yaml").write_text(workspace)
    home = root.parent / "home"
    home.mkdir(exist_ok=True)
    if user is not None:
        (home / "config.yaml").write_text(user)
    variables = {"SIGNOFF_CONFIG_DIR": str(home)} | (environ or {})
    return load_settings(root, environ=variables, overrides=overrides, trusted=trusted)


def test_defaults_when_nobody_says_anything(root: Path) -> None:
    settings, provenance = load(root)
    assert settings == Settings()
    assert set(provenance.origins.values()) == {"default"}


def test_every_key_of_the_file_is_read(root: Path) -> None:
    text = """
model: claude-haiku-5-5
effort: low
max_output_tokens: 8000
context_editing: false
autonomy: moderate
review: findings
commit: chunk
checks:
  commands: [[pnpm, check-types], [make, types]]
  timeout_s: 30
  warm: true
commands:
  - {name: generate, argv: [pnpm, gen, "{}"], description: makes code}
environment: [DATABASE_URL]
servers: {connect_s: 5, call_s: 9}
budgets: {max_cost_usd: 2.5, max_tokens: 100000, max_turns: 40, max_minutes: 90}
"""
    settings, provenance = load(root, text)
    assert settings == Settings(
        model="claude-haiku-5-5",
        effort="low",
        max_output_tokens=8000,
        context_editing=False,
        autonomy="moderate",
        review="findings",
        commit="chunk",
        check_commands=(("pnpm", "check-types"), ("make", "types")),
        check_timeout_s=30,
        check_warm=True,
        commands=(CommandTemplate(name="generate", argv=("pnpm", "gen", "{}"), description="makes code"),),
        environment=("DATABASE_URL",),
        server_connect_s=5,
        server_call_s=9,
        budgets=Budgets(max_cost_usd=2.5, max_tokens=100_000, max_turns=40, max_minutes=90),
    )
    assert set(provenance.origins.values()) == {".signoff/config.yaml"}


def test_the_command_line_wins_over_the_environment_over_the_workspace_over_the_user(root: Path) -> None:
    settings, provenance = load(
        root,
        workspace="model: workspace\neffort: low\nreview: each\n",
        user="model: user\neffort: max\nreview: never\nbudgets: {max_turns: 5}\n",
        environ={"SIGNOFF_MODEL": "environment", "SIGNOFF_EFFORT": "medium", "SIGNOFF_MAX_COST": "1.5"},
        model="line",
        autonomy=None,
    )
    assert (settings.model, settings.effort, settings.review, settings.autonomy) == (
        "line",
        "medium",
        "each",
        None,
    )
    assert settings.budgets == Budgets(max_cost_usd=1.5, max_turns=5)
    assert provenance.origins["model"] == "command line"
    assert provenance.origins["effort"] == "environment SIGNOFF_EFFORT"
    assert provenance.origins["review"] == ".signoff/config.yaml"
    assert provenance.origins["budgets.max_turns"].endswith("home/config.yaml")
    assert provenance.origins["autonomy"] == "default"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model: x\nreviews: each\n", "config.yaml:2: unknown key reviews; did you mean review?"),
        (
            "budgets:\n  max_turns: 3\n  max_turn: 3\n",
            "config.yaml:3: unknown key budgets.max_turn; did you mean",
        ),
        ("effort: ultra\n", "config.yaml:1: effort is 'ultra', expected one of low, medium"),
        ("checks: {warm: fast}\n", "config.yaml:1: checks.warm is 'fast', expected true or false"),
        ("commit: no\n", "config.yaml:1: commit is False, expected one of none, chunk"),
        (
            "\nmax_output_tokens: many\n",
            "config.yaml:2: max_output_tokens is 'many', expected a whole number",
        ),
        ("max_output_tokens: 1.5\n", "expected a whole number above 0"),
        ("budgets: {max_cost_usd: -1}\n", "expected a number above 0"),
        ("budgets: {max_cost_usd: .nan}\n", "expected a number above 0"),
        ("budgets: {max_turns: true}\n", "expected a whole number above 0"),
        ("budgets: 3\n", "config.yaml:1: budgets is 3, expected a mapping"),
        ("checks: {commands: [pnpm check-types]}\n", "no shell line"),
        ("commands: [{name: x}]\n", "expected name, argv"),
        ("commands: [{name: 'a b', argv: [x]}]\n", "expected name, argv"),
        ("- model\n", "config.yaml: expected a mapping"),
        ("model: 'x\n", "config.yaml:2: .*quoted scalar"),
    ],
)
def test_a_wrong_file_is_one_clear_line(root: Path, text: str, message: str) -> None:
    with pytest.raises(InputFault, match=message) as caught:
        load(root, text)
    assert str(caught.value).startswith(".signoff/config.yaml")


def test_a_wrong_variable_or_flag_is_named(root: Path) -> None:
    with pytest.raises(
        InputFault, match="environment SIGNOFF_REVIEW: review is 'always', expected one of each"
    ):
        load(root, environ={"SIGNOFF_REVIEW": "always"})
    with pytest.raises(InputFault, match="command line: autonomy is 'wild'"):
        load(root, autonomy="wild")


def test_an_untrusted_workspace_starts_no_process(root: Path) -> None:
    text = (
        "model: m\ncommit: chunk\ncommands: [{name: x, argv: [sh]}]\nchecks: {commands: [[sh]], timeout_s: 5}"
    )
    settings, provenance = load(root, text, trusted=False)
    assert settings == Settings(model="m", check_timeout_s=5)
    assert [w.split(" ")[1] for w in provenance.warnings] == ["checks.commands", "commands", "commit"]
    assert provenance.warnings[0].startswith(".signoff/config.yaml:4: ")
    assert load(root, trusted=True)[0].check_commands == (("sh",),)


def test_a_config_that_links_out_of_the_workspace_is_refused(root: Path) -> None:
    outside = root.parent / "outside.yaml"
    outside.write_text("model: m\n")
    (root / ".signoff/config.yaml").symlink_to(outside)
    with pytest.raises(InputFault, match="leads out of the workspace"):
        load(root)


# --- trust ------------------------------------------------------------------------------


def test_trust_is_remembered_by_real_path_and_outside_the_workspace(root: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    link = tmp_path / "link"
    link.symlink_to(root)
    before = sorted(root.rglob("*"))
    assert not is_trusted(root, state)
    trust(link, state)
    trust(tmp_path, state)
    assert is_trusted(root, state) and is_trusted(link, state)
    assert not is_trusted(root / ".signoff", state)
    assert sorted(root.rglob("*")) == before


def test_the_state_folder_comes_from_the_environment(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "s"))
    trust(root)
    assert is_trusted(root) and is_trusted(root, tmp_path / "s")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"trusted": 3}', "[" * 100_000])
def test_a_broken_memory_trusts_nothing_and_can_be_written_anew(
    root: Path, tmp_path: Path, text: str
) -> None:
    (tmp_path / "trusted.json").write_text(text)
    assert not is_trusted(root, tmp_path)
    trust(root, tmp_path)
    assert is_trusted(root, tmp_path)
