"""What the stories that kill themselves have in common. How one is called:

tests.e2e.STORY FOLDER       starts it, or takes it up again
tests.e2e.STORY FOLDER N     and kills itself (SIGKILL) behind its Nth record
tests.e2e.STORY FOLDER -N    and kills itself right before it, when all is done that it records
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from core import events as ev
from core.journal import Journal, read
from core.models.base import ModelReply, ModelRequest
from core.models.messages_request import message_params, system_params
from core.models.scripted import ScriptedModel
from tests.protocol_rules import refusal


def kill_as_told() -> None:
    """A real SIGKILL, behind or before the write of a record: nothing of this process goes on after it."""
    if len(sys.argv) < 3:
        return
    real = Journal.append
    place = int(sys.argv[2])
    left = abs(place)

    def append(self: Journal, record: ev.Record) -> None:
        nonlocal left
        left -= 1
        if left == 0 and place < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        real(self, record)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    Journal.append = append  # type: ignore[method-assign]


def refuse_as_the_api() -> None:
    """What the model is sent is held against the rules of the Messages API: a breach ends the story."""
    real = ScriptedModel.next_reply

    def next_reply(self: ScriptedModel, request: ModelRequest) -> ModelReply:
        sent = {"system": system_params(request), "messages": message_params(request)}
        why = refusal(sent)
        assert why is None, why
        return real(self, request)

    ScriptedModel.next_reply = next_reply  # type: ignore[method-assign]


def records_in(root: Path) -> list[ev.Record]:
    """Those of the workspace's only run; none where it has not begun."""
    journals = list((root / ".signoff" / "runs").glob("*/journal.jsonl"))
    return read(journals[0].parent)[1] if journals else []


def make_repository(root: Path) -> None:
    """A git repository with one commit, in the place of the empty `.git` of a small workspace."""
    (root / ".gitignore").write_text(".signoff/\n", "utf-8")
    (root / ".git").rmdir()
    for argv in (
        ("init", "-q", "-b", "main"),
        ("config", "user.name", "Ada"),
        ("config", "user.email", "ada@example.org"),
        ("add", "-A"),
        ("commit", "-q", "-m", "start"),
    ):
        subprocess.run(("git", *argv), cwd=root, check=True)
