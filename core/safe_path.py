"""Files below one root, never reached through a symbolic link.

The folder of a file is opened by the kernel in one step where it offers that (`beneath`), and elsewhere a
component at a time with O_NOFOLLOW, each relative to the one above it: either way a link that is swapped in
meanwhile is refused, not followed (RELIABILITY, promise 5).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.beneath import kernel_resolves, open_beneath
from core.blobs import sha_of
from core.domain import Sha, value
from core.file_errors import ConflictError, FileRefused
from core.scope_guard import folded

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a FIFO that is swapped in must not hang the run.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@value
class FileState:
    """A regular file as it was read at one moment. `mode` is st_mode & 0o7777."""

    data: bytes
    mode: int
    links: int
    owner: tuple[int, int]

    @property
    def sha(self) -> Sha:
        return sha_of(self.data)


class SafeTree:
    """The files below `root`, by clean paths (`scope_guard.clean_path`). FileRefused says what is wrong."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)

    def load(self, path: str, limit: int) -> FileState | None:
        """The file, or None where there is none. A file of more than `limit` bytes is a FileRefused."""
        with _disk_faults(path), suppress(_Missing), self._parent(path) as (folder, name):
            return _load(folder, name, path, limit)
        return None

    def missing_folders(self, path: str) -> tuple[str, ...]:
        """The parent folders that a file at `path` still needs, outermost first.

        FileRefused when it would get a name that differs from an existing one only in case or Unicode form:
        on another machine the two are one file.
        """
        parts = path.split("/")
        prefixes = ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
        for depth, prefix in enumerate(prefixes):
            with _disk_faults(path), self._parent(prefix) as (folder, name):
                if not _is_there(folder, name):
                    _refuse_twin(folder, name, path)
                    return tuple(prefixes[depth:-1])
        return ()

    def replace(self, path: str, data: bytes, mode: int, expected: FileState | None) -> None:
        """Makes `data` the whole file, at once and durably; parent folders are made.

        ConflictError, and nothing changed, when the file is not `expected` any more at the last moment.
        """
        with _disk_faults(path), self._parent(path, make=True) as (folder, name):
            temporary = temporary_name(path, sha_of(data))
            try:
                _write_new(folder, temporary, data, mode, expected.owner if expected else None)
                _refuse_other(folder, name, path, expected)
                self._refuse_moved(folder, path)
                os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                _unlink(folder, temporary)
                raise
            os.fsync(folder)

    def remove(self, path: str, expected: FileState) -> None:
        """Removes the file; ConflictError when it is not `expected` any more."""
        try:
            with _disk_faults(path), self._parent(path) as (folder, name):
                _refuse_other(folder, name, path, expected)
                self._refuse_moved(folder, path)
                os.unlink(name, dir_fd=folder)
                os.fsync(folder)
        except _Missing:
            raise ConflictError(path, "gone", "was deleted while the run was about to") from None

    def remove_link(self, path: str) -> None:
        """Removes a symbolic link (or a pipe, a socket) that stands at `path`; a file or a folder stays."""
        with suppress(_Missing), _disk_faults(path), self._parent(path) as (folder, name):
            if _is_there(folder, name):
                kind = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
                if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
                    os.unlink(name, dir_fd=folder)

    def remove_empty_folders(self, folders: tuple[str, ...]) -> None:
        """Removes those of `folders` that are there and empty, innermost first."""
        for path in sorted(folders, key=lambda folder: folder.count("/"), reverse=True):
            with suppress(_Missing, FileRefused, OSError), self._parent(path) as (folder, name):
                os.rmdir(name, dir_fd=folder)
                os.fsync(folder)

    def remove_temporary(self, path: str, sha: Sha) -> None:
        """Removes what a `replace` that was killed half-way may have left."""
        with suppress(_Missing), _disk_faults(path), self._parent(path) as (folder, _):
            _unlink(folder, temporary_name(path, sha))

    @contextmanager
    def _parent(self, path: str, make: bool = False) -> Iterator[tuple[int, str]]:
        """The open folder that holds `path`, and the last name. _Missing when there is no such folder."""
        above, _, name = path.rpartition("/")
        root = os.open(self._root, _FOLDER)
        try:
            handle = _open_folder(root, above, path, make) if above else os.dup(root)
        finally:
            os.close(root)
        try:
            yield handle, name
        finally:
            os.close(handle)

    def _refuse_moved(self, folder: int, path: str) -> None:
        """An open folder stays the same one wherever it is moved to meanwhile, also out of the scope."""
        with suppress(_Missing), self._parent(path) as (now, _):
            if os.path.sameopenfile(folder, now):
                return
        raise ConflictError(path, "changed", "its folder was moved while the run was about to change it")


