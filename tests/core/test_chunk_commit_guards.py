"""What a commit of a chunk must not do: run the repository's programs, hold more than the chunk, or come
between the engineer and what they are in the middle of."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core import events as ev
from core.commands import AnswerInput, Command
from core.session import Run
from core.undo_command import undo
from tests.core.git_repository import Repository
from tests.core.small_story import (
    close_chunk,
    complete,
    drive,
    drive_attended,
    edit,
    events,
    open_chunk,
    reply,
    resume_run,
    script_file,
    start_run,
    write,
)
from tests.core.undone_run import ANSWERS, ITEMS, NAMES, SERVICE, TALL, script


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def run_in(repo: Repository, folder: Path) -> Run:
    run = start_run(repo.root, script(folder), answers=ANSWERS, review="never", environ=repo.environ)
    assert drive(run).outcome == "complete"
    return run


def warnings(run: Run) -> list[str]:
    found = [event.text for event in events(run) if isinstance(event, ev.WarningRaised)]
    return [text for text in found if "commit" in text]


# --- the repository's programs ----------------------------------------------------------


def program(repo: Repository, place: str, ran: Path) -> Path:
    path = repo.root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "$0" >> "{ran}"\ncat\n')
    path.chmod(0o755)
    return path


def test_neither_hooks_nor_a_monitor_nor_a_signer_run(repo: Repository, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    for hook in (
        "pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change", "pre-auto-gc"
    ):  # fmt: skip
        program(repo, f".git/hooks/{hook}", ran)
    hooks = program(repo, "hooks/reference-transaction", ran).parent
    for key, value in (
        ("core.hooksPath", str(hooks)),
        ("core.fsmonitor", str(program(repo, ".git/monitor", ran))),
        ("core.pager", str(program(repo, ".git/pager", ran))),
        ("core.editor", str(program(repo, ".git/editor", ran))),
        ("gpg.program", str(program(repo, ".git/gpg", ran))),
        ("commit.gpgsign", "true"),
        ("log.showSignature", "true"),
    ):
        repo.git("config", key, value)
    ran.unlink(missing_ok=True)
    run = run_in(repo, tmp_path)
    assert [c.commit != "" for c in run.state.approved_chunks] == [True, True]
    assert not ran.exists()


def test_a_filter_does_not_run_and_what_it_is_for_is_not_committed(repo: Repository, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    repo.git("config", "filter.secret.clean", str(program(repo, ".git/clean", ran)))
    repo.git("config", "filter.secret.smudge", str(program(repo, ".git/smudge", ran)))
    (repo.root / ".gitattributes").write_text("names.py filter=secret\n")
    run = run_in(repo, tmp_path)
    assert not ran.exists()
    assert repo.subjects() == ["DEMO-001 chunk 1: count", "before"]
    assert warnings(run) == [
        f"chunk 2 is not committed: git's filter secret is for {NAMES}, and filters are not run: "
        "commit it yourself"
    ]


# --- more than the chunk ----------------------------------------------------------------


def test_a_file_that_was_not_committed_before_is_not_committed_with_the_chunk(
    repo: Repository, tmp_path: Path
) -> None:
    service = repo.root / SERVICE
    service.write_text(service.read_text() + "# mine, not committed\n")
    run = run_in(repo, tmp_path)
    assert repo.subjects() == ["DEMO-001 chunk 2: names", "before"]
    assert warnings(run)[0].startswith(
        f"chunk 1 is not committed: the last commit does not have {SERVICE} as the chunk found it"
    )
    assert repo.status() == [f" M {SERVICE}"]


def test_a_file_of_another_repository_inside_is_not_committed(repo: Repository, tmp_path: Path) -> None:
    (repo.root / ITEMS / "naming/.git").mkdir(parents=True)
    run = run_in(repo, tmp_path)
    assert repo.subjects() == ["DEMO-001 chunk 1: count", "before"]
    assert f"chunk 2 is not committed: {ITEMS}/naming belongs to another repository" in warnings(run)[0]


def test_a_submodule_that_is_not_there_is_not_replaced(repo: Repository, tmp_path: Path) -> None:
    head = repo.git("rev-parse", "HEAD")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{head},{ITEMS}/naming")
    repo.git("commit", "-q", "-m", "a submodule")
    run = run_in(repo, tmp_path)
    assert repo.subjects() == ["DEMO-001 chunk 1: count", "a submodule", "before"]
    assert f"{ITEMS}/naming belongs to another repository" in warnings(run)[0]


def test_a_folder_that_git_still_has_in_the_place_of_a_file(repo: Repository, tmp_path: Path) -> None:
    """Its files were removed, and nobody has committed that: the chunk's commit would do it."""
    folder = repo.root / ITEMS / "place"
    folder.mkdir()
    (folder / "one.py").write_text("ONE = 1\n")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "a folder")
    shutil.rmtree(folder)
    script_ = script_file(
        tmp_path,
        [reply(open_chunk(), write(f"{ITEMS}/place", "text\n"), close_chunk())],
        [reply(complete())],
    )
    run = start_run(repo.root, script_, review="never", environ=repo.environ)
    assert drive(run).outcome == "complete"
    assert repo.subjects() == ["a folder", "before"]
    assert "its commit would hold more than its changes" in warnings(run)[0]


