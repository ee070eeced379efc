"""tsc's incremental mode in place of a package's type check script, and scripts that it can't stand for."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from core.checks.base import CheckCommand
from core.checks.packages import Package
from core.checks.plain_tsc import plain_tsc, why_not_plain
from core.checks.registry import commands_for, run_check
from core.checks.warm import WarmCheckers
from core.demo import prepare_sample
from core.domain import CheckResult
from core.process import scrubbed_environ
from core.story import InputFault
from tests.core.test_process import make_program
from tests.soak import only_in_soak

ENVIRON = scrubbed_environ(os.environ)
INCREMENTAL = "tsc --noEmit --incremental --tsBuildInfoFile ../../.signoff/runs/warm/S/api-"


def package(text: str, **more: str) -> Package:
    return Package(folder="apps/api", name="@repo/api", scripts={"check-types": text, **more})


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        ("tsc --noEmit", ("--noEmit",)),
        (
            "tsc  -p tsconfig.check.json --noEmit --strict",
            ("-p", "tsconfig.check.json", "--noEmit", "--strict"),
        ),
        ("tsc", None),  # writes files
        ("tsc -b --noEmit", None),
        ("tsc --noEmit --incremental", None),
        ("tsc --noEmit false", None),
        ("tsc --noEmit --project", None),
        ("tsc --noEmit -p $CONFIG", None),
        ("tsc --noEmit && eslint .", None),
        ("tsc --noEmit --outDir x", None),
        ("vue-tsc --noEmit", None),
        ("NODE_OPTIONS=--max-old-space-size=8192 tsc --noEmit", None),
        ("", None),
    ],
)
def test_what_is_plain_tsc(script: str, arguments: tuple[str, ...] | None) -> None:
    assert plain_tsc(package(script), "check-types") == arguments


def test_a_script_with_another_before_or_after_it_is_more_than_tsc() -> None:
    for name in ("precheck-types", "postcheck-types"):
        assert plain_tsc(package("tsc --noEmit", **{name: "node gen.js"}), "check-types") is None


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("vue-tsc --noEmit", "check-types of @repo/api is not plain tsc"),
        ("tsc -b", ""),
        ("tsc --noEmit  --incremental", ""),
    ],
)
def test_why_a_script_is_run_as_it_is(script: str, why: str) -> None:
    assert why_not_plain(package(script), "check-types") == why


# --- run through the registry, with programs that only say how they were called ----------


def workspace(
    root: Path, *, script: str = "tsc --noEmit", version: str = "5.9.3", tsc: str = "exit 0"
) -> Path:
    for name, text in {
        "package.json": "{}",
        "package-lock.json": "",
        "apps/api/package.json": json.dumps({"name": "@repo/api", "scripts": {"check-types": script}}),
        "apps/api/node_modules/typescript/package.json": json.dumps({"version": version}),
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    make_program(root / "apps/api/node_modules/.bin/tsc", f"#!/bin/sh\n{tsc}\n")
    make_program(root / "node_modules/.bin/npm", "#!/bin/sh\necho 'a.ts(1,1): error TS1: cold'\nexit 2\n")
    return root


async def check(root: Path, told: list[str], shown: list[str]) -> CheckResult:
    warm = WarmCheckers(
        root, root / ".signoff/runs/warm/S", environ=ENVIRON, timeout_s=20, on_fallback=told.append
    )
    result = await run_check(
        root,
        commands_for(root, ["apps/api/src/a.ts"], (), ("auto",)),
        environ=ENVIRON,
        timeout_s=20,
        on_output=shown.append,
        put_blob=lambda data: "sha",
        warm=warm,
    )
    await warm.close()
    assert not (root / ".signoff/runs/warm/S").exists()
    return result


@pytest.mark.parametrize(
    ("tsc", "place"),
    [("exit 0", None), ("echo 'src/a.ts(2,3): error TS2322: wrong'; exit 1", "apps/api/src/a.ts:2:3")],
)
async def test_plain_tsc_is_run_incrementally_where_the_package_is(
    tmp_path: Path, tsc: str, place: str | None
) -> None:
    result = await check(workspace(tmp_path, tsc=tsc), [], [])
    (run,) = result.commands
    assert run.cwd == "apps/api" and run.shown.startswith(INCREMENTAL)
    assert [d.place for d in result.errors] == [place] * (place is not None)
    assert result.ok == (place is None)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"script": "vue-tsc --noEmit"}, "# not incremental: check-types of @repo/api is not plain tsc\n"),
        ({"version": "5.4.2"}, "# not incremental: TypeScript 5.6 or later is needed"),
        ({"script": "tsc -b"}, "$ npm run check-types\n"),
        ({"tsc": "echo 'error TS5053: Option may not be given.'; exit 1"}, "error TS5053"),
        ({"tsc": "exit 3"}, INCREMENTAL),
    ],
)
async def test_everything_else_is_run_cold(tmp_path: Path, changes: dict[str, str], why: str) -> None:
    told, shown = list[str](), list[str]()
    result = await check(workspace(tmp_path, **changes), told, shown)
    assert result.commands[0].argv == ("npm", "run", "check-types")
    assert [d.message for d in result.errors] == ["cold"]
    assert why in "".join(shown) and told == []


async def test_one_that_breaks_down_is_told_and_the_cold_command_run(tmp_path: Path) -> None:
    told = list[str]()
    result = await check(workspace(tmp_path, tsc="kill -9 $$"), told, [])
    assert [d.message for d in result.errors] == ["cold"]
    assert told == [
        "the incremental check could not run: tsc: out of memory; the cold command is run instead: "
        "npm run check-types"
    ]


async def test_a_global_tsc_is_another_version(tmp_path: Path) -> None:
    root, shown = workspace(tmp_path), list[str]()
    shutil.rmtree(root / "apps/api/node_modules")
    result = await check(root, [], shown)
    assert result.commands[0].argv[0] == "npm"
    assert "# not incremental: its TypeScript is not in node_modules" in "".join(shown)


def test_two_projects_never_share_their_build_information(tmp_path: Path) -> None:
    from core.checks.warm_tsc import incremental_tsc

    root = workspace(tmp_path)

    def file(folder: str, *arguments: str) -> str:
        command = CheckCommand(argv=("npm",), cwd=folder, checker="typescript", tsc=arguments)
        found = incremental_tsc(root, command, root / "w")
        assert isinstance(found, CheckCommand)
        return found.argv[-1].rpartition("/")[2]

    (root / "apps/api/api").mkdir()
    names = [file("apps/api", "--noEmit"), file("apps/api", "-p", "x"), file("apps/api/api", "--noEmit")]
    assert len(set(names)) == 3 and names[0] == file("apps/api", "--noEmit")


# --- the real ones ----------------------------------------------------------------------


@only_in_soak
@pytest.mark.node
@pytest.mark.skipif(
    shutil.which("node") is None or shutil.which("pnpm") is None, reason="node and pnpm are not there"
)
async def test_the_typescript_sample_warm_as_cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    try:
        root = prepare_sample("typescript", None, tmp_path / "w", environ=os.environ, say=lambda _: None).root
    except InputFault as fault:
        pytest.skip(f"the sample's packages can't be had here: {fault}")
    domain = root / "packages/core/domain/src/result.ts"
    before = domain.read_text()
    told: list[str] = []
    warm = WarmCheckers(
        root, root / ".signoff/runs/warm/S", environ=ENVIRON, timeout_s=300, on_fallback=told.append
    )
    verdicts = []
    # The second edit is wrong where the package is used, in another one.
    for text in (before, "export type Nothing = never;\n", before):
        domain.write_text(text)
        results = [
            await run_check(
                root,
                commands_for(root, ["apps/api/app.ts"], (), ("auto",)),
                environ=ENVIRON,
                timeout_s=300,
                on_output=None,
                put_blob=lambda data: "sha",
                warm=each,
            )
            for each in (warm, None)
        ]
        first, second = results
        assert "--incremental" in first.commands[0].argv and "run" in second.commands[0].argv
        assert (first.ok, set(first.diagnostics)) == (second.ok, set(second.diagnostics))
        verdicts.append(first.ok)
    await warm.close()
    assert verdicts == [True, False, True] and told == []
