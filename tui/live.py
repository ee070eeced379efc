"""What streams in now and is not in the journal yet. A pure fold of deltas and records, for the screen only.

Nothing depends on it: each record that ends a turn, a command or a check empties its part (ARCHITECTURE,
"TextDelta and OutputDelta are live-only").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from core.events import (
    CheckFinished,
    CheckStarted,
    CommandFinished,
    CommandStarted,
    Delta,
    ModelTurnFailed,
    ModelTurnFinished,
    ModelTurnStarted,
    OutputDelta,
    Record,
    TextDelta,
)

KEPT_CHARS = 16_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text of one kind."""

    kind: Literal["text", "thinking", "tool"]
    text: str


@dataclass(frozen=True, slots=True)
class Live:
    """`pieces` is the reply that is being written, `output` that of the command or check under way.

    Only the last KEPT_CHARS characters are kept. `turn_open` is true while a reply is awaited.
    """

    chunk: int = 0
    pieces: tuple[Piece, ...] = ()
    output: str = ""
    turn_open: bool = False

    def after(self, item: Record | Delta) -> Live:
        if isinstance(item, TextDelta):
            return replace(self, chunk=item.chunk, pieces=_joined(self.pieces, Piece(item.kind, item.text)))
        if isinstance(item, OutputDelta):
            return replace(self, chunk=item.chunk, output=(self.output + item.text)[-KEPT_CHARS:])
        match item.event:
            case ModelTurnStarted():
                return Live(chunk=item.event.chunk, turn_open=True)
            case ModelTurnFinished() | ModelTurnFailed():
                return replace(self, pieces=(), turn_open=False)
            case CommandStarted() | CommandFinished() | CheckStarted() | CheckFinished():
                return replace(self, output="")
            case _:
                return self


def _joined(pieces: tuple[Piece, ...], new: Piece) -> tuple[Piece, ...]:
    if pieces and pieces[-1].kind == new.kind:
        return (*pieces[:-1], Piece(new.kind, (pieces[-1].text + new.text)[-KEPT_CHARS:]))
    return (*pieces, new)
