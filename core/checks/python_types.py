"""The type check of a Python project: mypy, pyright, ty or pyrefly, whichever it configures."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from core.checks.base import CheckCommand
from core.checks.command import crash, missing_program, shared_environment_fault
from core.checks.diagnostics import PYTHON, parse_diagnostics
from core.checks.json_diagnostics import parse_json
from core.domain import Diagnostic, value

MYPY_FLAGS = (
    "--no-color-output",
    "--no-pretty",
    "--show-column-numbers",
    "--show-error-codes",
    "--hide-error-context",
    "--no-error-summary",
)
FILES_LIMIT = 1_000_000  # bytes of a configuration file


@value
class Tool:
    """A type checker of Python: where projects configure it, and how it is run in their folder."""

    name: str
    argv: tuple[str, ...]
    files: tuple[str, ...]
    table: str  # of pyproject.toml, under `tool`


# A project that configures several is checked with the first: the others are mostly for editors.
TOOLS = (
    Tool(name="mypy", argv=("mypy", *MYPY_FLAGS), files=("mypy.ini", ".mypy.ini"), table="mypy"),
    Tool(name="pyright", argv=("pyright",), files=("pyrightconfig.json",), table="pyright"),
    Tool(name="ty", argv=("ty", "check", "--output-format", "concise"), files=("ty.toml",), table="ty"),
    Tool(
        name="pyrefly",
        argv=("pyrefly", "check", "--output-format", "min-text"),
        files=("pyrefly.toml",),
        table="pyrefly",
    ),
)
CONFIGS = frozenset({"pyproject.toml", "setup.cfg", *(file for tool in TOOLS for file in tool.files)})
# These settings say what mypy checks; without one it wants to be told.
MYPY_TARGETS = ("files", "packages", "modules")


class PythonTypesCheck:
    """The configured checker, run in the folder that configures it, nearest to the changed files."""

    name = "python"

    def applies(self, root: Path, changed: Sequence[str]) -> bool:
        """Whether Python was changed in a project that configures a checker."""
        return bool(_projects(root, changed))

    def commands(self, root: Path, changed: Sequence[str]) -> tuple[CheckCommand, ...]:
        return tuple(
            CheckCommand(
                argv=_argv(tool, root, folder, files),
                cwd=folder,
                checker=self.name,
                missing=missing_program(
                    tool.name, root, inside=folder, hint="install it in the project's .venv"
                ),
            )
            for folder, (tool, files) in _projects(root, changed).items()
        )

    def parse(self, command: CheckCommand, output: str, root: Path) -> tuple[Diagnostic, ...]:
        told = parse_diagnostics(output, PYTHON, root, command.cwd)
        return (*told, *parse_json(output, root, command.cwd))

    def environment_fault(self, command: CheckCommand, exit_code: int | None, output: str) -> str | None:
        """All four end with 1 for errors in the code and with 2 or more when they could not check.

        mypy ends with 2 for some faults of the code too (syntax, two modules of one name).
        """
        if fault := shared_environment_fault(output):
            return fault
        tool = command.argv[0]
        errors = [d for d in self.parse(command, output, Path()) if d.severity == "error"]
        if internal := next((d for d in errors if d.message.startswith("INTERNAL ERROR")), None):
            return f"{tool}: {internal.message}"
        if tool in ("mypy", "dmypy") and any(_is_of_the_code(error) for error in errors):
            return None
        if exit_code is not None and exit_code >= 2:
            return _first_complaint(tool, output)
        last = None if errors else crash(output)
        return last and f"{tool} crashed: {last}"


def _is_of_the_code(error: Diagnostic) -> bool:
    is_source = PurePosixPath(error.path or "").suffix in {".py", ".pyi"}
    return is_source and not error.message.startswith(("Cannot read file", "can't read file"))


def _first_complaint(tool: str, output: str) -> str:
    lines = [line.strip() for line in output.split("\n") if line.strip()]
    told = next((line for line in lines if re.search(r"\berror\b", line, re.IGNORECASE)), None)
    text = told or next(iter(lines), "it could not check the project")
    return text if text.startswith(f"{tool}:") else f"{tool}: {text}"


# --- which projects, which checker ------------------------------------------------------


def _projects(root: Path, changed: Sequence[str]) -> dict[str, tuple[Tool, tuple[str, ...]]]:
    """Folder -> its checker and the changed files under it (relative to the folder)."""
    projects: dict[str, tuple[Tool, tuple[str, ...]]] = {}
    for path in changed:
        if PurePosixPath(path).suffix not in {".py", ".pyi"} and PurePosixPath(path).name not in CONFIGS:
            continue
        for parent in PurePosixPath(path).parents:
            folder = "" if str(parent) == "." else str(parent)
            if tool := _configured(root / folder):
                before = projects[folder][1] if folder in projects else ()
                projects[folder] = (tool, (*before, str(PurePosixPath(path).relative_to(parent))))
                break
    return projects


def _configured(folder: Path) -> Tool | None:
    tables = _pyproject_tables(folder)
    for tool in TOOLS:
        if tool.table in tables or any((folder / file).is_file() for file in tool.files):
            return tool
        if tool.name == "mypy" and "mypy" in _ini(folder / "setup.cfg"):
            return tool
    return None


def _argv(tool: Tool, root: Path, folder: str, files: tuple[str, ...]) -> tuple[str, ...]:
    if tool.name != "mypy" or _mypy_knows_its_files(root / folder):
        return tool.argv
    tops = dict.fromkeys(PurePosixPath(file).parts[0] for file in files if file.endswith((".py", ".pyi")))
    # A name that begins with a dash must not become an option.
    there = tuple(
        f"./{top}" if top.startswith("-") else top for top in tops if (root / folder / top).exists()
    )
    return (*tool.argv, *(there or (".",)))


def _mypy_knows_its_files(folder: Path) -> bool:
    return any(name in mypy_settings(folder)[1] for name in MYPY_TARGETS)


def mypy_settings(folder: Path) -> tuple[str, dict[str, Any]]:
    """The one configuration that mypy reads (the first of these, in its order): its file's text, and the
    settings for everything."""
    for file in ("mypy.ini", ".mypy.ini"):
        if (folder / file).is_file():
            return _text(folder / file), _ini(folder / file).get("mypy", {})
    table = _pyproject_tables(folder).get("mypy")
    if table is None:
        return _text(folder / "setup.cfg"), _ini(folder / "setup.cfg").get("mypy", {})
    return _text(folder / "pyproject.toml"), table if isinstance(table, dict) else {}


def _pyproject_tables(folder: Path) -> dict[str, Any]:
    """The `tool` tables. Of a file that is no TOML the names: its checker is to say what is wrong."""
    text = _text(folder / "pyproject.toml")
    try:
        tables = tomllib.loads(text).get("tool", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return {name: {} for name in re.findall(r"^\[tool\.(\w+)\b", text, re.MULTILINE)}
    return tables if isinstance(tables, dict) else {}


def _ini(file: Path) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(_text(file))
    except configparser.Error:
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(FILES_LIMIT).decode("utf-8-sig", "replace")
    except OSError:
        return ""
