"""The type check of a TypeScript workspace: the packages' own scripts where there are some, else tsc."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from core.checks.base import CheckCommand
from core.checks.command import missing_program
from core.checks.diagnostics import TYPESCRIPT, parse_diagnostics
from core.checks.packages import (
    SCRIPTS,
    Package,
    folders_above,
    manager_of,
    owner_of,
    read_package,
    read_text,
)
from core.checks.plain_tsc import plain_tsc, why_not_plain
from core.checks.typescript_faults import environment_fault_in
from core.domain import Diagnostic

SUFFIXES = frozenset({".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"})
NAMES = frozenset({"package.json", "pnpm-workspace.yaml", "turbo.json"})
# Of what pnpm writes about an installation: each package has its own node_modules then.
ISOLATED = re.compile(r"\"?nodeLinker\"?: *\"?isolated\b")
INSTALL_HINTS = {
    "pnpm": "install it, with `npm install -g pnpm`",
    "yarn": "install it, with `npm install -g yarn`",
    "bun": "install it, with `npm install -g bun`",
    "npm": "it comes with node",
}

TURBO_SCRIPT = re.compile(r"turbo (?:run )?(?P<task>[\w:.-]+)(?: --(?!filter)[\w-]+(?:=\S+)?)*")
# A tsconfig that only points to others checks nothing by itself; comments are allowed in it, so no JSON.
NO_FILES = re.compile(r'"files"\s*:\s*\[\s*\]')
REFERENCES = re.compile(r'"references"\s*:\s*\[\s*\{')
OWN_FILES = re.compile(r'"(?:files|include)"\s*:\s*\[\s*"')


class TypeScriptCheck:
    """`pnpm check-types --filter <affected package>` and its kin (SPEC 7)."""

    name = "typescript"

    def applies(self, root: Path, changed: Sequence[str]) -> bool:
        """Whether a file that the compiler or the package manager reads was changed."""
        here = any((root / name).is_file() for name in ("pnpm-workspace.yaml", "package.json"))
        return here and any(_is_relevant(path) for path in changed)

    def commands(self, root: Path, changed: Sequence[str]) -> tuple[CheckCommand, ...]:
        relevant = [path for path in changed if _is_relevant(path)]
        owners = {path: owner_of(root, path) for path in relevant}
        packages = {owner.folder: owner for owner in owners.values() if owner}
        if (root / "pnpm-workspace.yaml").is_file():
            found = (_pnpm_command(root, package) for package in packages.values())
            return tuple(command for command in found if command)
        scripted = {folder: package for folder, package in packages.items() if package.script}
        rest = [path for path, owner in owners.items() if owner is None or owner.folder not in scripted]
        folders = dict.fromkeys(_tsconfig_folder(root, path) for path in rest)
        return (
            *(_script_command(root, package) for package in scripted.values()),
            *(_compiler_command(root, folder) for folder in folders if folder is not None),
        )

    def parse(self, command: CheckCommand, output: str, root: Path) -> tuple[Diagnostic, ...]:
        return parse_diagnostics(output, TYPESCRIPT, root, command.folder)

    def environment_fault(self, command: CheckCommand, exit_code: int | None, output: str) -> str | None:
        return environment_fault_in(output)


def _is_relevant(path: str) -> bool:
    name = PurePosixPath(path).name
    is_config = name.startswith("tsconfig") and name.endswith(".json")
    return PurePosixPath(path).suffix in SUFFIXES or name in NAMES or is_config


# --- which packages, which commands -----------------------------------------------------


def _pnpm_command(root: Path, package: Package) -> CheckCommand | None:
    argv = _pnpm_argv(root, package)
    if argv is None:
        return None
    tsc, only_cold = _incremental(root, package, turbo=argv[2] == "--filter")
    return CheckCommand(
        argv=argv,
        cwd="",
        checker=TypeScriptCheck.name,
        missing=_missing_manager(root, "pnpm") or _missing_modules(root, package),
        paths_from=package.folder,
        tsc=tsc,
        only_cold=only_cold,
    )


def _script_command(root: Path, package: Package) -> CheckCommand:
    """The script of a package in a workspace of npm, yarn or bun, run where the package is."""
    manager, script = manager_of(root), package.script or ""
    tsc, only_cold = _incremental(root, package)
    return CheckCommand(
        argv=(manager, "run", script),
        cwd=package.folder,
        checker=TypeScriptCheck.name,
        missing=_missing_manager(root, manager) or _missing_modules(root),
        tsc=tsc,
        only_cold=only_cold,
    )


def _incremental(root: Path, package: Package, *, turbo: bool = False) -> tuple[tuple[str, ...] | None, str]:
    """The plain tsc that the check of a package comes down to, or None and why (SPEC 7, warm checkers)."""
    script = package.script
    if package.broken:
        return None, ""
    if script is None:
        tsc = _tsc_arguments(root, package.folder)
        return (None if tsc and "--build" in tsc else tsc), ""
    if turbo:
        return None, f"turbo runs {script} of {package.selector}, and what it depends on"
    tsc = plain_tsc(package, script)
    return tsc, "" if tsc else why_not_plain(package, script)


def _missing_manager(root: Path, manager: str) -> str | None:
    return missing_program(manager, root, hint=INSTALL_HINTS[manager])


def _pnpm_argv(root: Path, package: Package) -> tuple[str, ...] | None:
    script = SCRIPTS[0] if package.broken else package.script  # pnpm's own words on the broken file
    if package.folder == "":
        return _root_argv(root, script)
    if script and (of_root := _turbo_script(root, script)):
        return ("pnpm", of_root, "--filter", package.selector)
    # Without the flag pnpm is content, with exit code 0, when it finds no such package.
    selected = ("pnpm", "--filter", package.selector, "--fail-if-no-match")
    if script:
        return (*selected, "run", script)
    tsc = _tsc_arguments(root, package.folder)
    return (*selected, "exec", "tsc", *tsc) if tsc else None


def _root_argv(root: Path, script: str | None) -> tuple[str, ...] | None:
    if script:
        return ("pnpm", "run", script)
    tsc = _tsc_arguments(root, "")
    # The root's tsconfig is mostly the base of the others; by itself it would take in every package.
    if tsc and (tsc[0] == "--build" or OWN_FILES.search(read_text(root / "tsconfig.json"))):
        return ("pnpm", "exec", "tsc", *tsc)
    return None


def _turbo_script(root: Path, task: str) -> str | None:
    """The root's script that hands `task` to turbo, which then takes `--filter` (the seed's form)."""
    package = read_package(root, "")
    for name in SCRIPTS if package else ():
        turbo = TURBO_SCRIPT.fullmatch(package.scripts.get(name, "").strip()) if package else None
        if turbo and turbo["task"] == task:
            return name
    return None


def _tsconfig_folder(root: Path, path: str) -> str | None:
    return next((f for f in folders_above(path) if (root / f / "tsconfig.json").is_file()), None)


def _tsc_arguments(root: Path, folder: str) -> tuple[str, ...] | None:
    """tsc's arguments for the tsconfig.json of a folder, to be run there; None without one."""
    file = root / folder / "tsconfig.json"
    if not file.is_file():
        return None
    text = read_text(file)
    only_references = NO_FILES.search(text) and REFERENCES.search(text)
    return ("--build", "--noEmit") if only_references else ("--noEmit",)


