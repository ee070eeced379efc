"""Puts a chunk's net changes before the rules, as text with the lines that the chunk added."""

from __future__ import annotations

from collections.abc import Callable

from core import events as ev
from core.diff import added_lines
from core.domain import FileChange, Finding
from core.rules.base import ChangedFile, RuleContext, SettledQuestion
from core.rules.registry import run_rules
from core.run_state import ChunkState


def find_rule_breaks(
    changes: tuple[FileChange, ...],
    chunk: ChunkState,
    started: ev.RunStarted,
    answered: tuple[SettledQuestion, ...],
    get_blob: Callable[[str], bytes],
) -> tuple[Finding, ...]:
    """`answered` are the decisions of people in this run, beside those that were settled before it."""
    recorded = (SettledQuestion(question=d.question, decision=d.decision) for d in started.settled)
    context = RuleContext(
        plan=started.plan,
        chunk_steps=chunk.opening.steps if chunk.opening else (),
        settled=(*recorded, *answered),
    )
    files = tuple(_changed_file(change, get_blob) for change in changes)
    return run_rules(files, context, started.worker.rules)


def _changed_file(change: FileChange, get_blob: Callable[[str], bytes]) -> ChangedFile:
    before = get_blob(change.before) if change.before else None
    after = get_blob(change.after) if change.after else None
    return ChangedFile(
        path=change.path, before=_text(before), after=_text(after), added=added_lines(before, after)
    )


def _text(data: bytes | None) -> str | None:
    """The file's text, or None when there is no file or it is not text."""
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return None
