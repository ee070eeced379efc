"""Contents of files by the sha256 of their bytes, kept beside a run's journal."""

from __future__ import annotations

import os
import re
import tempfile
from hashlib import sha256
from pathlib import Path

from core.atomic_file import sync_folder
from core.domain import Sha

_SHA = re.compile(r"[0-9a-f]{64}")


class BlobFault(Exception):
    """A blob that is missing, damaged or could not be written. One line, made to be shown."""


def sha_of(data: bytes) -> Sha:
    return sha256(data).hexdigest()


class Blobs:
    """A folder with one file a blob, named by its hash. The folder is made at the first `put`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> Sha:
        """Keeps `data` and gives its name. When this returns, the blob survives a loss of power."""
        sha = sha_of(data)
        try:
            if not self._is_whole(sha, len(data)):
                self._write(sha, data)
        except OSError as fault:
            raise BlobFault(f"cannot write blob {sha[:12]}: {fault.strerror}") from fault
        return sha

    def get(self, sha: Sha) -> bytes:
        """The bytes of that name. BlobFault when they are missing or no longer have that hash."""
        if not _SHA.fullmatch(sha):
            raise BlobFault(f"not the name of a blob: {sha[:80]!r}")
        try:
            data = (self._folder / sha).read_bytes()
        except OSError as fault:
            raise BlobFault(f"blob {sha[:12]} cannot be read: {fault.strerror}") from fault
        if sha_of(data) != sha:
            raise BlobFault(f"blob {sha[:12]} is damaged")
        return data

    def has(self, sha: Sha) -> bool:
        return _SHA.fullmatch(sha) is not None and (self._folder / sha).is_file()

    def _is_whole(self, sha: Sha, size: int) -> bool:
        try:
            return (self._folder / sha).stat().st_size == size
        except FileNotFoundError:
            return False

    def _write(self, sha: Sha, data: bytes) -> None:
        if not self._folder.is_dir():
            self._folder.mkdir(parents=True, exist_ok=True)
            sync_folder(self._folder.parent)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self._folder / sha)
        except BaseException:
            os.unlink(name)
            raise
        sync_folder(self._folder)
