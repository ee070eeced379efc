"""What a setting's value may be. Each gives the value, or raises ValueError with what was expected."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from core.domain import CommandTemplate


def name(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError("a name")
    return raw.strip()


def one_of(names: tuple[str, ...]) -> Callable[[object], str]:
    def read(raw: object) -> str:
        # YAML reads an unquoted `none` as text, but `no` and `off` as false.
        if not isinstance(raw, str) or raw.strip() not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return raw.strip()

    return read


def count(raw: object) -> int:
    number = amount(raw, "a whole number above 0")
    if number != int(number):
        raise ValueError("a whole number above 0")
    return int(number)


def amount(raw: object, expected: str = "a number above 0") -> float:
    try:
        number = float(raw) if isinstance(raw, str | int | float) and not isinstance(raw, bool) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number <= 0:
        raise ValueError(expected)
    return number


def switch(raw: object) -> bool:
    words = {"true": True, "false": False}
    if isinstance(raw, bool):
        return raw
    if not isinstance(raw, str) or raw.strip().lower() not in words:
        raise ValueError("true or false")
    return words[raw.strip().lower()]


def argv(raw: object) -> tuple[str, ...]:
    """Words for exec, never a shell line (SPEC 6)."""
    words = tuple(raw) if isinstance(raw, list | tuple) else ()
    if not words or not all(isinstance(word, str) and word and "\0" not in word for word in words):
        raise ValueError("a list of words each, such as [pnpm, check-types] (no shell line)")
    return words


def argvs(raw: object) -> tuple[tuple[str, ...], ...]:
    if not isinstance(raw, list | tuple):
        raise ValueError("a list of commands, each a list of words")
    return tuple(argv(each) for each in raw)


def names(raw: object) -> tuple[str, ...]:
    names = tuple(raw) if isinstance(raw, list | tuple) else ()
    if not all(isinstance(name, str) and re.fullmatch(r"[A-Za-z_]\w*", name) for name in names):
        raise ValueError("a list of names of environment variables that programs of the workspace may see")
    return names


def templates(raw: object) -> tuple[CommandTemplate, ...]:
    if not isinstance(raw, list | tuple):
        raise ValueError("a list of {name, argv, description}")
    return tuple(template(each) for each in raw)


def template(raw: object) -> CommandTemplate:
    expected = "name, argv and perhaps description in each command"
    if not isinstance(raw, dict) or not {"name", "argv"} <= raw.keys() <= {"name", "argv", "description"}:
        raise ValueError(expected)
    name, description = raw["name"], raw.get("description") or ""
    if (
        not isinstance(name, str)
        or not re.fullmatch(r"[\w.:-]{1,60}", name)
        or not isinstance(description, str)
    ):
        raise ValueError(expected)
    return CommandTemplate(name=name, argv=argv(raw["argv"]), description=description)
