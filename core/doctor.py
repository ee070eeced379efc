"""`signoff doctor`: what is installed, reachable, sandboxed, trusted; nothing is changed or called."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from core import __version__
from core.beneath import kernel_resolves
from core.config import load_settings
from core.domain import JsonObject, value
from core.process import find_program
from core.story import InputFault, find_workspace
from core.trust import is_trusted

PACKAGES = ("textual", "rich", "anthropic", "pydantic", "PyYAML", "watchfiles", "google-re2")
PROGRAMS = {
    "git": "shows a run's work; not needed by a run",
    "mypy": "type check of Python workspaces",
    "pyright": "type check of Python workspaces",
    "node": "TypeScript workspaces",
    "pnpm": "TypeScript workspaces",
}


@value
class Fact:
    """One line of the report. `state` is `ok`, `missing` (needed only for what `detail` says) or `note`."""

    name: str
    state: Literal["ok", "missing", "note"]
    detail: str

    @property
    def shown(self) -> str:
        return f"{self.state:<8} {self.name:<22} {self.detail}"

    def to_json(self) -> JsonObject:
        return {"name": self.name, "state": self.state, "detail": self.detail}


def examine(place: Path, environ: Mapping[str, str]) -> list[Fact]:
    return [
        Fact(name="signoff", state="ok", detail=__version__),
        Fact(name="python", state="ok", detail=f"{platform.python_version()} ({sys.executable})"),
        *map(_package, PACKAGES),
        *_programs(place, environ),
        _key(environ),
        Fact(
            name="sandbox",
            state="note",
            detail="commands run with a scrubbed environment and your rights; they are not sandboxed",
        ),
        _writes(),
        *_workspace(place, environ),
    ]


def _writes() -> Fact:
    how = "openat2: the kernel resolves each path beneath the workspace"
    if not kernel_resolves():
        how = "folder by folder, following no link: this system does not offer openat2"
    return Fact(name="file access", state="ok", detail=how)


def _package(name: str) -> Fact:
    try:
        return Fact(name=name, state="ok", detail=version(name))
    except PackageNotFoundError:
        return Fact(name=name, state="missing", detail="install Signoff again")


def _programs(place: Path, environ: Mapping[str, str]) -> Iterator[Fact]:
    for name, purpose in PROGRAMS.items():
        found = find_program(name, place, environ)
        yield Fact(name=name, state="ok" if found else "missing", detail=found or f"only for: {purpose}")


def _key(environ: Mapping[str, str]) -> Fact:
    names = [n for n in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN") if environ.get(n)]
    if names:
        place = environ.get("ANTHROPIC_BASE_URL", "the SDK's own address")
        return Fact(name="anthropic key", state="ok", detail=f"{names[0]} is set; requests go to {place}")
    return Fact(name="anthropic key", state="missing", detail="set ANTHROPIC_API_KEY (the demo needs none)")


def _workspace(place: Path, environ: Mapping[str, str]) -> Iterator[Fact]:
    try:
        root = find_workspace(place)
    except InputFault as fault:
        yield Fact(name="workspace", state="note", detail=str(fault))
        return
    trusted = is_trusted(root)
    yield Fact(name="workspace", state="ok", detail=str(root))
    yield Fact(
        name="trusted",
        state="ok" if trusted else "note",
        detail="its own programs may run" if trusted else f"not yet: signoff trust {root}",
    )
    try:
        settings, provenance = load_settings(root, environ=environ, overrides={}, trusted=trusted)
    except InputFault as fault:
        yield Fact(name="settings", state="note", detail=str(fault))
        return
    yield Fact(name="model", state="ok", detail=f"{settings.model} ({provenance.origins['model']})")
    for warning in provenance.warnings:
        yield Fact(name="settings", state="note", detail=warning)
