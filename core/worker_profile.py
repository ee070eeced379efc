"""Worker profiles: one markdown file each, front matter for the bounds, body for the prompt (SPEC 1).

The profile is the one place where a worker is defined. A file without a `scope` (an agent document that was
written for another program) has the bounds of the profile that it `extends`, `backend` where it names none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from core.domain import WorkerProfile
from core.profile_front import Front
from core.story import InputFault
from core.yaml_file import parse_yaml

BUNDLED = ("backend", "frontend")
# What documents of the seed's kind say of themselves.
DESCRIPTIVE = frozenset(["created", "updated", "version", "type", "description"])
KEYS = frozenset(
    (
        *("name", "extends", "log_file", "completion_signal", "architecture_document", "scope", "rules"),
        *("tools", "mcp_tools", "kb_tools", "checks", "commands", "permission_level", "shared"),
    )
)
AGENT_HEADING = re.compile(r"^#\s+(?:Agent:\s*)?(\S.*)$", re.MULTILINE)
LARGEST_SHARED = 256 * 1024


@cache
def bundled_profile(name: str) -> WorkerProfile:
    """A profile that ships with the product, one of `BUNDLED`."""
    source = files("core.workers") / f"{name}.md"
    return _read(source.read_text("utf-8"), f"{name}.md", None)


def load_profile(path: Path) -> WorkerProfile:
    """The profile in a file, or the bundled one of that name. InputFault says what is wrong with it."""
    if str(path) in BUNDLED and not path.exists():
        return bundled_profile(str(path))
    try:
        text = path.read_text("utf-8")
    except OSError as fault:
        bundled = f"; the profiles that come with Signoff are {', '.join(BUNDLED)}"
        raise InputFault(f"{path}: {fault.strerror or 'cannot be read'}{bundled}") from None
    except UnicodeDecodeError:
        raise InputFault(f"{path}: not UTF-8 text") from None
    return parse_profile(text, str(path), path.parent)


def parse_profile(text: str, file: str, folder: Path | None = None) -> WorkerProfile:
    """The profile in a file's text, all that it names being there; `folder` is where `shared` documents are.
    Raises InputFault or YamlFault."""
    from core.profile_check import check_profile

    profile = _read(text, file, folder)
    check_profile(profile, file)
    return profile


def _read(text: str, file: str, folder: Path | None) -> WorkerProfile:
    front, body = _split(text, file)
    raw = parse_yaml(front, file)
    known = ", ".join(sorted(KEYS))
    if not isinstance(raw, dict):
        raise InputFault(f"{file}:1: the front matter is a mapping of {known}")
    unknown = sorted(str(key) for key in raw if key not in KEYS | DESCRIPTIVE)
    if unknown:
        raise InputFault(f"{file}: unknown key {unknown[0]!r}; known: {known}")
    if not body.strip():
        raise InputFault(f"{file}: the prompt (the text after the front matter) is empty")
    given = Front(raw, file)
    own = _with_given(_base(given, file), given, name=_name(given, body, file))
    shared, warnings = _shared(given.texts("shared"), file, folder)
    return replace(own, prompt=body + shared, warnings=warnings)


def _base(given: Front, file: str) -> WorkerProfile:
    """What is not given comes from here."""
    extends = given.text("extends")
    if extends and extends not in BUNDLED:
        raise InputFault(f"{file}: `extends` is {extends!r}, expected one of {', '.join(BUNDLED)}")
    if not extends and given.has("scope"):
        return WorkerProfile(name="", prompt="")
    return bundled_profile(extends or "backend")


def _with_given(base: WorkerProfile, given: Front, *, name: str) -> WorkerProfile:
    tools = given.texts("tools") if given.has("tools") else base.tools
    return replace(
        base,
        name=name,
        log_file=given.text("log_file") or base.log_file,
        completion_signal=given.text("completion_signal") or base.completion_signal,
        scope=given.scope() if given.has("scope") else base.scope,
        rules=given.rules() if given.has("rules") else base.rules,
        tools=tools if given.may_write() else _reading(tools),
        commands=given.commands() if given.has("commands") else base.commands,
        checks=given.texts("checks") or base.checks,
        architecture_document=given.text("architecture_document") or base.architecture_document,
        mcp_tools=given.mcp_tools() if given.has("mcp_tools") else base.mcp_tools,
        kb=given.wants_kb(),
    )


def _name(given: Front, body: str, file: str) -> str:
    """As given, else as its first heading says (`# Agent: NAME`), else as its file is called."""
    if given.has("name") or given.has("scope"):
        return given.text("name", required=True)
    heading = AGENT_HEADING.search(body)
    return heading[1].strip() if heading else Path(file).stem


def _reading(tools: tuple[str, ...]) -> tuple[str, ...]:
    """The tools that change nothing, for a worker that may not write."""
    from core.tools.registry import TOOLS, WRITING

    return tuple(name for name in tools or TOOLS if name not in WRITING)


def _shared(names: tuple[str, ...], file: str, folder: Path | None) -> tuple[str, tuple[str, ...]]:
    """Documents that several workers share, behind the prompt, and a warning for each that is not there."""
    texts, warnings = [], []
    for name in names:
        text = _shared_text(name, folder)
        if text is None:
            warnings.append(f"{file}: the shared document {name} is not there; the worker goes without it")
        else:
            texts.append(f"\n\n# Shared: {name}\n\n{text.strip()}\n")
    return "".join(texts), tuple(warnings)


def _shared_text(name: str, folder: Path | None) -> str | None:
    """Below the profile's folder, or beside it: nowhere else, whatever the name says."""
    for place in (folder, folder.parent) if folder is not None else ():
        path = (place / name).resolve()
        if path.is_relative_to(place.resolve()) and path.is_file() and path.stat().st_size <= LARGEST_SHARED:
            return path.read_bytes().decode("utf-8", "replace")
    return None


def _split(text: str, file: str) -> tuple[str, str]:
    text = text.replace("\r\n", "\n")
    if not text.startswith("---\n"):
        raise InputFault(f"{file}:1: expected front matter between two lines of ---")
    front, mark, body = text[4:].partition("\n---\n")
    if not mark:
        raise InputFault(f"{file}: the front matter is not closed by a line of ---")
    return front, body.lstrip("\n")
