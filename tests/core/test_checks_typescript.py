"""Which commands a TypeScript workspace is checked with, and whose fault a failure is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.checks.base import CheckCommand
from core.checks.typescript import TypeScriptCheck

CHECK = TypeScriptCheck()
RAN = CheckCommand(argv=("pnpm",), cwd="", checker="typescript", paths_from="apps/api")


def write(root: Path, path: str, text: str = "") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def package(root: Path, folder: str, name: str | None, **scripts: str) -> None:
    manifest = {"name": name, "scripts": {key.replace("_", "-"): text for key, text in scripts.items()}}
    write(root, f"{folder}/package.json", json.dumps(manifest))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pnpm workspace with its modules installed, and a pnpm on PATH."""
    bin = tmp_path / "bin"
    write(bin, "pnpm", "#!/bin/sh\n")
    (bin / "pnpm").chmod(0o755)
    monkeypatch.setenv("PATH", str(bin))
    root = tmp_path / "ws"
    write(root, "pnpm-workspace.yaml", "packages: ['apps/*', 'packages/*']\n")
    (root / "node_modules").mkdir()
    package(root, ".", "ws")
    package(root, "apps/api", "@repo/api", check_types="tsc --noEmit")
    return root


def argvs(root: Path, *changed: str) -> list[str]:
    return [" ".join(command.argv) for command in CHECK.commands(root, changed)]


def test_each_package_of_a_changed_file_once_by_its_own_script(root: Path) -> None:
    package(root, "packages/core", "@repo/core", tsc="tsc", type_check="tsc --noEmit", typecheck="tsc -w")
    changed = ("apps/api/src/a.ts", "apps/api/src/deep/gone.ts", "packages/core/tsconfig.json", "docs/x.md")
    assert CHECK.applies(root, changed)
    assert argvs(root, *changed) == [
        "pnpm --filter @repo/api --fail-if-no-match run check-types",
        "pnpm --filter @repo/core --fail-if-no-match run type-check",
    ]
    assert [command.missing for command in CHECK.commands(root, changed)] == [None, None]


def test_a_root_script_that_hands_over_to_turbo_takes_the_filter(root: Path) -> None:
    package(root, ".", "ws", check_types="turbo run check-types --continue")
    assert argvs(root, "apps/api/src/a.ts") == ["pnpm check-types --filter @repo/api"]
    # turbo would run nothing, and be content, for a package that has no such script.
    package(root, "packages/core", "@repo/core", typecheck="tsc --noEmit")
    assert argvs(root, "packages/core/a.ts") == ["pnpm --filter @repo/core --fail-if-no-match run typecheck"]
    package(root, ".", "ws", check_types="tsc --build")
    assert argvs(root, "apps/api/src/a.ts") == ["pnpm --filter @repo/api --fail-if-no-match run check-types"]


@pytest.mark.parametrize(
    ("tsconfig", "arguments"),
    [
        ('{"include": ["src"]}', "--noEmit"),
        (
            '{ // a solution\n "files": [], "references": [{"path": "./tsconfig.app.json"}]}',
            "--build --noEmit",
        ),
    ],
)
def test_a_package_without_a_script_is_compiled(root: Path, tsconfig: str, arguments: str) -> None:
    package(root, "packages/core", "core", build="tsup")
    assert argvs(root, "packages/core/a.ts") == []
    write(root, "packages/core/tsconfig.json", tsconfig)
    assert argvs(root, "packages/core/a.ts") == [
        f"pnpm --filter core --fail-if-no-match exec tsc {arguments}"
    ]


def test_a_package_json_without_a_name_is_no_package(root: Path) -> None:
    write(root, "apps/api/dist/package.json", '{"type": "commonjs"}')
    assert argvs(root, "apps/api/dist/a.js") == ["pnpm --filter @repo/api --fail-if-no-match run check-types"]


@pytest.mark.parametrize("name", ["--recursive", "!other", "a*", "x...", "{evil}"])
def test_a_name_that_would_act_on_pnpm_is_not_passed_to_it(root: Path, name: str) -> None:
    package(root, "apps/api", name, check_types="tsc")
    assert argvs(root, "apps/api/a.ts") == ["pnpm --filter ./apps/api --fail-if-no-match run check-types"]


