from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.beneath import kernel_resolves, open_beneath
from core.doctor import examine
from core.file_errors import ConflictError, FileRefused
from core.safe_path import SafeTree

LIMIT = 1_000


@pytest.fixture(params=["openat2", "walk"])
def tree(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SafeTree:
    if request.param == "walk":
        monkeypatch.setattr("core.safe_path.kernel_resolves", lambda: False)
    elif not kernel_resolves():
        pytest.skip("this kernel has no openat2")
    (tmp_path / "src/d").mkdir(parents=True)
    (tmp_path / "src/d/a.py").write_bytes(b"theirs")
    return SafeTree(tmp_path)


def test_folders_are_made_and_removed(tree: SafeTree, tmp_path: Path) -> None:
    assert tree.missing_folders("src/new/er/x.py") == ("src/new", "src/new/er")
    tree.replace("src/new/er/x.py", b"ours", 0o640, None)
    state = tree.load("src/new/er/x.py", LIMIT)
    assert state is not None and (state.data, state.mode) == (b"ours", 0o640)
    tree.remove("src/new/er/x.py", state)
    tree.remove_empty_folders(("src/new", "src/new/er"))
    assert tree.load("src/new/er/x.py", LIMIT) is None
    assert sorted(p.name for p in (tmp_path / "src").iterdir()) == ["d"]


def test_nothing_is_reached_through_a_link_or_a_file(tree: SafeTree, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("src")
    (tmp_path / "proc").symlink_to("/proc/self/root")
    for path in ("link/d/a.py", "src/d/a.py/b.py", "proc/etc/passwd"):
        acts: tuple[Callable[[], object], ...] = (
            lambda path=path: tree.load(path, LIMIT),  # type: ignore[misc]
            lambda path=path: tree.replace(path, b"ours", 0o644, None),  # type: ignore[misc]
        )
        for act in acts:
            with pytest.raises(FileRefused, match="symbolic link"):
                act()


def test_a_folder_that_was_moved_away_meanwhile_is_left_alone(
    tree: SafeTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tree.load("src/d/a.py", LIMIT)
    assert state is not None

    def move(*_: object) -> None:
        os.rename(tmp_path / "src/d", tmp_path / "web")
        (tmp_path / "src/d").mkdir()

    monkeypatch.setattr("core.safe_path._refuse_other", move)
    with pytest.raises(ConflictError, match="folder was moved"):
        tree.replace("src/d/a.py", b"ours", 0o644, state)
    assert {p.name: p.read_bytes() for p in (tmp_path / "web").iterdir()} == {"a.py": b"theirs"}
    assert not list((tmp_path / "src/d").iterdir())


@pytest.mark.skipif(not kernel_resolves(), reason="this kernel has no openat2")
def test_the_kernel_refuses_every_way_out(tmp_path: Path) -> None:
    (tmp_path / "in/side").mkdir(parents=True)
    (tmp_path / "in/up").symlink_to("..")
    root = os.open(tmp_path / "in", os.O_RDONLY)
    try:
        os.close(open_beneath(root, "side"))
        for path in ("..", "side/../..", "/", "up", "up/in", str(tmp_path)):
            with pytest.raises(OSError):
                open_beneath(root, path)
    finally:
        os.close(root)


def test_the_doctor_says_how_files_are_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said() -> str:
        return next(fact.detail for fact in examine(tmp_path, {}) if fact.name == "file access")

    assert ("openat2: " in said()) == kernel_resolves()
    monkeypatch.setattr("core.doctor.kernel_resolves", lambda: False)
    assert said().startswith("folder by folder")


def test_another_system_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel_resolves.cache_clear()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not kernel_resolves()
    kernel_resolves.cache_clear()


@pytest.mark.parametrize("fault", [OSError(38, "ENOSYS"), PermissionError(1, "EPERM"), ImportError("ctypes")])
def test_a_kernel_that_does_not_offer_it_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def refuse(folder: int, path: str) -> int:
        raise fault

    kernel_resolves.cache_clear()
    monkeypatch.setattr("core.beneath.open_beneath", refuse)
    assert not kernel_resolves()
    kernel_resolves.cache_clear()
