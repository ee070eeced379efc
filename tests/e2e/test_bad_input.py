"""What a person gets wrong: one clear line, exit 2, nothing written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.small_story import (
    FEATURE,
    IMPLEMENTATION,
    STORY,
    STORY_FOLDER,
    complete,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    script_file,
)
from tests.e2e.program import environ, signoff
from tests.soak import only_in_soak


def run(root: Path, *more: str, story: str = STORY, cwd: Path | None = None) -> tuple[int, str]:
    script = script_file(root.parent, [])
    done = signoff(
        "run", FEATURE, story, "--headless", "--model", f"scripted:{script}", "--trust", *more,
        cwd=cwd or root, state=root.parent / "state",
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def one_line(told: tuple[int, str]) -> str:
    code, said = told
    assert code == 2, said
    assert len(said.splitlines()) == 1, said
    return said


def test_a_missing_plan(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    (root / IMPLEMENTATION / "IMPLEMENTATION-PLAN.md").unlink()
    said = one_line(run(root))
    assert "IMPLEMENTATION-PLAN.md" in said and "PLAN.yaml" in said
    assert not (root / ".signoff").exists()


def test_a_plan_without_steps(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, {f"{IMPLEMENTATION}/IMPLEMENTATION-PLAN.md": "# Plan\n\nLater.\n"})
    assert "IMPLEMENTATION-PLAN.md" in one_line(run(root))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".claude/config/autonomy.yaml", "default_level: [\n"),
        (".claude/config/preferences.yaml", "a: 1\na: 2\n"),
        (".claude/config/decision-classification.yaml", "rules: {tier_1_x: {patterns: ['(?=look)']}}\n"),
        (".signoff/config.yaml", "modle: x\n"),
    ],
)
def test_configuration_that_cannot_be_read_whole(tmp_path: Path, name: str, text: str) -> None:
    root = make_workspace(tmp_path, {name: text})
    said = one_line(run(root))
    assert Path(name).name in said and ":" in said
    assert not (root / ".signoff/runs").exists()


def test_no_git_root(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    (root / ".git").rmdir()
    assert "git" in one_line(run(root))


def test_an_unknown_story_says_which_there_are(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    assert STORY in one_line(run(root, story="DEMO-002"))


def test_a_story_outside_its_folder(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    one_line(run(root, story="../../../etc"))


@pytest.mark.parametrize(
    "more", [("--model", "gpt:x"), ("--model", "scripted:nowhere.yaml"), ("--worker", "nowhere.md")]
)
def test_a_model_or_worker_that_is_not_there(tmp_path: Path, more: tuple[str, str]) -> None:
    one_line(run(make_workspace(tmp_path), *more))


def test_a_demo_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "mine.txt").write_text("keep")
    done = signoff("demo", "--headless", "--into", "w", cwd=tmp_path, state=tmp_path / "s")
    assert done.returncode == 2 and "is empty" in done.stderr
    assert (tmp_path / "w" / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize("command", [("resume", "nothing", "--headless"), ("journal", "show", "nothing")])
def test_an_unknown_run(tmp_path: Path, command: tuple[str, ...]) -> None:
    root = make_workspace(tmp_path)
    done = signoff(*command, cwd=root, state=tmp_path / "s")
    assert done.returncode == 2 and "no run 'nothing'" in done.stderr


def test_the_screen_without_a_terminal(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    script = script_file(tmp_path, [reply(complete())])
    done = signoff(
        "run", FEATURE, STORY, "--model", f"scripted:{script}", "--trust", cwd=root, state=tmp_path / "s"
    )
    assert done.returncode == 2 and "--headless" in done.stderr
    assert not (root / ".signoff").exists()


def test_the_story_folder_is_as_it_was(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, {".claude/config/autonomy.yaml": "default_level: [\n"})
    before = {p: p.read_bytes() for p in (root / STORY_FOLDER).rglob("*") if p.is_file()}
    run(root)
    assert {p: p.read_bytes() for p in (root / STORY_FOLDER).rglob("*") if p.is_file()} == before


def test_a_demo_folder_that_cannot_be_made(tmp_path: Path) -> None:
    done = signoff("demo", "--headless", "--into", "/dev/null/x", cwd=tmp_path, state=tmp_path / "s")
    assert done.returncode == 2 and "/dev/null/x: the demo's folder can't be made" in done.stderr
    assert "Traceback" not in done.stderr


@only_in_soak
def test_the_demo_leaves_the_repository_of_a_git_hook_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    plain = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", "init", "-q", "."], cwd=theirs, env=plain, check=True)
    before = tree(theirs)
    done = signoff(
        "demo", "--headless", "--into", "w", cwd=tmp_path, state=tmp_path / "s",
        GIT_DIR=str(theirs / ".git"), GIT_INDEX_FILE=str(theirs / ".git/index"), GIT_WORK_TREE=str(theirs),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert tree(theirs) == before
    assert (tmp_path / "w" / ".git" / "HEAD").is_file()


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_disk_fault_is_one_line_that_says_what_is_safe(tmp_path: Path) -> None:
    root = blocked_run(tmp_path)
    (root / ".signoff").mkdir()
    (root / ".signoff" / "runs").write_text("in the way")
    script = f"scripted:{tmp_path / 'script.yaml'}"
    done = signoff(
        "run", FEATURE, STORY, "--headless", "--trust", "--model", script, cwd=root, state=tmp_path / "s"
    )
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr
    assert ".signoff/runs" in done.stderr and "Nothing acknowledged is lost" in done.stderr


def blocked_run(tmp_path: Path) -> Path:
    """A workspace, and beside it the script of a run that comes to wait for a decision."""
    root = make_workspace(tmp_path)
    script_file(tmp_path, [reply(open_chunk(), raise_decision(tier=4)), reply(complete())])
    return root


def test_a_reader_that_leaves_does_not_change_the_exit_code(tmp_path: Path) -> None:
    root = blocked_run(tmp_path)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "tui.cli", "run", FEATURE, STORY, "--headless", "--trust",
         "--model", f"scripted:{tmp_path / 'script.yaml'}"],
        cwd=root, env=environ(tmp_path / "s"), stdout=write, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (3, "")


def test_a_journal_that_is_not_text_is_named_with_its_line(tmp_path: Path) -> None:
    root, state = blocked_run(tmp_path), tmp_path / "state"
    script = f"scripted:{tmp_path / 'script.yaml'}"
    made = signoff("run", FEATURE, STORY, "--headless", "--trust", "--model", script, cwd=root, state=state)
    assert made.returncode == 3, made.stderr
    (path,) = (root / ".signoff" / "runs").glob("*/journal.jsonl")
    whole = path.read_bytes()
    for damage, command in ((b"\xff\n", "show"), (b"[" * 100_000 + b"\n", "verify")):
        path.write_bytes(whole + damage)
        done = signoff("journal", command, STORY, "--json", cwd=root, state=state)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        line = whole.count(b"\n") + 1
        assert f"journal.jsonl:{line}: not" in done.stdout[-500:] + done.stderr
