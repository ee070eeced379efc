"""Linear-time matching of patterns, built in or written by people, on what a question says (SPEC 5.2).

The text has two lines, title and context. `.` crosses them, for the patterns that people write; the built-in
ones say so where they look at the title only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from core.decisions.tiers import DESTRUCTIVE
from core.decisions.vocabulary import (
    ARCHITECTURAL_TOPICS,
    HARMLESS,
    MOONSHOT_TOPICS,
    NOT_DEPENDENCY,
    TOPICS,
    Topic,
)
from core.domain import DecisionRequest, value


@value
class Pattern:
    """One RE2 pattern, matched case-insensitively. `id` is what `matched` reports."""

    id: str
    regex: str


UNSEEN = ("Cf", "Cs")  # format characters; lone surrogates, which RE2 cannot take
# Shown as nothing though they are marks or letters (Unicode: default ignorable).
FILLERS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def text_of(request: DecisionRequest) -> str:
    """Title and context as the patterns see them: two lines, compatible forms, nothing invisible."""
    return f"{one_line(request.title)}\n{one_line(request.context)}"


def one_line(text: str) -> str:
    """Look-alike forms folded (NFKC), invisible characters dropped, white space single."""
    seen = FILLERS.sub("", unicodedata.normalize("NFKC", FILLERS.sub("", text)))
    folded = "".join(c for c in seen if unicodedata.category(c) not in UNSEEN)
    return " ".join(folded.split())


def matching(patterns: Iterable[Pattern], text: str) -> tuple[str, ...]:
    """The ids of the patterns that match anywhere in `text`, in time linear in its length."""
    return tuple(pattern.id for pattern in patterns if _compiled(pattern.regex).search(text))


def refusal(regex: str) -> str | None:
    """Why RE2 does not take this pattern (lookarounds, backreferences, bad syntax), or None."""
    import re2

    try:
        _compiled(regex)
    except re2.error as error:
        said = error.args[0] if error.args else error
        return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return None


def built_in(tier: int) -> tuple[Pattern, ...]:
    """The built-in patterns of a tier, used where decision-classification.yaml has none."""
    return _topics(f"default.tier_{tier}", TOPICS[tier])


def built_in_moonshots() -> tuple[Pattern, ...]:
    return _topics("default.moonshot", MOONSHOT_TOPICS)


def destructive(text: str) -> tuple[str, ...]:
    """The built-in destructive patterns that match: the part of tier 4 that no file can take away."""
    return matching(built_in(DESTRUCTIVE), _compiled(HARMLESS, True).sub(" ", text))


def architectural(text: str) -> tuple[str, ...]:
    """The architectural topics (SPEC 5.4) that the text is about, as pattern ids."""
    plain = _compiled(NOT_DEPENDENCY, True).sub(" ", text)
    return matching(_topics("architectural", ARCHITECTURAL_TOPICS), plain)


def _topics(prefix: str, topics: tuple[Topic, ...]) -> tuple[Pattern, ...]:
    return tuple(Pattern(id=f"{prefix}.{topic.name}", regex=_regex(topic)) for topic in topics)


def _regex(topic: Topic) -> str:
    title = [rf"^[^\n]*\b(?:{'|'.join(topic.title)})\b"] if topic.title else []
    text = [rf"\b(?:{'|'.join(topic.text)})\b"] if topic.text else []
    return "|".join(title + text)


@lru_cache(maxsize=1024)
def _compiled(regex: str, case_counts: bool = False) -> Any:
    import re2

    options = re2.Options()
    options.case_sensitive = case_counts
    options.dot_nl = True
    options.log_errors = False
    return re2.compile(regex, options)
