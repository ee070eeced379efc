"""The import rules of docs/architecture.md, from the source and from a real import."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXTENSIONS = ("models", "tools", "rules", "checks", "decisions", "logs", "exports")
# The pure or facade modules of core that the screen may know.
FOR_THE_SCREEN = {
    "core",
    "core.session",
    "core.run_state",
    "core.history",
    "core.events",
    "core.commands",
    "core.domain",
    "core.diff",
    "core.hunk",
    "core.open_recording",
    "core.journal",
    "core.diff_words",
    # comparing two runs, and a picture of one:
    "core.compare",
    "core.compare_chunks",
    "core.compare_words",
    "core.export_command",
    "core.untrusted",
    "core.resources",
    "core.trust",
    "core.visible",
    "core.checkout",
    "core.home",
    "core.home_runs",
    "core.story_finder",
    # the command line only:
    "core.cli",
    "core.spoken",
    "core.arguments",
    "core.headless",
    "core.story",
    "core.ending",
    "core.runs",
    "core.headless_watch",
    "core.watching",
    "core.recorded_run",
    # past runs:
    "core.event_lines",
    "core.recorded_view",
    "core.recording",
    "core.replay_clock",
    # while somebody looks at a decision only:
    "core.absorption",
    "core.authorship",
    "core.overturning",
    "core.review_rounds",
    "core.undo_plan",
    "core.what_if",
    "core.blobs",
}
ONLY_IN = {
    "textual": ("tui/",),
    "anthropic": ("core/models/anthropic_api.py",),
    "httpx2": ("core/models/anthropic_api.py", "core/mcp_clients.py"),
    "mcp": ("core/mcp_clients.py",),
}


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Every module that the file imports when it runs, also lazily."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in running(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module
            yield node.module
            if node.module == "core":
                yield from (f"core.{alias.name}" for alias in node.names if alias.name[0] != "_")


def running(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below, without what only a type checker sees."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from running(child)


@pytest.mark.parametrize("path", sources("core"), ids=lambda p: str(p.relative_to(ROOT)))
def test_core_never_imports_the_screen(path: Path) -> None:
    assert not [name for name in imported(path) if name.split(".")[0] in ("tui", "textual")]


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_extension_folders_never_import_each_other(extension: str) -> None:
    siblings = tuple(f"core.{other}" for other in EXTENSIONS if other != extension)
    found = [
        (path.name, name)
        for path in sources(f"core/{extension}")
        for name in imported(path)
        if name.startswith(siblings)
    ]
    assert not found


@pytest.mark.parametrize("path", sources("tui"), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_screen_sees_only_the_facade(path: Path) -> None:
    found = {name for name in imported(path) if name == "core" or name.startswith("core.")}
    assert found <= FOR_THE_SCREEN


@pytest.mark.parametrize("library", ONLY_IN)
def test_heavy_libraries_have_one_home(library: str) -> None:
    for path in [*sources("core"), *sources("tui")]:
        place = str(path.relative_to(ROOT))
        if any(name.split(".")[0] == library for name in imported(path)):
            assert place.startswith(ONLY_IN[library] or ("nowhere",)), f"{place} imports {library}"


def test_the_base_protocols_import_only_values() -> None:
    for extension in EXTENSIONS:
        base = ROOT / "core" / extension / "base.py"
        if base.exists():
            known = {n for n in imported(base) if n.startswith("core")}
            assert known <= {"core.domain", "core.events", "core.commands"}, base


def loaded_by(statement: str) -> set[str]:
    # What the statement itself prints may name a library.
    code = f"import sys\n{statement}\nprint('\\n' + ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}


def test_core_loads_without_textual_or_a_model_sdk() -> None:
    modules = ", ".join(
        str(p.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__")
        for p in sources("core")
        if "_data" not in p.parts
    )
    assert not loaded_by(f"import {modules}") & {"textual", "anthropic", "mcp", "httpx2"}


def test_a_run_is_prepared_without_pydantic_or_a_model_sdk() -> None:
    assert not loaded_by("import core.session") & {"textual", "anthropic", "mcp", "pydantic"}


def test_the_command_line_answers_help_without_any_of_them() -> None:
    statement = "import tui.cli\ntry: tui.cli.main(['--help'])\nexcept SystemExit: pass"
    assert not loaded_by(statement) & {"textual", "anthropic", "mcp", "pydantic", "yaml", "rich"}
