"""Which blobs a record names, and what can't be done any more when one of them is not whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass

from core.blobs import BlobFault
from core.domain import FileChange, JsonObject, Sha, value
from core.events import PreferenceSaved, Record, RunResumed, RunStarted

SHA_FIELDS = frozenset({"before", "after", "output", "architecture_text"})
# What is shown of them; all are counted.
KEPT_PROBLEMS = 1_000


@value
class NamedBlob:
    """`use` says what it holds, `loss` what can't be done without it."""

    sha: Sha
    use: str
    loss: str


@value
class BlobProblem:
    """A blob that is missing or damaged, and the first line of the journal that names it."""

    line: int
    chunk: int
    blob: NamedBlob
    fault: str

    @property
    def shown(self) -> str:
        return f"line {self.line}: {self.fault} ({self.blob.use}): {self.blob.loss}"

    def to_json(self) -> JsonObject:
        return {
            "line": self.line,
            "chunk": self.chunk or None,
            "blob": self.blob.sha,
            "use": self.blob.use,
            "fault": self.fault,
            "loss": self.blob.loss,
        }


class BlobCheck:
    """Looks at each blob once, however many records name it. `problems` holds the first KEPT_PROBLEMS."""

    def __init__(self, get: Callable[[Sha], bytes]) -> None:
        self._get = get
        self._seen: set[str] = set()
        self.problems: list[BlobProblem] = []
        self.bad = 0

    @property
    def count(self) -> int:
        return len(self._seen)

    def look(self, record: Record) -> None:
        for blob in blobs_of(record):
            if blob.sha not in self._seen:
                self._seen.add(blob.sha)
                self._look_at(blob, record)

    def _look_at(self, blob: NamedBlob, record: Record) -> None:
        try:
            self._get(blob.sha)
        except BlobFault as fault:
            self.bad += 1
            if len(self.problems) < KEPT_PROBLEMS:
                chunk = getattr(record.event, "chunk", 0)
                self.problems.append(
                    BlobProblem(line=record.seq + 1, chunk=chunk, blob=blob, fault=str(fault))
                )


def blobs_of(record: Record) -> Iterator[NamedBlob]:
    event = record.event
    if isinstance(event, RunStarted):
        for name, sha in event.earlier:
            yield NamedBlob(sha=sha, use=f"{name} from before the run", loss="it can't be made again")
    if isinstance(event, RunStarted | RunResumed):
        for name, sha in event.policy_files or ():
            yield NamedBlob(sha=sha, use=f"the policy file {name}", loss="what-if can't be worked out")
    if isinstance(event, PreferenceSaved):
        yield NamedBlob(sha=event.file, use="preferences.yaml", loss="what-if can't be worked out")
    chunk = getattr(event, "chunk", 0)
    yield from _in_value(event, f" of chunk {chunk}" if chunk else "")


def _in_value(found: object, of_chunk: str) -> Iterator[NamedBlob]:
    """Every blob that a value names, however deep."""
    if isinstance(found, tuple):
        for item in found:
            yield from _in_value(item, of_chunk)
    elif is_dataclass(found):
        for one in fields(found):
            inner = getattr(found, one.name)
            if one.name in SHA_FIELDS and isinstance(inner, str):
                yield _named(found, one.name, inner, of_chunk)
            else:
                yield from _in_value(inner, of_chunk)


def _named(owner: object, field: str, sha: Sha, of_chunk: str) -> NamedBlob:
    if isinstance(owner, FileChange):
        loss = f"the diff{of_chunk} can't be shown, nor this file put back by a revert or an undo"
        return NamedBlob(sha=sha, use=f"{owner.path} {field}", loss=loss)
    if field == "output":
        return NamedBlob(sha=sha, use=f"an output{of_chunk}", loss="it can't be shown")
    return NamedBlob(sha=sha, use="the architecture document", loss="the run can't be resumed")
