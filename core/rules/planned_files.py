"""The files that the plan names. Plans shorten paths, name folders, and leave names open with `*`."""

from __future__ import annotations

from core.domain import Plan


def planned_files(plan: Plan) -> frozenset[str]:
    """The paths of the plan and of its steps, without `./` and slashes around them."""
    written = (*plan.files, *(path for step in plan.steps for path in step.files))
    return frozenset(path.strip().removeprefix("./").strip("/") for path in written) - {""}


def names(planned: str, path: str) -> bool:
    """Whether `planned` is the file at `path` or a folder above it."""
    short = planned.partition("*")[0].rstrip("/")
    whole = f"/{path}"
    return bool(short) and (whole.endswith(f"/{short}") or f"/{short}/" in whole)
