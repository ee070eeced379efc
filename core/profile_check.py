"""Whether what a worker profile names is there: log file, rules, tools, checks, scope globs.

Apart from the reader, and with its imports inside: the bundled profile is known to be right, and a run's
first frame should not wait for every rule and tool.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.domain import WorkerProfile
from core.logs.files import EDITED_FILES
from core.story import InputFault

# What else stands in `_implementation/`: a log of that name would be read as the story's own.
READ_FILES = (
    "IMPLEMENTATION-PLAN.md", "PLAN.yaml", "PLAN.yml", "SCOPE.md", "SCOPE.yaml", "SCOPE.yml"
)  # fmt: skip


def check_profile(profile: WorkerProfile, file: str) -> None:
    """Raises InputFault, naming the first thing that is not there. Tools are looked up when any is named."""
    from core.checks.registry import AUTO
    from core.rules.registry import RULES

    _check_log_file(profile.log_file, file)
    _known("rule", (rule for rule, _ in profile.rules), RULES, file)
    _known("check", profile.checks, ("auto", *AUTO), file)
    if profile.tools:
        from core.tools.registry import TOOLS

        _known("tool", profile.tools, TOOLS, file)
    for key in ("inside", "outside"):
        for glob in getattr(profile.scope, key):
            _check_glob(glob, key, file)


def _check_log_file(name: str, file: str) -> None:
    if not re.fullmatch(r"\w[\w .-]{0,99}", name):
        raise InputFault(
            f"{file}: `log_file` is {name!r}, expected a name such as BACKEND-LOG.md, without a folder"
        )
    taken = {each.casefold() for each in (*EDITED_FILES, *READ_FILES)}
    if name.casefold() in taken:
        raise InputFault(
            f"{file}: `log_file` is {name}, which is another file of the story; use one of its own"
        )


def _known(what: str, names: Iterable[str], known: Iterable[str], file: str) -> None:
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise InputFault(f"{file}: unknown {what} {unknown!r}; known: {', '.join(known)}")


def _check_glob(glob: str, key: str, file: str) -> None:
    from core.scope_guard import folded, glob_spec

    try:
        for form in (glob, folded(glob)):
            glob_spec([form]).match_file("a")
    except (ValueError, re.error) as fault:
        reason = " ".join(str(fault).split())
        raise InputFault(f"{file}: scope.{key} has {glob!r}, which is no glob: {reason}") from None
