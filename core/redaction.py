"""No secret reaches the journal: every event goes through here on its way in (RELIABILITY).

The model, the logs, replay and exports are folds of the journal; what is not in it is in none of them. What
is replaced leaves a visible mark with the variable's name.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast
from urllib.parse import quote

from core import events as ev
from core.domain import ThinkingBlock
from core.secrets_known import Secret
from core.untrusted import redact

T = TypeVar("T")

# Their words are executed, or are the bytes that somebody approves: only what is known is struck from them.
AS_WRITTEN = (
    ev.ModelTurnFinished,
    ev.ToolStarted,
    ev.DecisionRequested,
    ev.FileChangeStarted,
    ev.FileChanged,
)


class Redactor:
    """Strikes known secrets, and what has the clear shape of one, from texts and events."""

    def __init__(self, secrets: Sequence[Secret] = ()) -> None:
        self._names = {form: secret.name for secret in secrets for form in _forms(secret.text)}
        # A secret that holds another one is struck whole.
        self._longest_first = sorted(self._names, key=len, reverse=True)

    def text(self, text: str) -> str:
        return redact(self.known(text))

    def known(self, text: str) -> str:
        """`text` without the secrets that are known by value."""
        for form in self._longest_first:
            if form in text:
                text = text.replace(form, f"[redacted: {_mark_name(self._names[form])}]")
        return text

    def contents(self, data: bytes) -> bytes:
        """`data` as the model may read it; unchanged where it holds no secret."""
        return self.text(data.decode("utf-8", "replace")).encode() if self.holds_secret(data) else data

    def holds_secret(self, data: bytes) -> bool:
        text = data.decode("utf-8", "replace")
        return self.text(text) != text

    def event(self, event: ev.Event) -> ev.Event:
        """The event as the journal may have it; the same object where there is nothing to strike."""
        strike = self.known if isinstance(event, AS_WRITTEN) else self.text
        return _struck(event, strike)


def _struck(found: T, strike: Callable[[str], str]) -> T:
    """`found` with every string in it struck; the same object where nothing changes."""
    fresh: Any
    match found:
        case str():
            fresh = strike(found)
        case tuple() | list():
            parts = [_struck(part, strike) for part in found]
            same = all(a is b for a, b in zip(parts, found, strict=True))
            fresh = found if same else type(found)(parts)
        case dict():
            fresh = {_struck(key, strike): _struck(inner, strike) for key, inner in found.items()}
            fresh = found if fresh == found else fresh
        case _ if is_dataclass(found) and not isinstance(found, type):
            fresh = _struck_fields(found, strike)
        case _:
            fresh = found
    return cast(T, found if fresh == found else fresh)


def _struck_fields(found: Any, strike: Callable[[str], str]) -> Any:
    changed = {}
    for each in fields(found):
        before = getattr(found, each.name)
        after = _struck(before, strike)
        if after is not before:
            changed[each.name] = after
    if changed and isinstance(found, ThinkingBlock):
        # The API takes thinking back only unchanged; without its signature it is left out.
        changed["signature"] = ""
    return replace(found, **changed) if changed else found


def _forms(text: str) -> set[str]:
    """A secret as it is, in a URL, and in base64: nobody should find it by decoding."""
    encoded = base64.b64encode(text.encode()).decode().rstrip("=")
    return {text, quote(text, safe=""), encoded}


def _mark_name(name: str) -> str:
    return re.sub(r"[^\w .-]", "_", name)[:60]
