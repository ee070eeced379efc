"""Which earlier escalations a new preference would have absorbed (UX, "Decision prompt": `l`)."""

from __future__ import annotations

from core.domain import value


@value
class Absorption:
    """`titles` are those of the escalations that would not have been asked, newest first, of `looked_at`
    escalations of this run and earlier ones. `problem` is set when the pattern can't be used: it is refused,
    or is not about the question at hand."""

    titles: tuple[str, ...] = ()
    looked_at: int = 0
    problem: str = ""
