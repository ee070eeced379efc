from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from core.blobs import BlobFault, Blobs


def test_what_was_put_can_be_got_by_its_hash(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "runs" / "blobs")
    sha = blobs.put(b"\xff\r\nbytes")
    assert sha == sha256(b"\xff\r\nbytes").hexdigest()
    assert blobs.has(sha)
    assert Blobs(tmp_path / "runs" / "blobs").get(sha) == b"\xff\r\nbytes"


def test_the_same_bytes_are_written_once(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    sha = blobs.put(b"once")
    os.utime(tmp_path / sha, ns=(1, 1))
    blobs.put(b"once")
    assert (tmp_path / sha).stat().st_mtime_ns == 1
    assert [entry.name for entry in tmp_path.iterdir()] == [sha]


def test_a_damaged_blob_is_a_fault_and_is_written_anew(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    sha = blobs.put(b"whole")
    (tmp_path / sha).write_bytes(b"who")
    with pytest.raises(BlobFault, match="damaged"):
        blobs.get(sha)
    blobs.put(b"whole")
    assert blobs.get(sha) == b"whole"


@pytest.mark.parametrize("name", ["0" * 64, "../secret", "", "A" * 64])
def test_a_name_without_a_blob_is_a_fault(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    blobs = Blobs(tmp_path / "blobs")
    assert not blobs.has(name)
    with pytest.raises(BlobFault):
        blobs.get(name)


def test_a_folder_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BlobFault, match="cannot write"):
        Blobs(tmp_path / "file").put(b"x")