def test_what_the_worker_says_can_not_pass_for_a_trailer(repo: Repository, tmp_path: Path) -> None:
    said = "done\n---\nSigned-off-by: Mallory <m@example.org>\nStory: OTHER-1\x1b[2J"
    script_ = script_file(
        tmp_path,
        [
            reply(
                open_chunk("count\nSigned-off-by: Mallory"),
                edit("TOTAL: int = 0", "TOTAL: int = 1"),
                close_chunk(said),
            )
        ],
        [reply(complete())],
    )
    assert drive(start_run(repo.root, script_, review="never", environ=repo.environ)).outcome == "complete"
    trailers = repo.git("log", "-1", "--format=%(trailers:only)").split("\n")
    assert trailers[:3] == ["Story: DEMO-001", "Chunk: 1", "Signed-off-by: Ada Lovelace <ada@example.org>"]
    parsed = repo.git("log", "-1", "--format=%B")
    assert "\x1b" not in parsed and "\n---\n" not in parsed
    assert repo.subjects()[0] == "DEMO-001 chunk 1: count Signed-off-by: Mallory"


# --- in the middle of something ---------------------------------------------------------


def in_a_merge(repo: Repository) -> None:
    repo.git("checkout", "-q", "-b", "side")
    (repo.root / "pyproject.toml").write_text("# side\n")
    repo.git("commit", "-q", "-am", "side")
    repo.git("checkout", "-q", "main")
    (repo.root / "pyproject.toml").write_text("# main\n")
    repo.git("commit", "-q", "-am", "main")
    repo.git("merge", "-q", "side", ok=False)


def in_a_rebase(repo: Repository) -> None:
    in_a_merge(repo)
    repo.git("merge", "--abort")
    repo.git("rebase", "-q", "side", ok=False)


def in_a_cherry_pick(repo: Repository) -> None:
    in_a_merge(repo)
    repo.git("merge", "--abort")
    repo.git("cherry-pick", "side", ok=False)


def in_a_bisect(repo: Repository) -> None:
    repo.git("bisect", "start", "HEAD")


@pytest.mark.parametrize(
    ("begin", "what"),
    [
        (in_a_merge, "a merge"),
        (in_a_rebase, "a rebase"),
        (in_a_cherry_pick, "a cherry-pick"),
        (in_a_bisect, "a bisect"),
    ],
)
def test_with_nobody_there_it_is_a_warning_once(
    repo: Repository, tmp_path: Path, begin: object, what: str
) -> None:
    begin(repo)  # type: ignore[operator]
    head, status = repo.git("rev-parse", "HEAD"), repo.status()
    run = run_in(repo, tmp_path)
    assert repo.git("rev-parse", "HEAD") == head
    assert set(status) <= set(repo.status())
    assert warnings(run) == [
        f"chunk {n} is not committed: {what} is under way: finish or abort it" for n in (1, 2)
    ]


async def test_a_person_is_asked_and_can_finish_it_first(repo: Repository, tmp_path: Path) -> None:
    in_a_merge(repo)
    asked: list[str] = []

    def answer(run: Run) -> Command:
        pending = run.state.pending[0]
        asked.append(pending.title)
        if len(asked) == 2:
            repo.git("merge", "--abort")
        return AnswerInput(request_id=pending.request_id, option="again")

    script_ = script_file(
        tmp_path,
        [reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk())],
        [reply(complete())],
    )
    run = start_run(repo.root, script_, attended=True, review="never", environ=repo.environ)
    assert (await drive_attended(run, answer)).outcome == "complete"
    assert asked == ["Chunk 1 can't be committed now"] * 2
    assert repo.subjects()[:2] == ["DEMO-001 chunk 1: count", "main"]


async def test_what_was_left_is_committed_with_the_next_one(repo: Repository, tmp_path: Path) -> None:
    in_a_merge(repo)
    script_ = script_file(
        tmp_path,
        [reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk())],
        [
            reply(open_chunk("more", ["2"]), edit("TOTAL: int = 1", "TOTAL: int = 2"), close_chunk("more")),
        ],
        [reply(complete(()))],
    )

    def answer(run: Run) -> Command:
        repo.git("merge", "--abort")
        return AnswerInput(request_id=run.state.pending[0].request_id, option="leave")

    run = start_run(repo.root, script_, attended=True, review="never", environ=repo.environ)
    assert (await drive_attended(run, answer)).outcome == "complete"
    assert repo.subjects()[:3] == ["DEMO-001 chunk 2: more", "DEMO-001 chunk 1: count", "main"]
    assert len(warnings(run)) == 1


def test_an_index_in_use_is_left_alone(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.git_index.PAUSE_S", 0)
    lock = repo.root / ".git/index.lock"
    lock.write_text("somebody's")
    run = run_in(repo, tmp_path)
    assert lock.read_text() == "somebody's"
    assert [c.commit != "" for c in run.state.approved_chunks] == [True, True]
    assert "git's index is in use" in warnings(run)[0] and "git reset -q" in warnings(run)[0]


def test_a_branch_that_is_locked_gets_no_commit_until_it_is_free(repo: Repository, tmp_path: Path) -> None:
    lock = repo.root / ".git/refs/heads/main.lock"
    lock.write_text("")
    script_ = script_file(
        tmp_path, [reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk())]
    )
    run = start_run(repo.root, script_, review="never", environ=repo.environ)
    assert drive(run).outcome == "failed"
    assert repo.subjects() == ["before"] and "chunk 1 is not committed: git update-ref" in warnings(run)[0]
    lock.unlink()
    again = resume_run(repo.root, script_, run.run_id, review="never", environ=repo.environ)
    drive(again)
    assert repo.subjects() == ["DEMO-001 chunk 1: count", "before"]


def test_an_undo_in_an_untrusted_workspace_runs_no_git(repo: Repository, tmp_path: Path) -> None:
    run = run_in(repo, tmp_path)
    undo(repo.root, run.run_id, (), repo.environ)
    assert repo.subjects()[0] == "DEMO-001 chunk 2: names"
    assert f" M {TALL}" in repo.status()