def _compiler_command(root: Path, folder: str) -> CheckCommand:
    """tsc of a project that is no pnpm workspace. Not through npx: that may install things."""
    homes = [
        f
        for f in folders_above(str(PurePosixPath(folder) / "tsconfig.json"))
        if (root / f / "node_modules/.bin/tsc").is_file()
    ]
    program = str(PurePosixPath(homes[0] if homes else "") / "node_modules/.bin/tsc")
    where = folder or "."
    arguments = _tsc_arguments(root, folder) or ()
    missing = None if homes else _missing_modules(root) or f"TypeScript is not installed: no {program}"
    argv = ("--build", where, "--noEmit") if "--build" in arguments else ("--noEmit", "-p", where)
    return CheckCommand(
        argv=(program, *argv),
        cwd="",
        checker=TypeScriptCheck.name,
        missing=missing,
        tsc=None if "--build" in argv else argv,
    )


def _missing_modules(root: Path, package: Package | None = None) -> str | None:
    """Nothing was installed, or nothing for a package that pnpm gives modules of its own."""
    if (root / ".pnp.cjs").is_file():
        return None
    if not (root / "node_modules").is_dir():
        return f"node_modules is missing: run {manager_of(root)} install"
    if package is None or not package.depends or (root / package.folder / "node_modules").is_dir():
        return None
    if not ISOLATED.search(read_text(root / "node_modules/.modules.yaml")):
        return None
    return f"{package.folder}/node_modules is missing: run pnpm install"
