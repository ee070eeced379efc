"""Which checker a Python project is checked with, and mypy itself on a small project."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from core.checks.base import CheckCommand
from core.checks.python_types import MYPY_FLAGS, PythonTypesCheck
from core.checks.registry import commands_for, run_check
from core.domain import CheckResult
from core.process import scrubbed_environ

CHECK = PythonTypesCheck()
MYPY = " ".join(("mypy", *MYPY_FLAGS))
RAN = CheckCommand(argv=("mypy",), cwd="", checker="python")


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def commands(root: Path, *changed: str) -> list[tuple[str, str]]:
    return [(command.cwd, " ".join(command.argv)) for command in CHECK.commands(root, changed)]


@pytest.mark.parametrize(
    ("file", "text", "command"),
    [
        ("mypy.ini", "[mypy]\nstrict = true\n", f"{MYPY} svc"),
        ("mypy.ini", "[mypy]\nfiles = svc, tests\n", MYPY),
        (".mypy.ini", "[mypy]\npackages = svc\n", MYPY),
        ("setup.cfg", "[mypy]\nfiles = svc\n", MYPY),
        ("pyproject.toml", "[tool.mypy]\nstrict = true\n", f"{MYPY} svc"),
        ("pyproject.toml", '[tool.mypy]\nfiles = ["svc"]\n[tool.pyright]\n', MYPY),
        ("pyproject.toml", "[tool.mypy]\nstrict = \n", f"{MYPY} svc"),
        ("pyrightconfig.json", "{}", "pyright"),
        ("pyproject.toml", "[tool.pyright]\n", "pyright"),
        ("pyproject.toml", "[tool.ty.rules]\n", "ty check --output-format concise"),
        ("pyrefly.toml", "", "pyrefly check --output-format min-text"),
    ],
)
def test_the_checker_that_the_project_configures(tmp_path: Path, file: str, text: str, command: str) -> None:
    write(tmp_path, **{file: text, "svc/a.py": ""})
    assert CHECK.applies(tmp_path, ["svc/a.py"])
    assert commands(tmp_path, "svc/a.py", "svc/b/gone.py") == [("", command)]


@pytest.mark.parametrize("file", ["pyproject.toml", "setup.cfg"])
def test_without_a_configured_checker_it_does_not_apply(tmp_path: Path, file: str) -> None:
    write(tmp_path, **{file: "[tool.ruff]\n", "a.py": ""})
    assert not CHECK.applies(tmp_path, ["a.py"])


def test_only_changed_python_and_its_configuration_are_checked(tmp_path: Path) -> None:
    write(tmp_path, **{"mypy.ini": "[mypy]\n"})
    assert not CHECK.applies(tmp_path, ["README.md", "a.ts"])
    assert commands(tmp_path, "mypy.ini") == [("", f"{MYPY} .")]


def test_the_nearest_project_that_configures_a_checker_is_the_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        **{
            "pyproject.toml": "[tool.mypy]\n",
            "apps/api/pyproject.toml": "[tool.pyright]\n",
            "apps/job/pyproject.toml": "[project]\n",
            "apps/job/x.py": "",
            "-flag.py": "",
        },
    )
    changed = ("apps/api/a.py", "apps/api/b.py", "apps/job/x.py", "-flag.py")
    assert commands(tmp_path, *changed) == [("apps/api", "pyright"), ("", f"{MYPY} apps ./-flag.py")]


def test_a_checker_that_is_not_installed_is_missing(tmp_path: Path) -> None:
    write(tmp_path, **{"pyrefly.toml": "", "a.py": ""})
    (command,) = CHECK.commands(tmp_path, ["a.py"])
    assert command.missing == "pyrefly was not found: install it in the project's .venv"


@pytest.mark.parametrize(
    ("tool", "exit_code", "output", "fault"),
    [
        ("mypy", 1, "a.py:2:1: error: Bad  [misc]\n", None),
        ("mypy", 2, "a.py:1:8: error: Unexpected EOF while parsing  [syntax]\n", None),
        ("mypy", 2, 'b/m.py: error: Duplicate module named "m" (also at "a/m.py")\n', None),
        (
            "mypy",
            2,
            "usage: mypy [-h]\nmypy: error: Missing target module.\n",
            "mypy: error: Missing target module.",
        ),
        (
            "mypy",
            2,
            'pyproject.toml:1:1: error: Error importing plugin "nope"  [misc]\n',
            'mypy: pyproject.toml:1:1: error: Error importing plugin "nope"  [misc]',
        ),
        (
            "mypy",
            2,
            "gone.py: error: Cannot read file: No such file\n",
            "mypy: gone.py: error: Cannot read file: No such file",
        ),
        ("mypy", 2, "a.py:3: error: INTERNAL ERROR -- Please try\n", "mypy: INTERNAL ERROR -- Please try"),
        (
            "mypy",
            1,
            "Traceback (most recent call last):\n  File x\nModuleNotFoundError: No module named 'mypy'\n",
            "No module named 'mypy'",
        ),
        ("mypy", 1, "/usr/bin/python3: No module named mypy\n", "No module named mypy"),
        (
            "mypy",
            1,
            "Traceback (most recent call last):\n  File x\nRecursionError: maximum recursion depth\n",
            "mypy crashed: RecursionError: maximum recursion depth",
        ),
        (
            "pyright",
            3,
            'Config file "x" could not be parsed.\n',
            'pyright: Config file "x" could not be parsed.',
        ),
        ("ty", 2, "ty failed\n  Cause: bad ty.toml\n", "ty: ty failed"),
        ("pyrefly", 1, "", None),
    ],
)
def test_whose_fault_it_is(tool: str, exit_code: int, output: str, fault: str | None) -> None:
    command = CheckCommand(argv=(tool,), cwd="", checker="python")
    assert CHECK.environment_fault(command, exit_code, output) == fault


async def check(root: Path, *changed: str) -> CheckResult:
    return await run_check(
        root,
        commands_for(root, changed, (), ("auto",)),
        environ=scrubbed_environ(os.environ),
        timeout_s=120,
        on_output=None,
        put_blob=lambda data: "sha",
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, **{"pyproject.toml": "[tool.mypy]\nstrict = true\n", "svc/a.py": "X: int = 1\n"})
    return tmp_path


async def test_mypy_for_real(project: Path) -> None:
    assert (await check(project, "svc/a.py")).ok

    write(project, **{"svc/b.py": 'def f(x: int) -> str:\n    return x\n\n\nf("1")\n'})
    result = await check(project, "svc/b.py")
    assert not result.ok and result.environment_fault is None
    assert [(d.place, d.code) for d in result.errors] == [
        ("svc/b.py:2:12", "return-value"),
        ("svc/b.py:5:3", "arg-type"),
    ]

    write(project, **{"svc/b.py": "def f(:\n"})
    result = await check(project, "svc/b.py")
    assert result.environment_fault is None
    assert ("svc/b.py", "syntax") in [(d.path, d.code) for d in result.errors]


async def test_a_plugin_that_is_not_there_is_a_fault_of_the_environment(project: Path) -> None:
    write(project, **{"pyproject.toml": '[tool.mypy]\nplugins = ["no_such_plugin"]\n'})
    result = await check(project, "svc/a.py")
    assert "no_such_plugin" in (result.environment_fault or "")


async def test_the_checker_of_the_project_s_own_environment_wins(project: Path) -> None:
    own = project / ".venv/bin/mypy"
    write(
        project,
        **{".venv/bin/mypy": f"#!{sys.executable}\nprint('svc/a.py:1: error: own')\nraise SystemExit(1)\n"},
    )
    own.chmod(0o755)
    assert [d.message for d in (await check(project, "svc/a.py")).errors] == ["own"]
