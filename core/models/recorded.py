"""The replies of an earlier run drive a new one, up to the point where their inputs differ (SPEC 10).

Each reply of the journal is kept with the request that it answered, as the journal rebuilds it. A new request
gets the reply of the recorded request that is equal; so a resumed run needs no state of it. Where there is
none the fault says at which turn, and in which line, the two runs part.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from core import events as ev
from core.domain import TextBlock, ThinkingBlock, ToolAnswer, ToolCall, Usage, value
from core.models.base import Message, ModelFault, ModelReply, ModelRequest, StreamItem, TextPiece
from core.models.prices import DEFAULT_CONTEXT_TOKENS

PAUSE_S = 0.3  # before a reply, at speed 1
LONGEST_SHOWN = 120
# What no two runs have in common: how long something took, when, under which process's folder.
_PASSING = re.compile(
    r"\b\d+(?:\.\d+)? ?(?:ms|s|seconds)\b|\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?|"
    r"(?<=Measured API usage: )[^\n]*"
)


# The recorded run itself has taught the knowledge base what it did not know when it began.
_KNOWLEDGE = re.compile(r'<document kind="knowledge[^>]*>.*?</document>', re.DOTALL)


@value
class RecordedTurn:
    """A reply with the lines of the request that it answered. `number` counts the turns of the run from 1."""

    number: int
    chunk: int
    asked: tuple[str, ...]
    reply: ModelReply


class RecordedModel:
    """`speed` paces it as for the scripted model; None makes no pauses. Nothing of it costs anything."""

    scripted = True
    context_tokens = DEFAULT_CONTEXT_TOKENS

    def __init__(self, turns: Sequence[RecordedTurn], *, name: str, speed: float | None) -> None:
        self.name = f"recorded {name}"
        self._turns = turns
        self._by_request = {_digest(turn.asked): turn for turn in turns}
        self._speed = speed

    async def stream(self, request: ModelRequest) -> AsyncGenerator[StreamItem, None]:
        """Yields the recorded reply in pieces, then whole. Raises ModelFault where the runs part."""
        asked = request_lines(request)
        found = self._by_request.get(_digest(asked))
        if found is None:
            raise ModelFault("exhausted", self._parting(asked), retryable=False)
        if self._speed is not None:
            await asyncio.sleep(PAUSE_S / self._speed)
        for block in found.reply.blocks:
            if isinstance(block, TextBlock):
                yield TextPiece(kind="text", text=block.text)
            elif isinstance(block, ThinkingBlock):
                yield TextPiece(kind="thinking", text=block.thinking)
        yield found.reply

    async def close(self) -> None:
        """Nothing is open."""

    def _parting(self, asked: tuple[str, ...]) -> str:
        """Against the recorded request that has most of its beginning in common."""
        if not self._turns:
            return "the recorded run has no replies"
        nearest = max(self._turns, key=lambda turn: _common(turn.asked, asked))
        same = _common(nearest.asked, asked)
        recorded = nearest.asked[same] if same < len(nearest.asked) else "nothing more"
        now = asked[same] if same < len(asked) else "nothing more"
        return (
            f"the run parts from the recorded one at its turn {nearest.number} (chunk {nearest.chunk}): "
            f"recorded {_short(recorded)}, now {_short(now)}"
        )


def load_recorded(folder: Path) -> tuple[RecordedTurn, ...]:
    """The turns of the run in `folder`. Raises JournalFault or BlobFault."""
    from core.blobs import Blobs
    from core.journal import read

    _, records = read(folder)
    return tuple(_turns(records, Blobs(folder / "blobs").get))


def _turns(records: Sequence[ev.Record], get_blob: Callable[[str], bytes]) -> Iterator[RecordedTurn]:
    from core.conversation import Conversation
    from core.fold import apply
    from core.run_state import RunState

    conversation, state, number = Conversation(get_blob), RunState(), 0
    for record in records:
        event = record.event
        if isinstance(event, ev.ModelTurnFinished):
            number += 1
            if not event.about:
                asked = request_lines(conversation.request(state, ()))
                yield RecordedTurn(number=number, chunk=event.chunk, asked=asked, reply=_reply(event))
        conversation.apply(record)
        state = apply(state, record)


def _reply(event: ev.ModelTurnFinished) -> ModelReply:
    return ModelReply(
        blocks=event.blocks, stop_reason=event.stop_reason, usage=Usage(), request_id=event.request_id
    )


def request_lines(request: ModelRequest) -> tuple[str, ...]:
    """What the model is told, line by line, without what passes. The tools are the program's own."""
    texts = [_KNOWLEDGE.sub("", block.text).rstrip() for block in request.system]
    for message in request.messages:
        texts.append(f"[{message.role}]")
        texts += _texts(message)
    return tuple(_PASSING.sub("#", line) for text in texts for line in text.split("\n"))


def _texts(message: Message) -> Iterator[str]:
    for block in message.blocks:
        match block:
            case TextBlock() | ToolAnswer():
                yield block.text
            case ToolCall():
                yield f"{block.name} {block.input}"
            case _:
                pass  # thinking goes back as it came; it is no input of its own


def _digest(lines: tuple[str, ...]) -> str:
    return sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many lines the two have in common from their beginning."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _short(line: str) -> str:
    line = " ".join(line.split())
    return repr(line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…")
