"""The product's own settings and where each came from (SPEC 2).

Precedence: command line > environment > `.signoff/config.yaml` > the user's config > defaults.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from core import config_values as values
from core.domain import AutonomyLevel, Budgets, CommandTemplate, JsonObject, ReviewPolicy, value
from core.story import InputFault, read_text
from core.trust import is_trusted, trust, user_folder
from core.yaml_file import YamlFault, expect_mapping, parse_yaml

__all__ = ["Provenance", "Settings", "is_trusted", "load_settings", "trust", "user_config_file"]

Effort: TypeAlias = Literal["low", "medium", "high", "xhigh", "max"]
CommitPolicy: TypeAlias = Literal["none", "chunk"]

WORKSPACE_FILE = Path(".signoff/config.yaml")
# Keys that start processes: a chunk's commit runs the repository's git hooks and filters.
NEEDS_TRUST = frozenset({"checks.commands", "commands", "commit", "environment"})


@value
class Settings:
    """`autonomy` and `review` are None where nobody said. Empty `check_commands`: the profile's checks.

    `check_warm` has chunks checked incrementally. Off unless asked for: mypy's daemon, and tsc after some
    edits of global declarations, do not always say what the cold command does. `environment` names variables
    of the engineer's that programs of the workspace see beside the harmless ones. `server_connect_s` and
    `server_call_s` bound the waiting for a tool server.
    """

    model: str = "claude-opus-5-5"
    effort: Effort = "high"
    max_output_tokens: int = 32_000
    context_editing: bool = True
    autonomy: AutonomyLevel | None = None
    review: ReviewPolicy | None = None
    commit: CommitPolicy = "none"
    check_commands: tuple[tuple[str, ...], ...] = ()
    check_timeout_s: float = 600.0
    check_warm: bool = False
    commands: tuple[CommandTemplate, ...] = ()
    environment: tuple[str, ...] = ()
    server_connect_s: float = 20.0
    server_call_s: float = 60.0
    budgets: Budgets = Budgets()


@value
class Provenance:
    """Where each key's value came from, as a person reads it, and what was left out."""

    origins: dict[str, str]
    warnings: tuple[str, ...] = ()


@value
class _Given:
    """One value that somebody gave. `origin` names the place for provenance, `place` for faults."""

    raw: object
    origin: str
    place: str


def load_settings(
    root: Path, *, environ: Mapping[str, str], overrides: Mapping[str, object], trusted: bool
) -> tuple[Settings, Provenance]:
    """The settings for the workspace `root`.

    `overrides` are the command line's, by the keys of `KEYS`; None stands for "not given". From an
    untrusted workspace nothing that starts a process is taken; the provenance has a warning for each.
    InputFault for an unknown key or a value of the wrong type, with file and line.
    """
    warnings: list[str] = []
    layers = (
        _file_layer(user_config_file(environ), None),
        _without_untrusted(_file_layer(root / WORKSPACE_FILE, root), trusted, warnings),
        _environment_layer(environ),
        _override_layer(overrides),
    )
    read: dict[str, Any] = {}
    origins = dict.fromkeys(KEYS, "default")
    for layer in layers:
        for key, given in layer.items():
            read[key] = _read(key, given)
            origins[key] = given.origin
    return _settings(read), Provenance(origins=origins, warnings=tuple(warnings))


def user_config_file(environ: Mapping[str, str]) -> Path:
    """The user's own config file; `SIGNOFF_CONFIG_DIR` moves it."""
    return user_folder(environ.get("SIGNOFF_CONFIG_DIR"), "user_config_dir") / "config.yaml"


# --- the layers -------------------------------------------------------------------------


def _file_layer(path: Path, root: Path | None) -> dict[str, _Given]:
    if not path.exists() and not path.is_symlink():
        return {}
    text = read_text(path, root)
    name = str(WORKSPACE_FILE) if root else str(path)
    try:
        data = expect_mapping(parse_yaml(text, name), name)
    except YamlFault as fault:
        raise InputFault(str(fault)) from None
    found: dict[str, _Given] = {}
    for key, raw, line in _flat(data, text, name):
        found[key] = _Given(raw=raw, origin=name, place=f"{name}:{line}")
    return found


