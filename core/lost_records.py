"""What stands behind the damage of a journal: how much of it is whole, and what a person said in there."""

from __future__ import annotations

from collections.abc import Iterator

from core import events as ev
from core.domain import JsonObject, value
from core.journal import JournalFault, decode
from core.journal_scan import JournalScan, whole_lines_after

NAMED = 100
SHOWN = 10


@value
class LostRecords:
    """`first_line` to `last_line` do not count any more; `whole` of them are records that could be read.

    `decisions` and `reviews` say what was decided and reviewed there (the first NAMED of each), `changes`
    whether files were changed, `finished` whether the end of the run is among them.
    """

    first_line: int
    last_line: int
    whole: int
    decisions: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()
    changes: bool = False
    finished: bool = False

    def lines(self) -> Iterator[str]:
        yield f"set aside: lines {self.first_line} to {self.last_line}, {self.whole} of them whole records"
        yield from _some("decisions among them", self.decisions)
        yield from _some("reviews among them", self.reviews)
        if self.finished:
            yield "the end of the run is among them"

    def to_json(self) -> JsonObject:
        return {
            "first_line": self.first_line,
            "last_line": self.last_line,
            "whole_records": self.whole,
            "decisions": list(self.decisions),
            "reviews": list(self.reviews),
            "files_changed": self.changes,
            "run_finished": self.finished,
        }


def lost_records(scan: JournalScan) -> LostRecords:
    """`scan` has ended at a bad line. In constant memory."""
    decisions: list[str] = []
    reviews: list[str] = []
    whole, last, changes, finished = 0, scan.kept_lines, False, False
    for line in whole_lines_after(scan.path, scan.kept):
        last += 1
        try:
            record = decode(line, "")
        except JournalFault:
            continue
        whole += 1
        event = record.event
        changes = changes or isinstance(event, ev.FileChanged | ev.ChunkReverted | ev.ChunkUndone)
        finished = isinstance(event, ev.RunFinished) or finished
        _note(decisions, _decision(event), record)
        _note(reviews, _review(event), record)
    return LostRecords(
        first_line=scan.kept_lines + 1,
        # The damage may have taken the end of the last line with it.
        last_line=max(last, scan.kept_lines + 1),
        whole=whole,
        decisions=tuple(decisions),
        reviews=tuple(reviews),
        changes=changes,
        finished=finished,
    )


def _decision(event: ev.Event) -> str:
    match event:
        case ev.DecisionResolved():
            return f"{event.request_id} decided by {event.answer.decided_by}: {event.answer.decision}"
        case ev.DecisionOverturned():
            return f"{event.request_id} overturned by {event.answer.decided_by}: {event.answer.decision}"
        case _:
            return ""


def _review(event: ev.Event) -> str:
    if isinstance(event, ev.ReviewResolved):
        return f"chunk {event.chunk}, {event.verdict.replace('_', ' ')} by {event.by}"
    return ""


def _note(notes: list[str], text: str, record: ev.Record) -> None:
    if text and len(notes) < NAMED:
        notes.append(f"record {record.seq}: {text}")


def _some(title: str, notes: tuple[str, ...]) -> Iterator[str]:
    if notes:
        more = f"; and {len(notes) - SHOWN} more" if len(notes) > SHOWN else ""
        yield f"{title}: {'; '.join(notes[:SHOWN])}{more}"
