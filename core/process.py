"""Running a program: argv only, its output as it comes, and nothing of it left behind.

Every program gets a session of its own, a clean environment and no input. Whatever way the run ends, all
that it started is ended: its process group and, on Linux, children that left the group (they carry a
marker in their environment). `orphan_watch` does so when Signoff itself is killed. A child that clears its
environment and leaves the group as well is the sandbox's to hold (RELIABILITY, "children that daemonise").
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.domain import value
from core.orphan_watch import OrphanWatch
from core.process_output import ProcessOutput

OUTPUT_LIMIT = 1_000_000  # characters
MARKER = "SIGNOFF_CHILD"
TERM_GRACE_S = 2.0
KILL_GRACE_S = 1.0
DRAIN_S = 1.0
POLL_S = 0.02
SHELL_KILLED = 128 + signal.SIGKILL  # what a shell says of a child that SIGKILL ended

PASSED = frozenset(
    (
        *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR"),
        *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
        *("PNPM_HOME", "COREPACK_HOME", "NVM_DIR", "NVM_BIN", "FNM_DIR", "VOLTA_HOME"),
        *("ASDF_DIR", "ASDF_DATA_DIR", "MISE_DATA_DIR"),
        *("NODE_ENV", "NODE_PATH", "NODE_VERSION", "NODE_EXTRA_CA_CERTS"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR"),
        *("VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_ROOT", "PYENV_VERSION"),
    )
)
FIXED = {
    "TERM": "dumb",
    "NO_COLOR": "1",
    "CI": "1",
    "PYTHONUNBUFFERED": "1",
    "TURBO_TELEMETRY_DISABLED": "1",
    # pnpm would download the version that package.json pins, in the middle of a check.
    "npm_config_manage_package_manager_versions": "false",
}


@value
class ProcessResult:
    """How a program ended. `output` is stdout and stderr as they came, without escapes and controls.

    `exit_code` is None when it never started or was killed; `fault` then says why in a few words.
    `truncated`: the middle of the output was left out. `duration_s` in seconds.
    """

    exit_code: int | None
    output: str
    truncated: bool
    duration_s: float
    fault: str | None = None


def scrubbed_environ(
    environ: Mapping[str, str], *, extra_path: Sequence[str] = (), asked_for: Sequence[str] = ()
) -> dict[str, str]:
    """What a program of the workspace may see of `environ`: an allow-list, so no secret gets in.

    `extra_path` folders come last on PATH: the engineer's own programs win. `asked_for` are further names
    that the engineer's settings pass on.
    """
    passed = PASSED.union(asked_for)
    kept = {name: text for name, text in environ.items() if name in passed or name.startswith("LC_")}
    path = [kept.get("PATH") or os.defpath, *extra_path]
    return kept | FIXED | {"PATH": os.pathsep.join(path)}


def find_program(name: str, root: Path, environ: Mapping[str, str], *, inside: str = "") -> str | None:
    """The absolute path of a program, or None.

    Looked for in `.venv/bin` and `node_modules/.bin` of `root/inside` and of each folder from there up to
    `root`, then on PATH, then beside Signoff's own interpreter. A `name` with a slash is a path from `root`.
    """
    if "/" in name:
        return _program_at(root / name)
    own = [folder / bin for folder in _upward(root, inside) for bin in (".venv/bin", "node_modules/.bin")]
    listed = [Path(folder) for folder in environ.get("PATH", os.defpath).split(os.pathsep)]
    # A relative folder on PATH would mean whatever the workspace wants it to mean.
    places = [*own, *(folder for folder in listed if folder.is_absolute()), Path(sys.executable).parent]
    return next((found for place in places if (found := _program_at(place / name))), None)


def _upward(root: Path, inside: str) -> list[Path]:
    parts = Path(inside).parts
    return [root.joinpath(*parts[:depth]) for depth in range(len(parts), -1, -1)]


def _program_at(path: Path) -> str | None:
    # absolute(), not resolve(): a virtual environment's python must be called by its own name.
    return str(path.absolute()) if path.is_file() and os.access(path, os.X_OK) else None


async def run_process(
    argv: Sequence[str],
    cwd: Path,
    *,
    environ: Mapping[str, str],
    timeout_s: float,
    on_output: Callable[[str], None] | None = None,
    output_limit: int = OUTPUT_LIMIT,
) -> ProcessResult:
    """Runs `argv` in `cwd` to its end, or kills it after `timeout_s`. Nothing it started survives.

    `on_output` gets the text as it comes, up to `output_limit` characters; the result keeps the first and
    the last half of the limit. A program that can't be started is a result with a fault.
    Raises only what `on_output` raises, and CancelledError.
    """
    started = time.monotonic()
    token = uuid.uuid4().hex
    source, sink = os.pipe()
    output = ProcessOutput(source, on_output, output_limit)
    watch = OrphanWatch(f"{MARKER}={token}")
    process: asyncio.subprocess.Process | None = None
    exit_code: int | None = None
    try:
        process = await start_process(argv, cwd, {**environ, MARKER: token}, sink)
        watch.started(process.pid)
        fault = await _leader_ended(process, output, timeout_s)
        if fault is None:
            exit_code, fault = _outcome(process.returncode)
            await output.drained(DRAIN_S)
    except OSError as error:
        fault = _start_fault(error, cwd)
    except ValueError:
        fault = "an argument holds a NUL byte"
    finally:
        try:
            await end_all(process, token)
            await output.drained(DRAIN_S)
        finally:
            watch.done()
            output.close()
    if output.failure.done():
        output.failure.result()
    return ProcessResult(
        exit_code=exit_code,
        output=output.text(),
        truncated=output.truncated,
        duration_s=time.monotonic() - started,
        fault=fault,
    )


async def start_process(
    argv: Sequence[str], cwd: Path, environ: Mapping[str, str], sink: int
) -> asyncio.subprocess.Process:
    """Starts `argv` as the leader of a session of its own. Closes `sink`, whatever happens."""
    nothing = asyncio.subprocess.DEVNULL
    try:
        return await asyncio.create_subprocess_exec(
            *argv, cwd=cwd, env=environ, stdin=nothing, stdout=sink, stderr=sink, start_new_session=True
        )
    finally:
        os.close(sink)


async def _leader_ended(
    process: asyncio.subprocess.Process, output: ProcessOutput, timeout_s: float
) -> str | None:
    """Waits for the program itself, not for its pipe: a grandchild may hold that open for ever."""
    leader = asyncio.create_task(process.wait())
    either: set[asyncio.Future[Any]] = {leader, output.failure}
    try:
        await asyncio.wait(either, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if output.failure.done():
            output.failure.result()
        return None if leader.done() else f"timed out after {timeout_s:g} s"
    finally:
        leader.cancel()


def _outcome(returncode: int | None) -> tuple[int | None, str | None]:
    """(exit code, fault). Only the kernel's memory killer sends SIGKILL to a program that we let run."""
    if returncode in (-signal.SIGKILL, SHELL_KILLED):
        return (returncode if returncode == SHELL_KILLED else None), "out of memory"
    if returncode is not None and returncode < 0:
        return None, f"ended by {signal.Signals(-returncode).name}"
    return returncode, None