def _flat(data: JsonObject, text: str, name: str) -> Iterator[tuple[str, object, int]]:
    """The leaves as (dotted key, value, line)."""
    groups = {key.partition(".")[0] for key in KEYS if "." in key}
    for key, raw in data.items():
        line = _line_of(text, key, 0)
        if key not in groups:
            _check_key(key, f"{name}:{line}")
            yield key, raw, line
        elif isinstance(raw, dict):
            for inner, leaf in raw.items():
                place = _line_of(text, inner, line - 1)
                _check_key(f"{key}.{inner}", f"{name}:{place}")
                yield f"{key}.{inner}", leaf, place
        elif raw is not None:
            raise InputFault(f"{name}:{line}: {key} is {_shown(raw)}, expected a mapping")


def _line_of(text: str, key: str, start: int) -> int:
    """The first line from `start` (counted from 0) that gives `key`, else the one at `start`."""
    pattern = re.compile(rf"""[\s{{,-]*["']?{re.escape(key)}["']?\s*:""")
    rows = text.split("\n")
    return next((i + 1 for i, row in enumerate(rows) if i >= start and pattern.match(row)), start + 1)


def _check_key(key: str, place: str) -> None:
    if key not in KEYS:
        import difflib

        close = difflib.get_close_matches(key, KEYS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"expected one of {', '.join(KEYS)}"
        raise InputFault(f"{place}: unknown key {key}; {hint}")


def _without_untrusted(layer: dict[str, _Given], trusted: bool, warnings: list[str]) -> dict[str, _Given]:
    if trusted:
        return layer
    for key in sorted(NEEDS_TRUST & layer.keys()):
        warnings.append(f"{layer[key].place}: {key} is not used, because this workspace is not trusted")
    return {key: given for key, given in layer.items() if key not in NEEDS_TRUST}


def _environment_layer(environ: Mapping[str, str]) -> dict[str, _Given]:
    return {
        key: _Given(raw=environ[name], origin=f"environment {name}", place=f"environment {name}")
        for key, name in VARIABLES.items()
        if environ.get(name, "").strip()
    }


def _override_layer(overrides: Mapping[str, object]) -> dict[str, _Given]:
    given = {key: raw for key, raw in overrides.items() if raw is not None}
    for key in given:
        _check_key(key, "command line")
    return {key: _Given(raw=raw, origin="command line", place="command line") for key, raw in given.items()}


# --- the values -------------------------------------------------------------------------


def _read(key: str, given: _Given) -> object:
    try:
        return KEYS[key](given.raw)
    except ValueError as error:
        raise InputFault(f"{given.place}: {key} is {_shown(given.raw)}, expected {error}") from None


def _shown(raw: object) -> str:
    text = repr(raw)
    return text if len(text) <= 80 else f"{text[:79]}…"


KEYS: dict[str, Callable[[object], object]] = {
    "model": values.name,
    "effort": values.one_of(get_args(Effort)),
    "max_output_tokens": values.count,
    "context_editing": values.switch,
    "autonomy": values.one_of(get_args(AutonomyLevel)),
    "review": values.one_of(get_args(ReviewPolicy)),
    "commit": values.one_of(get_args(CommitPolicy)),
    "checks.commands": values.argvs,
    "checks.timeout_s": values.amount,
    "checks.warm": values.switch,
    "commands": values.templates,
    "environment": values.names,
    "servers.connect_s": values.amount,
    "servers.call_s": values.amount,
    "budgets.max_cost_usd": values.amount,
    "budgets.max_tokens": values.count,
    "budgets.max_turns": values.count,
    "budgets.max_minutes": values.amount,
}
VARIABLES = {
    "model": "SIGNOFF_MODEL",
    "effort": "SIGNOFF_EFFORT",
    "max_output_tokens": "SIGNOFF_MAX_OUTPUT_TOKENS",
    "autonomy": "SIGNOFF_AUTONOMY",
    "review": "SIGNOFF_REVIEW",
    "commit": "SIGNOFF_COMMIT",
    "checks.timeout_s": "SIGNOFF_CHECK_TIMEOUT",
    "checks.warm": "SIGNOFF_CHECK_WARM",
    "budgets.max_cost_usd": "SIGNOFF_MAX_COST",
    "budgets.max_tokens": "SIGNOFF_MAX_TOKENS",
    "budgets.max_turns": "SIGNOFF_MAX_TURNS",
    "budgets.max_minutes": "SIGNOFF_MAX_MINUTES",
}


def _settings(read: dict[str, Any]) -> Settings:
    budgets = {key.removeprefix("budgets."): v for key, v in read.items() if key.startswith("budgets.")}
    renamed = {key: key.replace("checks.", "check_").replace("servers.", "server_") for key in KEYS}
    flat = {renamed[key]: v for key, v in read.items() if not key.startswith("budgets.")}
    return Settings(**flat, budgets=Budgets(**budgets))
