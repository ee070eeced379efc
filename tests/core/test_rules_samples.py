"""No rule flags a file of the two sample workspaces: written anew, or changed in half of its lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.rules.base import ChangedFile
from core.rules.dependencies import packages_of
from core.rules.registry import run_rules
from tests.core.rule_files import changed, context

SAMPLES = Path(__file__).parents[2] / "sample_stories"
LEFT_OUT = {"node_modules", "plans", ".signoff", "__pycache__", ".pytest_cache", ".mypy_cache"}


def files_of(sample: str) -> dict[str, str]:
    """The text of each file of a sample's workspace, by its path there."""
    root = SAMPLES / sample / "workspace"
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    inside = {path.relative_to(root): path for path in found}
    return {
        str(short): path.read_text(encoding="utf-8")
        for short, path in inside.items()
        if LEFT_OUT.isdisjoint(short.parts)
    }


def flags_of(*files: ChangedFile) -> list[str]:
    """What the rules flag where the plan names every file, and every package of a manifest."""
    packages = [package for file in files for package in packages_of(file.path, file.after or "")]
    plan = "\n".join([*(file.path for file in files), *(f"- install `{package}`" for package in packages)])
    given = context(plan=plan, files=tuple(file.path for file in files))
    return [f"{f.path}:{f.line} {f.rule}: {f.message}" for f in run_rules(files, given)]


@pytest.mark.parametrize("sample", ["typescript", "python"])
def test_no_file_of_a_sample_is_flagged(sample: str) -> None:
    files = files_of(sample)
    assert len(files) > 10
    new = [changed(path, text) for path, text in files.items()]
    half = {path: "\n".join(text.split("\n")[::2]) for path, text in files.items()}
    modified = [changed(path, text, half[path]) for path, text in files.items()]
    for file in (*new, *modified):
        assert flags_of(file) == []
    assert flags_of(*new) == []
    assert flags_of(*modified) == []


def test_a_manifest_of_a_sample_is_flagged_where_the_plan_names_no_package() -> None:
    path = "apps/api/package.json"
    text = files_of("typescript")[path]
    assert json.loads(text)["dependencies"]
    found = run_rules((changed(path, text),), context(plan=path, files=(path,)))
    assert {finding.rule for finding in found} == {"dependency"}
