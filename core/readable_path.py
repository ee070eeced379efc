"""Which paths of a workspace a worker may read: inside it behind all links, and no secrets."""

from __future__ import annotations

import os
from pathlib import Path

from core.file_errors import FileRefused
from core.scope_guard import UnsafePath, clean_path, folded
from core.untrusted import is_secret_path, redaction_marks

# A git configuration may hold tokens, and the journal is the supervisor's.
PRIVATE = frozenset({".git", ".signoff"})


def checked_path(path: str) -> str:
    """The normal form of a workspace-relative path. FileRefused when it has none."""
    try:
        return clean_path(path)
    except UnsafePath as why:
        raise FileRefused(path, str(why)) from None


def real_path(root: Path, path: str) -> str:
    """`path` behind all links, relative to `root` ("." is the root). FileRefused when that is outside.

    A link can be swapped after this look; `SafeTree`, which follows none, opens what this gives.
    """
    real = Path(os.path.realpath(root / path))
    if not real.is_relative_to(root):
        raise FileRefused(path, "is reached by a link that leaves the workspace")
    return real.relative_to(root).as_posix()


def folder_path(root: Path, path: str) -> str:
    """The folder behind all links; "" is the root, however it is written."""
    if path.strip("/") in ("", "."):
        return ""
    named = checked_path(path.rstrip("/"))
    real = real_path(root, named)
    if not (root / real).is_dir():
        raise FileRefused(named, "is not a folder of the workspace")
    return "" if real == "." else real


def refuse_private(path: str) -> None:
    """FileRefused for secrets and for what git and the run keep for themselves."""
    if is_secret_path(path):
        raise FileRefused(path, "may hold secrets, which no run reads or writes")
    if PRIVATE.intersection(folded(path).split("/")):
        raise FileRefused(path, "is not for the worker to read")


def refuse_redacted(path: str, before: bytes, after: bytes) -> None:
    """A mark that was not in the file stands for a secret that the worker was not shown."""
    marks = redaction_marks(after.decode("utf-8", "replace"))
    new = marks - redaction_marks(before.decode("utf-8", "replace")) if marks else marks
    if new:
        raise FileRefused(
            path,
            f"{next(iter(new))} stands for a secret that you are not shown, and would overwrite it: "
            "use edit_file on the lines around it",
        )
