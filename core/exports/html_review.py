"""Checks by attempt, and reviews with their comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.domain import Diagnostic
from core.exports.line_notes import CommentTold
from core.exports.tag import Html, code, cut, folded, pill, tag
from core.past_chunk import attempt_words, counted, verdict_word
from core.review_rounds import place_words
from core.run_state import CheckAttempt, ReviewState

MOST_DIAGNOSTICS = 100
LONGEST_TEXT = 4_000
VERDICT_LOOKS = {
    "approve": ("✓", "ok"),
    "request_changes": ("!", "asks"),
    "revert": ("✗", "bad"),
    "stop": ("!", "warn"),
    None: ("?", "asks"),
}


def checks(attempts: Sequence[CheckAttempt]) -> Html:
    """Each attempt with its command and what it left to mend."""
    several = len({attempt.round for attempt in attempts if attempt.attempt == 0}) > 1
    commands = ["", *(_command(attempt) for attempt in attempts)]
    items = (
        tag("li", *_attempt(attempt, several, command if command != before else ""))
        for attempt, before, command in zip(attempts, commands, commands[1:], strict=False)
    )
    return tag("ul", *items, class_="attempts")


def _command(attempt: CheckAttempt) -> str:
    return attempt.result.shown_command if attempt.result is not None and attempt.result.commands else ""


def _attempt(attempt: CheckAttempt, several: bool, command: str) -> Iterator[Html]:
    ok = attempt.result is not None and attempt.result.ok
    label = f"{attempt.label}, round {attempt.round}" if several else attempt.label
    yield pill("✓" if ok else "✗", label, "ok" if ok else "bad")
    yield tag("span", f" {attempt_words(attempt)}")
    if command:
        yield tag("div", code(command), class_="muted small")
    yield from _diagnostics(attempt.result.diagnostics if attempt.result is not None else ())


def _diagnostics(found: Sequence[Diagnostic]) -> Iterator[Html]:
    if not found:
        return
    shown = found[:MOST_DIAGNOSTICS]
    items = [tag("li", *_diagnostic(each)) for each in shown]
    if len(found) > len(shown):
        items.append(tag("li", f"and {len(found) - len(shown):,} more", class_="muted"))
    yield tag("ul", *items, class_="diagnostics")


def _diagnostic(each: Diagnostic) -> Iterator[str]:
    if each.place:
        yield code(each.place)
        yield " "
    yield f"{each.severity}: {cut(each.message, LONGEST_TEXT)}"
    if each.code:
        yield tag("span", f" {each.code}", class_="muted")


# --- reviews ----------------------------------------------------------------------------


def reviews(given: Sequence[ReviewState], comments: Sequence[tuple[ReviewState, CommentTold]]) -> Html:
    items = (_review(review, [told for of, told in comments if of is review]) for review in given)
    return tag("ul", *items, class_="attempts")


def _review(review: ReviewState, comments: Sequence[CommentTold]) -> Html:
    mark, tone = VERDICT_LOOKS[review.verdict]
    by = f", by {review.by}" if review.by else ""
    of = f", {counted(len(review.files), 'file')}" if review.files else ""
    return tag(
        "li",
        pill(mark, verdict_word(review), tone),
        tag("span", f" round {review.round}{of}{by}", class_="muted small"),
        *([tag("p", cut(review.comment, LONGEST_TEXT), class_="said")] if review.comment else []),
        *map(_comment, comments),
    )


def _comment(told: CommentTold) -> Html:
    comment = told.comment
    place = place_words(comment) or "the chunk as a whole"
    what = "turned down" if comment.kind == "reject" else "comment"
    answer = [tag("p", "Answer: ", cut(told.answer, LONGEST_TEXT), class_="said")] if told.answer else []
    quote = [tag("div", cut(comment.quote, LONGEST_TEXT), class_="quote")] if comment.quote else []
    lead = tag("span", code(place), tag("span", f" {what}, {told.became}", class_="muted"))
    body = (*quote, tag("p", cut(comment.text, LONGEST_TEXT), class_="said"), *answer)
    return folded(lead, *body, opened=True)
