"""Earlier decisions that are about the same thing as a question: shown on its prompt (SPEC 5, last line)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from core.domain import SettledDecision, Story
from core.logs.architectural import FILE, read_settled

MOST_SHOWN = 3
MOST_STORIES = 200
LARGEST_FILE = 1_000_000  # bytes
WORD = re.compile(r"[^\W_]{3,}")
COMMON_WORDS = (
    "the and for with from into that this what which when where who how should does use using are can not",
    "its has have will would one all any new add make get set our your per via out off than then",
)
COMMON = frozenset(word for line in COMMON_WORDS for word in line.split())


def prior_decisions(title: str, known: Iterable[SettledDecision]) -> tuple[SettledDecision, ...]:
    """Those of `known` (oldest first) whose question shares most words with `title`, at most three.

    Half of the words of the shorter of the two must be shared, and two of them at least.
    """
    words = _words(title)
    likeness = [(_shared(words, _words(each.question)), place, each) for place, each in enumerate(known)]
    like = sorted((each for each in likeness if each[0] > 0), key=lambda each: each[:2], reverse=True)
    return tuple(each for _, _, each in like[:MOST_SHOWN])


def decisions_of_other_stories(root: Path, story: Story) -> tuple[SettledDecision, ...]:
    """What was decided for the other stories of the same feature, each id with its story's before it."""
    feature = (root / story.folder).parent.parent
    found: list[SettledDecision] = []
    for path in sorted(feature.glob(f"*/*/_implementation/{FILE}"))[:MOST_STORIES]:
        name = path.parent.parent.name
        if name != story.id and path.is_file() and path.stat().st_size <= LARGEST_FILE:
            settled, _ = read_settled(path.read_text("utf-8", errors="replace"), FILE)
            found += (replace(each, id=f"{name} {each.id}") for each in settled)
    return tuple(found)


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in WORD.findall(text.casefold())) - COMMON


def _shared(one: frozenset[str], other: frozenset[str]) -> int:
    shared = len(one & other)
    return shared if shared >= 2 and 2 * shared >= min(len(one), len(other)) else 0
