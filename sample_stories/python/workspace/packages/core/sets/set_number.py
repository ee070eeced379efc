"""The number on the box."""

from __future__ import annotations

import re

from packages.core.errors import ValidationFailed

_SET_NUMBER = re.compile(r"(\d{3,7})(-\d+)?")


def normalised(raw: str) -> str:
    """`"10497"` for `"10497"`, `" 10497 "` and `"10497-1"`: shops add the variant, the box has none."""
    found = _SET_NUMBER.fullmatch(raw.strip())
    if found is None:
        raise ValidationFailed(f"not a set number: {raw!r}")
    return found[1]
