"""Worker profiles: one markdown file each, front matter for the bounds, body for the prompt (SPEC 1)."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Literal

from core.domain import CommandTemplate, ScopeGlobs, WorkerProfile
from core.story import InputFault
from core.yaml_file import parse_yaml

COMMAND_KEYS = frozenset(["name", "argv", "description", "options"])
COMMAND_OPTION = re.compile(r"--?[A-Za-z0-9][\w-]*( \{\})?")
KEYS = frozenset(
    [
        "name",
        "log_file",
        "completion_signal",
        "architecture_document",
        "scope",
        "rules",
        "tools",
        "checks",
        "commands",
    ]
)
RuleSetting = tuple[str, Literal["block", "warn", "off"]]


def bundled_profile(name: str) -> WorkerProfile:
    """A profile that ships with the product (`backend`)."""
    source = files("core.workers") / f"{name}.md"
    return _read(source.read_text("utf-8"), f"{name}.md")


def load_profile(path: Path) -> WorkerProfile:
    """The profile in a file of the engineer's. Raises InputFault, naming what is wrong."""
    try:
        text = path.read_text("utf-8")
    except OSError as fault:
        raise InputFault(f"{path}: {fault.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise InputFault(f"{path}: not UTF-8 text") from None
    return parse_profile(text, str(path))


def parse_profile(text: str, file: str) -> WorkerProfile:
    """The profile in a file's text, all that it names being there. Raises InputFault or YamlFault."""
    from core.profile_check import check_profile

    profile = _read(text, file)
    check_profile(profile, file)
    return profile


def _read(text: str, file: str) -> WorkerProfile:
    front, body = _split(text, file)
    raw = parse_yaml(front, file)
    if not isinstance(raw, dict):
        raise InputFault(f"{file}:1: the front matter is a mapping of {', '.join(sorted(KEYS))}")
    unknown = sorted(str(key) for key in raw if key not in KEYS)
    if unknown:
        raise InputFault(f"{file}: unknown key {unknown[0]!r}; known: {', '.join(sorted(KEYS))}")
    if not body.strip():
        raise InputFault(f"{file}: the prompt (the text after the front matter) is empty")
    scope = _mapping(raw, "scope", file)
    if unknown := sorted(str(key) for key in scope if key not in ("inside", "outside")):
        raise InputFault(f"{file}: `scope` has no key {unknown[0]!r}; known: inside, outside")
    return WorkerProfile(
        name=_text(raw, "name", file, required=True),
        prompt=body,
        log_file=_text(raw, "log_file", file) or "BACKEND-LOG.md",
        completion_signal=_text(raw, "completion_signal", file) or "BACKEND COMPLETE",
        scope=ScopeGlobs(
            inside=_texts(scope.get("inside"), "scope.inside", file),
            outside=_texts(scope.get("outside"), "scope.outside", file),
        ),
        rules=_rules(_mapping(raw, "rules", file), file),
        tools=_texts(raw.get("tools"), "tools", file),
        commands=_commands(raw.get("commands"), file),
        checks=_texts(raw.get("checks"), "checks", file) or ("auto",),
        architecture_document=_text(raw, "architecture_document", file) or None,
    )


def _split(text: str, file: str) -> tuple[str, str]:
    text = text.replace("\r\n", "\n")
    if not text.startswith("---\n"):
        raise InputFault(f"{file}:1: expected front matter between two lines of ---")
    front, mark, body = text[4:].partition("\n---\n")
    if not mark:
        raise InputFault(f"{file}: the front matter is not closed by a line of ---")
    return front, body.lstrip("\n")


def _text(raw: dict[str, object], key: str, file: str, *, required: bool = False) -> str:
    found = raw.get(key)
    if found is None and not required:
        return ""
    if not isinstance(found, str) or not found.strip():
        raise InputFault(f"{file}: `{key}` should be text")
    return found


def _mapping(raw: dict[str, object], key: str, file: str) -> dict[str, object]:
    found = raw.get(key) or {}
    if not isinstance(found, dict):
        raise InputFault(f"{file}: `{key}` should be a mapping")
    return found


def _texts(found: object, key: str, file: str) -> tuple[str, ...]:
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise InputFault(f"{file}: `{key}` should be a list of texts")
    return tuple(found)


def _rules(raw: dict[str, object], file: str) -> tuple[RuleSetting, ...]:
    settings: list[RuleSetting] = []
    for rule, setting in raw.items():
        # YAML reads a bare `off` as false.
        match "off" if setting is False else setting:
            case "block":
                settings.append((rule, "block"))
            case "warn":
                settings.append((rule, "warn"))
            case "off":
                settings.append((rule, "off"))
            case _:
                raise InputFault(f"{file}: rule `{rule}` should be block, warn or off")
    return tuple(settings)


def _commands(found: object, file: str) -> tuple[CommandTemplate, ...]:
    if found is None:
        return ()
    if not isinstance(found, list):
        raise InputFault(f"{file}: `commands` should be a list of {{name, argv}}")
    return tuple(_command(item, file) for item in found)


def _command(item: object, file: str) -> CommandTemplate:
    if not isinstance(item, dict):
        raise InputFault(f"{file}: a command is {{name, argv}}")
    if unknown := sorted(str(key) for key in item if key not in COMMAND_KEYS):
        raise InputFault(
            f"{file}: a command has no key {unknown[0]!r}; known: {', '.join(sorted(COMMAND_KEYS))}"
        )
    argv = _texts(item.get("argv"), "commands.argv", file)
    if not argv:
        raise InputFault(f"{file}: a command needs an `argv`, a list of texts (never a shell string)")
    return CommandTemplate(
        name=_text(item, "name", file, required=True),
        argv=argv,
        description=_text(item, "description", file),
        options=_options(item, argv, file),
    )


def _options(item: dict[str, object], argv: tuple[str, ...], file: str) -> tuple[str, ...]:
    options = _texts(item.get("options"), "commands.options", file)
    if "{...}" in argv[:-1]:
        raise InputFault(f"{file}: in a command's `argv` {{...}} is the last part")
    if options and argv[-1] != "{...}":
        raise InputFault(f"{file}: only a command that ends in {{...}} takes `options`")
    wrong = next((option for option in options if not COMMAND_OPTION.fullmatch(option)), None)
    if wrong is not None:
        raise InputFault(f"{file}: the option {wrong!r} should read -q, or -k {{}} for one with a value")
    return options
