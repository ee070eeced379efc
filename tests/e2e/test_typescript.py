"""The TypeScript sample with real pnpm and tsc: needs node, pnpm, and its packages to be had."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.program import IMPLEMENTATION, log_of, signoff
from tests.soak import only_in_soak

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(
        shutil.which("node") is None or shutil.which("pnpm") is None, reason="node and pnpm are not there"
    ),
]


def demo(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    done = signoff(
        "demo", "--sample", "typescript", "--headless", "--into", "w", *more,
        cwd=folder, state=folder / "state", timeout_s=400,
    )  # fmt: skip
    if done.returncode == 2 and "pnpm install" in done.stderr:
        pytest.skip(f"the sample's packages can't be had here: {done.stderr.splitlines()[-1]}")
    return done


def test_the_story_completes_with_real_pnpm_and_tsc(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    root = tmp_path / "w"
    log = log_of(root)
    assert log.rstrip().splitlines()[-1] == "BACKEND COMPLETE"
    assert "- Check: `pnpm --filter @repo/api" in log and "- Fix attempt 1:" in log
    for script in ("check-types", "test"):
        sound = subprocess.run(
            ["pnpm", "-r", "run", script], cwd=root, capture_output=True, text=True, check=False
        )
        assert sound.returncode == 0, sound.stdout


@only_in_soak
def test_the_blocked_variant_names_what_tsc_said(tmp_path: Path) -> None:
    done = demo(tmp_path, "--variant", "blocked")
    assert done.returncode == 4, done.stdout + done.stderr
    blockers = (tmp_path / "w" / IMPLEMENTATION / "BLOCKERS.md").read_text()
    assert "check-types" in blockers and "[TS" in blockers
