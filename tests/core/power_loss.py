"""A disk whose power can fail: what is written is safe only once it was synced, in any order before that.

The program really writes below `root`. At each sync the model compares what is there with what was synced
before; when the power fails, each difference may or may not have reached the disk: of a file's new bytes any
set of sectors (a hole reads as NUL), its old length or any between, of a folder's new names any subset.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

SECTOR = 512
T = TypeVar("T")
NAMES_OF_SYNC = ("core.journal.sync_data", "core.atomic_file.sync_data", "os.fsync", "os.fdatasync")


class Death(BaseException):
    """Of the program: not an error that it could handle."""


@dataclass
class Image:
    """A tree by inode number: the bytes of files, the names in folders."""

    files: dict[int, bytes] = field(default_factory=dict)
    folders: dict[int, dict[str, int]] = field(default_factory=dict)


def image_of(root: Path) -> Image:
    image = Image()
    for place, _, files in os.walk(root):
        image.folders[os.stat(place).st_ino] = {e.name: e.inode() for e in os.scandir(place)}
        for name in files:
            path = Path(place) / name
            image.files[path.stat().st_ino] = path.read_bytes()
    return image


class Disk:
    """`killed_at` and `cut_at` are the numbers of the syncs before which the program is killed, and before
    which the power fails; the latter only once a program runs again."""

    def __init__(self, root: Path, *, cut_at: int, killed_at: int | None = None) -> None:
        self._root = root
        self._deaths = [cut_at] if killed_at is None else [killed_at, cut_at]
        self._dead = False
        self._syncs = 0
        self.safe = image_of(root)
        self.volatile = self.safe

    @property
    def without_power(self) -> bool:
        return not self._deaths

    def sync(self, descriptor: int) -> None:
        if self._dead:
            return  # the handlers of a dead program touch nothing that counts
        if self._syncs == self._deaths[0]:
            self._dead = True
            self._deaths.pop(0)
            self._syncs = 0
            self.volatile = image_of(self._root)
            raise Death
        self._syncs += 1
        number = os.fstat(descriptor).st_ino
        now = image_of(self._root)
        if number in now.folders:
            self.safe.folders[number] = now.folders[number]
        elif number in now.files:
            self.safe.files[number] = now.files[number]

    @contextmanager
    def attached(self, patch: pytest.MonkeyPatch) -> Iterator[None]:
        """While a program runs on it. Its death is no error here, and gives its files and locks up."""
        self._dead = False
        held: set[int] = set()
        with patch.context() as attached:
            for name in NAMES_OF_SYNC:
                attached.setattr(name, self.sync)
            attached.setattr(os, "open", _noting(os.open, held.add))
            attached.setattr(os, "close", _noting(os.close, held.discard))
            with suppress(Death):
                yield
                self.volatile = image_of(self._root)
        for descriptor in held:
            with suppress(OSError):  # closed by the file object that took it over
                os.close(descriptor)

    def after_the_cut(self, where: Path, chance: random.Random) -> None:
        """Puts what is left of the tree at `where`."""
        self._folder(os.stat(self._root).st_ino, where, chance)

    def _folder(self, number: int, where: Path, chance: random.Random) -> None:
        where.mkdir()
        safe = self.safe.folders.get(number, {})
        written = self.volatile.folders.get(number, {})
        for name in sorted(safe.keys() | written.keys()):
            stands = _one_of(safe.get(name), written.get(name), chance)
            if stands is None:
                continue
            if stands in self.volatile.folders or stands in self.safe.folders:
                self._folder(stands, where / name, chance)
            else:
                (where / name).write_bytes(self._bytes(stands, chance))

    def _bytes(self, number: int, chance: random.Random) -> bytes:
        safe = self.safe.files.get(number, b"")
        written = self.volatile.files.get(number, safe)
        size = chance.choice((len(safe), len(written), chance.randint(*sorted((len(safe), len(written))))))
        sectors = (_one_of(_sector(safe, at), _sector(written, at), chance) for at in range(0, size, SECTOR))
        return b"".join(sectors)[:size]


def _noting(real: Callable[..., Any], note: Callable[[int], None]) -> Callable[..., Any]:
    """`real`, with the descriptor that it gives or takes told to `note`."""

    def noting(*args: Any, **more: Any) -> Any:
        given = real(*args, **more)
        note(args[0] if given is None else given)
        return given

    return noting


def _sector(data: bytes, at: int) -> bytes:
    return data[at : at + SECTOR].ljust(SECTOR, b"\0")


def _one_of(safe: T, written: T, chance: random.Random) -> T:
    return written if chance.random() < 0.5 else safe
