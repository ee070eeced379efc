"""The diff that is on the screen: what was read of the run, and the rows that are made of it. No widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain import ReviewComment
from core.run_state import ChunkState, ReviewState, RunState
from tui.bridge import RunView
from tui.line import Laid, Line
from tui.review.about import about_lines
from tui.review.build import Built, built
from tui.review.colours import FileColours, file_colours
from tui.review.desk import ReviewDesk
from tui.review.files import MARKS, FileEntry
from tui.review.folding import why_folded
from tui.review.notes import Notes, chunk_notes, gathered
from tui.review.rows import Section
from tui.safe_text import row

if TYPE_CHECKING:
    from core.authorship import TheirLines
    from core.diff import FileDiff
    from core.review_rounds import CommentOutcome


@dataclass(frozen=True, slots=True)
class Reading:
    """A chunk's diff as it was read. `why` says of each file why it is folded, or nothing; `theirs` has what
    was edited outside the run, of the files where something was."""

    files: tuple[FileDiff, ...]
    why: dict[str, str]
    theirs: dict[str, TheirLines]
    outcomes: tuple[CommentOutcome, ...]


def tab_rows(
    files: Sequence[FileDiff],
    chunk: ChunkState | None,
    state: RunState,
    comments: Sequence[ReviewComment],
) -> Sequence[Laid]:
    """The diff beside other panels: the same rows, with what stands at them, as far as it is in the state."""
    paths = [file.path for file in files]
    notes = gathered(chunk_notes(chunk, state, comments, (), paths), paths) if chunk else Notes()
    sections = [Section(file) for file in files]
    return built(sections, notes, folded=lambda section: why_folded(section.file, None)).lines


class ShownDiff:
    """`review` is the one that asks about exactly this diff, if it waited when the diff was read."""

    def __init__(self, view: RunView, desk: ReviewDesk, number: int) -> None:
        self._view = view
        self._desk = desk
        self._number = number
        self.review: ReviewState | None = None
        self.is_read = False
        self.sections: list[Section] = []
        self.notes = Notes()
        self._why: dict[str, str] = {}
        self._outcomes: tuple[CommentOutcome, ...] = ()
        self._made_of: tuple[object, ...] = ()

    # --- reading ------------------------------------------------------------------------

    def read(self) -> Reading:
        """Reads blobs: off the event loop where there is much of it."""
        chunk = self._view.state.chunk_numbered(self._number)
        files = self._view.diff(self._number)
        outside = chunk.outside if chunk is not None else ()
        theirs = {path: self._view.their_lines(self._number, path) for path in outside}
        why: dict[str, str] = {}
        for file in files:
            before, after = self._view.contents(self._number, file.path)
            why[file.path] = why_folded(file, after if after is not None else before)
        return Reading(files, why, theirs, self._view.comment_outcomes(self._number))

    def take(self, reading: Reading, review: ReviewState | None, chunk: ChunkState) -> None:
        self.review, self.is_read = review, True
        self.sections = [Section(file, theirs=reading.theirs.get(file.path)) for file in reading.files]
        self._why, self._outcomes, self._made_of = reading.why, reading.outcomes, ()

    def colours(self, section: Section) -> FileColours:
        """Takes longer than a frame: off the event loop."""
        path = section.file.path
        return file_colours(path, *self._view.contents(self._number, path))

    # --- rows ---------------------------------------------------------------------------

    def rows(self, chunk: ChunkState, state: RunState, *, split: bool) -> Built | None:
        """The rows, or None where they are the same as the last ones."""
        made_of = (
            (chunk.findings, chunk.waived, chunk.attempts, chunk.decisions, chunk.summary, state.decisions),
            (self.review, self._desk.comments, frozenset(self._desk.unfolded), split),
        )
        if made_of == self._made_of:
            return None
        self._made_of = made_of
        paths = [section.file.path for section in self.sections]
        comments = self._desk.comments if self.review is not None else ()
        self.notes = gathered(chunk_notes(chunk, state, comments, self._outcomes, paths), paths)
        above = about_lines(chunk, state)
        if not self.is_read:
            reading = Built()
            reading.add(*above, Line(row("")), Line(row(("Reading the diff …", "$text-muted"))))
            return reading
        return built(self.sections, self.notes, above=above, split=split, folded=self.folded)

    def folded(self, section: Section) -> str:
        """Why the file is folded; nothing for one that is open."""
        path = section.file.path
        return "" if path in self._desk.unfolded else self._why.get(path, "")

    def toggle_fold(self, path: str) -> bool:
        """Opens a folded file, folds it again. False for one that is never folded."""
        if not self._why.get(path):
            return False
        self._desk.unfolded ^= {path}
        return True

    # --- files --------------------------------------------------------------------------

    def entries(self, *, under_review: bool) -> list[FileEntry]:
        """The list of files; the head of each in the diff has the same mark."""
        entries = [self._entry(section, under_review) for section in self.sections]
        for section, entry in zip(self.sections, entries, strict=True):
            section.mark = MARKS[entry.mark] if entry.mark is not None else None
        return entries

    def _entry(self, section: Section, under_review: bool) -> FileEntry:
        file = section.file
        comments = self._desk.comments if under_review else ()
        return FileEntry(
            path=file.path,
            added=file.added,
            removed=file.removed,
            problems=sum(note.problem for note in self.notes.of(file.path)),
            comments=sum(comment.path == file.path for comment in comments),
            mark=self._desk.mark(file.path) if under_review else None,
            folded=bool(self.folded(section)),
        )
