"""A run whose first chunk is approved, the plans of undoing it, and how it stands after that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from core import events as ev
from core.domain import FileChange
from core.undo_plan import Conflict, UndoneFile, UndoPlan
from tests.tui import journal_of_a_run as journal
from tests.tui.journal_of_decisions import then

MODEL, TABLES, PORT = "domains/wishlist.py", "domains/tables.py", "ports/repository.py"
LINES = (4, 5)


def approved() -> list[ev.Record]:
    """The second chunk is being prepared: nothing stands in the way of an undo."""
    return journal.records(journal.first_chunk(), [ev.ConversationStarted(chunk=2)])


def undone() -> list[ev.Record]:
    files = tuple(file.change for file in clean().files)
    started = ev.ChunkUndoStarted(chunk=1, files=files, kept=(), by="user")
    ended = ev.ChunkUndone(chunk=1, files=files, by="user")
    return then(journal.records(journal.first_chunk()), started, ended)


def back(
    path: str, action: Literal["create", "modify", "delete"], added: int, removed: int, *, mode: int = 0o644
) -> UndoneFile:
    """A file that is put back; one without lines changes its mode only."""
    change = FileChange(
        path=path,
        action=action,
        before=None if action == "create" else "a" * 64,
        after=None if action == "delete" else "b" * 64 if added or removed else "a" * 64,
        mode_before=mode,
        mode_after=0o644,
        added=added,
        removed=removed,
    )
    return UndoneFile(change=change, before=None, after=None)


def clean() -> UndoPlan:
    """Of files that the chunk made, changed, deleted and made executable."""
    files = (
        back(MODEL, "delete", 0, 22),
        back(TABLES, "modify", 1, 3),
        back("domains/saved.py", "create", 9, 0),
        back("scripts/migrate.sh", "modify", 0, 0, mode=0o755),
    )
    return UndoPlan(chunk=1, name="wishlist table", files=files, conflicts=())


def edited_since() -> UndoPlan:
    """One goes back, one can be merged, one can't, and one is no file any more."""
    since = "was changed since chunk 1 was approved"
    conflicts = (
        Conflict(
            path=TABLES, why=since, merged=back(TABLES, "modify", 1, 3), back=back(TABLES, "modify", 1, 7)
        ),
        Conflict(path=PORT, why=since, back=back(PORT, "modify", 2, 5), lines=LINES),
        Conflict(path="domains/latest.py", why="is a symlink to domains/wishlist.py"),
    )
    files = (back(MODEL, "delete", 0, 22),)
    return UndoPlan(chunk=1, name="wishlist table", files=files, conflicts=conflicts)


def planned(plan: UndoPlan) -> Callable[[list[ev.Record]], journal.RecordedView]:
    """Makes a view that would undo so."""

    def view(history: list[ev.Record]) -> journal.RecordedView:
        made = journal.RecordedView(history)
        made.plan = plan
        return made

    return view