class _Missing(Exception):
    """A folder on the way is not there."""


def temporary_name(path: str, sha: Sha) -> str:
    """The name, in the same folder, under which the bytes of `sha` are written before they become `path`."""
    return f".signoff-{sha_of(path.encode())[:8]}-{sha[:16]}.tmp"


@contextmanager
def _disk_faults(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise FileRefused(path, (fault.strerror or str(fault)).lower()) from fault


def _open_folder(root: int, folder: str, path: str, make: bool) -> int:
    """`folder` below the open `root`; what is missing of it is made, or a _Missing."""
    part = folder
    try:
        if kernel_resolves():
            # What is to be made is made on the walk, and so is what was renamed under the kernel's hands.
            with suppress(BlockingIOError, *((FileNotFoundError,) if make else ())):
                return open_beneath(root, folder)
        handle = os.dup(root)
        for part in folder.split("/"):
            handle = _step(handle, part, make)
        return handle
    except FileNotFoundError:
        raise _Missing from None
    except OSError as fault:
        if fault.errno in (errno.ELOOP, errno.ENOTDIR, errno.EXDEV):
            raise FileRefused(path, f"{part} is no folder, or is reached by a symbolic link") from None
        raise


def _step(folder: int, part: str, make: bool) -> int:
    """Opens a folder in an open one, which is closed."""
    try:
        try:
            return os.open(part, _FOLDER, dir_fd=folder)
        except FileNotFoundError:
            if not make:
                raise
        with suppress(FileExistsError):
            os.mkdir(part, 0o755, dir_fd=folder)
            os.fsync(folder)
        return os.open(part, _FOLDER, dir_fd=folder)
    finally:
        os.close(folder)


def _is_there(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _load(folder: int, name: str, path: str, limit: int) -> FileState | None:
    try:
        # Before opening: to open a device can already act.
        _refuse_special(os.stat(name, dir_fd=folder, follow_symlinks=False), path, limit)
        handle = os.open(name, _READ, dir_fd=folder)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        _refuse_special(found, path, limit)
        data = file.read(limit + 1)
    if len(data) > limit:
        raise FileRefused(path, f"is larger than {_megabytes(limit)}")
    mode = stat.S_IMODE(found.st_mode)
    return FileState(data=data, mode=mode, links=found.st_nlink, owner=(found.st_uid, found.st_gid))


def _refuse_special(found: os.stat_result, path: str, limit: int) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise FileRefused(path, "is a symbolic link")
    if stat.S_ISDIR(found.st_mode):
        raise FileRefused(path, "is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise FileRefused(path, "is not a regular file")
    if found.st_size > limit:
        raise FileRefused(path, f"is {_megabytes(found.st_size)}; the limit is {_megabytes(limit)}")


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"


def _refuse_other(folder: int, name: str, path: str, expected: FileState | None) -> None:
    """The last look before the effect: the engineer may have saved the file a moment ago."""
    there = _is_there(folder, name)
    if expected is not None and not there:
        raise ConflictError(path, "gone", "was deleted while the run was about to change it")
    if there and (expected is None or not _holds(folder, name, path, expected)):
        raise ConflictError(path, "changed", "was changed while the run was about to change it")


def _holds(folder: int, name: str, path: str, expected: FileState) -> bool:
    size = os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
    if size != len(expected.data):
        return False
    current = _load(folder, name, path, limit=size)
    return current is not None and current.data == expected.data


def _refuse_twin(folder: int, name: str, path: str) -> None:
    compared = folded(name)
    for other in os.listdir(folder):
        if other != name and folded(other) == compared:
            raise FileRefused(path, f"differs from the existing {other!r} only in case or Unicode form")


def _write_new(folder: int, name: str, data: bytes, mode: int, owner: tuple[int, int] | None) -> None:
    _unlink(folder, name)
    handle = os.open(name, _NEW, 0o600, dir_fd=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        if owner and owner != (os.geteuid(), os.getegid()):
            # Only root may give a file away; for anybody else it stays their own.
            with suppress(PermissionError):
                os.fchown(handle, *owner)
        os.fchmod(handle, mode)
        os.fsync(handle)
        if os.fstat(handle).st_size != len(data):
            raise OSError(errno.EIO, "the disk took only a part of the file")


def _unlink(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
