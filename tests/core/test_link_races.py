"""Links are swapped in by another process while guarded writes run: nothing outside ever changes.

SIGNOFF_SOAK=1 (make soak) runs 1,000 races in each of the two ways to open folders.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.beneath import kernel_resolves
from core.blobs import Blobs
from core.domain import ScopeGlobs
from core.scope_guard import ScopeGuard
from core.workspace import Workspace, WorkspaceError

RACES = 1_000 if os.environ.get("SIGNOFF_SOAK") else 60
# Swaps a folder for a link to one outside, a file for a link and for a hard link to one outside, and back.
SWAPPER = """
import os, sys
root, outside = sys.argv[1:]
at = lambda name: os.path.join(root, "src", name)
def swap(name, put):
    os.rename(at(name), at("." + name))
    put()
    os.rename(at(name), at("gone"))
    os.rename(at("." + name), at(name))
print("ready", flush=True)
while True:
    for act in (
        lambda: swap("folder", lambda: os.symlink(outside, at("folder"))),
        lambda: swap("folder", lambda: os.symlink("../web", at("folder"))),
        lambda: swap("a.py", lambda: os.symlink(outside + "/a.py", at("a.py"))),
        lambda: swap("a.py", lambda: os.link(outside + "/a.py", at("a.py"))),
    ):
        try:
            act()
        except OSError:
            pass
        for name in ("folder", "a.py"):
            if os.path.lexists(at("." + name)):
                if os.path.islink(at(name)) or os.path.isfile(at(name)):
                    os.unlink(at(name))
                try:
                    os.rename(at("." + name), at(name))
                except OSError:
                    pass
"""


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root / "src/folder", root / "web", outside):
        folder.mkdir(parents=True)
        (folder / "a.py").write_text("theirs")
    (root / "src/a.py").write_text("theirs")
    swapper = subprocess.Popen([sys.executable, "-c", SWAPPER, root, outside], stdout=subprocess.PIPE)
    assert swapper.stdout is not None
    with swapper:
        assert swapper.stdout.readline() == b"ready\n"
        yield root, outside
        assert swapper.poll() is None, "it swapped to the end"
        swapper.kill()


@pytest.mark.parametrize("way", ["openat2", "walk"])
def test_no_swapped_link_leads_a_write_out(
    places: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way == "walk":
        monkeypatch.setattr("core.safe_path.kernel_resolves", lambda: False)
    elif not kernel_resolves():
        pytest.skip("this kernel has no openat2")
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    root, outside = places
    guard = ScopeGuard(ScopeGlobs(inside=("src/**",), outside=("web/**",)), (), ())
    blobs = Blobs(tmp_path / "blobs")
    written = refused = 0
    # On a busy machine the swapper may not have had its turn yet.
    for n in range(100 * RACES):
        if n >= RACES and written and refused:
            break
        path = ("src/folder/a.py", "src/a.py", "src/folder/new/b.py")[n % 3]
        try:
            workspace = Workspace(root, guard, blobs, lambda event: None)
            planned = workspace.plan_write(path, b"ours %d" % n)
            workspace.carry_out(planned, chunk=1, call_id="c", approved=True)
            written += 1
        except WorkspaceError:
            refused += 1
        assert files(outside) == {"a.py": "theirs"}
        assert files(root / "web") == {"a.py": "theirs"}
    assert written and refused, (written, refused)


def files(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*")}