def _start_fault(error: OSError, cwd: Path) -> str:
    if not cwd.is_dir():
        return f"there is no folder {cwd}"
    if isinstance(error, FileNotFoundError):
        return "not found"
    if isinstance(error, PermissionError) or error.errno == errno.ENOEXEC:
        return "not executable"
    return (error.strerror or str(error)).lower()


async def end_all(process: asyncio.subprocess.Process | None, token: str) -> None:
    """TERM to all that is left of a run, KILL to what is still there two seconds later.

    `token` is the value of the marker that everything which the run started has in its environment.
    """
    group = None if process is None else process.pid
    try:
        if _signal_left(group, token, signal.SIGTERM):
            await _gone(group, token, TERM_GRACE_S)
    finally:
        # Reached by a second cancellation too: this part does not wait.
        left = _signal_left(group, token, signal.SIGKILL)
    if left:
        await _gone(group, token, KILL_GRACE_S)
    if process is not None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), KILL_GRACE_S)


async def _gone(group: int | None, token: str, seconds: float) -> None:
    for _ in range(round(seconds / POLL_S)):
        if not _signal_left(group, token, None):
            return
        await asyncio.sleep(POLL_S)


def _signal_left(group: int | None, token: str, sent: signal.Signals | None) -> bool:
    """Signals what is left of a run (None only looks); whether there was anything."""
    left = _left(group, token)
    for pid in left:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, sent or 0)
    if group is None or os.path.isdir("/proc/self"):
        return bool(left)
    try:
        os.killpg(group, sent or 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _left(group: int | None, token: str) -> list[int]:
    """The living processes of a run, as /proc shows them: in its group, or with its marker."""
    marker = f"{MARKER}={token}".encode()
    try:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []
    return [pid for pid in pids if _belongs(pid, group, marker)]


def _belongs(pid: int, group: int | None, marker: bytes) -> bool:
    try:
        # `pid (name) state ppid pgrp ...`; the name may hold anything, brackets too.
        state, _, pgrp = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[:3]
        if state in (b"Z", b"X"):
            return False
        return int(pgrp) == group or marker in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
