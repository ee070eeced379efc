"""The ledger: every decision of the run, its tier, who took it and on what basis. Enter shows why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.content import Content

from core.run_state import DecisionState, RunState
from tui.line import Line
from tui.marks import ASKS, BAD, OK, OPEN, WARN, Mark
from tui.panels.base import Panel, Shown
from tui.safe_text import Part, row

DECISION_KEY = "decision:"
INDENT = "     "
LATEST = 200
"""So many are drawn: a run can have thousands, and the panel is drawn again with each of them."""
OUTCOME_WORDS = {"auto": "auto", "covered": "covered", "defer": "deferred", "escalate": "asked"}
SAVED_WORDS = {
    "locked": "locked as project preference",
    "learned": "remembered as learned",
    "applied": "counted as applied",
    "overridden": "counted as overridden",
}


def is_pending(decision: DecisionState, state: RunState) -> bool:
    return any(p.request_id == decision.request.id for p in state.pending)


def is_queued(decision: DecisionState, state: RunState) -> bool:
    """In the batch, and not put to anybody yet."""
    return decision.queued and not is_pending(decision, state)


class DecisionsPanel(Panel):
    KEY: ClassVar[str] = "decisions"
    NAME: ClassVar[str] = "Decisions"

    def slice(self, shown: Shown) -> tuple[object, ...]:
        chunk = shown.chunk.number if shown.pinned and shown.chunk else 0
        # Which chunks rest on a decision is said only where an entry is open.
        rests = shown.state.chunks if self.expanded else None
        return (shown.state.decisions, shown.state.pending, chunk, rests)

    def title(self, shown: Shown) -> Content:
        visible, earlier = _visible_decisions(shown)
        waiting = sum(is_pending(d, shown.state) for d in visible)
        queued = sum(is_queued(d, shown.state) for d in visible)
        settled = sum(d.answer is not None for d in visible)
        parts: list[Part] = ["Decisions"]
        if settled:
            parts.append((f" {settled}{OK.sign}", OK.style))
        if waiting:
            parts += [f" {waiting}", (ASKS.sign, ASKS.style)]
        if queued:
            parts.append((f" {queued} queued", "$text-muted"))
        if earlier:
            parts.append((f" of the latest {len(visible)}", "$text-muted"))
        return row(*parts)

    def badge(self, shown: Shown) -> str:
        waiting = sum(p.kind == "decision" for p in shown.state.pending)
        return f"{waiting}{ASKS.sign}" if waiting else ""

    def lines(self, shown: Shown) -> Iterator[Line]:
        visible, earlier = _visible_decisions(shown)
        if not visible:
            yield Line(row(("None yet.", "$text-muted")))
        for decision in reversed(visible):
            yield from self._entry(decision, shown.state)
        if earlier:
            yield Line(row((f"… {earlier:,} earlier ones: L shows the ledger", "$text-muted")), hang=2)

    def _entry(self, decision: DecisionState, state: RunState) -> Iterator[Line]:
        yield from decision_lines(decision, state)
        if f"{DECISION_KEY}{decision.request.id}" in self.expanded:
            yield basis_line(decision)
            yield from reason_lines(decision, state)


def decision_lines(decision: DecisionState, state: RunState) -> Iterator[Line]:
    """How it stands, in which tier, what was asked, and what holds."""
    mark = _mark(decision, state)
    yield Line(
        row(
            (f"{mark.sign} ", mark.style),
            (tier_label(decision) + " ", "$text-muted"),
            (decision.request.title, "bold" if mark is ASKS else ""),
        ),
        key=f"{DECISION_KEY}{decision.request.id}",
        hang=5,
    )
    yield from _what_holds(decision, state)


def _visible_decisions(shown: Shown) -> tuple[Sequence[DecisionState], int]:
    """Those of the chunk that the reader chose, else the latest; and how many earlier ones there are."""
    every = shown.state.decisions
    if shown.pinned and shown.chunk is not None:
        return tuple(d for d in every if d.chunk == shown.chunk.number), 0
    return every[-LATEST:], max(0, len(every) - LATEST)


def _mark(decision: DecisionState, state: RunState) -> Mark:
    if is_pending(decision, state):
        return ASKS
    if decision.answer is None:
        return OPEN
    if decision.overturned is not None:
        return WARN
    return BAD if decision.answer.rejected else OK


def tier_label(decision: DecisionState) -> str:
    return f"T{decision.policy.tier}" if decision.policy.tier is not None else "T?"


def _what_holds(decision: DecisionState, state: RunState) -> Iterator[Line]:
    """What was decided; of an overturned one what holds now, and in words what it was."""
    held, before, overturned = decision.holds, decision.answer, decision.overturned
    if held is None or before is None:
        if is_queued(decision, state):
            yield _note("queued: asked with the others of its list")
        return
    words = f"rejected: {held.note or held.decision}" if held.rejected else held.decision
    yield Line(row(INDENT, (words, "$foreground 75%")), hang=5)
    if overturned is not None:
        reason = f": {overturned.reason}" if overturned.reason else ""
        by = f"overturned by {overturned.answer.decided_by}{reason}"
        yield Line(
            row(INDENT, ("was: ", "$text-muted"), (before.decision, "strike"), (f", {by}", WARN.style)),
            hang=5,
        )


def _note(text: str, *, hang: int = 5) -> Line:
    return Line(row(INDENT, (text, "$text-muted")), hang=hang)


def basis_line(decision: DecisionState) -> Line:
    """What the policy said and on what basis, who took it, where it is recorded."""
    now = decision.policy
    who = decision.answer.decided_by if decision.answer is not None else "waiting"
    facts = [OUTCOME_WORDS[now.outcome], now.basis, who, *_recorded(decision), f"chunk {decision.chunk}"]
    return _note(" · ".join(facts))


def reason_lines(decision: DecisionState, state: RunState) -> Iterator[Line]:
    """Why the policy said so, and what became of it."""
    before, now = decision.first_policy, decision.policy
    who = decision.answer.decided_by if decision.answer is not None else "waiting"
    for reason in now.reasons:
        yield _note(f"- {reason}", hang=7)
    if before.tier != now.tier:
        was = f"tier {before.tier}" if before.tier is not None else "no tier"
        yield _note(f"re-tiered by the supervisor: it came in {was}")
    if decision.elaborations:
        count = len(decision.elaborations)
        yield _note(f"the worker was asked {count} time{'s' * (count != 1)} to say more")
    if (
        decision.answer is not None
        and decision.answer.note
        and not decision.answer.rejected
        and who != "auto"
    ):
        yield _note(f"note: {decision.answer.note}", hang=11)
    for saved in decision.saved:
        yield _note(f"preference {saved.preference_id}: {SAVED_WORDS[saved.action]}", hang=7)
    if decision.answer is not None:
        yield _note(chunks_words(resting_on(state, decision)))


def _recorded(decision: DecisionState) -> tuple[str, ...]:
    ids = (decision.recorded_as, decision.overturned.recorded_as if decision.overturned else None)
    return tuple(i for i in ids if i)


def chunks_words(chunks: tuple[int, ...]) -> str:
    if not chunks:
        return "no chunk rests on it"
    numbers = ", ".join(str(n) for n in chunks)
    return f"chunks that rest on it: {numbers}" if len(chunks) > 1 else f"chunk {numbers} rests on it"


def resting_on(state: RunState, decision: DecisionState) -> tuple[int, ...]:
    """The chunks that rest on it: those that did when it was overturned, else those that do now."""
    if decision.overturned is not None:
        return decision.overturned.chunks
    from core.overturning import resting_on as resting_now

    return resting_now(state, decision.request.id)


def no_overturn(decision: DecisionState) -> str:
    """Why this decision can't be overturned, in one line; empty where it can (SPEC 5)."""
    if decision.answer is None:
        return "It is not decided yet."
    if decision.overturned is not None:
        return "It was overturned already; a message (m) tells the worker more."
    if decision.answer.decided_by != "auto":
        return "It was decided by a person; a message (m) tells the worker more."
    if decision.policy.outcome not in ("auto", "covered"):
        return "It was put off to the backlog: there is nothing to overturn."
    return ""
