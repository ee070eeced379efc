"""`signoff decide`: one question, or a run's, through the command line of core."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.arguments import build_parser
from core.cli import run_command
from core.decisions.tiers import LEVELS
from core.spoken import guarded
from core.what_if_table import table
from tests.core.decided_run import DecidedRun
from tests.core.small_story import (
    complete,
    drive,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    script_file,
    start_run,
)

PREFERENCES = "project_preferences: [{id: P1, pattern: colour, choice: Blue, locked: true}]\n"
AUTONOMY = "default_level: aggressive\nphase_overrides: {dev_implementation: {level: moderate}}\n"

Signoff = Callable[..., tuple[int, str, str]]


@pytest.fixture
def signoff(capsys: pytest.CaptureFixture[str]) -> Signoff:
    def run(*argv: str | Path) -> tuple[int, str, str]:
        args = build_parser().parse_args([str(each) for each in argv])
        code = guarded(lambda: run_command(args, lambda run, args: 0))
        out, err = capsys.readouterr()
        return code, out, err

    return run


def decided(signoff: Signoff, *argv: str | Path) -> dict[str, Any]:
    code, out, err = signoff("decide", *argv, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / "preferences.yaml").write_text(PREFERENCES)
    (folder / "autonomy.yaml").write_text(AUTONOMY)
    return folder


def test_the_json_of_a_question(signoff: Signoff, tmp_path: Path) -> None:
    assert decided(signoff, "--title", "Response format", "--workspace", tmp_path) == {
        "tier": 2,
        "tier_by": "pattern",
        "matched": ["default.tier_2.format"],
        "category": "preference",
        "architectural": False,
        "outcome": "escalate",
        "basis": "matrix",
        "choice": None,
        "reasons": [
            "conservative asks for tier 2 (no locked preference matches)",
            "tier 2 preference: default.tier_2.format matches",
        ],
    }


def test_the_matrix_chooses_nothing_and_a_preference_its_own(signoff: Signoff, config: Path) -> None:
    by_matrix = decided(signoff, "--title", "Blue or green", "--tier", "1", "--config", config)
    assert (by_matrix["outcome"], by_matrix["basis"], by_matrix["choice"]) == ("auto", "matrix", None)
    by_preference = decided(signoff, "--title", "Colour of the mark", "--tier", "2", "--config", config)
    assert (by_preference["basis"], by_preference["choice"]) == ("preference:P1", "Blue")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--tier", "5", "--risk", "low"], ("auto", 5, "matrix", "worker")),
        (["--tier", "5", "--risk", "high"], ("escalate", 5, "matrix", "worker")),
        (["--tier", "3"], ("auto", 3, "matrix", "worker")),
        (["--tier", "3", "--reading", "expansive"], ("escalate", 3, "matrix", "worker")),
        (["--tier", "2", "--architectural"], ("escalate", 2, "architectural", "worker")),
        (["--tier", "1", "--context", "Then delete all user records"], ("escalate", 4, "floor", "pattern")),
        (["--context", "nice to have"], ("defer", None, "moonshot", "unclassified")),
        ([], ("escalate", None, "matrix", "unclassified")),
    ],
)
def test_each_flag_counts(
    signoff: Signoff, tmp_path: Path, flags: list[str], expected: tuple[Any, ...]
) -> None:
    found = decided(
        signoff, "--title", "Blue or green", "--autonomous", "aggressive", "--workspace", tmp_path, *flags
    )
    assert tuple(found[key] for key in ("outcome", "tier", "basis", "tier_by")) == expected


def test_the_conditions_are_asked_of_the_flags(signoff: Signoff, config: Path) -> None:
    conditions = "{min_confidence: 0.8, has_project_convention: true, matches_existing_patterns: true}"
    (config / "autonomy.yaml").write_text(f"auto_accept: {{conditions: {conditions}}}\n")
    asked: list[str | Path] = [
        "--title",
        "Blue or green",
        "--tier",
        "1",
        "--autonomous",
        "moderate",
        "--config",
        config,
    ]
    met = ["--confidence", "0.8", "--has-convention", "--matches-pattern"]
    assert decided(signoff, *asked, *met)["outcome"] == "auto"
    for less in (met[2:], [*met[:2], met[3]], met[:3], ["--confidence", "0.79", *met[2:]]):
        assert decided(signoff, *asked, *less)["outcome"] == "escalate"


@pytest.mark.parametrize(
    ("autonomy", "flags", "level"),
    [
        (AUTONOMY, ["--autonomous", "conservative"], "conservative (--autonomous)"),
        (AUTONOMY, [], "moderate (phase_overrides.dev_implementation of autonomy.yaml)"),
        ("default_level: aggressive\n", [], "aggressive (default_level of autonomy.yaml)"),
        ("", [], "conservative (built-in default)"),
    ],
)
def test_the_explanation_says_which_level_and_why(
    signoff: Signoff, config: Path, autonomy: str, flags: list[str], level: str
) -> None:
    (config / "autonomy.yaml").write_text(autonomy)
    code, out, _ = signoff("decide", "--title", "Colour \x1b[31m", "--tier", "2", "--config", config, *flags)
    lines = out.splitlines()
    assert (code, lines[0], lines[1]) == (0, "auto: Blue", "  locked preference P1 says Blue")
    assert f"level          {level}" in lines
    assert "tier           tier 2 preference, told by the worker's own view" in lines


def test_the_policy_files_of_the_workspace_around_count(signoff: Signoff, tmp_path: Path) -> None:
    root = make_workspace(tmp_path, {".claude/config/preferences.yaml": PREFERENCES})
    inside = root / "apps" / "api"
    found = decided(signoff, "--title", "Colour", "--tier", "2", "--workspace", inside)
    assert found["basis"] == "preference:P1"


@pytest.mark.parametrize("flag", ["--config", "--workspace"])
def test_a_folder_that_is_not_there_is_one_line(signoff: Signoff, tmp_path: Path, flag: str) -> None:
    code, out, err = signoff("decide", "--title", "Colour", flag, tmp_path / "nowhere")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1 and "nowhere: expected a folder" in err


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["--title", " "],
        ["--title", "x", "--what-if", "y"],
        *(["--title", "x", "--tier", tier] for tier in ("0", "6", "two", "1.5")),
        *(["--title", "x", "--confidence", share] for share in ("1.5", "-0.1", "nan", "inf", "much")),
        ["--title", "x", "--risk", "none"],
        ["--title", "x", "--autonomous", "bold"],
    ],
)
def test_bad_usage_is_exit_2(signoff: Signoff, argv: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        signoff("decide", *argv)
    assert left.value.code == 2


# --- a run under each level -------------------------------------------------------------


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """With a run that took one question by itself and waits for another."""
    root = make_workspace(tmp_path)
    asked = [raise_decision("Which name?"), raise_decision("Which \x1b[31mcasing?", tier=2)]
    drive(start_run(root, script_file(tmp_path, [reply(open_chunk(), *asked)], [reply(complete())])))
    return root


def test_what_if_as_json(signoff: Signoff, workspace: Path) -> None:
    found = decided(signoff, "--what-if", "DEMO-001", "--workspace", workspace)
    assert found["level"] == "moderate"
    assert found["interruptions"] == {"conservative": 2, "moderate": 1, "aggressive": 0}
    first, second = found["rows"]
    assert [said["outcome"] for said in first["levels"]] == ["escalate", "auto", "auto"]
    assert (second["decision"], second["tier"], second["outcome"]) == (None, 2, "escalate")


def test_what_if_as_a_table(signoff: Signoff, workspace: Path) -> None:
    code, out, err = signoff("decide", "--what-if", "DEMO-001", "--workspace", workspace)
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert [line.split() for line in out.splitlines()[:4]] == [
        ["chunk", "tier", "question", "became", "conservative", "moderate", "(now)", "aggressive"],
        ["1", "1", "Which", "name?", "Short", "(auto)", "asks", "auto", "auto"],
        ["1", "2", "Which", "␛[31mcasing?", "open", "asks", "asks", "auto"],
        ["interruptions", "2", "1", "0"],
    ]


@pytest.mark.parametrize(
    "flag", [["--tier", "2"], ["--config", "."], ["--architectural"], ["--context", "x"]]
)
def test_what_describes_a_question_does_not_go_with_a_run(
    signoff: Signoff, workspace: Path, flag: list[str]
) -> None:
    code, _, err = signoff("decide", "--what-if", "DEMO-001", "--workspace", workspace, *flag)
    assert code == 2 and f"{flag[0]} goes with --title" in err


def test_an_unknown_run_is_one_line(signoff: Signoff, workspace: Path) -> None:
    code, _, err = signoff("decide", "--what-if", "nothing", "--workspace", workspace)
    assert code == 2 and "no run 'nothing'" in err


def test_the_table_marks_where_a_level_goes_the_other_way() -> None:
    run = DecidedRun()
    run.answer(run.ask("Blue or\ngreen \u202e" + "x" * 50, 2), "Right\x07")
    run.overturn(run.ask("宽 or narrow"), "Right")
    lines = table(run.what_if()).splitlines()
    assert lines[1].split()[-4:] == ["asks", "asks", "auto", "*"]
    assert lines[2].split()[-5:] == ["asks", "auto", "*", "auto", "*"]
    assert lines[0].index("moderate") == lines[3].index("1") == lines[1].rindex("asks")
    assert "Right␇ (user)" in lines[1] and "<U+202E>" in lines[1] and "…" in lines[1]
    assert lines[5] == "* would have gone the other way:"
    assert lines[6].endswith("aggressive would take Left (matrix)")
    assert lines[7] == "  宽 or narrow: moderate and aggressive would take Left (matrix)"
    assert lines[9].startswith("the journal holds no policy files")


def test_the_table_of_a_run_without_decisions() -> None:
    assert table(DecidedRun().what_if()) == "run-1: no decision was raised"
    assert all(level in table(with_one_question().what_if()) for level in LEVELS)


def with_one_question() -> DecidedRun:
    run = DecidedRun({})
    run.ask("Blue or green")
    return run
