"""The supervisor lets a finding of a rule pass, with a reason that the log records (SPEC 6)."""

from __future__ import annotations

from core import events as ev
from core.commands import CommandRefused, WaiveFinding
from core.stream import Stream

UNDER_WAY = ("open", "checking", "in review")


def waive(stream: Stream, command: WaiveFinding) -> None:
    """Raises CommandRefused, with the reason in one line."""
    chunk = stream.state.chunk
    if chunk is None or chunk.number != command.chunk or chunk.status not in UNDER_WAY:
        raise CommandRefused(f"chunk {command.chunk} is not under way")
    if not command.reason.strip():
        raise CommandRefused("say why the finding may stand: the log records it")
    wanted = (command.rule, command.path, command.line)
    found = next((f for f in chunk.standing_findings if (f.rule, f.path, f.line) == wanted), None)
    if found is None:
        raise CommandRefused(f"there is no finding of {command.rule} at {command.path}:{command.line or ''}")
    stream.emit(
        ev.FindingWaived(chunk=chunk.number, finding=found, reason=command.reason.strip(), by=command.by)
    )
