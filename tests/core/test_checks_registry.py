"""Which checks run for a chunk, what their outcome is, and how attempts compare."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.checks.registry import CHECKERS, commands_for, compare, run_check
from core.domain import CheckResult, CommandRun, Diagnostic
from core.process import scrubbed_environ

SCRIPT = {
    "passes": "echo fine",
    "fails": "echo 'src/a.c:3:1: error: no such thing'; exit 1",
    "mute": "echo something; echo went wrong >&2; exit 4",
    "warns": "echo 'src/a.c:3:1: warning: hm'; exit 1",
    "unequipped": "no-such-compiler src/a.c",
    "hangs": "sleep 300",
    "heap": "echo 'FATAL ERROR: x Allocation failed - JavaScript heap out of memory'; kill -ABRT $$",
    "killed": "sh -c 'kill -KILL $$'; exit 137",
    "unpythonic": "echo '/usr/bin/python3: No module named mypy' >&2; exit 1",
    "as_json": """echo '{"file": "a.py", "line": 2, "message": "no", "severity": "error"}'; exit 1""",
}


class Blobs(list[bytes]):
    def put(self, data: bytes) -> str:
        self.append(data)
        return f"sha{len(self)}"


async def check(
    root: Path, *names: str, timeout_s: float = 20, blobs: Blobs | None = None, shown: list[str] | None = None
) -> CheckResult:
    for name, script in SCRIPT.items():
        (root / name).write_text(f"#!/bin/sh\n{script}\n")
        (root / name).chmod(0o755)
    return await run_check(
        root,
        commands_for(root, ["any.txt"], tuple((f"./{name}",) for name in names), ("auto",)),
        environ=scrubbed_environ(os.environ),
        timeout_s=timeout_s,
        on_output=None if shown is None else shown.append,
        put_blob=(blobs if blobs is not None else Blobs()).put,
    )


async def test_all_commands_run_and_their_output_is_shown_and_kept(tmp_path: Path) -> None:
    blobs, shown = Blobs(), list[str]()
    result = await check(tmp_path, "fails", "passes", blobs=blobs, shown=shown)
    assert not result.ok and result.environment_fault is None
    assert [(run.argv, run.exit_code) for run in result.commands] == [(("./fails",), 1), (("./passes",), 0)]
    assert [(d.place, d.message) for d in result.errors] == [("src/a.c:3:1", "no such thing")]
    assert result.output == "sha1"
    assert blobs == [b"$ ./fails\nsrc/a.c:3:1: error: no such thing\n$ ./passes\nfine\n"]
    assert "".join(shown).encode() == blobs[0]


@pytest.mark.parametrize("name", ["mute", "warns"])
async def test_a_failure_without_an_error_is_still_a_failure_of_the_code(tmp_path: Path, name: str) -> None:
    result = await check(tmp_path, name)
    assert result.environment_fault is None and not result.ok
    assert result.errors[-1].message.startswith(f"`./{name}` failed with exit code")


async def test_the_last_lines_say_what_a_mute_command_said(tmp_path: Path) -> None:
    (error,) = (await check(tmp_path, "mute")).errors
    assert error.message.endswith("something\nwent wrong")


async def test_an_environment_fault_is_told_apart_and_ends_the_check(tmp_path: Path) -> None:
    result = await check(tmp_path, "unequipped", "passes")
    assert result.environment_fault == "no-such-compiler: not found"
    assert len(result.commands) == 1 and result.errors == ()


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("heap", "./heap: JavaScript heap out of memory"),
        ("killed", "./killed: out of memory"),
        ("unpythonic", "No module named mypy"),
    ],
)
async def test_memory_and_missing_modules_are_no_fault_of_the_code(
    tmp_path: Path, name: str, fault: str
) -> None:
    result = await check(tmp_path, name)
    assert result.environment_fault == fault and result.errors == ()


async def test_a_configured_command_may_print_json(tmp_path: Path) -> None:
    (error,) = (await check(tmp_path, "as_json")).errors
    assert (error.place, error.message) == ("a.py:2", "no")


async def test_a_timeout_is_a_fault_of_the_environment(tmp_path: Path) -> None:
    result = await check(tmp_path, "hangs", timeout_s=0.2)
    assert result.environment_fault == "./hangs: timed out after 0.2 s"
    assert result.commands[0].exit_code is None


async def test_what_is_missing_is_told_before_the_rest_is_run(tmp_path: Path) -> None:
    result = await check(tmp_path, "passes", "not-there")
    assert result.environment_fault == "./not-there was not found"
    assert [run.result for run in result.commands] == ["./not-there was not found"]


async def test_no_command_is_a_check_that_passes(tmp_path: Path) -> None:
    result = await check(tmp_path)
    assert result.ok and result.output is None and result.shown_command == "no check applies"


def test_auto_finds_the_checkers_that_apply_and_configured_commands_replace_them(tmp_path: Path) -> None:
    (tmp_path / "mypy.ini").write_text("[mypy]\n")
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "tsconfig.json").write_text("{}")
    changed = ["a.ts", "b.py"]

    def checkers(*names: str, configured: tuple[tuple[str, ...], ...] = ()) -> list[str]:
        return [command.checker for command in commands_for(tmp_path, changed, configured, names)]

    assert checkers("auto") == ["typescript", "python"]
    assert checkers("python") == ["python"]
    assert checkers("python", "auto") == ["python", "typescript"]
    assert checkers("auto", configured=(("make", "types"),)) == ["command"]
    assert checkers() == []
    with pytest.raises(ValueError, match='unknown check "rust": expected auto, typescript or python'):
        checkers("rust")


def test_every_checker_is_registered_under_its_name() -> None:
    assert {name: checker.name for name, checker in CHECKERS.items()} == {name: name for name in CHECKERS}


def outcome(*messages: str, line: int = 1, fault: str | None = None) -> CheckResult:
    run = CommandRun(argv=("x",), cwd="", exit_code=1, duration_s=0.0)
    diagnostics = tuple(
        Diagnostic(path="a.py", line=line + n, column=1, code="c", severity="error", message=message)
        for n, message in enumerate(messages)
    )
    return CheckResult(commands=(run,), diagnostics=diagnostics, environment_fault=fault)


def test_attempts_compare_by_what_is_wrong_not_by_where_its_line_went() -> None:
    before = outcome("one", "two", "two", "defined on line 3")
    assert compare(before, outcome("two", "new", "defined on line 9", line=40)) == (2, 1, 2)
    assert compare(None, before) == (0, 4, 0)
    assert compare(before, outcome(fault="timed out")) == (0, 0, 4)


MESSAGES = st.lists(st.sampled_from("abc"), max_size=6)


@given(MESSAGES, MESSAGES)
@settings(max_examples=60, deadline=None)
def test_fixed_new_and_remaining_add_up(before: list[str], after: list[str]) -> None:
    fixed, new, remaining = compare(outcome(*before), outcome(*after))
    assert (fixed + remaining, new + remaining) == (len(before), len(after))
    assert compare(outcome(*after), outcome(*before)) == (new, fixed, remaining)
