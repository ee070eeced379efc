"""What the worker is told of a command that was run."""

from __future__ import annotations

from core.domain import CommandRun


def command_words(run: CommandRun, output: str) -> str:
    """`[passed, 0.4 s]` and the output; also when the result was found in the journal after a crash."""
    return f"[{run.result}, {run.duration_s:.1f} s]\n{output}".rstrip()
