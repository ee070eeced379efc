"""`journal verify`: is every line a record, in order, and every blob it names whole?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

from core.blobs import BlobFault, Blobs
from core.domain import JsonObject, value
from core.events import PreferenceSaved, Record, RunResumed, RunStarted
from core.journal import FILE_NAME, JournalFault, read

SHA_FIELDS = frozenset({"before", "after", "output", "architecture_text"})


@value
class Verification:
    """`records` counts the whole ones. `problem` names the first bad line; `torn` is a cut-off last line."""

    records: int
    problem: str = ""
    torn: bool = False

    @property
    def ok(self) -> bool:
        return not self.problem

    @property
    def shown(self) -> str:
        if self.problem:
            return f"damaged: {self.problem}"
        torn = "; a torn last line is cut off when the run is resumed" if self.torn else ""
        return f"whole: {self.records} records{torn}"

    def to_json(self) -> JsonObject:
        return {
            "ok": self.ok,
            "records": self.records,
            "problem": self.problem or None,
            "torn_last_line": self.torn,
        }


def verify(folder: Path) -> Verification:
    try:
        _, records = read(folder)
    except JournalFault as fault:
        return Verification(records=0, problem=str(fault))
    blobs = Blobs(folder / "blobs")
    for number, record in enumerate(records, start=2):
        for sha in _blobs_of(record):
            try:
                blobs.get(sha)
            except BlobFault as fault:
                return Verification(records=len(records), problem=f"{folder / FILE_NAME}:{number}: {fault}")
    return Verification(records=len(records), torn=_is_torn(folder / FILE_NAME))


def _blobs_of(record: Record) -> Iterator[str]:
    event = record.event
    if isinstance(event, RunStarted):
        yield from (sha for _, sha in event.earlier)
    if isinstance(event, RunStarted | RunResumed):
        yield from (sha for _, sha in event.policy_files or ())
    if isinstance(event, PreferenceSaved):
        yield event.file
    yield from _shas(event)


def _shas(found: object) -> Iterator[str]:
    """Every blob that a value names, however deep."""
    if isinstance(found, tuple):
        for item in found:
            yield from _shas(item)
    elif is_dataclass(found):
        for one in fields(found):
            inner = getattr(found, one.name)
            if one.name in SHA_FIELDS and isinstance(inner, str):
                yield inner
            else:
                yield from _shas(inner)


def _is_torn(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(0, 2)
        if file.tell() == 0:
            return False
        file.seek(-1, 2)
        return file.read(1) != b"\n"
