"""What the API costs: one dated table, and the context windows that come with it.

From the vendor's price list (platform.claude.com/docs/en/about-claude/pricing) and the
overview page of each model (platform.claude.com/docs/en/models/NAME/overview), as they
stood on `PRICES_AS_OF`. A model that is not in it has no price: tokens only, no invented
cost (SPEC 10).
"""

from __future__ import annotations

import re
from datetime import date

from core.domain import Usage, value

PRICES_AS_OF = date(2026, 10, 24)
DEFAULT_CONTEXT_TOKENS = 200_000

_MILLION = 1_000_000
_SNAPSHOT = re.compile(r"-20\d{6}$")


@value
class Price:
    """US dollars for a million tokens. `cache_write` is the price of the five-minute cache."""

    input: float
    cache_write: float
    cache_read: float
    output: float


@value
class Listed:
    """A model of the table. Prompts over `long_from` tokens in all pay `long` for every token."""

    price: Price
    context_tokens: int = _MILLION
    long: Price | None = None
    long_from: int = 0


_FABLE_5 = Price(input=10, cache_write=12.5, cache_read=1, output=50)
_FABLE_5_1 = Price(input=10, cache_write=12.5, cache_read=0.25, output=50)
_OPUS_4_5 = Price(input=5, cache_write=6.25, cache_read=0.5, output=25)
_SONNET_4_5 = Price(input=3, cache_write=3.75, cache_read=0.3, output=15)

_LISTED: dict[str, Listed] = {
    "claude-fable-5-1": Listed(price=_FABLE_5_1),
    "claude-mythos-5-1": Listed(price=_FABLE_5_1),
    "claude-fable-5": Listed(price=_FABLE_5),
    "claude-mythos-5": Listed(price=_FABLE_5),
    "claude-opus-5-5": Listed(price=Price(input=4, cache_write=5, cache_read=0.2, output=20)),
    "claude-opus-5": Listed(price=_OPUS_4_5),
    "claude-opus-4-8": Listed(price=_OPUS_4_5),
    "claude-opus-4-7": Listed(price=_OPUS_4_5),
    "claude-opus-4-6": Listed(price=_OPUS_4_5),
    "claude-opus-4-5": Listed(price=_OPUS_4_5, context_tokens=200_000),
    # Its cache reads were halved on 2026-10-07.
    "claude-sonnet-5-5": Listed(price=Price(input=2, cache_write=2.5, cache_read=0.1, output=10)),
    "claude-sonnet-5": Listed(price=Price(input=2, cache_write=2.5, cache_read=0.2, output=10)),
    "claude-sonnet-4-6": Listed(price=_SONNET_4_5),
    "claude-sonnet-4-5": Listed(price=_SONNET_4_5, context_tokens=200_000),
    "claude-haiku-5-5": Listed(
        price=Price(input=0.1, cache_write=0.125, cache_read=0.01, output=0.5),
        long=Price(input=0.5, cache_write=0.625, cache_read=0.05, output=2.5),
        long_from=100_000,
    ),
    "claude-haiku-4-5": Listed(
        price=Price(input=1, cache_write=1.25, cache_read=0.1, output=5), context_tokens=200_000
    ),
}


def cost_usd(model: str, usage: Usage) -> float | None:
    """What one turn cost in US dollars; None where the model's price is not known."""
    listed = _find(model)
    if listed is None:
        return None
    price = listed.price
    if listed.long and usage.total_input > listed.long_from:
        price = listed.long
    return (
        usage.input * price.input
        + usage.cache_write * price.cache_write
        + usage.cache_read * price.cache_read
        + usage.output * price.output
    ) / _MILLION


def context_tokens(model: str) -> int:
    """How many tokens the model's context holds; a careful 200,000 where it is not known."""
    listed = _find(model)
    return listed.context_tokens if listed else DEFAULT_CONTEXT_TOKENS


def _find(model: str) -> Listed | None:
    """A dated name (`claude-haiku-4-5-20251001`) costs what its undated one does."""
    return _LISTED.get(_SNAPSHOT.sub("", model))
