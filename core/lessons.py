"""What a run has to teach later ones, from its records: decisions, notes, reviews, mended checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core import events as ev
from core.domain import Answer, ChunkSummary
from core.knowledge import Lesson

LONGEST = 1_500
MOST_ERRORS = 5


def lessons_of(records: Iterable[ev.Record]) -> Iterator[Lesson]:
    """In the order of the records. Only chunks that were approved teach anything."""
    told = _Told()
    for record in records:
        yield from told.apply(record.event)


class _Told:
    """Folds events; a chunk's lessons are given when it is approved."""

    def __init__(self) -> None:
        self._story = ""
        self._domain = ""
        self._asked: dict[str, ev.DecisionRequested] = {}
        self._names: dict[int, str] = {}
        self._held_back: dict[int, list[Lesson]] = {}
        self._notes: dict[int, ChunkSummary] = {}
        self._failed: dict[int, ev.CheckFinished] = {}

    def apply(self, event: ev.Event) -> Iterator[Lesson]:
        match event:
            case ev.RunStarted():
                self._story = event.story.id
                self._domain = domain_of(event.story.folder)
            case ev.DecisionRequested():
                self._asked[event.request.id] = event
            case ev.DecisionResolved():
                yield from self._decided(event.request_id, event.answer)
            case ev.DecisionOverturned():
                yield from self._decided(event.request_id, event.answer)
            case ev.ChunkStarted():
                self._names[event.chunk] = event.opening.name
            case ev.ChunkClosed():
                self._notes[event.chunk] = event.summary
            case ev.CheckFinished():
                self._checked(event)
            case ev.ReviewResolved() if event.verdict == "request_changes":
                self._reviewed(event)
            case ev.ChunkFinished():
                yield from self._finished(event)
            case _:
                pass

    def _decided(self, request_id: str, answer: Answer) -> Iterator[Lesson]:
        asked = self._asked.get(request_id)
        # An act that was allowed was allowed for its bytes alone: it is no precedent.
        if asked is None or asked.request.subject_sha:
            return
        why = f" Because: {answer.note}" if answer.note else ""
        text = f"{asked.request.title} -> {answer.decision}.{why} (decided by {answer.decided_by})"
        yield self._lesson(text, "decision", asked.policy.category)

    def _checked(self, event: ev.CheckFinished) -> None:
        if not event.chunk:
            return
        if not event.result.ok:
            if event.result.environment_fault is None:
                self._failed[event.chunk] = event
            return
        failed = self._failed.pop(event.chunk, None)
        if failed is not None:
            errors = "; ".join(
                f"{d.code or d.severity} {d.message}" for d in failed.result.diagnostics[:MOST_ERRORS]
            )
            name = self._names.get(event.chunk, "")
            self._hold(
                event.chunk, f"The check of '{name}' failed first and was mended: {errors}", "lesson", "check"
            )

    def _reviewed(self, event: ev.ReviewResolved) -> None:
        for said in (event.comment, *(comment.text for comment in event.comments)):
            if said.strip():
                name = self._names.get(event.chunk, "")
                self._hold(event.chunk, f"The reviewer asked in '{name}': {said}", "lesson", "review")

    def _finished(self, event: ev.ChunkFinished) -> Iterator[Lesson]:
        held, summary = self._held_back.pop(event.chunk, []), self._notes.pop(event.chunk, None)
        if event.verdict != "approved":
            return
        yield from held
        if summary is not None and summary.notes.strip():
            yield self._lesson(f"{self._names.get(event.chunk, '')}: {summary.notes}", "note", "")

    def _hold(self, chunk: int, text: str, kind: str, tag: str) -> None:
        self._held_back.setdefault(chunk, []).append(self._lesson(text, kind, tag))

    def _lesson(self, text: str, kind: str, tag: str) -> Lesson:
        tags = tuple(each for each in (tag, self._domain) if each)
        return Lesson(
            content=" ".join(text.split())[:LONGEST],
            entry_type=kind,
            tags=tags,
            source=self._story,
        )


def domain_of(story_folder: str) -> str:
    """`wishlist` of `plans/features/wishlist/in-progress/WISH-001`."""
    parts = story_folder.split("/")
    return parts[-3] if len(parts) > 2 else parts[-1]
