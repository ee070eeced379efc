"""A journal cut back to what stands: the original goes aside whole, and at no moment is there no journal."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from core.atomic_file import sync_folder
from core.journal import Header, encode_header

BLOCK = 1024 * 1024


def place_aside(path: Path) -> Path:
    """Where the original goes. A repair that was killed may have put it there already: as the same file."""
    number = 1
    while True:
        place = path.with_name(f"journal.damaged-{number}.jsonl")
        if not os.path.lexists(place) or (place.is_file() and place.samefile(path)):
            return place
        number += 1


def set_aside(path: Path, place: Path) -> None:
    """Durably, as a second name for the file."""
    if not place.exists():
        try:
            os.link(path, place)
        except OSError:  # a file system without links
            _copy(path, place)
    sync_folder(path.parent)


def _copy(path: Path, place: Path) -> None:
    with path.open("rb") as source, place.open("xb") as copy:
        shutil.copyfileobj(source, copy)
        copy.flush()
        os.fsync(copy.fileno())


def put_prefix(path: Path, kept: int, header: Header | None) -> None:
    """The first `kept` bytes become the journal, in one step; `header`, where given, in place of line 1."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with path.open("rb") as source, fresh.open("xb") as prefix:
            os.fchmod(prefix.fileno(), os.fstat(source.fileno()).st_mode & 0o777)
            if header is not None:
                prefix.write(encode_header(header))
                source.readline()
            while left := kept - source.tell():
                prefix.write(source.read(min(left, BLOCK)))
            prefix.flush()
            os.fsync(prefix.fileno())
        os.replace(fresh, path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
