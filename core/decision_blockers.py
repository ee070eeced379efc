"""Nobody answers: the question becomes a blocker and the run ends (SPEC 5, "nobody is there")."""

from __future__ import annotations

from core import events as ev
from core.ending import BAD_INPUT, NEEDS_DECISION, RunEnding
from core.run_state import DecisionState
from core.stream import Stream


def blocked(stream: Stream, decisions: tuple[DecisionState, ...]) -> RunEnding:
    """Each of these decisions as a blocker, and the ending, which names the first."""
    for decision in decisions:
        _raise_blocker(stream, decision)
    first = decisions[0]
    kind = "Architectural decision required -" if first.policy.architectural else "Decision required:"
    more = f" (and {len(decisions) - 1} more)" if len(decisions) > 1 else ""
    return RunEnding("blocked", f"{kind} {first.request.title}{more}", NEEDS_DECISION)


def answered_wrongly(stream: Stream, decision: DecisionState, fault: str) -> RunEnding:
    """What stands in for the human is a file, which can't be asked again: the decision stays open."""
    _raise_blocker(stream, decision)
    return RunEnding("blocked", f"Decision required: {decision.request.title} ({fault})", BAD_INPUT)


def _raise_blocker(stream: Stream, decision: DecisionState) -> None:
    request = decision.request
    if any(blocker.request_id == request.id for blocker in stream.state.blockers):
        return
    recommended = request.option(request.recommendation)
    stream.emit(
        ev.BlockerRaised(
            blocker_id=f"blocker:{request.id}",
            kind="architectural" if decision.policy.architectural else "decision",
            reason=request.title,
            chunk=decision.chunk,
            context=request.context,
            needed=request.title,
            options=tuple(_option_line(o.label, o.pros, o.cons) for o in request.options),
            recommendation=_recommendation(recommended.label if recommended else "", request.rationale),
            blocked_steps=request.blocks,
            request_id=request.id,
        )
    )


def _option_line(label: str, pros: str, cons: str) -> str:
    trade_offs = [*([f"+ {pros}"] if pros else []), *([f"- {cons}"] if cons else [])]
    return f"{label} ({'; '.join(trade_offs)})" if trade_offs else label


def _recommendation(label: str, rationale: str) -> str:
    return ": ".join(part for part in (label, rationale) if part)