def test_a_broken_package_json_is_for_pnpm_to_report(root: Path) -> None:
    write(root, "apps/api/package.json", '{"name": ')
    assert argvs(root, "apps/api/package.json") == [
        "pnpm --filter ./apps/api --fail-if-no-match run check-types"
    ]


def test_a_change_at_the_root_runs_the_root_script_but_no_bare_base_tsconfig(root: Path) -> None:
    write(root, "tsconfig.json", '{"compilerOptions": {"strict": true}}')
    assert argvs(root, "tsconfig.json") == []
    write(root, "tsconfig.json", '{"include": ["scripts"]}')
    assert argvs(root, "tsconfig.json") == ["pnpm exec tsc --noEmit"]
    package(root, ".", "ws", check_types="turbo run check-types")
    assert argvs(root, "tsconfig.json") == ["pnpm run check-types"]


def test_what_is_missing_is_said_before_anything_starts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "node_modules").rmdir()
    (command,) = CHECK.commands(root, ["apps/api/a.ts"])
    assert command.missing == "node_modules is missing: run pnpm install"
    monkeypatch.setenv("PATH", "")
    (command,) = CHECK.commands(root, ["apps/api/a.ts"])
    assert (command.missing or "").startswith("pnpm was not found")


def test_without_pnpm_workspace_the_project_s_own_compiler_runs(tmp_path: Path) -> None:
    package(tmp_path, ".", "app")
    assert argvs(tmp_path, "src/a.ts") == []
    write(tmp_path, "api/tsconfig.json", "{}")
    write(tmp_path, "yarn.lock")
    (command,) = CHECK.commands(tmp_path, ["api/src/a.ts", "api/src/b.ts", "README.md"])
    assert command.missing == "node_modules is missing: run yarn install"
    write(tmp_path, "node_modules/.bin/tsc", "#!/bin/sh\n")
    (command,) = CHECK.commands(tmp_path, ["api/src/a.ts"])
    assert (command.argv, command.missing) == (("node_modules/.bin/tsc", "--noEmit", "-p", "api"), None)
    write(tmp_path, "tsconfig.json", "{}")
    (command,) = CHECK.commands(tmp_path, ["src/a.ts"])
    assert (command.argv, command.missing) == (("node_modules/.bin/tsc", "--noEmit", "-p", "."), None)


@pytest.mark.parametrize(
    ("files", "manager"),
    [
        (["package-lock.json"], "npm"),
        (["yarn.lock"], "yarn"),
        (["bun.lockb"], "bun"),
        (["pnpm-lock.yaml"], "pnpm"),
        ([], "yarn"),  # what its package.json says
    ],
)
def test_a_package_s_script_is_run_by_the_workspace_s_manager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], manager: str
) -> None:
    monkeypatch.setenv("PATH", "")
    write(tmp_path, "package.json", '{"packageManager": "yarn@4.1.0", "workspaces": ["apps/*"]}')
    package(tmp_path, "apps/api", "api", typecheck="tsc --noEmit", lint="eslint")
    package(tmp_path, "apps/job", "job", build="tsc")
    for path in (*files, "apps/job/tsconfig.json", "node_modules/.bin/tsc", f"node_modules/.bin/{manager}"):
        write(tmp_path, path)
    for program in (tmp_path / "node_modules/.bin").iterdir():
        program.chmod(0o755)
    changed = ["apps/api/src/a.ts", "apps/api/package.json", "apps/job/b.ts"]
    ours, theirs = CHECK.commands(tmp_path, changed)
    assert (ours.cwd, ours.argv, ours.missing) == ("apps/api", (manager, "run", "typecheck"), None)
    assert theirs.argv == ("node_modules/.bin/tsc", "--noEmit", "-p", "apps/job")
    (tmp_path / "node_modules/.bin" / manager).unlink()
    assert (CHECK.commands(tmp_path, changed)[0].missing or "").startswith(f"{manager} was not found")


def test_a_package_that_nobody_installed_is_missing_its_modules(root: Path) -> None:
    manifest = {"name": "@repo/new", "scripts": {"typecheck": "tsc"}, "dependencies": {"zod": "4"}}
    write(root, "packages/new/package.json", json.dumps(manifest))

    def missing() -> str | None:
        return CHECK.commands(root, ["packages/new/a.ts"])[0].missing

    assert missing() is None  # pnpm may put them all at the root
    write(root, "node_modules/.modules.yaml", '{\n  "nodeLinker": "isolated",\n}')
    assert missing() == "packages/new/node_modules is missing: run pnpm install"
    (root / "packages/new/node_modules").mkdir()
    assert missing() is None


