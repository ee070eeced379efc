"""Whether something that needs a decision was decided: by the plan, a recorded decision or an answer.

It fails closed. A question settles nothing by itself, and an answer that refuses settles nothing at all: then
the worker has to ask for the thing by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from core.domain import value
from core.rules.base import RuleContext, SettledQuestion

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
# `Use zod, not ajv` is for zod; `zod, not now` is not.
_PASSED_OVER = re.compile(
    r"(?:\b(?:instead of|rather than)\b|,\s*(?:and\s+)?not\s+"
    r"(?!(?:now|yet|ever|today|this|before|until|needed|necessary|required|worth|allowed|ok|for)\b)).*"
)
_REFUSES = re.compile(
    r"\b(?:no|nope|not|never|none|nothing|neither|nor|without|cannot|(?:ca|wo|do|does|should|must|is)n['’]?t"
    r"|keep|refus\w*|reject\w*|declin\w*|den(?:y|ied)|forbid\w*|cancel\w*|skip|avoid|later|postpone\w*"
    r"|defer\w*)\b"
)
_AGREES = re.compile(
    r"\W*(?:yes|yep|ok|okay|agreed|approved?|allow(?:ed)?|confirm(?:ed)?|sure|go ahead|do (?:it|so|that)"
    r"|(?:add|use|install|create|make|take|drop|remove|delete|truncate) (?:it|them|this|that))\b"
)
_ALTERNATIVES = re.compile(r"\bor\b(?! (?:no|not)\b)")
# What a plan forbids: the words that do stand before the name, in one clause. `no` and `not` reach less far.
_EXCEPT = r"(?![^.;:,]*\b(?:except|besides|other than|apart from)\b)"
_FORBIDS = re.compile(
    rf"\b(?:do(?:es)? not|don['’]t|must not|mustn['’]t)\b{_EXCEPT}"
    r"(?:(?!\b(?:and|but|instead)\b)[^.;:,]){0,60}$"
    rf"|\b(?:never|avoid|without)\b{_EXCEPT}[^.;:,]{{0,60}}$"
    rf"|\b(?:no|not)\b{_EXCEPT}(?:\s+[\w-]+){{0,3}}\s+`?$"
)


@value
class SettledText:
    """One thing that was said, folded. `named` must name what is settled; `asked` is the question to it, ""
    where there is none. `prose` is a line of the plan, which may only mention a thing in passing."""

    named: str
    asked: str = ""
    prose: bool = False

    def names(self, wanted: re.Pattern[str]) -> bool:
        """Whether it is for the thing that `wanted` finds."""
        return next(self.places(wanted), None) is not None

    def places(self, wanted: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Where it is for the thing that `wanted` finds."""
        for match in wanted.finditer(self.named):
            if not (self.prose and _FORBIDS.search(self.named, 0, match.start())):
                yield match


def settled_texts(context: RuleContext, about: str = "") -> Iterator[SettledText]:
    """All that is settled, or what of it has `about` in what it names. The plan is read line by line: a word
    somewhere in a long plan settles nothing about another."""
    wanted = about.casefold()
    whole, plan_lines = _plan_lines(context.plan.text)
    yield from (line for line in (plan_lines if wanted in whole else ()) if wanted in line.named)
    for settled in context.settled:
        yield from (said for said in _agreed(settled) if wanted in said.named)


@lru_cache(maxsize=4)
def _plan_lines(plan: str) -> tuple[str, tuple[SettledText, ...]]:
    folded = plan.casefold()
    return folded, tuple(SettledText(named=line, prose=True) for line in folded.splitlines() if line.strip())


@lru_cache(maxsize=256)
def _agreed(settled: SettledQuestion) -> tuple[SettledText, ...]:
    """The sentences of a decision that are for something. One that only agrees is for what was asked."""
    question = " ".join(settled.question.casefold().split())
    sentences = [
        _PASSED_OVER.sub("", s) for s in _SENTENCE_END.split(settled.decision.casefold()) if s.strip()
    ]
    if not sentences or _REFUSES.search(sentences[0]):
        return ()
    said = tuple(SettledText(named=s, asked=question) for s in sentences if not _REFUSES.search(s))
    if _AGREES.match(sentences[0]) and not (_REFUSES.search(question) or _ALTERNATIVES.search(question)):
        return (*said, SettledText(named=question))
    return said


def word(wanted: str) -> re.Pattern[str]:
    """Finds `wanted` as a whole word in folded text; `pg` is not named by `pg-boss`."""
    return re.compile(rf"(?<![\w@/.-]){re.escape(wanted.casefold())}(?![\w/-]|\.\w)")


def quoted(wanted: str) -> re.Pattern[str]:
    """Finds `wanted` in backticks, as plans write names of packages and tables."""
    return re.compile(rf"(?<=`){re.escape(wanted.casefold())}(?![\w/-]|\.\w)")


def path_or_below(wanted: str) -> re.Pattern[str]:
    """Finds `wanted` or a path below it."""
    return re.compile(rf"(?<![\w@/.-]){re.escape(wanted.casefold())}(?![\w-])")
