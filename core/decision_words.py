"""What the worker is told and asked of its decisions, beside the plain answer to its call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.domain import Answer, DecisionRequest, ReplyBlock, TextBlock
from core.events import DecisionOverturned

if TYPE_CHECKING:
    from core.run_state import DecisionState, Elaboration


NOBODY_YET = "nobody"  # decided a question that is queued


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


def elaboration_request(decision: DecisionState, question: str) -> str:
    """The supervisor asks back before deciding."""
    earlier = "".join(_exchange(each) + "\n\n" for each in decision.elaborations if each.text)
    return (
        f'{earlier}Before deciding your question "{decision.request.title}" the supervisor asks you to '
        f"elaborate:\n\n{question}\n\nAnswer in words. Call no tool: nothing is executed until it is decided."
    )


def with_elaborations(decision: DecisionState | None, answer: Answer) -> Answer:
    """The answer, with what was asked and said before it: no other part of the conversation has that."""
    said = [_exchange(each) for each in decision.elaborations if each.text] if decision else []
    return replace(answer, note="\n".join(filter(None, (answer.note, *said)))) if said else answer


def _exchange(elaboration: Elaboration) -> str:
    return f"The supervisor asked: {elaboration.question}\nYou said: {elaboration.text}"


def words_of(blocks: tuple[ReplyBlock, ...]) -> str:
    """What a reply says, its thinking and its calls left out."""
    return "\n".join(block.text for block in blocks if isinstance(block, TextBlock)).strip()
