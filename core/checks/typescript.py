"""The type check of a TypeScript workspace: pnpm's own scripts where there are some, else tsc."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from core.checks.base import CheckCommand
from core.checks.command import missing_program, shared_environment_fault
from core.checks.diagnostics import TYPESCRIPT, parse_diagnostics, split_by_label
from core.checks.packages import SCRIPTS, Package, folders_above, owner_of, read_package
from core.domain import Diagnostic

SUFFIXES = frozenset({".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"})
NAMES = frozenset({"package.json", "pnpm-workspace.yaml", "turbo.json"})
TSCONFIG_LIMIT = 1_000_000  # bytes
LOCK_FILES = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun"}

TURBO_SCRIPT = re.compile(r"turbo (?:run )?(?P<task>[\w:.-]+)(?: --(?!filter)[\w-]+(?:=\S+)?)*")
# A tsconfig that only points to others checks nothing by itself; comments are allowed in it, so no JSON.
NO_FILES = re.compile(r'"files"\s*:\s*\[\s*\]')
REFERENCES = re.compile(r'"references"\s*:\s*\[\s*\{')
OWN_FILES = re.compile(r'"(?:files|include)"\s*:\s*\[\s*"')

# These say that a script failed (what it printed says why), or that a file of the code is broken.
PNPM_CODE_FAULTS = (
    "RECURSIVE_RUN_FIRST_FAIL",
    "RECURSIVE_EXEC_FIRST_FAIL",
    "JSON_PARSE",
    "INVALID_PACKAGE_NAME",
)
PNPM_ERROR = re.compile(r"ERR_PNPM_(?P<code>[A-Z_0-9]+)\s+(?P<what>.*)")
ENVIRONMENT_FAULTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL\s+(?P<what>Command \"[^\"]*\" not found)",
        r"(?P<what>No projects matched the filters\b.*)",
        r"Error \[ERR_UNKNOWN_BUILTIN_MODULE\]: (?P<what>.*)",  # pnpm is too new for this node
        r"ERROR: (?P<what>This version of pnpm requires .*)",
        r"ERROR\s+(?P<what>(?:This project is configured to use|Refusing to run|Unsupported) .*)",
        r"(?:Error: )?(?P<what>Cannot find module '(?:typescript|[^']*/node_modules/[^']*)')",
        r"(?:x|×) (?P<what>(?:No package found|Could not (?:resolve|find|parse)|Unable to find) .*)",
    )
)


class TypeScriptCheck:
    """`pnpm check-types --filter <affected package>` and its kin (SPEC 7)."""

    name = "typescript"

    def applies(self, root: Path, changed: Sequence[str]) -> bool:
        """Whether a file that the compiler or the package manager reads was changed."""
        here = any((root / name).is_file() for name in ("pnpm-workspace.yaml", "package.json"))
        return here and any(_is_relevant(path) for path in changed)

    def commands(self, root: Path, changed: Sequence[str]) -> tuple[CheckCommand, ...]:
        relevant = [path for path in changed if _is_relevant(path)]
        if not (root / "pnpm-workspace.yaml").is_file():
            folders = dict.fromkeys(_tsconfig_folder(root, path) for path in relevant)
            return tuple(_compiler_command(root, folder) for folder in folders if folder is not None)
        owners = (owner_of(root, path) for path in relevant)
        packages = {owner.folder: owner for owner in owners if owner}
        found = (_pnpm_command(root, package) for package in packages.values())
        return tuple(command for command in found if command)

    def parse(self, command: CheckCommand, output: str, root: Path) -> tuple[Diagnostic, ...]:
        folder = command.cwd if command.paths_from is None else command.paths_from
        return parse_diagnostics(output, TYPESCRIPT, root, folder)

    def environment_fault(self, command: CheckCommand, exit_code: int | None, output: str) -> str | None:
        plain = [line.strip() for part in split_by_label(output, Path(), "") for line in part.lines]
        return shared_environment_fault("\n".join(plain)) or _pnpm_fault(plain)


def _is_relevant(path: str) -> bool:
    name = PurePosixPath(path).name
    is_config = name.startswith("tsconfig") and name.endswith(".json")
    return PurePosixPath(path).suffix in SUFFIXES or name in NAMES or is_config


def _pnpm_fault(lines: list[str]) -> str | None:
    for line in lines:
        for pattern in ENVIRONMENT_FAULTS:
            if match := pattern.fullmatch(line):
                return match["what"]
        error = PNPM_ERROR.fullmatch(line)
        if error and error["code"] not in PNPM_CODE_FAULTS:
            return f"pnpm: {error['what']}"
    return None


# --- which packages, which commands -----------------------------------------------------


def _pnpm_command(root: Path, package: Package) -> CheckCommand | None:
    argv = _pnpm_argv(root, package)
    if argv is None:
        return None
    missing = missing_program("pnpm", root, hint="install it, with `npm install -g pnpm`")
    return CheckCommand(
        argv=argv,
        cwd="",
        checker=TypeScriptCheck.name,
        missing=missing or _missing_modules(root),
        paths_from=package.folder,
    )


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
    if tsc and (tsc[0] == "--build" or OWN_FILES.search(_text(root / "tsconfig.json"))):
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
    text = _text(file)
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
    return CheckCommand(argv=(program, *argv), cwd="", checker=TypeScriptCheck.name, missing=missing)


def _missing_modules(root: Path) -> str | None:
    if (root / "node_modules").is_dir() or (root / ".pnp.cjs").is_file():
        return None
    by_lock = (manager for file, manager in LOCK_FILES.items() if (root / file).is_file())
    in_pnpm = "pnpm" if (root / "pnpm-workspace.yaml").is_file() else "npm"
    return f"node_modules is missing: run {next(by_lock, in_pnpm)} install"


def _text(file: Path) -> str:
    try:
        return file.read_bytes()[:TSCONFIG_LIMIT].decode("utf-8", "replace")
    except OSError:
        return ""