def test_it_applies_to_what_the_compiler_reads_in_a_node_project(tmp_path: Path, root: Path) -> None:
    assert not CHECK.applies(tmp_path, ["a.ts"])
    for path in ("a.mts", "x/package.json", "x/tsconfig.build.json", "b.cts"):
        assert CHECK.applies(root, [path])
    assert not CHECK.applies(root, ["README.md", "a.sql", "b.py"])


@pytest.mark.parametrize(
    ("output", "fault"),
    [
        ("\n> tsc --noEmit\n\nsh: 1: tsc: not found\n ELIFECYCLE  Command failed.\n", "tsc: not found"),
        ("@repo/api:check-types: sh: 1: tsc: not found\n", "tsc: not found"),
        ("bash: line 1: tsc: command not found\n", "tsc: command not found"),
        (' ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL  Command "tsc" not found\n', 'Command "tsc" not found'),
        (" ERR_PNPM_OUTDATED_LOCKFILE  Cannot install\n", "pnpm: Cannot install"),
        ('No projects matched the filters in "/ws"\n', 'No projects matched the filters in "/ws"'),
        (" ERROR  This project is configured to use yarn\n", "This project is configured to use yarn"),
        ("Error: Cannot find module 'typescript'\n    at x\n", "Cannot find module 'typescript'"),
        (
            "Error [ERR_UNKNOWN_BUILTIN_MODULE]: No such built-in module: node:sqlite\n    at x\n",
            "No such built-in module: node:sqlite",
        ),
        ("Error: ENOSPC: no space left on device, write\n", "ENOSPC: no space left on device, write"),
        (
            "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n",
            "JavaScript heap out of memory",
        ),
        (
            " ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL  Command was killed with SIGKILL (Forced termination): x\n",
            "Command was killed with SIGKILL",
        ),
        (" ELIFECYCLE  Command failed with exit code 137.\n", "Command failed with exit code 137"),
        ("/ws/apps/api:\nExit status 137\n", "Exit status 137"),
        ("sh: line 1: 30085 Killed                  tsc --noEmit\n", "Killed"),
        (
            "/ws/node_modules/typescript/lib/_tsc.js:1\n      throw e;\n      ^\n\n"
            "Error: Debug Failure. False expression.\n    at x (/ws/node_modules/typescript/lib/_tsc.js:1)\n"
            "\nNode.js v20.20.2\n",
            "the compiler crashed: Error: Debug Failure. False expression.",
        ),
        (
            "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n",
            "the compiler crashed: runtime error: index out of range",
        ),
        (
            "  x No package found with name '@repo/x' in workspace\n",
            "No package found with name '@repo/x' in workspace",
        ),
    ],
)
def test_faults_of_the_environment(output: str, fault: str) -> None:
    assert CHECK.environment_fault(RAN, 1, output) == fault


@pytest.mark.parametrize(
    "output",
    [
        "src/a.ts(2,1): error TS2307: Cannot find module 'typescript' or its corresponding types.\n",
        "src/a.ts(2,1): error TS2322: Type '\"ENOSPC\"' is not assignable to type 'never'.\n",
        "/ws/apps/api:\n ERR_PNPM_RECURSIVE_RUN_FIRST_FAIL  @repo/api@ check-types: `tsc --noEmit`\n"
        " WARN   Local package.json exists, but node_modules missing, did you mean to install?\n",
        " ERR_PNPM_JSON_PARSE  Unexpected end of JSON input while parsing in /ws/apps/api/package.json\n",
        " ERROR  run failed: command  exited (2)\n",
        "/ws/scripts/gen.js:1\n^\n\nError: x\n    at /ws/scripts/gen.js:1:7\n\nNode.js v20.20.2\n",
        "src/a.ts(2,1): error TS2552: Cannot find name 'Killed'.\n",
    ],
)
def test_faults_of_the_code_are_no_faults_of_the_environment(output: str) -> None:
    assert CHECK.environment_fault(RAN, 2, output) is None


def test_paths_start_at_the_package_also_where_pnpm_prints_no_banner() -> None:
    (found,) = CHECK.parse(RAN, "src/a.ts(2,1): error TS1005: ';' expected.\n", Path("/ws"))
    assert found.path == "apps/api/src/a.ts"
