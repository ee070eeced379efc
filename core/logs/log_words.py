"""How a log says that there is nothing."""

from __future__ import annotations

import re

_NOTHING = r"(?:none|n/?a|not applicable|nothing)"
NONE = re.compile(
    rf"[\s*_`(\[-]*(?:{_NOTHING}|no(?: files?| commands?| changes?)?|-+|–|—)?[\s*_`.)\]]*", re.IGNORECASE
)
BEGINS_WITH_NONE = re.compile(
    rf"[\s*_`(\[-]*(?:{_NOTHING}|no (?:new |other |additional )?(?:files?|commands?|changes?))\b(?![/-]\w)",
    re.IGNORECASE,
)


def is_none(text: str) -> bool:
    """`None`, `N/A`, `-`, `nothing`, with or without a full stop, or no text: nothing is said."""
    return NONE.fullmatch(text[:100]) is not None


def says_none(text: str) -> bool:
    """It begins by saying that there is nothing: `None (data only)`, `N/A - docs`."""
    return BEGINS_WITH_NONE.match(text) is not None
