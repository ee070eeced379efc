"""Files that are whole at every instant: replaced in one step, or appended to and synced.

Facts behind it (RELIABILITY): a full disk writes part of the bytes without an exception, a failed sync is
never tried again, and a rename needs a sync of its folder. A link, a pipe or a device that stands where a
file is expected is refused, never followed.
"""

from __future__ import annotations

import errno
import glob
import os
import secrets
import stat
from pathlib import Path

sync_data = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


def read_regular(path: Path) -> bytes | None:
    """The bytes of a regular file, None when there is none. Raises OSError for anything else."""
    try:
        descriptor = _open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def write_atomic(path: Path, data: bytes) -> None:
    """Puts `data` at `path` whole and durably, or leaves what is there. Keeps the mode of an earlier file.

    A link at `path` is replaced by the file; what it points at is not touched.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        try:
            _keep_mode(path, descriptor)
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def append_durable(path: Path, data: bytes) -> None:
    """Appends all of `data` and syncs it, or raises OSError with the file as long as it was before."""
    created = not path.exists()
    descriptor = _open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        before = os.fstat(descriptor).st_size
        try:
            _write_all(descriptor, data)
            sync_data(descriptor)
        except BaseException:
            os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)
    if created:
        sync_folder(path.parent)


def discard_leftovers(path: Path) -> None:
    """Removes what a killed `write_atomic(path, ...)` left. Only for the one writer of `path`."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.????????.tmp"):
        leftover.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Makes created, renamed and removed names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path, flags: int) -> int:
    """Opens a regular file. Not blocking, so that a pipe can't hold the program up."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return descriptor


def _keep_mode(path: Path, descriptor: int) -> None:
    try:
        earlier = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISREG(earlier):
        os.fchmod(descriptor, stat.S_IMODE(earlier))


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        written = os.write(descriptor, rest)
        if written == 0:
            raise OSError(errno.EIO, "nothing could be written")
        rest = rest[written:]
