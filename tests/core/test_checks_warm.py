"""mypy's daemon in place of mypy: the same result, nothing left behind, the cold command where in doubt."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.checks.registry import commands_for, run_check
from core.checks.warm import WarmCheckers
from core.domain import CheckResult
from core.process import scrubbed_environ
from tests.core.test_process import alive, comes_true, make_program
from tests.soak import only_in_soak

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into /proc")

SOAK = bool(os.environ.get("SIGNOFF_SOAK"))
ENVIRON = scrubbed_environ(os.environ)
CONFIG = "[tool.mypy]\nstrict = true\nfiles = ['svc']\n"
ITEMS = "def count(items: list[str]) -> int:\n    return len(items)\n"
ROUTES = "from svc.items import count\n\nTOTAL: int = count(['a'])\n"


class Project:
    """A small program, checked cold and warm. `told` are the fallbacks; `output` is what was shown."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".signoff/runs/warm/DEMO-001"
        self.told: list[str] = []
        self.output = ""
        self.warm = WarmCheckers(
            root, self.folder, environ=ENVIRON, timeout_s=120, on_fallback=self.told.append
        )
        self.write("pyproject.toml", CONFIG)
        self.write("svc/__init__.py", "")
        self.write("svc/items.py", ITEMS)
        self.write("svc/routes.py", ROUTES)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    async def check(self, *, warm: bool) -> CheckResult:
        shown: list[str] = []
        result = await run_check(
            self.root,
            commands_for(self.root, ["svc/items.py"], (), ("auto",)),
            environ=ENVIRON,
            timeout_s=120,
            on_output=shown.append,
            put_blob=lambda data: "sha",
            warm=self.warm if warm else None,
        )
        self.output = "".join(shown)
        return result

    async def asked(self) -> CheckResult:
        """The warm result, which is the cold one."""
        warm = await self.check(warm=True)
        output = self.output
        cold = await self.check(warm=False)
        self.output = output
        assert (warm.ok, set(warm.diagnostics)) == (cold.ok, set(cold.diagnostics))
        return warm

    async def started(self) -> None:
        """Until the daemon, and so the check of the test, is under way."""
        async with asyncio.timeout(30):
            while not self.daemons():  # noqa: ASYNC110 (a process of its own)
                await asyncio.sleep(0.01)

    def daemons(self) -> list[int]:
        """The processes that name the status file, ours and those that dmypy started by itself."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and alive(int(entry.name)):
                try:
                    line = (entry / "cmdline").read_bytes()
                    here = (entry / "cwd").resolve() == self.root
                except OSError:
                    continue
                if here and b"dmypy" in line:
                    found.append(int(entry.name))
        return found


@pytest.fixture
async def project(tmp_path: Path) -> AsyncIterator[Project]:
    project = Project(tmp_path)
    yield project
    await project.warm.close()


@only_in_soak
async def test_edit_after_edit_the_same_as_the_cold_command(project: Project) -> None:
    passed = await project.asked()
    assert passed.ok and passed.commands[0].argv[:2] == ("dmypy", "--status-file")
    assert "Restarting" not in project.output
    steps = (
        ("svc/items.py", ITEMS.replace("list[str]", "set[bytes]"), False),  # wrong where it is called
        ("svc/items.py", ITEMS, True),
        ("svc/more.py", "def broken(:\n", False),
        ("svc/more.py", "from svc.routes import TOTAL\n\nMORE = TOTAL + 1\nreveal_type(MORE)\n", True),
        ("svc/items.py", ITEMS.replace("-> int", "-> bytes"), False),
        ("svc/items.py", ITEMS, True),
        ("svc/more.py", "from svc.routes import TOTAL\n\nTOTAL.nothing\n", False),
        ("pyproject.toml", CONFIG + "warn_unreachable = true\nplugins = []\n", False),
        ("svc/more.py", "", True),
    )
    for name, text, ok in steps if SOAK else steps[:4]:
        project.write(name, text)
        assert (await project.asked()).ok == ok, text
    (project.root / "svc/more.py").unlink()
    assert (await project.asked()).commands[0].argv[0] == "dmypy"
    assert project.told == []


async def test_a_failure_is_told_by_the_cold_command(project: Project) -> None:
    project.write("svc/items.py", ITEMS.replace("-> int", "-> str"))
    result = await project.check(warm=True)
    assert [run.argv[0] for run in result.commands] == ["mypy"]
    assert [line.split()[1] for line in project.output.splitlines() if line[0] == "$"] == ["dmypy", "mypy"]


async def test_nothing_is_left_when_the_run_ends(project: Project) -> None:
    await project.check(warm=True)
    # A changed configuration makes the client replace the daemon by one of its own.
    project.write("pyproject.toml", CONFIG + "warn_unreachable = true\n")
    await project.check(warm=True)
    assert "Restarting: configuration changed" in project.output
    await project.check(warm=True)
    assert len(project.daemons()) == 1
    await project.warm.close()
    assert project.daemons() == [] and not project.folder.exists()


async def test_stopping_a_check_leaves_nothing_either(project: Project) -> None:
    task = asyncio.create_task(project.check(warm=True))
    await project.started()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await project.warm.close()
    assert project.daemons() == []


async def test_the_daemon_reads_the_program_before_it_is_asked(project: Project) -> None:
    (command,) = commands_for(project.root, ["svc/items.py"], (), ("auto",))
    project.warm.begin(command)
    project.warm.begin(command)
    assert (await project.check(warm=True)).ok
    assert len(project.daemons()) == 1


def test_no_daemon_survives_when_signoff_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio; from pathlib import Path; from tests.core.test_checks_warm import Project\n"
        "async def main():\n"
        f"    project = Project(Path({str(tmp_path)!r}))\n"
        "    await project.check(warm=True)\n"
        "    print(project.daemons()[0], flush=True)\n"
        "    await asyncio.sleep(300)\n"
        "asyncio.run(main())\n"
    )
    signoff = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert signoff.stdout is not None
    daemon = int(signoff.stdout.readline())
    assert alive(daemon)
    signoff.kill()
    signoff.wait()
    signoff.stdout.close()
    assert comes_true(lambda: not alive(daemon))


FAKE_MYPY = '#!/bin/sh\necho "svc/items.py:1: error: cold  [misc]"\nexit 1\n'


@pytest.mark.parametrize(
    ("dmypy", "config", "why"),
    [
        ("echo dmypy 2.4.1; echo no daemon here; exit 2", "", "mypy's daemon ended: no daemon here"),
        ("echo dmypy 1.19.0", "", "mypy's daemon implies local_partial_types"),
        ("echo dmypy 2.4.1", "local_partial_types = false\n", "mypy's daemon implies local_partial_types"),
        (None, "", "there is no dmypy beside this mypy"),
    ],
)
async def test_what_is_not_sure_to_be_the_same_is_left_cold(
    project: Project, dmypy: str | None, config: str, why: str
) -> None:
    make_program(project.root / ".venv/bin/mypy", FAKE_MYPY)
    if dmypy is not None:
        make_program(project.root / ".venv/bin/dmypy", f"#!/bin/sh\n{dmypy}\n")
    project.write("pyproject.toml", CONFIG + config)
    for _ in range(2):
        result = await project.check(warm=True)
        assert [d.message for d in result.errors] == ["cold"] and result.commands[0].argv[0] == "mypy"
        assert f"# not incremental: {'the incremental check could not run: ' * ('ended' in why)}{why}" in (
            project.output
        )
    # What should have worked and did not is told, once.
    assert len(project.told) == ("ended" in why)


async def test_the_daemon_is_set_up_as_the_environment_pins_it(project: Project) -> None:
    """A dmypy of another environment is another version, perhaps."""
    make_program(project.root / "svc/.venv/bin/mypy", FAKE_MYPY)
    project.write("svc/mypy.ini", "[mypy]\n")
    result = await project.check(warm=True)
    assert [d.message for d in result.errors] == ["cold"]
    assert "there is no dmypy beside this mypy" in project.output


async def test_a_daemon_that_died_is_started_again(project: Project) -> None:
    await project.check(warm=True)
    (first,) = project.daemons()
    os.kill(first, 9)
    assert comes_true(lambda: not alive(first))
    assert (await project.check(warm=True)).ok
    (second,) = project.daemons()
    assert second != first and project.told == []


async def test_a_folder_that_is_a_link_is_not_written_through(project: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    project.folder.parent.mkdir(parents=True)
    project.folder.symlink_to(elsewhere)
    assert (await project.check(warm=True)).commands[0].argv[0] == "mypy"
    assert [path.name for path in elsewhere.iterdir()] == ["kept"] and len(project.told) == 1
