"""What the worker is told of a chunk outside the answer to its closing call."""

from __future__ import annotations

from core.events import ChunkUndone, FindingWaived


def undone_words(event: ChunkUndone, name: str) -> str:
    """An approved chunk was taken back."""
    kept = f" The supervisor kept their own version of {', '.join(event.kept)}." if event.kept else ""
    return (
        f"Chunk {event.chunk} ({name}) was undone by {event.by}: its files are as they were before it, and "
        f"its plan steps are open again.{kept} Read what you need anew before you go on."
    )


def waived_words(event: FindingWaived) -> str:
    """A blocking finding may stand."""
    finding = event.finding
    return (
        f"The supervisor lets this finding pass, leave it as it is: {finding.rule} {finding.path}: "
        f"{finding.message}\nReason: {event.reason}"
    )
