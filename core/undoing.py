"""Takes the last approved chunk back, and only that one (SPEC 3).

Intent, effect, result: ChunkUndoStarted names every file with both its contents, then the files are put
back, then ChunkUndone says what became of them. An undo that was cut short is finished from its intent.
"""

from __future__ import annotations

from collections.abc import Sequence

from core import events as ev
from core.blobs import BlobFault, Blobs
from core.commands import CommandRefused, UndoChunk
from core.put_back import PutBack
from core.stream import Stream
from core.undo_plan import Conflict, UndoChoice, UndoneFile, UndoPlan, plan_undo, refuse_while_busy


class Undoing:
    """`live`: the run goes on meanwhile, and its worker may be at the files."""

    def __init__(self, stream: Stream, putting: PutBack, blobs: Blobs, *, live: bool) -> None:
        self._stream = stream
        self._putting = putting
        self._blobs = blobs
        self._live = live

    def undo(self, command: UndoChunk) -> ev.ChunkUndone:
        """Raises CommandRefused, with the reason in one line; nothing was touched then."""
        if self._live:
            refuse_while_busy(self._stream.state)
        try:
            plan = plan_undo(self._stream.state, self._putting.look, self._blobs.get)
            if command.chunk != plan.chunk:
                raise CommandRefused(f"only the last approved chunk can be undone: chunk {plan.chunk}")
            files, kept = settled(plan, command.conflicts)
            for file in files:
                for content in (file.before, file.after):
                    if content is not None:
                        self._blobs.put(content)
        except BlobFault as fault:
            raise CommandRefused(f"not undone, nothing was touched: {fault}") from None
        changes = tuple(file.change for file in files)
        started = ev.ChunkUndoStarted(chunk=plan.chunk, files=changes, kept=kept, by=command.by)
        self._stream.emit(started)
        return self._carry_out(started)

    def finish(self) -> ev.ChunkUndone | None:
        """Finishes an undo that was cut short, if there is one."""
        started = cut_short(self._stream.records)
        return None if started is None else self._carry_out(started)

    def _carry_out(self, started: ev.ChunkUndoStarted) -> ev.ChunkUndone:
        chunk = self._stream.state.chunk_numbered(started.chunk)
        folders = tuple(f for change in (chunk.changes if chunk else ()) for f in change.folders)
        made, left = self._putting.carry_out(started.files, folders)
        undone = ev.ChunkUndone(
            chunk=started.chunk,
            files=made,
            by=started.by,
            kept=(*started.kept, *(fault.path for fault in left)),
        )
        self._stream.emit(undone)
        for fault in left:
            text = f"undo of chunk {started.chunk}: {fault}; it was left as it is"
            self._stream.emit(ev.WarningRaised(text=text))
        return undone


def cut_short(records: Sequence[ev.Record]) -> ev.ChunkUndoStarted | None:
    """An undo that was begun, and whose end is not recorded."""
    for record in reversed(records):
        if isinstance(record.event, ev.ChunkUndone):
            return None
        if isinstance(record.event, ev.ChunkUndoStarted):
            return record.event
    return None


def settled(
    plan: UndoPlan, answers: tuple[tuple[str, UndoChoice], ...]
) -> tuple[tuple[UndoneFile, ...], tuple[str, ...]]:
    """The files to put back, and those that stay as they are. CommandRefused unless every conflict has one
    answer that it can be settled by; what is possible for each is said then."""
    chosen = dict(answers)
    twice = [path for path in chosen if sum(path == given for given, _ in answers) > 1]
    if twice:
        raise CommandRefused(f"{', '.join(twice)}: say one thing")
    ours = {file.change.path for file in plan.files} | {conflict.path for conflict in plan.conflicts}
    strange = [path for path in chosen if path not in ours]
    if strange:
        raise CommandRefused(f"{', '.join(strange)}: not a file that the undo of chunk {plan.chunk} changes")
    left = [conflict for conflict in plan.conflicts if chosen.get(conflict.path) not in conflict.choices]
    if left:
        raise CommandRefused("; ".join(conflict.shown for conflict in left))
    files = [file for file in plan.files if chosen.get(file.change.path) != "keep"]
    files += [file for c in plan.conflicts if (file := _chosen(c, chosen[c.path])) is not None]
    kept = [path for path in sorted(chosen) if chosen[path] == "keep"]
    return tuple(files), tuple(kept)


def _chosen(conflict: Conflict, choice: UndoChoice) -> UndoneFile | None:
    return {"keep": None, "merge": conflict.merged, "back": conflict.back}[choice]
