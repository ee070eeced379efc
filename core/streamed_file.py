"""A new file that is written piece by piece and appears whole, or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from core.atomic_file import sync_folder


def write_stream(path: Path, pieces: Iterable[str], *, replace: bool) -> int:
    """Puts the text of `pieces` at `path` as UTF-8 and returns its bytes.

    Raises FileExistsError, with whatever stands there untouched, unless it may `replace` a file.
    """
    refuse_what_stands_there(path, replace)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece.encode())
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        _put_in_place(temporary, path, replace)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return size


def _put_in_place(temporary: Path, path: Path, replace: bool) -> None:
    if not replace:
        try:
            # Unlike a rename it fails where something was put meanwhile.
            os.link(temporary, path)
        except PermissionError:
            refuse_what_stands_there(path, replace)  # a file system without links
        else:
            temporary.unlink()
            return
    temporary.replace(path)


def refuse_what_stands_there(path: Path, replace: bool) -> None:
    """FileExistsError for a file that may not be replaced, IsADirectoryError for a folder."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not replace and os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
