"""`journal verify`: is every line a record of this run, in order, and every blob it names whole?"""

from __future__ import annotations

from pathlib import Path

from core.blobs import Blobs
from core.domain import JsonObject, value
from core.events import UnknownEvent
from core.journal import FILE_NAME
from core.journal_scan import JournalScan
from core.named_blobs import BlobCheck, BlobProblem
from core.untrusted import visible

SHOWN_PROBLEMS = 10
NAMED_KINDS = 20


@value
class Verification:
    """`records` counts the whole ones that stand before the first bad line, `problem` names it and `line` is
    its number; `torn` is a cut-off last line. `unknown` names the kinds of events that a newer Signoff wrote.
    """

    records: int
    problem: str = ""
    line: int | None = None
    torn: bool = False
    blobs: int = 0
    bad_blobs: int = 0
    blob_problems: tuple[BlobProblem, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problem

    @property
    def shown(self) -> str:
        return "\n".join(visible(line, keep_newlines=False) for line in (self._verdict(), *self._notes()))

    def _verdict(self) -> str:
        if not self.problem:
            torn = "; a torn last line is cut off when the run is resumed" if self.torn else ""
            return f"whole: {self.records} records{torn}"
        return f"damaged: {self.problem}"

    def _notes(self) -> list[str]:
        notes = []
        if self.line is not None:
            notes.append(f"{self.records} whole records stand before it; `signoff journal repair` says more")
        notes += [problem.shown for problem in self.blob_problems[:SHOWN_PROBLEMS]]
        if self.bad_blobs > SHOWN_PROBLEMS:
            notes.append(f"and {self.bad_blobs - SHOWN_PROBLEMS} more blobs")
        if self.unknown:
            notes.append(f"kinds of events that this version does not know: {', '.join(self.unknown)}")
        return notes

    def to_json(self) -> JsonObject:
        return {
            "ok": self.ok,
            "records": self.records,
            "problem": self.problem or None,
            "line": self.line,
            "torn_last_line": self.torn,
            "blobs": self.blobs,
            "bad_blobs": [problem.to_json() for problem in self.blob_problems],
            "unknown_events": list(self.unknown),
        }


def verify(folder: Path) -> Verification:
    """Looks at the run in `folder` in constant memory, but for the names of its blobs.

    A bad line comes before a bad blob; JournalFault only where the file can't be read at all.
    """
    path = folder / FILE_NAME
    scan, check = JournalScan(path), BlobCheck(Blobs(folder / "blobs").get)
    unknown: dict[str, None] = {}
    for record in scan.records():
        check.look(record)
        if isinstance(record.event, UnknownEvent) and len(unknown) < NAMED_KINDS:
            unknown[record.event.name] = None
    first = check.problems[0] if check.problems else None
    return Verification(
        records=scan.count,
        problem=scan.problem or (f"{path}:{first.line}: {first.fault}" if first else ""),
        line=scan.bad_line,
        torn=scan.torn > 0,
        blobs=check.count,
        bad_blobs=check.bad,
        blob_problems=tuple(check.problems),
        unknown=tuple(unknown),
    )
