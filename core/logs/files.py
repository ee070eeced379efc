"""The files of `_implementation/` (SPEC 9): what they should be, and the sink that keeps them so.

`LogFold` is pure: records in, changes out, the same bytes every time. `LogFiles` makes those changes on disk.
A person may edit the files while a run goes on, and nothing of that is overwritten:

- the log is only ever appended to;
- in every other file an entry is added to what stands there at that moment; one that a person broke (YAML
  that can't be read) is left alone, with a warning, until it can be read again; then it gets what it missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from core.atomic_file import append_durable, discard_leftovers, read_regular, write_atomic
from core.domain import Sha, WorkerProfile, value
from core.events import Record, RunStarted
from core.logs import architectural, blockers, decisions_auto, deferred, pending
from core.logs.architectural import ArchitecturalDecisions
from core.logs.backend_log import BackendLog
from core.logs.blockers import Blockers
from core.logs.decisions_auto import AutoDecisions
from core.logs.deferred import DeferredBacklog
from core.logs.pending import PendingDecisions
from core.logs.yaml_list import Edit, bytes_of, text_of
from core.yaml_file import YamlFault

EDITED_FILES = (decisions_auto.FILE, architectural.FILE, pending.FILE, deferred.FILE, blockers.FILE)


def file_names(worker: WorkerProfile) -> tuple[str, ...]:
    """The files that a run of this worker may write; `RunStarted.earlier` holds those that are there."""
    return (worker.log_file, *EDITED_FILES)


@value
class Change:
    """What a record does to one file: bytes at its end (`append`), or an edit of its text."""

    file: str
    append: bytes = b""
    edit: Edit | None = None


class LogFold:
    """Records in order -> changes. `contents` are the files as they should be, those that have any."""

    def __init__(self, started: RunStarted, get_blob: Callable[[Sha], bytes]) -> None:
        self.log_file = started.worker.log_file
        self.contents = {name: get_blob(sha) for name, sha in started.earlier}
        before = self.contents.get
        story_id = started.story.id
        self._log = BackendLog(before(self.log_file, b""), started, get_blob)
        self._edits: dict[str, Callable[[Record], Edit | None]] = {
            decisions_auto.FILE: AutoDecisions(before(decisions_auto.FILE, b""), story_id).apply,
            architectural.FILE: ArchitecturalDecisions(story_id).apply,
            pending.FILE: PendingDecisions(before(pending.FILE, b""), story_id).apply,
            deferred.FILE: DeferredBacklog(before(deferred.FILE, b""), story_id).apply,
            blockers.FILE: Blockers().apply,
        }

    def apply(self, record: Record) -> tuple[Change, ...]:
        changes = [Change(file=name, edit=edit) for name, of in self._edits.items() if (edit := of(record))]
        if text := self._log.apply(record):
            changes.append(Change(file=self.log_file, append=text.encode()))
        for change in changes:
            self._change(change)
        return tuple(changes)

    def _change(self, change: Change) -> None:
        """A file that could not be read when the run began stays as it was."""
        before = self.contents.get(change.file, b"")
        try:
            after = _changed(before, (change.edit,)) if change.edit else before + change.append
        except YamlFault:
            return
        if after:
            self.contents[change.file] = after


def fold(records: Iterable[Record], get_blob: Callable[[Sha], bytes]) -> dict[str, bytes]:
    """File name -> content, as the records of one run say. The first record is its RunStarted."""
    every = iter(records)
    first = next(every)
    made = LogFold(_start_of(first), get_blob)
    for record in (first, *every):
        made.apply(record)
    return made.contents


class LogFiles:
    """The required sink. `apply` and `catch_up` return warnings; they raise OSError when a file can't be
    written, and then the run must stop. `folder` is the real path of `_implementation/`."""

    def __init__(self, folder: Path, started: Record, get_blob: Callable[[Sha], bytes]) -> None:
        self._fold = LogFold(_start_of(started), get_blob)
        names = (self._fold.log_file, *EDITED_FILES)
        if names[0] in ("", "..", *EDITED_FILES) or Path(names[0]).name != names[0]:
            raise ValueError(f"log file {names[0]!r}: expected a file name of its own, without a folder")
        self._paths = {name: folder / name for name in names}
        self._missed: dict[str, list[Edit]] = {}

    def apply(self, record: Record) -> tuple[str, ...]:
        """Makes the record's changes durable on disk."""
        changes = self._fold.apply(record)
        warned = set(self._missed)
        for change in changes:
            if change.edit:
                self._missed.setdefault(change.file, []).append(change.edit)
            else:
                self._append(change.append)
        return tuple(text for name in list(self._missed) if (text := self._edit(name)) and name not in warned)

    def catch_up(self, records: Iterable[Record]) -> tuple[str, ...]:
        """Folds the whole journal of a resumed run and gives the files what a crash kept from them."""
        pieces: list[bytes] = []
        for record in records:
            for change in self._fold.apply(record):
                if change.edit:
                    self._missed.setdefault(change.file, []).append(change.edit)
                else:
                    pieces.append(change.append)
        for path in self._paths.values():
            discard_leftovers(path)
        warnings = [self._complete_log(pieces), *(self._edit(name) for name in list(self._missed))]
        return tuple(text for text in warnings if text)

    # --- the log ------------------------------------------------------------------------

    def _append(self, piece: bytes) -> None:
        path = self._paths[self._fold.log_file]
        there = read_regular(path)
        if there is None:
            there, piece = b"", self._fold.contents[self._fold.log_file]
        if there and not there.endswith(b"\n") and not piece.startswith(b"\n"):
            piece = b"\n" + piece
        append_durable(path, piece)

    def _complete_log(self, pieces: list[bytes]) -> str | None:
        name = self._fold.log_file
        there = read_regular(self._paths[name]) or b""
        expected = self._fold.contents.get(name, b"")
        if expected.startswith(there):
            if expected != there:
                append_durable(self._paths[name], expected[len(there) :])
            return None
        missing = b"".join(pieces[_pieces_there(there, pieces) :])
        if missing:
            self._append(missing)
        return (
            None
            if there.startswith(expected)
            else (f"{name} was edited while the run went on: it stays as it is, and what follows is appended")
        )

    # --- the other files ----------------------------------------------------------------

    def _edit(self, name: str) -> str | None:
        """Makes the edits that are due; a file that was taken away is made again as it should be."""
        path = self._paths[name]
        there = read_regular(path)
        try:
            content = (
                self._fold.contents.get(name, b"") if there is None else _changed(there, self._missed[name])
            )
        except YamlFault as fault:
            return f"{fault}; {name} is left alone until it can be read again"
        del self._missed[name]
        if content and content != there:
            write_atomic(path, content)
        return None


def _start_of(record: Record) -> RunStarted:
    if not isinstance(record.event, RunStarted):
        raise ValueError(f"record {record.seq}: expected run_started, not {record.event.type}")
    return record.event


def _changed(content: bytes, edits: Iterable[Edit]) -> bytes:
    text = text_of(content)
    for edit in edits:
        text = edit(text)
    return bytes_of(text)


def _pieces_there(there: bytes, pieces: list[bytes]) -> int:
    """How many pieces an edited log has got: up to the last whose first line it still has, in order."""
    lines = there.splitlines()
    at = found = 0
    for number, piece in enumerate(pieces, start=1):
        first = piece.lstrip().splitlines()[0]
        if first in lines[at:]:
            at = lines.index(first, at) + 1
            found = number
    return found
