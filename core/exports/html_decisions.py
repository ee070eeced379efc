"""Every decision with its tier, why it was asked or not, the options, the answer; and what blocks the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.domain import Option
from core.events import BlockerRaised
from core.exports.tag import Html, code, cut, facts, folded, joined, listed, pill, tag
from core.exports.words import answer_words, how_decided, moment
from core.run_state import DecisionState

LONGEST_TEXT = 6_000


def decisions(taken: Sequence[DecisionState]) -> Html:
    if not taken:
        return Html("")
    head = tag("h2", "Decisions", id="decisions")
    return joined([head, *(_decision(n, each) for n, each in enumerate(taken, start=1))])


def decision_links(all_of_them: Sequence[DecisionState], chunk: int) -> Html:
    """Those that a chunk raised, each a link to where it is told in full."""
    of_it = ((n, each) for n, each in enumerate(all_of_them, start=1) if each.chunk == chunk)
    return tag("ul", *(tag("li", *_link(n, each)) for n, each in of_it))


def _link(number: int, taken: DecisionState) -> Iterator[str]:
    yield tag("a", taken.request.title, href=f"#decision-{number}")
    yield f": {answer_words(taken)} "
    yield tag("span", f"({how_decided(taken)})", class_="muted small")


def _decision(number: int, taken: DecisionState) -> Html:
    asked, policy = taken.request, taken.policy
    tier = "unclassified" if policy.tier is None else f"tier {policy.tier}"
    return tag(
        "section",
        tag("header", tag("h3", asked.title), _look(taken)),
        facts(
            [
                ("Answer", answer_words(taken)),
                ("How", how_decided(taken)),
                ("Tier", f"{tier}, by {policy.tier_by}; {policy.category}"),
                ("Basis", policy.basis),
                ("Recorded as", taken.recorded_as or ""),
                ("Asked by", f"the {asked.raised_by} in chunk {taken.chunk}, {moment(taken.at)}"),
            ]
        ),
        *([tag("p", cut(asked.context, LONGEST_TEXT), class_="said")] if asked.context.strip() else []),
        tag("ul", *(_option(taken, option) for option in asked.options), class_="options"),
        *(
            [tag("p", f"The worker recommends: {_recommended(taken)}", class_="said")]
            if asked.recommendation
            else []
        ),
        *_why(taken),
        *_afterwards(taken),
        *(
            [folded("What exactly would happen", tag("pre", cut(asked.subject, LONGEST_TEXT)))]
            if asked.subject
            else []
        ),
        class_="card",
        id=f"decision-{number}",
    )


def _look(taken: DecisionState) -> Html:
    if taken.holds is None:
        return pill("?", "open", "asks") if not taken.void else pill("○", "asked anew", "idle")
    if taken.overturned is not None:
        return pill("!", "overturned", "warn")
    return (
        pill("✓", "decided", "ok")
        if taken.policy.outcome == "escalate"
        else pill("✓", taken.policy.outcome, "now")
    )


def _option(taken: DecisionState, option: Option) -> Html:
    held = taken.holds
    chosen = (
        held is not None and (held.option == option.id or held.decision == option.label) and not held.rejected
    )
    sides = [f"+ {option.pros}" if option.pros else "", f"− {option.cons}" if option.cons else ""]
    return tag(
        "li",
        tag("strong", f"{'✓ ' if chosen else ''}{option.id}. {option.label}"),
        *([tag("span", " (chosen)", class_="muted small")] if chosen else []),
        *(tag("div", side, class_="muted small") for side in sides if side),
        class_="chosen" if chosen else None,
    )


def _recommended(taken: DecisionState) -> str:
    asked = taken.request
    option = asked.option(asked.recommendation)
    sure = f" (confidence {asked.confidence:g})" if asked.confidence is not None else ""
    why = f". {asked.rationale}" if asked.rationale else ""
    return f"{option.label if option else asked.recommendation}{sure}{why}"


def _why(taken: DecisionState) -> Iterator[Html]:
    word = "Why it was asked" if taken.policy.outcome == "escalate" else "Why it was not asked"
    if taken.policy.reasons:
        yield tag("p", tag("strong", f"{word}: "), "; ".join(taken.policy.reasons))
    held = taken.holds
    if held is not None and held.note and held.decided_by != "auto":
        yield tag("p", tag("strong", "Note: "), cut(held.note, LONGEST_TEXT), class_="said")


def _afterwards(taken: DecisionState) -> Iterator[Html]:
    for each in taken.elaborations:
        yield folded(f"Asked back: {each.question}", tag("p", each.text or each.fault, class_="said"))
    if taken.overturned is not None and taken.answer is not None:
        reason = f" Reason: {taken.overturned.reason}" if taken.overturned.reason else ""
        yield tag(
            "p", tag("strong", "Overturned. "), f"It was: {taken.answer.decision}.{reason}", class_="said"
        )


# --- blockers ---------------------------------------------------------------------------


def blockers(raised: Sequence[BlockerRaised]) -> Html:
    if not raised:
        return Html("")
    return joined([tag("h2", "What stands in the way", id="blockers"), *map(_blocker, raised)])


def _blocker(raised: BlockerRaised) -> Html:
    return tag(
        "section",
        tag("h3", raised.reason),
        facts(
            [
                ("Kind", raised.kind),
                ("Needed", raised.needed if raised.needed != raised.reason else ""),
                ("Recommendation", raised.recommendation),
                ("Blocked steps", ", ".join(raised.blocked_steps)),
            ]
        ),
        *([tag("p", cut(raised.context, LONGEST_TEXT), class_="said")] if raised.context else []),
        *([tag("p", code(raised.command), class_="small")] if raised.command else []),
        *([tag("h4", "What was tried"), listed(raised.attempts)] if raised.attempts else []),
        *([tag("h4", "Options"), listed(raised.options)] if raised.options else []),
        *(
            [tag("h4", "Diagnostics"), listed(map(code, raised.diagnostics[:50]), "diagnostics")]
            if raised.diagnostics
            else []
        ),
        class_="card alert",
    )
