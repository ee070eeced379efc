"""Scripts that come down to the package's own `tsc`, which can then be run incrementally in their place."""

from __future__ import annotations

import re

from core.checks.packages import Package

INCREMENTAL = re.compile(r"tsc(?: \S+)* (?:-b|--build|-i|--incremental)(?: \S+)*")
SWITCHES = frozenset({"--noemit", "--pretty", "--skiplibcheck", "--strict"})
PROJECT = frozenset({"-p", "--project"})
PATH = re.compile(r"[\w@.][\w@./-]*")  # a word that means the same to every shell


def plain_tsc(package: Package, script: str) -> tuple[str, ...] | None:
    """The arguments of a script that is `tsc --noEmit`, perhaps of another project or stricter; else None.

    One that writes files is none: the incremental compiler does not write again what is there already.
    """
    if f"pre{script}" in package.scripts or f"post{script}" in package.scripts:
        return None
    name, *arguments = package.scripts[script].split() or [""]
    if name != "tsc" or "--noemit" not in (word.lower() for word in arguments):
        return None
    rest = iter(arguments)
    for word in rest:
        if word in PROJECT:
            if not PATH.fullmatch(next(rest, "")):
                return None
        elif word.lower() not in SWITCHES:
            return None
    return tuple(arguments)


def why_not_plain(package: Package, script: str) -> str:
    """Why a script has no incremental form. Nothing of one that is incremental by itself."""
    text = " ".join(package.scripts[script].split())
    return "" if INCREMENTAL.fullmatch(text) else f"{script} of {package.selector} is not plain tsc"
