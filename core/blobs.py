"""Contents of files by the sha256 of their bytes, kept beside a run's journal."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from core.atomic_file import sync_folder
from core.domain import Sha
from core.redaction import Redactor
from core.trust import user_folder

_SHA = re.compile(r"[0-9a-f]{64}")


class BlobFault(Exception):
    """A blob that is missing, damaged or could not be written. One line, made to be shown."""


def sha_of(data: bytes) -> Sha:
    return sha256(data).hexdigest()


def sealed_folder(folder: Path) -> Path:
    """Where the blobs of a run that hold secrets are: the user's own folder, never beside the journal."""
    sealed = user_folder(os.environ.get("SIGNOFF_STATE_DIR"), "user_state_dir") / "sealed"
    return sealed / folder.parent.name


class Blobs:
    """A folder with one file a blob, named by its hash. The folder is made at the first `put`.

    What `holds_secret` is sealed: undo and revert need every byte of it, and a run's folder may be shown to
    others. It is kept in the user's own folder; an empty file `<sha>.sealed` says so.
    """

    def __init__(self, folder: Path, holds_secret: Callable[[bytes], bool] | None = None) -> None:
        self._folder = folder
        self._holds_secret = holds_secret or Redactor().holds_secret
        self._settled = False

    def put(self, data: bytes) -> Sha:
        """Keeps `data` and gives its name. When this returns, the blob survives a loss of power."""
        sha = sha_of(data)
        try:
            self._settle()
            if not self._is_whole(sha, len(data)):
                self._keep(sha, data)
        except OSError as fault:
            raise BlobFault(f"cannot write blob {sha[:12]}: {fault.strerror}") from fault
        return sha

    def get(self, sha: Sha) -> bytes:
        """The bytes of that name. BlobFault when they are missing or no longer have that hash."""
        if not _SHA.fullmatch(sha):
            raise BlobFault(f"not the name of a blob: {sha[:80]!r}")
        try:
            data = self._place(sha).read_bytes()
        except OSError as fault:
            if self._is_sealed(sha):
                raise BlobFault(f"blob {sha[:12]} holds a secret and is not on this machine") from fault
            raise BlobFault(f"blob {sha[:12]} cannot be read: {fault.strerror}") from fault
        if sha_of(data) != sha:
            raise BlobFault(f"blob {sha[:12]} is damaged")
        return data

    def has(self, sha: Sha) -> bool:
        return _SHA.fullmatch(sha) is not None and self._place(sha).is_file()

    def _is_sealed(self, sha: Sha) -> bool:
        return (self._folder / f"{sha}.sealed").exists()

    def _place(self, sha: Sha) -> Path:
        return (sealed_folder(self._folder) if self._is_sealed(sha) else self._folder) / sha

    def _is_whole(self, sha: Sha, size: int) -> bool:
        try:
            return self._place(sha).stat().st_size == size
        except FileNotFoundError:
            return False

    def _settle(self) -> None:
        """Names that a killed process gave, and did not sync any more, are not safe yet. Once is enough."""
        for folder in (self._folder, sealed_folder(self._folder)):
            if not self._settled and folder.is_dir():
                sync_folder(folder)
                sync_folder(folder.parent)
        self._settled = True

    def _keep(self, sha: Sha, data: bytes) -> None:
        if self._holds_secret(data):
            _write(sealed_folder(self._folder), sha, data, mode=0o700)
            _write(self._folder, f"{sha}.sealed", b"")
        else:
            _write(self._folder, sha, data)


def _write(folder: Path, name: str, data: bytes, mode: int = 0o777) -> None:
    """Whole and durable, or not at all. The file itself is the user's alone (mkstemp)."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True, mode=mode)
        sync_folder(folder.parent)
    handle, fresh = tempfile.mkstemp(prefix=".new-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, folder / name)
    except BaseException:
        os.unlink(fresh)
        raise
    sync_folder(folder)
