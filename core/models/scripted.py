"""A model that replies from a script, through the same loop, tools, checks and files as the real one.

Which reply comes next is a function of the request alone, so that a resumed run needs no state of it:
- the group is that of `approved_chunks`;
- the place in the group is one after the last reply of it that is in the conversation. A reply with calls
  is known by their ids, `s{group}r{reply}c{call}-k{chunk}t{turn}` (`rx` for `otherwise`; `turn` counts the
  assistant's messages before it and keeps ids apart); one without calls by its words;
- from there, the first reply whose `when` matches (or that has none), and past the last one `otherwise`.

The one exception are scripted faults: each is raised once in the life of a ScriptedModel.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator
from typing import Literal

from core.domain import JsonObject, ReplyBlock, TextBlock, ThinkingBlock, ToolAnswer, ToolCall, Usage
from core.models.base import PASSING, Message, ModelFault, ModelReply, ModelRequest, StreamItem, TextPiece
from core.models.prices import DEFAULT_CONTEXT_TOKENS
from core.models.script import Script, ScriptedFault, ScriptedReply, load_script

__all__ = ["Script", "ScriptedModel", "load_script"]

PAUSE_S = 0.6  # before a reply, at speed 1
PIECE_S = 1 / 40  # after each piece, at speed 1: a word, or a short run of a tool's input
TOOL_PIECE = 32  # characters
BYTES_PER_TOKEN = 4  # the customer's own estimate (SPEC 9)

_CALL_ID = re.compile(r"s(\d+)r(\d+|x)c\d+-k\d+t\d+")
_WORD = re.compile(r"\S+\s*|\s+")


class ScriptedModel:
    """`speed` 1.0 is pleasant to watch, 2.0 twice as fast; None makes no pauses at all."""

    name = "scripted"
    scripted = True
    context_tokens = DEFAULT_CONTEXT_TOKENS

    def __init__(self, script: Script, *, speed: float | None) -> None:
        if speed is not None and not speed > 0:
            raise ValueError(f"speed {speed} is not more than 0")
        self._script = script
        self._speed = speed
        self._raised: set[tuple[int, int]] = set()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[StreamItem, None]:
        """Yields the next reply in pieces, then whole. Raises ModelFault: a scripted one, or `exhausted`."""
        reply = self.next_reply(request)
        await self._pause(PAUSE_S)
        for piece in _pieces(reply.blocks):
            yield piece
            await self._pause(PIECE_S)
        yield reply

    async def close(self) -> None:
        """Nothing is open."""

    def next_reply(self, request: ModelRequest) -> ModelReply:
        """The reply to `request`, at once. Raises ModelFault like `stream`."""
        script, group = self._script, request.approved_chunks
        if group >= len(script.groups):
            raise _exhausted(f"{script.file} has {len(script.groups)} chunks, and {group} are approved")
        seen = _last_user_text(request.messages)
        for index in range(_position(script, request), len(script.groups[group])):
            entry = script.groups[group][index]
            if isinstance(entry, ScriptedFault):
                self._raise_once(entry, group, index)
            elif entry.when is None or _matches(entry.when, seen):
                return _reply(entry, f"s{group}r{index}", request)
        if script.otherwise is None:
            raise _exhausted(f"{script.file} has no more replies for chunk {group + 1}")
        return _reply(script.otherwise, f"s{group}rx", request)

    def _raise_once(self, fault: ScriptedFault, group: int, index: int) -> None:
        if (group, index) in self._raised:
            return
        self._raised.add((group, index))
        raise ModelFault(fault.kind, f"scripted fault: {fault.kind}", retryable=fault.kind in PASSING)

    async def _pause(self, seconds: float) -> None:
        if self._speed is not None:
            await asyncio.sleep(seconds / self._speed)


def _exhausted(why: str) -> ModelFault:
    return ModelFault("exhausted", f"the script ended: {why}", retryable=False)


# --- where the conversation is in the script --------------------------------------------


def _position(script: Script, request: ModelRequest) -> int:
    """One after the last reply of the group that is in the conversation; 0 where there is none."""
    position = 0
    for message in request.messages:
        if message.role == "assistant":
            position = _after(script, request.approved_chunks, message, position)
    return position


def _after(script: Script, group: int, message: Message, position: int) -> int:
    ids = [match for b in message.blocks if isinstance(b, ToolCall) and (match := _CALL_ID.fullmatch(b.id))]
    if ids:
        replies = [int(id[2]) for id in ids if int(id[1]) == group and id[2] != "x"]
        return max([position, *(index + 1 for index in replies)])
    words = _words(message)
    for index, entry in enumerate(script.groups[group]):
        # One with calls is found here when it was cut off, so that its calls were not executed.
        if index >= position and isinstance(entry, ScriptedReply) and entry.words == words:
            return index + 1
    return position


def _words(message: Message) -> str:
    said = "".join(b.text for b in message.blocks if isinstance(b, TextBlock))
    return said or "".join(b.thinking for b in message.blocks if isinstance(b, ThinkingBlock))


def _last_user_text(messages: tuple[Message, ...]) -> str:
    last = next((message for message in reversed(messages) if message.role == "user"), None)
    blocks = last.blocks if last else ()
    return "\n".join(b.text for b in blocks if isinstance(b, TextBlock | ToolAnswer))


def _matches(pattern: str, text: str) -> bool:
    import re2

    return re2.search(pattern, text.encode("utf-8", "replace").decode("utf-8")) is not None


# --- the reply --------------------------------------------------------------------------


def _reply(scripted: ScriptedReply, place: str, request: ModelRequest) -> ModelReply:
    turn = sum(message.role == "assistant" for message in request.messages)
    blocks: list[ReplyBlock] = []
    if scripted.think:
        blocks.append(ThinkingBlock(thinking=scripted.think))
    if scripted.say:
        blocks.append(TextBlock(text=scripted.say))
    for number, call in enumerate(scripted.calls):
        call_id = f"{place}c{number}-k{request.chunk}t{turn}"
        blocks.append(ToolCall(id=call_id, name=call.name, input=call.input))
    return ModelReply(
        blocks=tuple(blocks),
        stop_reason=scripted.stop_reason or ("tool_use" if scripted.calls else "end_turn"),
        usage=Usage(input=_tokens(_request_texts(request)), output=_tokens(map(_block_text, blocks))),
        request_id=place,
    )


def _pieces(blocks: tuple[ReplyBlock, ...]) -> Iterator[TextPiece]:
    for block in blocks:
        text = _block_text(block)
        if isinstance(block, ToolCall):
            starts = range(0, len(text), TOOL_PIECE)
            yield from (TextPiece(kind="tool", text=text[at : at + TOOL_PIECE]) for at in starts)
        else:
            kind: Literal["thinking", "text"] = "thinking" if isinstance(block, ThinkingBlock) else "text"
            yield from (TextPiece(kind=kind, text=word) for word in _WORD.findall(text))


def _tokens(texts: Iterator[str]) -> int:
    return sum(len(text.encode("utf-8", "replace")) for text in texts) // BYTES_PER_TOKEN


def _request_texts(request: ModelRequest) -> Iterator[str]:
    yield from (block.text for block in request.system)
    for tool in request.tools:
        yield from (tool.name, tool.description, _json(tool.input_schema))
    for message in request.messages:
        yield from map(_block_text, message.blocks)


def _block_text(block: ReplyBlock | ToolAnswer) -> str:
    match block:
        case TextBlock() | ToolAnswer():
            return block.text
        case ThinkingBlock():
            return block.thinking
        case ToolCall():
            return _json(block.input)
    return ""


def _json(value: JsonObject) -> str:
    return json.dumps(value, ensure_ascii=False)
