"""Which files of a diff nobody reads line by line: lock files, generated and minified ones. Pure.

They are folded, never hidden: a folded file counts as not seen until the reviewer opens it or marks it.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.diff import FileDiff

NAMES = {
    "lock file": (
        "*.lock", "*-lock.json", "*-lock.yaml", "pnpm-lock.yaml", "npm-shrinkwrap.json", "go.sum",
        "bun.lockb", "*.lock.hcl",
    ),
    "minified": ("*.min.js", "*.min.css", "*.min.mjs"),
    "source map": ("*.map",),
    "snapshot": ("*.snap", "*.ambr"),
    "generated": ("*.generated.*", "*_pb2.py", "*_pb2.pyi", "*.pb.go"),
}  # fmt: skip
HEADER_BYTES = 1_500
_MIGRATION_META = re.compile(r"(^|/)(migrations|drizzle)/(.*/)?meta/[^/]+\.json$")
_GENERATED = re.compile(
    rb"@generated\b|\b(code|file is|file was) (auto)?-?generated\b|\bauto-?generated\b", re.IGNORECASE
)


def why_folded(file: FileDiff, content: bytes | None) -> str:
    """What kind of file it is, if one that is folded; else empty. `content` is the file as it is shown."""
    name = PurePosixPath(file.path).name.lower()
    for kind, patterns in NAMES.items():
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return kind
    if _MIGRATION_META.search(file.path.lower()):
        return "migration snapshot"
    if content is not None and _GENERATED.search(content[:HEADER_BYTES]):
        return "generated"
    return ""
