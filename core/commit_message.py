"""What the commit of a chunk says (SPEC 4.6). The worker's words can't pass for the trailers: those stand in
a paragraph of their own at the end."""

from __future__ import annotations

import re

from core.chunk_commit import Message
from core.domain import Story
from core.run_state import ChunkState
from core.untrusted import visible

LONGEST_NAME = 100
# Where tools that read a commit as a mail think that the message ends.
MAIL_ENDS = re.compile(r"^(?=---|diff -|Index: )", re.MULTILINE)


def chunk_message(story: Story, chunk: ChunkState) -> Message:
    """`WISH-001 chunk 2: wishlist service`, with the worker's summary."""
    summary = chunk.summary.summary if chunk.summary is not None else ""
    return _message(story, chunk, f"chunk {chunk.number}", summary)


def undo_message(story: Story, chunk: ChunkState) -> Message:
    return _message(story, chunk, f"undo chunk {chunk.number}", f"This takes back commit {chunk.commit}.")


def _message(story: Story, chunk: ChunkState, what: str, body: str) -> Message:
    name, story_id = " ".join(visible(chunk.name).split()), visible(story.id, keep_newlines=False)
    shown = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
    lines = [line.rstrip() for line in visible(body.replace("\r\n", "\n")).strip().split("\n")]
    return Message(
        subject=f"{story_id} {what}: {shown}",
        body=MAIL_ENDS.sub(" ", "\n".join(lines)),
        story=story_id,
        chunk=chunk.number,
    )
