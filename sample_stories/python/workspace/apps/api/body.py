"""Reads the fields of a request body. A field of the wrong kind is a ValidationFailed."""

from __future__ import annotations

from collections.abc import Mapping

from packages.core.errors import ValidationFailed


def text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise ValidationFailed(f"{name} must be text")
    return value


def whole_number(body: Mapping[str, object], name: str, default: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationFailed(f"{name} must be a whole number")
    return value
