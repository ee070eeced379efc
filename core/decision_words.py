"""What the worker is told of decisions outside the answer to its own call: queued and overturned ones."""

from __future__ import annotations

from core.domain import Answer, DecisionRequest
from core.events import DecisionOverturned


def settled_words(answer: Answer) -> str:
    """`Decided by user: Created item`, with the note beneath."""
    verdict = "Rejected" if answer.rejected else "Decided"
    note = f"\nNote: {answer.note}" if answer.note else ""
    return f"{verdict} by {answer.decided_by}: {answer.decision}{note}"


def batch_words(request: DecisionRequest, answer: Answer) -> str:
    """A queued decision has been taken."""
    return f"Your queued question is settled. {settled_words(answer)}\n(question: {request.title})"


def overturned_words(request: DecisionRequest, before: Answer, overturned: DecisionOverturned) -> str:
    """A decision that went without the supervisor does not hold any more."""
    why = f"\nReason: {overturned.reason}" if overturned.reason else ""
    rest = ", ".join(str(number) for number in overturned.chunks)
    chunks = f"\nIt touches chunk {rest}: look there at what has to change." if rest else ""
    return (
        f"A decision was overturned by {overturned.answer.decided_by}.\nQuestion: {request.title}\n"
        f"It was: {before.decision}\nIt is now: {overturned.answer.decision}{why}{chunks}"
    )
