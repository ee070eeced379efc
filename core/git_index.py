"""After a commit of ours: git's own index gets the new version of those files that it still had the old one
of, so that `git status` does not show the commit turned round. What the engineer has staged stays staged."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from core.git_plumbing import Git, GitFault, TreeEntry

TRIES = 40
PAUSE_S = 0.05


def bring_up_to(
    git: Git,
    scratch: Path,
    old: Mapping[str, TreeEntry],
    new: Mapping[str, TreeEntry | None],
) -> None:
    """`old` is what the commit's parent has at the paths of `new`. `scratch` is a file that is ours.

    The index is changed as git changes it, under its lock, and only if nobody else did meanwhile.
    GitFault when it can't be had for two seconds.
    """
    index = Path(os.path.realpath(git.folder / "index"))
    try:
        for _ in range(TRIES):
            before = _read(index)
            git.fresh_index(scratch)
            _copy(index, scratch)
            staged = _staged(git, scratch, new)
            stale = {path: entry for path, entry in new.items() if staged.get(path) == _as_staged(old, path)}
            if not stale:
                return
            git.put_in_index(scratch, stale)
            if _swapped(index, before, scratch.read_bytes()):
                return
            time.sleep(PAUSE_S)
    except OSError as fault:
        raise GitFault(f"{index}: {fault.strerror or fault}") from None
    finally:
        scratch.unlink(missing_ok=True)
    raise GitFault("git's index is in use")


def _as_staged(tree: Mapping[str, TreeEntry], path: str) -> list[tuple[TreeEntry, str]] | None:
    return [(tree[path], "0")] if path in tree else None


def _staged(git: Git, index: Path, paths: Mapping[str, object]) -> dict[str, list[tuple[TreeEntry, str]]]:
    """What stands in the index, by path: (entry, stage); several stages in the middle of a merge."""
    printed = git.run("ls-files", "-s", "-z", "--", *paths, index=index) or b""
    found: dict[str, list[tuple[TreeEntry, str]]] = {}
    for row in printed.split(b"\0")[:-1]:
        facts, _, path = row.partition(b"\t")
        mode, oid, stage = facts.decode().split()
        found.setdefault(os.fsdecode(path), []).append((TreeEntry(mode=mode, oid=oid), stage))
    return found


def _copy(index: Path, scratch: Path) -> None:
    """With its time: by it git knows which files it can't trust the stamps of (edited right after they were
    staged), and a copy that is younger would hide such an edit."""
    content = _read(index)
    if content is not None:
        scratch.write_bytes(content)
        stamp = index.stat()
        os.utime(scratch, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _swapped(index: Path, before: bytes | None, after: bytes) -> bool:
    """Puts `after` in the place of `before`; False when somebody holds the lock, or was faster."""
    lock = index.with_name(f"{index.name}.lock")
    mode = index.stat().st_mode & 0o777 if before is not None else 0o644
    try:
        handle = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    except FileExistsError:
        return False
    try:
        with os.fdopen(handle, "wb") as file:
            if _read(index) != before:
                lock.unlink()
                return False
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        os.replace(lock, index)
    except BaseException:
        lock.unlink(missing_ok=True)
        raise
    return True
