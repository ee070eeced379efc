"""Whether a new port number was decided on: by a line of the plan, or by a person.

Conservative. The line or the sentence has the number itself, together with the word "port" or the service,
and says that it is to be used: that a port is taken, or what it was before, settles nothing.
"""

from __future__ import annotations

import re

from core.rules.base import RuleContext
from core.rules.settled import SettledText, settled_texts, word

_NUMBER = re.compile(r"\d{2,5}")
_PORT_WORD = re.compile(r"(?<![a-z])ports?(?![a-z])")
_TO_BE_USED = re.compile(
    r"\b(?:chang|mov|switch|set|us(?:e|es|ing)\b|expos|listen|bind|bound|run|serv|publish|map|start|becom|remap"
    r"|assign|now\b|new\b)|->|→|=>|(?<![a-z])port`?\s*[:=]"
)
_TAKEN = re.compile(
    r"\b(?:taken|in use|occupied|reserved|conflict\w*|already|unchanged|stays?|remains?|collid\w*|clash\w*)\b"
)
_WAS_BEFORE = re.compile(
    r"\b(?:from|was|instead of|replac\w{1,6}|not|no longer)\s+(?:the\s+)?(?:port\s+)?`?$"
)
_IS_LEFT = re.compile(r"`?\s*(?:->|→|=>|(?:to|becomes)\b)")


def is_settled_port(key: str, was: str, new: tuple[str, ...], context: RuleContext) -> bool:
    """`key` is where the port stands (`services/db/ports`); `was` and `new` are numbers, or mappings such as
    `3001:3000`. Each number that was not there has to be settled."""
    had = set(_NUMBER.findall(was))
    wanted = [set(_NUMBER.findall(each)) - had for each in new]
    if not wanted or not all(wanted):
        return False
    service = _service(key)
    return all(_is_settled(number, service, context) for numbers in wanted for number in numbers)


def _service(key: str) -> str | None:
    parts = key.split("/")
    return parts[1] if len(parts) >= 3 and parts[0] == "services" else None


def _is_settled(number: str, service: str | None, context: RuleContext) -> bool:
    return any(
        _is_about(text, service) and _is_for(text, number) for text in settled_texts(context, about=number)
    )


def _is_about(text: SettledText, service: str | None) -> bool:
    said = f"{text.asked} {text.named}"
    if _TAKEN.search(text.named) or (text.prose and not _TO_BE_USED.search(text.named)):
        return False
    return _PORT_WORD.search(said) is not None or (service is not None and bool(word(service).search(said)))


def _is_for(text: SettledText, number: str) -> bool:
    return any(
        not _WAS_BEFORE.search(text.named, 0, match.start()) and not _IS_LEFT.match(text.named, match.end())
        for match in text.places(word(number))
    )
