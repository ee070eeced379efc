"""A recording that was never on disk: records and contents as a test wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from core import events as ev
from core.blobs import BlobFault
from core.chunk_records import records_of_chunk, stream_of
from core.chunk_view import log_entry
from core.domain import (
    Budgets,
    ChunkOpening,
    ChunkSummary,
    FileChange,
    Plan,
    ReviewComment,
    Scope,
    Step,
    Story,
    WorkerProfile,
)
from core.fold import fold
from core.recording import Mark
from core.run_state import Entry, RunState
from core.timeline import mark_of

START = datetime(2026, 2, 6, 10, 0, tzinfo=UTC)
STORY = Story(id="WISH-001", title="Wishlist", folder="plans/WISH-001", stage="in-progress", text="")


class FoldedRecording:
    """See core.recording.Recording. One record a second."""

    damage = ""
    indexed = 1.0

    def __init__(
        self,
        events: Sequence[ev.Event],
        blobs: Mapping[str, bytes] | None = None,
        *,
        title: str = "WISH-001-run",
        timed: bool = True,
        root: Path = Path("workspace"),
    ) -> None:
        self.run_id = title if timed else ""
        self.title = title
        self.root = root
        self.timed = timed
        self._blobs = dict(blobs or {})
        self._records = tuple(
            ev.Record(seq=n, run_id=title, at=START + timedelta(seconds=n), event=event)
            for n, event in enumerate(events, start=1)
        )

    @property
    def length(self) -> int:
        return len(self._records)

    def record(self, seq: int) -> ev.Record:
        return self._records[seq - 1]

    def records(self, first: int = 1, last: int | None = None) -> Iterator[ev.Record]:
        yield from self._records[first - 1 : last]

    def state_at(self, seq: int) -> RunState:
        return fold(list(self._records[:seq]))

    def entries(self, chunk: int, seq: int) -> Sequence[Entry]:
        return stream_of(self.chunk_records(chunk, seq), chunk)

    def chunk_records(self, chunk: int, seq: int) -> Sequence[ev.Record]:
        return (*self._records[:1], *(r for r in records_of_chunk(self._records[:seq], chunk) if r.seq > 1))

    def log_entry(self, chunk: int, seq: int) -> str:
        return log_entry(self._records[:seq], chunk, self.blob)

    def marks(self) -> Sequence[Mark]:
        return [mark for mark in map(mark_of, self._records) if mark is not None]

    def seq_at(self, when: datetime) -> int:
        return sum(record.at <= when for record in self._records)

    def blob(self, sha: str) -> bytes:
        if sha not in self._blobs:
            raise BlobFault(f"blob {sha} is missing")
        return self._blobs[sha]

    def close(self) -> None:
        pass


class Contents(dict[str, bytes]):
    """Blobs by their name, and changes between them."""

    def change(self, path: str, before: str | None, after: str | None) -> FileChange:
        action = "create" if before is None else "delete" if after is None else "modify"
        return FileChange(path=path, action=action, before=self._kept(before), after=self._kept(after))  # type: ignore[arg-type]

    def _kept(self, text: str | None) -> str | None:
        if text is None:
            return None
        data = text.encode("utf-8", "surrogatepass")
        sha = sha256(data).hexdigest()
        self[sha] = data
        return sha


def started(
    story: Story = STORY, steps: Sequence[str] = ("1", "2"), model: str = "scripted"
) -> ev.RunStarted:
    plan = Plan(
        source="PLAN.yaml", text="", steps=tuple(Step(id=s, title=f"Step {s}", line=1) for s in steps)
    )
    return ev.RunStarted(
        story=story,
        plan=plan,
        scope=Scope(),
        settled=(),
        worker=WorkerProfile(name="backend", prompt=""),
        model=model,
        scripted=False,
        autonomy="moderate",
        autonomy_from="story",
        review="each",
        headless=False,
        budgets=Budgets(),
        signoff_version="0",
    )


def chunk(
    number: int,
    files: Sequence[FileChange] = (),
    *,
    name: str = "service",
    steps: tuple[str, ...] = ("1",),
    summary: str = "Done.",
    comments: tuple[ReviewComment, ...] = (),
    between: Sequence[ev.Event] = (),
) -> list[ev.Event]:
    """A chunk from its conversation to its approval; `between` happens before it is closed."""
    request = f"review-{number}"
    return [
        ev.ConversationStarted(chunk=number),
        ev.ChunkStarted(chunk=number, opening=ChunkOpening(name=name, objective="Do it", steps=steps)),
        *(ev.FileChanged(chunk=number, call_id="t", change=change) for change in files),
        *between,
        ev.ChunkClosed(
            chunk=number, round=1, summary=ChunkSummary(summary=summary), files=tuple(files), commands=()
        ),
        ev.ReviewRequested(request_id=request, chunk=number, round=1, diff_hash="h", files=tuple(files)),
        ev.ReviewResolved(
            request_id=request,
            chunk=number,
            round=1,
            verdict="approve",
            by="user",
            diff_hash="h",
            comments=tuple(replace(c, id=f"C{n}") for n, c in enumerate(comments, start=1)),
        ),
        ev.ChunkFinished(chunk=number, verdict="approved"),
    ]
