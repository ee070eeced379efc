"""Writes that are whole or not there."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from core.atomic_file import append_durable, read_regular, write_atomic


def test_a_replaced_file_keeps_its_mode_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    write_atomic(path, b"one")
    path.chmod(0o640)
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_mode_that_the_umask_gives(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    write_atomic(tmp_path / "a", b"x")
    assert (tmp_path / "a").stat().st_mode == plain.stat().st_mode


def test_a_failed_replacement_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.yaml"
    write_atomic(path, b"one")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, b"two")
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_short_writes_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: whole(descriptor, bytes(data)[:3]))
    append_durable(tmp_path / "log", b"0123456789")
    append_durable(tmp_path / "log", b"abcd")
    assert (tmp_path / "log").read_bytes() == b"0123456789abcd"


def test_an_append_that_fails_half_way_is_rolled_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    append_durable(path, b"kept\n")
    whole = os.write
    calls: list[int] = []

    def half(descriptor: int, data: bytes) -> int:
        calls.append(descriptor)
        return whole(descriptor, bytes(data)[:3]) if len(calls) == 1 else full(descriptor)

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="No space"):
        append_durable(path, b"lost\n")
    assert path.read_bytes() == b"kept\n"


def test_pipes_and_links_are_refused_and_an_absent_file_is_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for name in ("pipe", "link"):
        with pytest.raises(OSError):
            append_durable(tmp_path / name, b"x")
        with pytest.raises(OSError):
            read_regular(tmp_path / name)
    assert read_regular(tmp_path / "none") is None


def full(descriptor: int) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
