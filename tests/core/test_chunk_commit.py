"""`commit: chunk`: a git commit for each approved chunk, beside the engineer's own work (SPEC 4.6)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core import events as ev
from core.journal import Journal
from core.session import Run
from core.story import InputFault
from core.trust import trust
from core.undo_command import undo
from tests.core.git_repository import WHO, Repository
from tests.core.small_story import (
    close_chunk,
    complete,
    drive,
    edit,
    events,
    open_chunk,
    reply,
    resume_run,
    script_file,
    start_run,
    write,
    written,
)
from tests.core.undone_run import ANSWERS, NAMES, OLD, SERVICE, TALL, script


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def run_in(repo: Repository, folder: Path) -> Run:
    return start_run(repo.root, script(folder), answers=ANSWERS, review="never", environ=repo.environ)


def whole_run(repo: Repository, folder: Path) -> Run:
    run = run_in(repo, folder)
    assert drive(run).outcome == "complete"
    return run


def commits(run: Run) -> list[ev.ChunkCommitted]:
    return [event for event in events(run) if isinstance(event, ev.ChunkCommitted)]


def warnings(run: Run) -> list[str]:
    return [event.text for event in events(run) if isinstance(event, ev.WarningRaised)]


# --- what is committed ------------------------------------------------------------------


def test_each_approved_chunk_is_one_commit_of_its_files(repo: Repository, tmp_path: Path) -> None:
    run = whole_run(repo, tmp_path)
    assert repo.subjects() == ["DEMO-001 chunk 2: names", "DEMO-001 chunk 1: count", "before"]
    assert repo.names("HEAD~1") == [f"M {SERVICE}"]
    assert repo.names("HEAD") == [f"A {NAMES}", f"D {OLD}", f"M {TALL}"]
    assert repo.content(f"HEAD:{TALL}") == (repo.root / TALL).read_bytes()
    message = repo.git("log", "-1", "--format=%B")
    assert message == (f"DEMO-001 chunk 2: names\n\nnamed\n\nStory: DEMO-001\nChunk: 2\nSigned-off-by: {WHO}")
    assert repo.git("log", "-1", "--format=%(trailers:key=Signed-off-by,valueonly)").strip() == WHO
    assert repo.git("log", "-1", "--format=%an <%ae>|%cn <%ce>") == f"{WHO}|{WHO}"
    assert repo.status() == []
    assert [(e.chunk, e.commit, e.branch) for e in commits(run)] == [
        (1, repo.git("rev-parse", "HEAD~1"), "main"),
        (2, repo.git("rev-parse", "HEAD"), "main"),
    ]
    assert [c.commit for c in run.state.approved_chunks] == [e.commit for e in commits(run)]
    assert f"- Commit: {commits(run)[0].commit[:12]} on main\n" in written(repo.root, "BACKEND-LOG.md")


def test_nothing_is_committed_unless_it_is_asked_for(repo: Repository, tmp_path: Path) -> None:
    (repo.root / ".signoff/config.yaml").write_text('checks:\n  commands: [["true"]]\n')
    run = whole_run(repo, tmp_path)
    assert repo.subjects() == ["before"] and not commits(run)


def test_a_new_program_keeps_its_mode_and_an_old_one_too(repo: Repository, tmp_path: Path) -> None:
    script_ = script_file(
        tmp_path,
        [reply(open_chunk(), edit("echo old", "echo new", OLD), close_chunk())],
        [reply(complete())],
    )
    assert drive(start_run(repo.root, script_, review="never", environ=repo.environ)).outcome == "complete"
    assert repo.git("ls-tree", "HEAD", "--", OLD).startswith("100755 ")
    assert repo.status() == []


def test_what_the_engineer_has_staged_and_edited_stays_theirs(repo: Repository, tmp_path: Path) -> None:
    (repo.root / "mine.txt").write_text("staged\n")
    repo.git("add", "mine.txt")
    (repo.root / "mine.txt").write_text("edited\n")
    (repo.root / "pyproject.toml").write_text("# mine\n")
    # Staged in a file that chunk 1 changes: the index differs from HEAD there, and stays.
    service = (repo.root / SERVICE).read_text()
    (repo.root / SERVICE).write_text(f"{service}# staged\n")
    repo.git("add", SERVICE)
    (repo.root / SERVICE).write_text(service)
    whole_run(repo, tmp_path)
    assert repo.status() == [f"MM {SERVICE}", "AM mine.txt", " M pyproject.toml"]
    assert repo.content(f":{SERVICE}").endswith(b"# staged\n")
    assert repo.content(":mine.txt") == b"staged\n"
    assert repo.names("HEAD~1") == [f"M {SERVICE}"]


def test_an_edit_right_after_staging_is_still_seen_by_git(repo: Repository, tmp_path: Path) -> None:
    """git tells such an edit by the time of its index: ours must not be newer than what it says."""
    (repo.root / "pyproject.toml").write_text("# 1\n")
    repo.git("add", "pyproject.toml")
    (repo.root / "pyproject.toml").write_text("# 2\n")
    whole_run(repo, tmp_path)
    assert repo.status() == ["MM pyproject.toml"]


# --- where ------------------------------------------------------------------------------


def test_on_a_detached_head(repo: Repository, tmp_path: Path) -> None:
    repo.git("checkout", "-q", "--detach")
    run = whole_run(repo, tmp_path)
    assert repo.subjects()[:2] == ["DEMO-001 chunk 2: names", "DEMO-001 chunk 1: count"]
    assert repo.git("log", "--format=%s", "main") == "before"
    assert [event.branch for event in commits(run)] == [None, None]
    assert "on a detached head" in written(repo.root, "BACKEND-LOG.md")


def test_in_a_repository_without_commits(tmp_path: Path) -> None:
    repo = Repository(tmp_path, committed=False)
    script_ = script_file(
        tmp_path,
        [reply(open_chunk(), write(NAMES, "NAME = 'a'\n"), close_chunk())],
        [reply(complete())],
    )
    run = start_run(repo.root, script_, review="never", environ=repo.environ)
    assert drive(run).outcome == "complete"
    assert repo.subjects() == ["DEMO-001 chunk 1: count"]
    assert repo.names("HEAD") == [f"A {NAMES}"]
    assert f"?? {SERVICE}" in repo.status() and f"?? {NAMES}" not in repo.status()


def test_in_a_linked_worktree(repo: Repository, tmp_path: Path) -> None:
    (repo.root / ".gitignore").write_text("")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "all")
    linked = tmp_path / "linked"
    repo.git("worktree", "add", "-q", "-b", "side", str(linked))
    run = start_run(linked, script(tmp_path), answers=ANSWERS, review="never", environ=repo.environ)
    assert drive(run).outcome == "complete"
    assert repo.git("log", "-1", "--format=%s", "side") == "DEMO-001 chunk 2: names"
    assert repo.git("log", "-1", "--format=%s", "main") == "all"
    assert repo.git("status", "--porcelain", "--", "apps", cwd=linked) == ""
    assert [event.branch for event in commits(run)] == ["side", "side"]


def test_on_whatever_the_engineer_has_checked_out_by_then(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def between() -> None:
        repo.git("checkout", "-q", "-b", "later")
        (repo.root / "mine.txt").write_text("mine\n")
        repo.git("add", "mine.txt")
        repo.git("commit", "-q", "-m", "mine")

    at(monkeypatch, lambda e: isinstance(e, ev.ChunkFinished) and e.chunk == 1, between)
    run = whole_run(repo, tmp_path)
    assert repo.subjects() == [
        "DEMO-001 chunk 2: names", "DEMO-001 chunk 1: count", "mine", "before"
    ]  # fmt: skip
    assert [event.branch for event in commits(run)] == ["later", "later"]
    assert repo.names("HEAD~1") == [f"M {SERVICE}"] and repo.status() == []


# --- once -------------------------------------------------------------------------------


class Crash(BaseException):
    """Like a kill: nothing may catch it and carry on."""


def at(
    patch: pytest.MonkeyPatch,
    when: Callable[[ev.Event], bool],
    act: Callable[[], None],
    *,
    before: bool = False,
) -> None:
    real, left = Journal.append, [act]

    def append(self: Journal, record: ev.Record) -> None:
        if before and left and when(record.event):
            left.pop()()
        real(self, record)
        if left and when(record.event):
            left.pop()()

    patch.setattr(Journal, "append", append)


def crash() -> None:
    raise Crash


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(
    ("kind", "before"), [(ev.ChunkFinished, False), (ev.ChunkCommitted, True), (ev.ChunkCommitted, False)]
)
def test_a_crash_around_a_commit_leaves_one(
    repo: Repository, tmp_path: Path, kind: type[ev.ChunkFinished], before: bool, number: int
) -> None:
    run = run_in(repo, tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        at(patch, lambda e: isinstance(e, kind) and e.chunk == number, crash, before=before)
        with pytest.raises(Crash):
            drive(run)
    again = resume_run(
        repo.root, script(tmp_path), run.run_id, answers=ANSWERS, review="never", environ=repo.environ
    )
    assert drive(again).outcome == "complete"
    assert repo.subjects() == ["DEMO-001 chunk 2: names", "DEMO-001 chunk 1: count", "before"]
    assert [event.chunk for event in commits(again)] == [1, 2]
    assert [event.commit for event in commits(again)] == [
        repo.git("rev-parse", place) for place in ("HEAD~1", "HEAD")
    ]
    assert repo.status() == []


def test_a_commit_of_another_run_with_the_same_number_is_not_taken_for_it(
    repo: Repository, tmp_path: Path
) -> None:
    whole_run(repo, tmp_path)
    repo.git("revert", "--no-edit", "HEAD", "HEAD~1")
    (repo.root / "plans/features/demo/in-progress/DEMO-001/_implementation/BACKEND-LOG.md").unlink()
    again = whole_run(repo, tmp_path)
    assert repo.subjects()[:2] == ["DEMO-001 chunk 2: names", "DEMO-001 chunk 1: count"]
    assert [event.commit for event in commits(again)] == [
        repo.git("rev-parse", place) for place in ("HEAD~1", "HEAD")
    ]


# --- undo -------------------------------------------------------------------------------


def undo_in(repo: Repository, run: Run, *choices: tuple[str, str]) -> str:
    trust(repo.root)
    return undo(repo.root, run.run_id, choices, repo.environ)  # type: ignore[arg-type]


def test_an_undone_commit_is_taken_back_by_another_one(repo: Repository, tmp_path: Path) -> None:
    run = whole_run(repo, tmp_path)
    undone = repo.git("rev-parse", "HEAD")
    undo_in(repo, run)
    assert repo.subjects()[0] == "DEMO-001 undo chunk 2: names"
    assert repo.git("log", "-1", "--format=%b").startswith(
        f"This takes back commit {undone}.\n\nStory: DEMO-001"
    )
    assert repo.git("diff", "HEAD~2", "HEAD", "--stat") == "" and repo.status() == []
    assert [event.chunk for event in commits(run)] == [1, 2, 2]
    again = resume_run(
        repo.root, script(tmp_path), run.run_id, answers=ANSWERS, review="never", environ=repo.environ
    )
    assert drive(again).outcome == "complete"
    assert repo.subjects()[:2] == ["DEMO-001 chunk 3: names", "DEMO-001 undo chunk 2: names"]


def test_the_engineers_edits_are_no_part_of_the_commit_that_takes_back(
    repo: Repository, tmp_path: Path
) -> None:
    run = whole_run(repo, tmp_path)
    tall = repo.root / TALL
    tall.write_bytes(tall.read_bytes().replace(b"LINE_9: int = 9", b"LINE_9: int = 99"))
    (repo.root / NAMES).write_text("NAME = 'mine'\n")
    undo_in(repo, run, (TALL, "merge"), (NAMES, "keep"))
    assert repo.names("HEAD") == [f"A {OLD}", f"M {TALL}"]
    assert repo.content(f"HEAD:{TALL}") == repo.content(f"HEAD~1~1:{TALL}")
    assert b"LINE_9: int = 99" in tall.read_bytes()
    assert repo.status() == [f" M {NAMES}", f" M {TALL}"]


def test_an_undo_after_a_crash_before_the_commit_was_recorded(repo: Repository, tmp_path: Path) -> None:
    run = run_in(repo, tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        at(patch, lambda e: isinstance(e, ev.ChunkCommitted) and e.chunk == 2, crash, before=True)
        with pytest.raises(Crash):
            drive(run)
    undo_in(repo, run)
    assert repo.subjects() == [
        "DEMO-001 undo chunk 2: names", "DEMO-001 chunk 2: names", "DEMO-001 chunk 1: count", "before"
    ]  # fmt: skip
    assert [event.chunk for event in commits(run)] == [1, 2, 2] and repo.status() == []


def test_a_crash_before_the_undo_is_committed(repo: Repository, tmp_path: Path) -> None:
    run = whole_run(repo, tmp_path)
    for before in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            kind = ev.ChunkCommitted if before else ev.ChunkUndone
            at(patch, lambda e, kind=kind: isinstance(e, kind), crash, before=before)  # type: ignore[misc]
            with pytest.raises(Crash):
                if before:
                    drive(resumed(repo, tmp_path, run))
                else:
                    undo_in(repo, run)
    assert drive(resumed(repo, tmp_path, run)).outcome == "complete"
    assert repo.subjects() == [
        "DEMO-001 chunk 3: names",
        "DEMO-001 undo chunk 2: names",
        "DEMO-001 chunk 2: names",
        "DEMO-001 chunk 1: count",
        "before",
    ]


def resumed(repo: Repository, folder: Path, run: Run) -> Run:
    return resume_run(
        repo.root, script(folder), run.run_id, answers=ANSWERS, review="never", environ=repo.environ
    )


# --- a run that could not commit --------------------------------------------------------


def test_without_a_name_no_run_begins(repo: Repository, tmp_path: Path) -> None:
    (repo.home / ".gitconfig").unlink()
    with pytest.raises(InputFault, match=r"commit: chunk needs git, and a user\.name and user\.email"):
        run_in(repo, tmp_path)
    assert not (repo.root / ".signoff/runs").exists()


def test_without_git_no_run_begins(repo: Repository, tmp_path: Path) -> None:
    (repo.root / "bin").mkdir()
    repo.environ["PATH"] = str(repo.root / "bin")
    with pytest.raises(InputFault, match="git is not on PATH"):
        run_in(repo, tmp_path)
