from __future__ import annotations

from pathlib import Path

import pytest

from core.blobs import Blobs
from core.domain import ScopeGlobs
from core.scope_guard import ScopeGuard
from core.workspace import FileRefused, PatternError, Workspace

FILES = {
    ".gitignore": "*.log\n/dist/\n!keep.log\n",
    "a.py": "def one():\n    return 1\n",
    "src/b.py": "one = 1\r\ntwo = 'ONE é'\n",
    "src/c.ts": "const one = 1",
    "src/noise.log": "one",
    "src/keep.log": "one",
    "src/.gitignore": "gen/\n",
    "src/gen/d.py": "one",
    "dist/e.py": "one",
    "node_modules/f.py": "one",
    ".git/g.py": "one",
    ".env": "one=1",
    "bin.dat": "one\0",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "repo"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, newline="")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.py").write_text("one")
    (root / "link").symlink_to(tmp_path / "outside")
    return Workspace(root, ScopeGuard(ScopeGlobs(), (), ()), Blobs(tmp_path / "blobs"), lambda event: None)


def test_what_git_ignores_is_not_listed(workspace: Workspace) -> None:
    assert workspace.list_files(".", "**", 100) == (
        ".env",
        ".gitignore",
        "a.py",
        "bin.dat",
        "src/.gitignore",
        "src/b.py",
        "src/c.ts",
        "src/keep.log",
    )


@pytest.mark.parametrize(
    ("path", "glob", "found"),
    [
        ("", "*.py", ("a.py", "src/b.py")),
        ("src", "*.py", ("src/b.py",)),
        ("src/", "b.*", ("src/b.py",)),
        (".", "src/**/*.ts", ("src/c.ts",)),
        ("src", "src/*.ts", ("src/c.ts",)),
        ("src", "/b.py", ("src/b.py",)),
        ("dist", "**", ()),
    ],
)
def test_globs_count_from_the_folder_or_the_root(
    workspace: Workspace, path: str, glob: str, found: tuple[str, ...]
) -> None:
    assert workspace.list_files(path, glob, 100) == found


def test_hits_have_their_line_and_nothing_private_or_binary(workspace: Workspace) -> None:
    hits = workspace.search(r"(?i)\bone\b", ".", "**", 100)
    assert [(hit.path, hit.line, hit.text) for hit in hits] == [
        ("a.py", 1, "def one():"),
        ("src/b.py", 1, "one = 1"),
        ("src/b.py", 2, "two = 'ONE é'"),
        ("src/c.ts", 1, "const one = 1"),
        ("src/keep.log", 1, "one"),
    ]


def test_anchors_hold_for_lines_and_one_file_can_be_searched(workspace: Workspace) -> None:
    assert [hit.line for hit in workspace.search(r"^two|1\s*$", "src/b.py")] == [1, 2]
    assert [hit.line for hit in workspace.search("", "a.py")] == [1, 2]


def test_the_number_of_results_is_bounded(workspace: Workspace) -> None:
    assert len(workspace.list_files(".", "**", 3)) == 3
    assert len(workspace.search("one", ".", "**", 2)) == 2


def test_what_is_found_does_not_count_as_read(tmp_path: Path, workspace: Workspace) -> None:
    workspace.search("one", "a.py")
    with pytest.raises(Exception, match="not read yet"):
        workspace.plan_write("a.py", b"x").refuse_unread()


@pytest.mark.parametrize("pattern", ["(", "(?=look)", r"(a)\1", "\ud800"])
def test_a_pattern_that_re2_refuses_is_said(workspace: Workspace, pattern: str) -> None:
    with pytest.raises(PatternError, match="RE2 refuses"):
        workspace.search(pattern)


def test_a_wrong_glob_or_folder_is_said(workspace: Workspace) -> None:
    with pytest.raises(PatternError):
        workspace.list_files(".", "!", 5)
    for path in ("link", "../outside", "/etc", "nowhere", "a.py", "src/.."):
        with pytest.raises(FileRefused):
            workspace.list_files(path, "**", 5)
    with pytest.raises(FileRefused):
        workspace.search("one", "link/x.py")
