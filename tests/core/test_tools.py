"""What the worker's tools do in a run: the commands' effects on files, secrets, odd inputs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from core import command_effects
from core import events as ev
from core.answers_file import AnswersFile, DecisionAnswer
from core.blobs import Blobs
from core.decision_desk import DecisionDesk
from core.session import Run
from tests.core.small_story import (
    IMPLEMENTATION,
    SERVICE,
    close_chunk,
    complete,
    drive,
    edit,
    events,
    make_workspace,
    open_chunk,
    reply,
    script_file,
    start_run,
    write,
)

# The decision that a command outside the templates is, answered: so a test can run what it likes.
ALLOW = AnswersFile(
    name="answers",
    decisions=(DecisionAnswer(match="^(Run a command|Delete)", option="1", text="", note=""),),
    reviews=(),
)
PAGE = "apps/web/page.py"
NO_CHECK = {".signoff/config.yaml": 'checks:\n  commands: [["true"]]\n'}
SECRET = "q7Wf93kLmZ81"


def shell(script: str) -> dict[str, Any]:
    return {"run_command": {"argv": ["sh", "-c", script], "reason": "a test"}}


def run_calls(folder: Path, root: Path, *calls: dict[str, Any]) -> Run:
    script = script_file(folder, [reply(open_chunk(), *calls), reply(close_chunk())], [reply(complete())])
    run = start_run(root, script, answers=ALLOW)
    drive(run)
    return run


def of(kind: type[Any], run: Run) -> list[Any]:
    return [event for event in events(run) if isinstance(event, kind)]


def answers(run: Run, tool: str) -> list[ev.ToolFinished]:
    return [event for event in of(ev.ToolFinished, run) if event.name == tool]


# --- what a command changes -------------------------------------------------------------


def test_what_a_command_changes_in_scope_is_part_of_the_chunk(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, {**NO_CHECK, "apps/api/old.py": "OLD = 1\n"})
    made = "mkdir -p apps/api/new && echo 'A = 1' > apps/api/new/a.py && rm apps/api/old.py"
    run = run_calls(tmp_path, root, shell(f"{made} && sed -i s/0/1/ {SERVICE}"))
    closed = of(ev.ChunkClosed, run)[0]
    assert [(c.action, c.path) for c in closed.files] == [
        ("create", "apps/api/new/a.py"),
        ("delete", "apps/api/old.py"),
        ("modify", SERVICE),
    ]
    assert closed.files[0].folders == ("apps/api/new",)
    kept = Blobs(run.folder / "blobs")
    assert kept.get(closed.files[2].before) == b'"""Items."""\n\nTOTAL: int = 0\n'
    assert kept.get(closed.files[1].before) == b"OLD = 1\n"
    assert "[changed: apps/api/new/a.py]" in answers(run, "run_command")[0].text


def test_what_a_command_changes_elsewhere_is_put_back_and_said(tmp_path: Path) -> None:
    plan, config = f"{IMPLEMENTATION}/IMPLEMENTATION-PLAN.md", ".signoff/config.yaml"
    hook = ".git/hooks/pre-commit"
    root = make_workspace(tmp_path, {**NO_CHECK, PAGE: "A = 1\n", "README.md": "read\n"})
    (root / PAGE).chmod(0o755)
    before = {name: (root / name).read_bytes() for name in (PAGE, "README.md", plan, config)}
    spoil = f"echo x > {PAGE}; chmod 600 {PAGE}; rm README.md; echo x > {plan}; echo x > {config}"
    run = run_calls(
        tmp_path,
        root,
        shell(f"{spoil}; mkdir -p apps/web/d .git/hooks; echo x > apps/web/d/n; echo x > {hook}"),
    )
    assert {name: (root / name).read_bytes() for name in before} == before
    assert (root / PAGE).stat().st_mode & 0o777 == 0o755
    assert not (root / hook).exists() and not (root / "apps/web/d").exists()
    denied = of(ev.ScopeDenied, run)
    assert {d.path for d in denied} == {*before, hook, "apps/web/d/n"}
    assert all(d.reason.startswith("changed by `sh -c") for d in denied)
    assert of(ev.ChunkClosed, run)[0].files == ()


def test_what_was_put_back_is_not_lost(tmp_path: Path) -> None:
    """It may have been the engineer who saved the file while the command ran."""
    root = make_workspace(tmp_path, {**NO_CHECK, PAGE: "A = 1\n"})
    run = run_calls(tmp_path, root, shell(f"echo theirs > {PAGE}"))
    reason = of(ev.ScopeDenied, run)[0].reason
    name = reason.partition("blob ")[2].rstrip(")")
    (blob,) = (run.folder / "blobs").glob(f"{name}*")
    assert blob.read_bytes() == b"theirs\n"


def test_a_command_that_changes_nothing_leaves_no_trace(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, {**NO_CHECK, ".gitignore": "*.log\n", "x.log": "hidden"})
    run = run_calls(
        tmp_path, root, shell(f"touch {SERVICE}; mkdir .mypy_cache; echo > .mypy_cache/x; echo more > x.log")
    )
    assert not of(ev.FileChangeStarted, run) and not of(ev.ScopeDenied, run)
    assert (root / ".mypy_cache/x").exists() and (root / "x.log").read_text() == "more\n"


def test_files_that_a_changed_gitignore_shows_are_not_taken_for_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_effects, "CLOCK_SLACK_NS", 0)
    root = make_workspace(tmp_path, {**NO_CHECK, ".gitignore": "*.log\n", "x.log": "hidden"})
    run_calls(tmp_path, root, shell("rm .gitignore"))
    assert (root / "x.log").read_text() == "hidden" and (root / ".gitignore").read_text() == "*.log\n"


def test_the_worker_goes_on_from_what_its_command_left(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, NO_CHECK)
    first, formatted = edit("TOTAL: int = 0", "TOTAL: int = 1"), shell(f"sed -i 's/= 1/= 2/' {SERVICE}")
    run = run_calls(tmp_path, root, first, formatted, edit("TOTAL: int = 2", "TOTAL: int = 3"))
    assert (root / SERVICE).read_text().endswith("TOTAL: int = 3\n")
    assert [c.action for c in of(ev.ChunkClosed, run)[0].files] == ["modify"]


def test_a_file_that_became_a_link_is_a_file_again(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, {**NO_CHECK, PAGE: "A = 1\n"})
    run_calls(tmp_path, root, shell(f"ln -sf /etc/passwd {SERVICE}; ln -sf /etc/passwd {PAGE}"))
    for path in (SERVICE, PAGE):
        assert not (root / path).is_symlink() and (root / path).is_file()


def test_what_was_too_large_to_keep_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_effects, "KEPT_FILE", 20)
    root = make_workspace(tmp_path, {**NO_CHECK, PAGE: "A = 1  # far too long\n"})
    run = run_calls(tmp_path, root, shell(f"echo x > {PAGE}; echo x > {SERVICE}"))
    assert "left so: it was too large to keep" in of(ev.ScopeDenied, run)[0].reason
    assert any(SERVICE in w.text and "too large to keep" in w.text for w in of(ev.WarningRaised, run))
    assert "too large" in answers(run, "run_command")[0].text


def test_secrets_are_put_back_and_kept_in_no_blob(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, {**NO_CHECK, "apps/api/.env": "A=1\n"})
    run = run_calls(tmp_path, root, shell("echo B=2 > apps/api/.env; echo C=3 > apps/api/.env.local"))
    assert (root / "apps/api/.env").read_text() == "A=1\n"
    assert {d.path for d in of(ev.ScopeDenied, run)} == {"apps/api/.env", "apps/api/.env.local"}
    blobs = [blob.read_bytes() for blob in (run.folder / "blobs").iterdir()]
    assert not {b"A=1\n", b"B=2\n", b"C=3\n"}.intersection(blobs)


# --- secrets ----------------------------------------------------------------------------


def test_a_redaction_mark_never_overwrites_a_secret(tmp_path: Path) -> None:
    text = f'URL = "postgres://app:{SECRET}@db/x"\nTOTAL: int = 0\n'
    root = make_workspace(tmp_path, {**NO_CHECK, SERVICE: text})
    shown = 'URL = "postgres://app:[redacted: password]@db/x"\nTOTAL: int = 1\n'
    run = run_calls(
        tmp_path,
        root,
        {"read_file": {"path": SERVICE}},
        write(SERVICE, shown),
        edit("TOTAL: int = 0", 'T = "[redacted: password]"'),
        edit("TOTAL: int = 0", "TOTAL: int = 2"),
    )
    assert "[redacted: password]" in answers(run, "read_file")[0].text
    assert answers(run, "write_file")[0].is_error and "use edit_file" in answers(run, "write_file")[0].text
    assert [a.is_error for a in answers(run, "edit_file")] == [True, False]
    assert (root / SERVICE).read_text() == text.replace("= 0", "= 2")


def test_secrets_in_output_and_hits_are_kept_nowhere(tmp_path: Path) -> None:
    url, key = f"postgres://app:{SECRET}@db/x", "MIIEow9aBcD0"
    pem = f"-----BEGIN RSA PRIVATE KEY-----\n{key}\n-----END RSA PRIVATE KEY-----\n"
    extra = {
        ".signoff/config.yaml": "checks:\n  commands: [[sh, -c, 'cat said; exit 1']]\n",
        "said": f"{SERVICE}:1: error: cannot reach {url}\n",
        "apps/api/a.ini": f"DB_PASSWORD={SECRET}\n{pem}",
    }
    root = make_workspace(tmp_path, extra)
    looks: list[dict[str, Any]] = [
        {"search": {"pattern": "DB_PASS|MII"}},
        {"read_file": {"path": "apps/api/a.ini", "offset": 3, "limit": 1}},
        {"run_command": {"argv": ["sh", "-c", "cat apps/api/a.ini"], "reason": "a test"}},
    ]
    run = run_calls(tmp_path, root, *looks)
    assert "DB_PASSWORD=[redacted: secret]" in answers(run, "search")[0].text
    told = [p for p in run.folder.rglob("*") if p.is_file() and p.suffix != ".lock"]
    for file in (*told, *(root / IMPLEMENTATION).iterdir()):
        held = file.read_bytes()
        assert SECRET.encode() not in held and key.encode() not in held, file


# --- odd inputs -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        {"delete_file": {"path": "../x", "rationale": "r"}},
        {"delete_file": {"path": "", "rationale": "r"}},
        {"delete_file": {"path": "a" * 300, "rationale": "r"}},
        {"search": {"pattern": "x", "path": "a" * 5000}},
        {"search": {"pattern": "x", "path": "a/" * 3000}},
        {"list_files": {"path": "b" * 5000}},
        {"read_file": {"path": "c/" * 2040 + "c"}},
    ],
)
def test_an_odd_input_is_an_answer_not_the_end(tmp_path: Path, call: dict[str, Any]) -> None:
    run = run_calls(tmp_path, make_workspace(tmp_path, NO_CHECK), call)
    assert answers(run, next(iter(call)))[0].is_error
    assert run.state.outcome == "complete"


def test_a_file_that_goes_while_its_delete_is_asked_is_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_workspace(tmp_path, NO_CHECK)
    decide = DecisionDesk.decide

    async def engineer_deletes_it(self: DecisionDesk, *given: Any, **more: Any) -> Any:
        (root / SERVICE).unlink()
        return await decide(self, *given, **more)

    monkeypatch.setattr(DecisionDesk, "decide", engineer_deletes_it)
    run = run_calls(tmp_path, root, {"delete_file": {"path": SERVICE, "rationale": "unused"}})
    assert "does not exist" in answers(run, "delete_file")[0].text
    assert run.state.outcome == "complete"


def test_names_that_are_no_text_are_listed_and_searched(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, {**NO_CHECK, ".gitignore": "*.log\n"})
    folder = os.fsencode(root / "apps/api")
    for name in (b"bad\xff.py", b"two\nlines.py"):
        Path(os.fsdecode(folder + b"/" + name)).write_text("NEEDLE\n")
    run = run_calls(
        tmp_path, root, {"list_files": {"glob": "**/*.py"}}, {"search": {"pattern": "NEEDLE"}}, shell("true")
    )
    assert run.state.outcome == "complete"
    assert "apps/api/bad<U+DCFF>.py" in answers(run, "list_files")[0].text
    assert "apps/api/two␊lines.py" in answers(run, "list_files")[0].text


def test_write_file_keeps_the_form_of_the_file(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, NO_CHECK)
    (root / SERVICE).write_bytes(b"\xef\xbb\xbfA = 1\r\nB = 2\r\n")
    run_calls(tmp_path, root, {"read_file": {"path": SERVICE}}, write(SERVICE, "A = 1\nB = 3\nC = 4\n"))
    assert (root / SERVICE).read_bytes() == b"\xef\xbb\xbfA = 1\r\nB = 3\r\nC = 4\r\n"
