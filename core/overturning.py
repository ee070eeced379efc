"""A human replaces what was decided without them, while the run goes on (SPEC 5, "overturned")."""

from __future__ import annotations

from core import events as ev
from core.commands import CommandRefused, OverturnDecision
from core.decision_ids import ARCH, DecisionIds
from core.domain import Answer
from core.preference_keeper import PreferenceKeeper
from core.run_state import ChunkState, DecisionState, RunState
from core.stream import Stream


class Overturning:
    """Takes OverturnDecision. The event is all it takes: logs, screens and the worker follow from it."""

    def __init__(self, stream: Stream, ids: DecisionIds, preferences: PreferenceKeeper) -> None:
        self._stream = stream
        self._ids = ids
        self._preferences = preferences

    def overturn(self, command: OverturnDecision) -> None:
        """Raises CommandRefused, with the reason in one line."""
        state = self._stream.state
        decision = state.decision(command.request_id)
        refusal = refuse_overturn(state, decision, command)
        if refusal is not None:
            raise CommandRefused(refusal)
        assert decision is not None, "an unknown decision is refused"
        chosen = decision.request.option(command.option)
        answer = Answer(
            decision=chosen.label if chosen else command.text.strip(),
            decided_by=command.by,
            option=command.option,
            note=command.reason.strip(),
        )
        self._stream.emit(
            ev.DecisionOverturned(
                request_id=command.request_id,
                answer=answer,
                reason=command.reason.strip(),
                chunks=resting_on(state, command.request_id),
                recorded_as=self._ids.next(ARCH),
            )
        )
        self._preferences.overridden(command.request_id)


def refuse_overturn(state: RunState, decision: DecisionState | None, command: OverturnDecision) -> str | None:
    """Why this decision can't be overturned so, or None."""
    if decision is None:
        return f"there is no decision {command.request_id}"
    if state.outcome is not None:
        return "the run has ended: nobody would tell the worker"
    if decision.answer is None or decision.answer.decided_by != "auto":
        return f"{decision.request.title}: not decided automatically"
    if decision.overturned is not None:
        return f"{decision.request.title}: overturned already; send the worker a message"
    if command.option is not None and decision.request.option(command.option) is None:
        return f"there is no option {command.option}"
    if command.option is None and not command.text.strip():
        return "say what holds instead: an option or a text"
    if command.option is not None and command.option == decision.answer.option:
        return f"{decision.answer.decision}: that is what holds already"
    return None


def resting_on(state: RunState, request_id: str) -> tuple[int, ...]:
    """The numbers of the chunks that rest on a decision: the one that raised it, and each later one that
    changes a file of it or works on a step that waited for the decision. Reverted chunks rest on nothing."""
    decision = state.decision(request_id)
    if decision is None:
        return ()
    standing = [c for c in state.opened_chunks if c.status != "reverted" and c.number >= decision.chunk]
    origin = {c.path for chunk in standing if chunk.number == decision.chunk for c in chunk.changes}
    waited = set(decision.request.blocks)
    return tuple(
        chunk.number
        for chunk in standing
        if chunk.number == decision.chunk or _touches(chunk, origin) or _works_on(chunk, waited)
    )


def _touches(chunk: ChunkState, paths: set[str]) -> bool:
    return any(change.path in paths for change in chunk.changes)


def _works_on(chunk: ChunkState, steps: set[str]) -> bool:
    return chunk.opening is not None and bool(steps & set(chunk.opening.steps))
