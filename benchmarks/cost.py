"""What a story of twelve chunks sends to the model, against a loop that keeps one conversation.

    PYTHONPATH=. python benchmarks/cost.py

The story runs through the real engine, conversation and SDK; the replies come from the local protocol server.
Tokens are bytes / 4. "from cache" is what an earlier request of the run had already sent, byte for byte, up
to one of its cache marks. The one-conversation loop sends the same messages, but never forgets any.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.domain import JsonObject
from core.models.scripted import load_script
from core.session import RunOptions, start
from tests.core import small_story as story
from tests.protocol_script import scripted_answer, with_faults
from tests.protocol_server import ProtocolServer

CHUNKS = 12
READS = 6  # files that a chunk reads before it edits
LINES = 160  # of each file
TOKEN = 4  # bytes


@dataclass
class Sent:
    """One request, in bytes: all of it, what the cache had of it, and its messages alone."""

    total: int
    cached: int
    prefix: int
    messages: int


def main() -> None:
    requests = run_the_story()
    chunks = list(by_chunk(requests))
    naive = one_conversation(chunks)
    print("chunk  turns       sent  from cache  paid in full  one conversation")
    for number, (chunk, other) in enumerate(zip(chunks, naive, strict=True), start=1):
        sent, cached = sum(s.total for s in chunk), sum(s.cached for s in chunk)
        print(
            f"{number:>5}  {len(chunk):>5}  {tokens(sent):>9,}  {cached / sent:>10.0%}  "
            f"{tokens(sent - cached):>12,}  {tokens(other):>16,}"
        )
    total, cached = (sum(getattr(s, part) for c in chunks for s in c) for part in ("total", "cached"))
    last, first = sum(s.total for s in chunks[-2]), sum(s.total for s in chunks[0])
    print(f"\nsent in all: {tokens(total):,} tokens, {cached / total:.0%} of it from the cache")
    print(f"one conversation: {tokens(sum(naive)):,} tokens; ours is {total / sum(naive):.2f} of it")
    growth, other = last / first, naive[-2] / naive[0]
    print(f"the last chunk of work against the first: {growth:.2f}; one conversation: {other:.2f}")


def tokens(size: int) -> int:
    return size // TOKEN


# --- the story --------------------------------------------------------------------------


def run_the_story() -> list[JsonObject]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        os.environ["SIGNOFF_STATE_DIR"] = str(place / "state")
        root = story.make_workspace(place, files())
        script = story.script_file(
            place, *(chunk(n) for n in range(1, CHUNKS + 1)), [story.reply(story.complete([]))]
        )
        answers = with_faults(scripted_answer(load_script(script)), {})
        with ProtocolServer(answers) as server:
            environ = {**os.environ, "ANTHROPIC_API_KEY": "x", "ANTHROPIC_BASE_URL": server.url}
            options = RunOptions(
                environ=environ,
                model="anthropic:claude-opus-5-5",
                attended=False,
                trusted=True,
                review="never",
            )
            finished = asyncio.run(start(root / story.FEATURE, story.STORY, options).drive())
            if finished.outcome != "complete":
                sys.exit(f"the story did not complete: {finished.reason}")
            return server.requests


def module(number: int) -> str:
    return f"apps/api/services/items/part_{number}.py"


def files() -> dict[str, str]:
    lines = "".join(
        f"def value_{line}(given: int) -> int:\n    return given + {line}\n\n\n" for line in range(LINES // 4)
    )
    sources = {module(n): f'"""Part {n}."""\n\n\n{lines}' for n in range(1, CHUNKS + READS + 1)}
    steps = "".join(
        f"### Step {n}: Part {n}\n**Objective**: part {n} answers (AC-1)\n**Files**: `{module(n)}`\n\n"
        for n in range(1, CHUNKS + 1)
    )
    criteria = "## Acceptance Criteria\n- [ ] AC-1: all parts answer"
    plan = f"# Implementation Plan\n\n{criteria}\n\n## Steps\n\n{steps}"
    return {**sources, f"{story.IMPLEMENTATION}/IMPLEMENTATION-PLAN.md": plan}


def chunk(number: int) -> list[dict[str, Any]]:
    reads = [{"read_file": {"path": module(number + other)}} for other in range(READS)]
    edits = [
        story.edit(
            f"    return given + {line}\n\n\ndef value_{line + 1}(",
            f"    return given * {line}\n\n\ndef value_{line + 1}(",
            module(number),
        )
        for line in (3, 9, 15)
    ]
    said = f"Part {number} multiplies where it added; callers see no other name, nor do its neighbours."
    calls = [
        story.open_chunk(f"part {number}", [str(number)]),
        *reads,
        {"search": {"pattern": f"Part {number}\\b"}},
        *edits,
    ]
    return [story.reply(call, say=said) for call in (*calls, story.close_chunk(said, notes=said))]


# --- what was sent ----------------------------------------------------------------------


def by_chunk(requests: list[JsonObject]) -> Iterator[list[Sent]]:
    """The requests of each conversation; a conversation begins with one message."""
    known: set[str] = set()
    found: list[Sent] = []
    for request in requests:
        if len(request["messages"]) == 1 and found:
            yield found
            found = []
        found.append(measured(request, known))
    yield found


def measured(request: JsonObject, known: set[str]) -> Sent:
    """`known` has what the cache holds: every prefix that ended at a cache mark."""
    text, cached, marks = "", 0, []
    for part in parts(request):
        text += json.dumps({**part, "cache_control": None})
        if "cache_control" in part:
            marks.append(text)
            if text in known:
                cached = len(text)
        elif text in known:
            cached = len(text)
    prefix = sum(len(json.dumps(block)) for block in [*request["tools"], *request["system"][:2]])
    known.update(marks)
    return Sent(total=len(text), cached=cached, prefix=prefix, messages=len(json.dumps(request["messages"])))


def parts(request: JsonObject) -> Iterator[JsonObject]:
    yield from request["tools"]
    yield from request["system"]
    for message in request["messages"]:
        yield from (
            message["content"] if isinstance(message["content"], list) else [{"text": message["content"]}]
        )


def one_conversation(chunks: list[list[Sent]]) -> list[int]:
    """Each request has the tools, the documents and every message of the run so far."""
    earlier, sent = 0, []
    for chunk in chunks:
        sent.append(sum(s.prefix + earlier + s.messages for s in chunk))
        earlier += chunk[-1].messages
    return sent


if __name__ == "__main__":
    main()
