"""A comparison in words that the terminal's table and the screen share. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from core.compare import ChunkPair, Comparison, DecisionPair, RunSide
from core.compare_chunks import ChunkSide
from core.past_chunk import counted, dollars, lasted, tokens

SAME, DIFFERS, UNKNOWN = "=", "≠", "?"
ASPECTS = {
    "chunk": "only one run has it",
    "decisions": "the questions, or their answers, are others",
    "files": "the files came out differently",
    "checks": "the checks went differently",
    "review": "the reviews ended differently",
}
NOTHING = "-"


def totals(found: Comparison) -> Iterator[tuple[str, str, str]]:
    """(what, left, right) of the runs as a whole; what neither knows is left out."""
    sides = (found.left, found.right)
    rows = [
        ("status", *(side.pill for side in sides)),
        ("why", *(side.reason for side in sides)),
        ("chunks", *(str(side.chunks) for side in sides)),
        ("plan steps", *(_steps(side) for side in sides)),
        ("checks failed", *(str(side.checks_failed) if side.timed else "" for side in sides)),
        ("tokens", *(_tokens(side) for side in sides)),
        ("cost", *(dollars(side.cost_usd) if side.turns else "" for side in sides)),
        ("time", *(lasted(side.took) if side.took is not None else "" for side in sides)),
    ]
    yield from ((what, a or NOTHING, b or NOTHING) for what, a, b in rows if a or b)


def _steps(side: RunSide) -> str:
    return f"{side.steps_done} of {side.steps_total}" if side.steps_total else ""


def _tokens(side: RunSide | ChunkSide) -> str:
    if not side.turns and not side.usage.total_input and not side.usage.output:
        return ""
    return f"{tokens(side.usage.total_input)} in, {tokens(side.usage.output)} out"


def parting_words(found: Comparison) -> str:
    """Where they part first, in one line."""
    if not found.pairs:
        return "Neither run has a chunk."
    if found.parting is None:
        return "In what both know they do not part."
    pair = found.pairs[found.parting.pair]
    return f"They part at {pair_name(pair)}: {ASPECTS[found.parting.aspect]}."


def pair_name(pair: ChunkPair) -> str:
    """`chunk 2 table and SQLite adapter`, with the other run's number where it is another one."""
    numbers = dict.fromkeys(side.number for side in (pair.left, pair.right) if side is not None)
    return f"chunk {'/'.join(map(str, numbers))} {pair.name}"


def pair_sign(pair: ChunkPair) -> str:
    return DIFFERS if pair.parts else SAME


def side_words(side: ChunkSide | None) -> str:
    """A chunk of one run in one line: `approved; passed after 1 fix; 3 files`."""
    if side is None:
        return "no such chunk"
    check = f"; {side.check}" if side.attempts or side.timed else ""
    return f"{side.told}{check}; {counted(len(side.files), 'file')}"


def details(pair: ChunkPair) -> Iterator[tuple[str, str, str, str]]:
    """(sign, what, left, right) of a pair: its files first, then what became of the chunk."""
    both = pair.left is not None and pair.right is not None
    for file in pair.files:
        sign = UNKNOWN if file.same is None else SAME if file.same else DIFFERS
        yield sign if both else "", file.path, file.left_words or NOTHING, file.right_words or NOTHING
    a, b = pair.left, pair.right
    for what, words, aspect in (("check", _check, "checks"), ("review", _review, "review")):
        known = bool(words(a) and words(b))
        yield from _row(what, words(a), words(b), aspect in pair.parts if known else None)
    differs = _findings(a) != _findings(b) if both else None
    yield from _row("findings", _findings(a), _findings(b), differs)
    yield from _row("tokens", _tokens(a) if a else "", _tokens(b) if b else "", None)
    yield from _row("cost", _cost(a), _cost(b), None)
    yield from _row("time", _time(a), _time(b), None)


def _row(what: str, left: str, right: str, differs: bool | None) -> Iterator[tuple[str, str, str, str]]:
    """Without a sign: numbers that are never quite the same, and what one side does not know."""
    if left or right:
        sign = "" if differs is None else DIFFERS if differs else SAME
        yield sign, what, left or NOTHING, right or NOTHING


def _check(side: ChunkSide | None) -> str:
    return side.check if side is not None and (side.attempts or side.timed) else ""


def _review(side: ChunkSide | None) -> str:
    return side.review if side is not None and (side.verdicts or side.timed) else ""


def _findings(side: ChunkSide | None) -> str:
    return counted(side.findings, "standing finding") if side is not None and side.findings else ""


def _cost(side: ChunkSide | None) -> str:
    return dollars(side.cost_usd) if side is not None and side.cost_usd is not None else ""


def _time(side: ChunkSide | None) -> str:
    return lasted(side.took) if side is not None and side.took is not None else ""


def diagnostics(pair: ChunkPair) -> Iterator[tuple[str, str]]:
    """(`left` or `right`, the error) of what the last check of each left, where the checks differ."""
    if "checks" in pair.parts:
        for name, side in (("left", pair.left), ("right", pair.right)):
            yield from ((name, error) for error in (side.diagnostics if side is not None else ()))


def decision_sign(pair: DecisionPair) -> str:
    """None where only one run came to the question."""
    if not pair.asked_by_both:
        return ""
    return SAME if pair.same else DIFFERS
