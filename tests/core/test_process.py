"""Running programs: their output, their faults, and that nothing of them survives."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.process import MARKER, ProcessResult, find_program, run_process, scrubbed_environ
from core.process_output import OutputCleaner

ENVIRON = scrubbed_environ(os.environ)
LINUX = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")


async def run(
    *argv: str, cwd: Path, timeout_s: float = 20, on_output: Callable[[str], None] | None = None
) -> ProcessResult:
    return await run_process(argv, cwd, environ=ENVIRON, timeout_s=timeout_s, on_output=on_output)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False


def make_program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


async def test_stdout_and_stderr_come_in_order_and_as_they_come(tmp_path: Path) -> None:
    pieces: list[str] = []
    result = await run(
        "sh", "-c", "echo one; echo two >&2; echo three; exit 3", cwd=tmp_path, on_output=pieces.append
    )
    assert (result.exit_code, result.output, result.fault) == (3, "one\ntwo\nthree\n", None)
    assert "".join(pieces) == result.output
    assert not result.truncated


async def test_output_is_passed_on_while_the_program_runs(tmp_path: Path) -> None:
    def first_line_came(text: str) -> None:
        (tmp_path / "go").touch()

    waits = "echo ready; until [ -e go ]; do sleep 0.01; done; echo went"
    result = await run("sh", "-c", waits, cwd=tmp_path, on_output=first_line_came)
    assert result.output == "ready\nwent\n"


async def test_there_is_no_input_to_wait_for(tmp_path: Path) -> None:
    assert (await run("cat", cwd=tmp_path)).exit_code == 0


async def test_long_output_keeps_its_two_ends(tmp_path: Path) -> None:
    pieces: list[str] = []
    script = "print('first'); print('x' * 400_000); print('last')"
    result = await run_process(
        [sys.executable, "-c", script],
        tmp_path,
        environ=ENVIRON,
        timeout_s=20,
        on_output=pieces.append,
        output_limit=1000,
    )
    assert result.truncated
    assert result.output.startswith("first\nx") and result.output.endswith("x\nlast\n")
    assert len(result.output) < 1020
    assert len("".join(pieces)) == 1000


@pytest.mark.parametrize(
    ("argv", "fault"),
    [
        (("no-such-program",), "not found"),
        (("./plain",), "not executable"),
        (("./broken",), "not executable"),
        (("echo", "a\0b"), "an argument holds a NUL byte"),
        (("sh", "-c", "kill -KILL $$"), "out of memory"),
        (("sh", "-c", "kill -SEGV $$"), "ended by SIGSEGV"),
    ],
)
async def test_a_program_that_does_not_run_is_a_result_with_a_fault(
    tmp_path: Path, argv: tuple[str, ...], fault: str
) -> None:
    (tmp_path / "plain").write_text("text")
    make_program(tmp_path / "broken", "\0not a program")
    result = await run(*argv, cwd=tmp_path)
    assert (result.exit_code, result.fault) == (None, fault)


async def test_a_shell_that_reports_a_killed_child_means_memory_too(tmp_path: Path) -> None:
    result = await run("sh", "-c", "exit 137", cwd=tmp_path)
    assert (result.exit_code, result.fault) == (137, "out of memory")


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert (await run("true", cwd=tmp_path / "gone")).fault == f"there is no folder {tmp_path / 'gone'}"


@LINUX
async def test_a_timeout_ends_the_whole_group_even_when_it_ignores_term(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 300 & echo $! > child; echo $$ > leader; while :; do sleep 0.1; done"
    result = await run("sh", "-c", script, cwd=tmp_path, timeout_s=0.5)
    assert (result.exit_code, result.fault) == (None, "timed out after 0.5 s")
    assert result.duration_s < 5
    assert not any(alive(int((tmp_path / name).read_text())) for name in ("child", "leader"))


@LINUX
@pytest.mark.parametrize("start", ["sleep 300 &", "setsid sleep 300 &", "setsid sleep 300 >/dev/null 2>&1 &"])
async def test_what_a_program_leaves_behind_is_ended(tmp_path: Path, start: str) -> None:
    result = await run("sh", "-c", f"{start} echo $! > child; echo done", cwd=tmp_path)
    assert (result.exit_code, result.output) == (0, "done\n")
    assert result.duration_s < 5
    assert not alive(int((tmp_path / "child").read_text()))


@LINUX
async def test_cancelling_ends_the_program_and_its_children(tmp_path: Path) -> None:
    came = asyncio.Event()
    script = "setsid sleep 300 & echo $! > child; echo $$ > leader; echo ready; wait"
    task = asyncio.create_task(run("sh", "-c", script, cwd=tmp_path, on_output=lambda _: came.set()))
    await came.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not any(alive(int((tmp_path / name).read_text())) for name in ("child", "leader"))


@LINUX
async def test_a_fault_of_the_listener_ends_the_program_and_is_raised(tmp_path: Path) -> None:
    def broken(text: str) -> None:
        raise RuntimeError("the screen is gone")

    with pytest.raises(RuntimeError, match="the screen is gone"):
        await run("sh", "-c", "echo $$ > leader; echo hello; sleep 300", cwd=tmp_path, on_output=broken)
    assert not alive(int((tmp_path / "leader").read_text()))


async def test_no_file_descriptor_is_left_open(tmp_path: Path) -> None:
    await run("true", cwd=tmp_path)
    before = len(os.listdir("/dev/fd"))
    for argv in (["true"], ["no-such-program"]):
        await run(*argv, cwd=tmp_path)
    assert len(os.listdir("/dev/fd")) == before


CODED = (
    "\x1b[1;31mred\x1b[0m \x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b(B é\r\nbell\x07 50%\r100%\n\x1bcend"
)


@given(st.lists(st.integers(0, len(CODED.encode())), max_size=6))
@settings(max_examples=60, deadline=None)
def test_text_is_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    data = CODED.encode()
    places = [0, *sorted(cuts), len(data)]
    cleaner = OutputCleaner()
    pieces = [cleaner.feed(data[a:b]) for a, b in pairwise(places)]
    text = "".join(pieces) + cleaner.feed(b"", last=True)
    assert text == "red link é\nbell 50%\n100%\nend"


@given(st.binary(max_size=80))
@settings(max_examples=80, deadline=None)
def test_no_bytes_leave_a_control_character(data: bytes) -> None:
    cleaner = OutputCleaner()
    text = cleaner.feed(data) + cleaner.feed(b"", last=True)
    assert all(char in "\n\t" or not (ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0) for char in text)


def test_a_program_sees_no_secret_of_the_engineer() -> None:
    secrets = {
        name: "s3cret"
        for name in (
            "ANTHROPIC_API_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "NODE_AUTH_TOKEN",
            "NPM_TOKEN",
            "GITHUB_TOKEN",
        )
    }
    engineer = {"PATH": "/bin", "HOME": "/home/e", "LC_ALL": "C", "NODE_OPTIONS": "-r x", "TERM": "xterm"}
    environ = scrubbed_environ({**engineer, **secrets}, extra_path=["/opt/tools"])
    assert "s3cret" not in environ.values() and "NODE_OPTIONS" not in environ
    assert environ["PATH"] == "/bin:/opt/tools"
    assert (environ["HOME"], environ["LC_ALL"], environ["TERM"], environ["CI"]) == (
        "/home/e",
        "C",
        "dumb",
        "1",
    )


async def test_a_program_runs_with_exactly_what_it_is_given(tmp_path: Path) -> None:
    result = await run_process(["/usr/bin/env"], tmp_path, environ={"ONLY": "this"}, timeout_s=20)
    assert {line.partition("=")[0] for line in result.output.splitlines()} == {"ONLY", MARKER}


def test_the_nearest_program_of_the_workspace_wins_over_path(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    on_path = make_program(tmp_path / "bin/checker")
    environ = {"PATH": f"relative:{tmp_path / 'bin'}"}
    assert find_program("checker", root, environ) == str(on_path)
    of_root = make_program(root / "node_modules/.bin/checker")
    assert find_program("checker", root, environ, inside="apps/api") == str(of_root)
    of_app = make_program(root / "apps/api/.venv/bin/checker")
    assert find_program("checker", root, environ, inside="apps/api") == str(of_app)
    assert find_program("checker", root, environ) == str(of_root)


def test_programs_beside_signoff_are_found_and_other_files_are_not(tmp_path: Path) -> None:
    beside = Path(sys.executable)
    assert find_program(beside.name, tmp_path, {"PATH": ""}) == str(beside)
    (tmp_path / "tool").write_text("not executable")
    assert find_program("./tool", tmp_path, {"PATH": ""}) is None
    assert find_program("no-such-program", tmp_path, dict(os.environ)) is None


@LINUX
@pytest.mark.parametrize("leaves_the_group", [False, True])
def test_nothing_survives_when_signoff_is_killed(tmp_path: Path, leaves_the_group: bool) -> None:
    """kill -9 leaves no time to end anything: the watch over the run does."""
    child = f"{'setsid ' if leaves_the_group else ''}sleep 300 & echo $! > child; echo $$ > leader; wait"
    program = (
        "import asyncio, os; from pathlib import Path; from core.process import run_process\n"
        f"asyncio.run(run_process(['sh', '-c', {child!r}], Path({str(tmp_path)!r}),"
        " environ=dict(os.environ), timeout_s=300))"
    )
    signoff = subprocess.Popen([sys.executable, "-c", program])
    files = [tmp_path / name for name in ("child", "leader")]
    assert comes_true(lambda: all(file.exists() and file.read_text().strip() for file in files))
    signoff.kill()
    signoff.wait()
    assert comes_true(lambda: not any(alive(int(file.read_text())) for file in files))


def comes_true(look: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while not look() and time.monotonic() < end:
        time.sleep(0.02)
    return look()
