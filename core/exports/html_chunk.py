"""A chunk's section of the page, from its objective to its log entry, a file at a time."""

from __future__ import annotations

from collections.abc import Iterator

from core.blobs import BlobFault
from core.diff import FileDiff, diff_file
from core.domain import CommandRun, FileChange
from core.exports.html_decisions import decision_links
from core.exports.html_diff import DiffBudget, file_diff, file_head
from core.exports.html_review import checks, reviews
from core.exports.line_notes import LineNote, comments_told, line_notes
from core.exports.tag import Html, code, cut, end, facts, folded, joined, listed, pill, start, tag
from core.exports.words import CHUNK_MARKS, TONES
from core.past_chunk import (
    counted,
    counted_files,
    dollars,
    duration,
    has_content,
    lasted,
    log_text,
    status_word,
    tokens,
)
from core.recording import Recording
from core.run_state import ChunkState, RunState

LONGEST_ENTRY = 40_000
MOST_LISTED = 200


class ChunkPage:
    """`pieces` gives its markup; no more than one file's diff is in memory at a time."""

    def __init__(self, recording: Recording, state: RunState, chunk: ChunkState, budget: DiffBudget) -> None:
        self._recording = recording
        self._state = state
        self._chunk = chunk
        self._budget = budget
        self._comments = comments_told(chunk, recording)
        self._notes = line_notes(chunk, self._comments)

    def pieces(self) -> Iterator[Html]:
        chunk = self._chunk
        status = status_word(chunk, self._recording.timed)
        mark = CHUNK_MARKS[status]
        yield start("section", class_="chunk", id=f"chunk-{chunk.number}")
        yield tag("header", tag("h3", f"Chunk {chunk.number}: {chunk.name}"), pill(mark, status, TONES[mark]))
        yield facts(self._facts())
        yield from self._said()
        yield from self._files()
        yield from self._after()
        yield end("section")

    def _facts(self) -> Iterator[tuple[str, str]]:
        chunk, opening = self._chunk, self._chunk.opening
        span = duration(chunk)
        if opening is not None:
            # A log's chunks count as its steps, for want of a plan.
            yield "Plan steps", ", ".join(opening.steps) if self._recording.timed else ""
            yield "Criteria", ", ".join(opening.criteria)
        yield "Time", lasted(span) if span is not None and self._recording.timed else ""
        if chunk.turns and self._recording.timed:
            used = f"{tokens(chunk.usage.total_input)} in, {tokens(chunk.usage.output)} out"
            yield "Tokens", f"{used}, {counted(chunk.turns, 'turn')}"
        yield "Cost", dollars(chunk.cost_usd) if chunk.cost_usd is not None else ""
        yield "Commit", chunk.commit[:12]

    def _said(self) -> Iterator[Html]:
        """What the worker set out to do and says it did."""
        opening, said = self._chunk.opening, self._chunk.summary
        if opening is not None and opening.objective.strip():
            yield tag("p", tag("strong", "Objective: "), opening.objective, class_="said")
        if said is None:
            return
        yield tag("p", tag("strong", "Summary: "), said.summary, class_="said")
        rows = [
            ("Reused", "\n".join(said.reused)),
            ("New", "\n".join(said.new)),
            ("Why new was necessary", said.why_new),
            ("What stayed in core", said.core_note),
            ("What stayed in adapters", said.adapters_note),
            ("Notes and risks", said.notes),
            ("Steps left open", ", ".join(said.steps_left_open)),
        ]
        told = [(term, text) for term, text in rows if text.strip()]
        if told:
            yield folded("Reuse, ports and adapters, notes", facts(told, "facts said"))

    # --- files --------------------------------------------------------------------------

    def _files(self) -> Iterator[Html]:
        files = counted_files(self._chunk, self._recording.blob)
        if not files:
            return
        yield tag("h4", f"{counted(len(files), 'file')}{self._put_back()}")
        for change in files:
            yield from self._file(change, [note for note in self._notes if note.path == change.path])
        yield from self._elsewhere({change.path for change in files})

    def _put_back(self) -> str:
        back = self._chunk.status in ("reverted", "undone")
        return ", put back since as they were before" if back else ""

    def _file(self, change: FileChange, notes: list[LineNote]) -> Iterator[Html]:
        if not has_content(change):
            yield tag(
                "p", tag("span", code(change.path), tag("span", f" {change.action}", class_="muted small"))
            )
            return
        try:
            diff = self._diff(change)
        except BlobFault:
            yield tag("p", file_head(change), " Its content is lost, so there is no diff.")
            return
        yield from file_diff(change, diff, notes, self._budget)

    def _diff(self, change: FileChange) -> FileDiff:
        blob = self._recording.blob
        before = None if change.before is None else blob(change.before)
        return diff_file(change, before, None if change.after is None else blob(change.after))

    def _elsewhere(self, paths: set[str]) -> Iterator[Html]:
        """What the rules or the check said of files that the chunk did not touch, or of none."""
        notes = [note for note in self._notes if note.path not in paths]
        if notes:
            items = (
                tag("li", code(f"{n.path}:{n.line}" if n.line else n.path), f" {n.head}: {n.text}")
                for n in notes[:MOST_LISTED]
            )
            yield joined([tag("h4", "Said of other files"), tag("ul", *items)])

    # --- beneath ------------------------------------------------------------------------

    def _after(self) -> Iterator[Html]:
        chunk = self._chunk
        if chunk.attempts:
            yield joined([tag("h4", "Checks"), checks(chunk.attempts)])
        if chunk.reviews:
            yield joined([tag("h4", "Reviews"), reviews(chunk.reviews, self._comments)])
        if chunk.decisions:
            yield joined([tag("h4", "Decisions"), decision_links(self._state.decisions, chunk.number)])
        yield from self._refused()
        if chunk.outside:
            yield joined([tag("h4", "Edited by somebody else meanwhile"), listed(map(code, chunk.outside))])
        if chunk.commands:
            shown = chunk.commands[:MOST_LISTED]
            yield folded(f"{counted(len(chunk.commands), 'command')} run", listed(map(_command, shown)))
        entry = log_text(self._recording, chunk.number)
        if entry.strip():
            yield folded("Log entry", tag("pre", cut(entry, LONGEST_ENTRY)))

    def _refused(self) -> Iterator[Html]:
        denied = self._chunk.denied[:MOST_LISTED]
        if denied:
            items = (tag("span", code(each.path), f" {each.verdict}: {each.reason}") for each in denied)
            yield joined([tag("h4", "Writes that were refused"), listed(items)])


def _command(run: CommandRun) -> Html:
    return tag("span", code(run.shown), f" {run.result}, {run.duration_s:.1f} s")
