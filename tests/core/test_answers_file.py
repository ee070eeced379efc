"""The answers file: what it may say, and how a run ends that it answers wrongly."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from core.answering import answer
from core.answers_file import AnswersFile, DecisionAnswer, load_answers
from core.arguments import build_parser
from core.cli import run_command
from core.events import BlockerRaised, DecisionResolved
from core.session import Run
from core.spoken import guarded
from core.story import InputFault
from tests.core.small_story import (
    complete,
    drive,
    events,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    script_file,
    start_run,
    written,
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "expected a mapping"),
        ("decisions: [{option: 1}]", "no 'match'"),
        ("decisions: [{match: x}]", "neither an `option` nor a `text`"),
        ("decisions: [{match: '(', option: 1}]", "unterminated"),
        ("decisions: [x]", "answers.yaml: "),
        ("reviews: [{chunk: 1, verdict: fine}]", "unknown verdict 'fine'; known: approve"),
        ("reviews: [{chunk: 1, verdict: request_changes}]", "says what to change"),
        (
            "reviews: [{chunk: 1, verdict: request_changes, comments: [{text: a, line: b}]}]",
            "invalid literal",
        ),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(text)
    with pytest.raises(InputFault, match=said):
        load_answers(path)


def test_an_option_that_is_not_there_ends_the_run_and_decides_nothing(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    script = script_file(tmp_path, [reply(open_chunk(), raise_decision(tier=4)), reply(complete())])
    stand_in = AnswersFile(
        name="answers.yaml", decisions=(DecisionAnswer(match="name", option="7", text="", note=""),)
    )
    run = start_run(root, script, answers=stand_in)
    finished = drive(run)
    assert (finished.outcome, finished.exit_code) == ("blocked", 2)
    assert "answers.yaml: there is no option 7; the options are 1 (Short), 2 (Long)" in finished.reason
    kinds = [type(event) for event in events(run)]
    assert BlockerRaised in kinds and DecisionResolved not in kinds
    assert "Which name?" in written(root, "BLOCKERS.md")
    (waiting,) = run.state.pending
    assert "Which name?: Long" in answer(root, run.run_id, waiting.request_id, "2", "")


@pytest.mark.parametrize("command", [["run", "f", "S-1"], ["resume", "S-1"], ["demo"]])
def test_on_the_screen_no_file_answers(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    args = build_parser().parse_args([*command, "--answers", "a.yaml"])

    def never(run: Run, args: argparse.Namespace) -> int:
        raise AssertionError("nothing runs")

    assert guarded(lambda: run_command(args, never)) == 2
    assert "--answers goes with --headless" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
