"""No generated path makes a write land out of scope, by an oracle that shares no code with the product.

The oracle looks at what changed on the disk, not at the path that was asked for: SPEC 6 says where it may.
SIGNOFF_SOAK=1 (make soak) tries 10,000 paths in each of the two ways to open folders.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import unicodedata
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from core.beneath import kernel_resolves
from core.blobs import Blobs
from core.scope_guard import ScopeGuard
from core.worker_profile import bundled_profile
from core.workspace import Workspace, WorkspaceError

PATHS = 10_000 if os.environ.get("SIGNOFF_SOAK") else 200
PLAN_FILES = ("docs/named.md", "apps/web/named.ts", "lib/[id].ts")
RUN_FILES = "plans/S-1"
TREE = (
    *("apps/api/services/a.ts", "apps/api/routes/b.ts", "apps/api/.env", "apps/api/caf\u00e9.ts"),
    *(
        "apps/api/node_modules/x/index.js",
        "apps/web/page.ts",
        "packages/core/c.ts",
        "packages/core/ui/button.ts",
    ),
    *("packages/backend/d.ts", "lib/[id].ts", "docs/named.md", "README.md", "plans/S-1/PLAN.md"),
    *(".git/config", ".signoff/config.yaml", ".claude/config/autonomy.yaml"),
)
LINKS = {
    "apps/api/to_web": "../web",
    "apps/api/to_outside": "{outside}",
    "apps/api/file.ts": "../web/page.ts",
    "apps/api/victim.ts": "{outside}/victim.ts",
    "apps/api/dangling.ts": "{outside}/new.ts",
    "apps/api/git": "../../.git",
    "packages/core/up": "..",
    "apps/api/loop": "loop",
    "apps/api/proc": "/proc/self/cwd",
}


# --- the oracle -------------------------------------------------------------------------


def may_change(path: str, approved: bool) -> bool:
    """SPEC 6 on the path of a file that changed, relative to the workspace, as it is on the disk."""
    plain = unicodedata.normalize("NFKC", path).casefold()
    names = plain.split("/")
    if {".git", ".signoff", ".claude", ".mcp.json", "node_modules", ".venv", "venv"} & set(names):
        return False
    if path.rpartition("/")[2].casefold() == ".env":
        return False
    out = (
        "apps/web/*",
        "*.tsx",
        "*.jsx",
        "*.css",
        "*.scss",
        "packages/core/ui/*",
        "packages/ui/*",
        "plans/s-1/*",
    )
    if plain == "apps/web" or any(fnmatchcase(plain, glob) for glob in out):
        return False
    inside = ("apps/api/*", "packages/backend/*", "packages/core/*")
    return approved or path in PLAN_FILES or any(fnmatchcase(path, glob) for glob in inside)


# --- the paths --------------------------------------------------------------------------

NAMES = (
    *("apps", "api", "web", "services", "packages", "core", "ui", "backend", "docs", "lib", "plans", "S-1"),
    *(
        "a.ts",
        "page.ts",
        "new.ts",
        "x.tsx",
        "x.css",
        "named.md",
        "named.ts",
        "[id].ts",
        "PLAN.md",
        ".env",
        "config",
    ),
    *(
        ".git",
        ".signoff",
        ".claude",
        "node_modules",
        "..",
        ".",
        "",
        "...",
        " ",
        "~",
        "to_web",
        "to_outside",
        "file.ts",
    ),
    *("victim.ts", "dangling.ts", "hard.ts", "git", "up", "loop", "proc", "pipe", "caf\u00e9.ts", "folder"),
)
STARTS = (
    "apps/api",
    "apps/api/services",
    "packages/core",
    "apps/web",
    "packages/backend",
    "docs",
    ".git",
    "",
)


def generated(rng: random.Random, root: Path, outside: Path) -> str:
    parts = [rng.choice(STARTS), *rng.choices(NAMES, k=rng.randint(1, 4))]
    parts = [mutated(rng, part) if rng.random() < 0.2 else part for part in parts]
    path = "/".join(part for part in parts if part or rng.random() < 0.1)
    if rng.random() < 0.06:
        path = f"{rng.choice((root, outside, '/etc', root / 'apps/api/..', '//'))}/{path}"
    return (
        path.replace("/", rng.choice(("\\", "//", "/./", "\uff0f", "\u2215")))
        if rng.random() < 0.06
        else path
    )


def mutated(rng: random.Random, part: str) -> str:
    """The same name in another case or Unicode form, or with something in it that nobody sees."""
    match rng.randrange(7):
        case 0:
            return "".join(rng.choice((c.upper(), c.lower())) for c in part)
        case 1:
            return unicodedata.normalize("NFD", part)
        case 2:
            return "".join(
                chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and rng.random() < 0.5 else c for c in part
            )
        case 3:
            at = rng.randint(0, len(part))
            unseen = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\ufe0f\u202e\0\n\x1b"
            return part[:at] + rng.choice(unseen) + part[at:]
        case 4:
            return part + rng.choice((".", " ", "::$DATA", "~1", "/", "/."))
        case 5:
            return part.replace("s", "\u017f").replace("k", "\u212a").replace("i", "\u0130")
        case _:
            return "".join(
                chr(rng.choice((rng.randrange(1, 0xD7FF), rng.randrange(32, 127)))) for _ in range(4)
            )


# --- the world --------------------------------------------------------------------------


def build(root: Path, outside: Path) -> None:
    for folder in (root, outside):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    (outside / "victim.ts").write_text("theirs")
    for name in TREE:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    for name, target in LINKS.items():
        (root / name).symlink_to(target.format(outside=outside))
    os.link(outside / "victim.ts", root / "apps/api/hard.ts")
    os.mkfifo(root / "apps/api/pipe")


def picture(folder: str) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for entry in os.scandir(folder):
        at = entry.stat(follow_symlinks=False)
        # The time of a folder's last change follows from that of its entries.
        is_folder = entry.is_dir(follow_symlinks=False)
        found[entry.path] = (at.st_ino, at.st_mode, *(() if is_folder else (at.st_size, at.st_mtime_ns)))
        if is_folder:
            found |= picture(entry.path)
    return found


@pytest.fixture(params=["openat2", "walk"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "walk":
        monkeypatch.setattr("core.safe_path.kernel_resolves", lambda: False)
    elif not kernel_resolves():
        pytest.skip("this kernel has no openat2")
    yield request.param


def test_no_write_lands_out_of_scope(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    rng = random.Random(f"{way}: seed 1")
    root, outside = tmp_path / "root", tmp_path / "outside"
    build(root, outside)
    before = picture(str(tmp_path))
    guard = ScopeGuard(bundled_profile("backend").scope, PLAN_FILES, (f"{RUN_FILES}/**",))
    written = refused = 0
    for n in range(PATHS):
        path, approved = generated(rng, root, outside), rng.random() < 0.5
        workspace = Workspace(root, guard, Blobs(tmp_path.parent / "blobs"), lambda event: None)
        try:
            write(workspace, path, b"%d" % n, approved)
        except WorkspaceError:
            refused += 1
        after = picture(str(tmp_path))
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        if not changed:
            continue
        written += 1
        for name in changed:
            assert name.startswith(f"{root}/"), (path, name)
            real = os.path.realpath(name)
            assert real == name, "what was written is behind no link"
            if not os.path.isdir(name):
                assert may_change(os.path.relpath(real, root), approved), (path, name)
        build(root, outside)
        before = picture(str(tmp_path))
    assert written > PATHS / 20 and refused > PATHS / 5, (written, refused)


def write(workspace: Workspace, path: str, data: bytes, approved: bool) -> None:
    with contextlib.suppress(WorkspaceError):
        workspace.read(path)
    workspace.carry_out(workspace.plan_write(path, data), chunk=1, call_id="c", approved=approved)


@pytest.mark.parametrize(
    "path", ["apps/api/new/deep/x.ts", "packages/core/c.ts", "docs/named.md", "lib/[id].ts"]
)
def test_a_plain_path_in_scope_is_written(way: str, tmp_path: Path, path: str) -> None:
    build(tmp_path / "root", tmp_path / "outside")
    guard = ScopeGuard(bundled_profile("backend").scope, PLAN_FILES, (f"{RUN_FILES}/**",))
    workspace = Workspace(tmp_path / "root", guard, Blobs(tmp_path / "blobs"), lambda event: None)
    write(workspace, path, b"ours", approved=False)
    assert (tmp_path / "root" / path).read_bytes() == b"ours"
