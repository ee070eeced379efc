"""`signoff demo --headless`: the whole product without a screen, and the files that it leaves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.e2e.program import IMPLEMENTATION, as_json, log_of, signoff
from tests.soak import only_in_soak

LABELS = (
    "- Objective (maps to story requirement/AC):",
    "- Files changed:",
    "- Summary of changes:",
    "- Reuse compliance:",
    "  - Reused:",
    "  - New:",
    "  - Why new was necessary:",
    "- Ports & adapters note:",
    "  - What stayed in core:",
    "  - What stayed in adapters:",
    "- Commands run (if any):",
    "- Notes / Risks:",
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The workspace that the Python demo left, and what the program said."""
    folder = tmp_path_factory.mktemp("demo")
    done = signoff("demo", "--headless", "--into", folder / "w", cwd=folder, state=folder / "state")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "w", done.stdout + done.stderr


def test_every_chunk_of_the_log_has_every_label(finished: tuple[Path, str]) -> None:
    log = log_of(finished[0])
    chunks = log.split("\n## Chunk ")[1:]
    assert len(chunks) >= 5
    for chunk in chunks:
        places = [chunk.index(f"\n{label}") for label in LABELS]
        assert places == sorted(places)
    assert log.rstrip("\n").splitlines()[-1] == "BACKEND COMPLETE"
    assert "## Worker Token Summary\n- Input: ~" in log


def test_the_run_shows_what_the_story_promises(finished: tuple[Path, str]) -> None:
    log = log_of(finished[0])
    for shown in (
        "- Fix attempt 1:",
        "auto-accepted, tier 1, matrix",
        "auto-accepted, tier 2, preference:",
        "by answers file, tier 2",
        "by answers file, tier 4",
        "refused — outside the worker's scope",
        "- Rules:",
        "- Review: changes requested by answers file (round 1)",
    ):
        assert shown in log, shown


def test_the_output_says_that_nobody_was_asked_and_that_it_is_scripted(finished: tuple[Path, str]) -> None:
    assert "the answers file answers.yaml stands in for the human" in finished[1]
    assert "scripted replies, no model is called" in finished[1]


def test_the_automatic_decisions_are_a_valid_ledger(finished: tuple[Path, str]) -> None:
    ledger = yaml.safe_load((finished[0] / IMPLEMENTATION / "DECISIONS-AUTO.yaml").read_text())
    assert ledger["schema"] == 1 and ledger["story_id"] == "WISH-001"
    assert [d["id"] for d in ledger["decisions"]] == ["AUTO-001", "AUTO-002"]
    assert {"chunk", "tier", "basis", "rationale", "confidence", "status"} <= set(ledger["decisions"][0])
    assert ledger["summary"]["auto_accepted"] == 2 and ledger["summary"]["escalated"] == 2


@pytest.mark.parametrize("check", [["mypy"], ["pytest", "-q"]])
def test_the_workspace_is_sound_afterwards(finished: tuple[Path, str], check: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *check],
        cwd=finished[0],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stdout


def test_the_journal_is_whole_and_the_run_is_listed(finished: tuple[Path, str]) -> None:
    root, state = finished[0], finished[0].parent / "state"
    verified = as_json(signoff("journal", "verify", "WISH-001", "--json", cwd=root, state=state))
    assert verified["ok"] and verified["records"] > 100
    (run,) = as_json(signoff("runs", "list", "--json", cwd=root, state=state))
    assert run["state"] == "complete" and run["needs_you"] == []
    assert (run["steps_done"], run["steps_total"], run["cost_usd"]) == (6, 6, None)
    shown = signoff("journal", "show", "WISH-001", "--json", cwd=root, state=state).stdout.splitlines()
    assert len(shown) == verified["records"]


def test_a_damaged_journal_is_named_with_its_line(finished: tuple[Path, str], tmp_path: Path) -> None:
    root, state = finished[0], finished[0].parent / "state"
    (folder,) = (root / ".signoff" / "runs").iterdir()
    path = folder / "journal.jsonl"
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:7], b"not a record\n", *lines[8:]]))
    done = signoff("journal", "verify", "WISH-001", cwd=root, state=state)
    path.write_bytes(whole)
    assert done.returncode == 1 and "journal.jsonl:8: not a record" in done.stdout


def test_the_blocked_variant_ends_with_the_diagnostics(tmp_path: Path) -> None:
    done = signoff(
        "demo", "--headless", "--variant", "blocked", "--into", "w", cwd=tmp_path, state=tmp_path / "s"
    )
    assert done.returncode == 4, done.stderr
    blockers = (tmp_path / "w" / IMPLEMENTATION / "BLOCKERS.md").read_text()
    assert "mypy" in blockers and "error:" in blockers and "fix 2:" in blockers


@only_in_soak
def test_with_answers_none_the_first_escalation_ends_the_run(tmp_path: Path) -> None:
    state = tmp_path / "s"
    done = signoff("demo", "--headless", "--answers", "none", "--into", "w", cwd=tmp_path, state=state)
    assert done.returncode == 3
    root = tmp_path / "w"
    assert log_of(root).rstrip().splitlines()[-1].startswith("BLOCKED: Decision required: ")
    while True:
        (run,) = as_json(signoff("runs", "list", "--json", cwd=root, state=state))
        if not run["needs_you"]:
            break
        request = run["needs_you"][0]["request_id"]
        assert signoff("answer", run["run_id"], request, "1", cwd=root, state=state).returncode == 0
        again = signoff("resume", run["run_id"], "--headless", cwd=root, state=state)
        assert again.returncode in (0, 3), again.stderr
    assert run["state"] == "complete"
    assert log_of(root).rstrip().splitlines()[-1] == "BACKEND COMPLETE"


@only_in_soak
def test_json_output_is_one_record_a_line(tmp_path: Path) -> None:
    import json

    done = signoff(
        "demo", "--headless", "--variant", "blocked", "--json", "--into", "w",
        cwd=tmp_path, state=tmp_path / "s",
    )  # fmt: skip
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["seq"] for r in records] == list(range(1, len(records) + 1))
    assert records[-1]["event"]["type"] == "run_finished"
