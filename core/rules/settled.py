"""Whether something that needs a decision was decided: by the plan, a recorded decision or an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.rules.base import RuleContext


def settled_lines(context: RuleContext) -> Iterator[tuple[str, bool]]:
    """(text, whether it is prose) of all that is settled, folded. A decision is one text; the plan is read
    line by line: a word somewhere in a long plan settles nothing about another."""
    for text in (context.plan.text, *context.settled):
        if text == context.plan.text:
            yield from ((line.casefold(), True) for line in text.splitlines() if line.strip())
        else:
            yield text.casefold(), False


def mentions(text: str, wanted: str) -> bool:
    """Whether the folded `text` names `wanted` as a whole word; `pg` is not named by `pg-boss`."""
    return re.search(rf"(?<![\w@/.-]){re.escape(wanted.casefold())}(?![\w/-]|\.\w)", text) is not None


def quotes(text: str, wanted: str) -> bool:
    """Whether `wanted` stands in backticks, as plans write names of packages and tables."""
    return f"`{wanted.casefold()}" in text and mentions(text, wanted)


def names_below(text: str, wanted: str) -> bool:
    """Whether the folded `text` names `wanted` or a path below it."""
    return re.search(rf"(?<![\w@/.-]){re.escape(wanted.casefold())}(?![\w-])", text) is not None
