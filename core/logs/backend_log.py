"""BACKEND-LOG.md as a fold of the journal: each record gives the text that is appended for it (SPEC 9).

The log is never rewritten. What belongs to a chunk but happens before its entry stands in the log (a refused
write, a decision) is held, and written right beneath the entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.domain import ChunkOpening, CommandRun, FileChange, Finding, Sha
from core.events import (
    OUTSIDE,
    CheckFinished,
    ChunkClosed,
    ChunkCommitted,
    ChunkReverted,
    ChunkStarted,
    ChunkUndone,
    CommandFinished,
    CompletionReported,
    DecisionOverturned,
    DecisionRequested,
    DecisionResolved,
    DecisionRetiered,
    Event,
    FileChanged,
    FindingWaived,
    Record,
    ReviewResolved,
    RulesChecked,
    RunFinished,
    RunStarted,
    ScopeDenied,
)
from core.logs import chunk_entry
from core.logs.log_text import code, item, one_line, text_lines
from core.logs.tokens import TokenCount
from core.run_state import RunState

UNNAMED = ChunkOpening(name="", objective="", steps=())
CONTINUED = "## Continued"
FINAL_CHECK = "## Final check"


@dataclass(slots=True)
class _Chunk:
    """What the log still needs to know of a chunk. `changed` and `ran` count from its last closing."""

    opening: ChunkOpening = UNNAMED
    written: bool = False
    held: list[str] = field(default_factory=list)
    changed: dict[str, FileChange] = field(default_factory=dict)
    ran: list[CommandRun] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    checked: CheckFinished | None = None
    to_fix: list[str] = field(default_factory=list)
    changes_asked: bool = False


class BackendLog:
    """`apply` takes the run's records in order; its answers, joined to `earlier`, are the file."""

    def __init__(self, earlier: bytes, started: RunStarted, get_blob: Callable[[Sha], bytes]) -> None:
        self._get_blob = get_blob
        self._worker = started.worker
        self._tokens = TokenCount(get_blob)
        self._chunks: dict[int, _Chunk] = {}
        self._asked: dict[str, DecisionRequested] = {}
        self._left_open: tuple[tuple[str, str], ...] = ()
        self._complete = False
        self._section = ""  # the heading that the end of the file stands under
        title = (
            f"# {one_line(started.story.id)} {one_line(self._worker.name).capitalize()} Implementation Log\n"
        )
        self._opening = ("" if earlier.endswith(b"\n") else "\n") if earlier.strip() else title
        self._before: RunState | None = None

    def goes_on_from(self, state: RunState) -> None:
        """With what the records before had left behind; they are not applied. The end of the file is under
        the right heading once a chunk was closed."""
        self._tokens.goes_on_from(state)
        self._before = state

    def apply(self, record: Record) -> str:
        """The text to append for this record; often none."""
        self._tokens.apply(record)
        self._note(record.event)
        text = self._text_for(record.event)
        if text and self._opening:
            text, self._opening = self._opening + text, ""
        return text

    def _note(self, event: Event) -> None:
        """Keeps what later text needs."""
        match event:
            case ChunkStarted():
                self._chunk(event.chunk).opening = event.opening
            case FileChanged():
                self._note_change(event)
            case CommandFinished():
                self._chunk(event.chunk).ran.append(event.run)
            case ChunkReverted():
                self._chunk(event.chunk).changed.clear()
            case DecisionRequested():
                self._asked[event.request.id] = event
            case DecisionRetiered() if event.request_id in self._asked:
                self._asked[event.request_id] = replace(self._asked[event.request_id], policy=event.policy)
            case CompletionReported():
                self._left_open = event.steps_left_open
            case _:
                pass

    def _text_for(self, event: Event) -> str:  # noqa: PLR0912 (one case an event)
        match event:
            case ChunkClosed():
                return self._close(event)
            case RulesChecked():
                return self._rules(event)
            case CheckFinished():
                return self._check(event)
            case ScopeDenied():
                refused = f"- Scope: write to {code(event.path)} refused — {one_line(event.reason)}"
                return self._put(event.chunk, [refused])
            case DecisionResolved() if event.request_id in self._asked:
                asked = self._asked[event.request_id]
                return self._put(asked.chunk, chunk_entry.decision(asked.request, asked.policy, event))
            case DecisionOverturned() if event.request_id in self._asked:
                asked = self._asked[event.request_id]
                return self._put(asked.chunk, chunk_entry.overturned(asked.request, event))
            case FindingWaived():
                return self._put(event.chunk, chunk_entry.waived(event))
            case FileChanged() if event.call_id == OUTSIDE:
                return self._put(event.chunk, chunk_entry.edited_outside(event))
            case ReviewResolved():
                return self._review(event)
            case ChunkReverted():
                return self._put(event.chunk, chunk_entry.reverted(event))
            case ChunkUndone():
                return self._undone(event)
            case ChunkCommitted():
                return self._put(event.chunk, chunk_entry.committed(event))
            case RunFinished():
                return self._finish(event)
            case _:
                return ""

    # --- a chunk -----------------------------------------------------------------------

    def _close(self, closed: ChunkClosed) -> str:
        chunk = self._chunk(closed.chunk)
        if closed.round == 1:
            lines = [*chunk_entry.entry(chunk.opening, closed), *chunk.held]
            chunk.held, chunk.written = [], True
            text = _section(lines[0], lines[1:])
            self._section = f"chunk {closed.chunk}"
        else:
            text = self._put(closed.chunk, self._later_round(chunk, closed))
        chunk.changed, chunk.ran, chunk.to_fix, chunk.changes_asked = {}, [], [], False
        return text

    def _later_round(self, chunk: _Chunk, closed: ChunkClosed) -> list[str]:
        """Named after what it answers: a failed check or a blocking rule, or a review."""
        title = f"Changes (round {closed.round})"
        if chunk.to_fix:
            title = f"Fix attempt {chunk.checked.attempt + 1 if chunk.checked else 1}"
        elif chunk.changes_asked:
            title = f"Changes after review (round {closed.round})"
        changes = [each for each in chunk.changed.values() if each.before != each.after]
        return chunk_entry.later_round(title, closed, chunk.to_fix, changes, chunk.ran)

    def _note_change(self, event: FileChanged) -> None:
        """Several edits of a file between two closings are one change."""
        changed, last = self._chunk(event.chunk).changed, event.change
        first = changed.get(last.path, last)
        changed[last.path] = chunk_entry.net_change(first, last)

    def _rules(self, event: RulesChecked) -> str:
        chunk = self._chunk(event.chunk)
        chunk.to_fix += chunk_entry.findings_shown(f for f in event.findings if f.severity == "block")
        had, chunk.findings = chunk.findings, event.findings
        return self._put(event.chunk, chunk_entry.rules(event.findings)) if event.findings or had else ""

    def _check(self, event: CheckFinished) -> str:
        lines = chunk_entry.check(event, self._output_of(event))
        if event.chunk == 0:
            return self._under(FINAL_CHECK, lines)
        if event.result.environment_fault is None:
            chunk = self._chunk(event.chunk)
            chunk.checked = event
            chunk.to_fix += chunk_entry.errors_shown(event.result)
            if not event.result.ok and not event.result.errors:
                chunk.to_fix.append("the failed check above")
        return self._put(event.chunk, lines)

    def _output_of(self, event: CheckFinished) -> list[str]:
        result = event.result
        if result.ok or result.errors or result.output is None:
            return []
        return text_lines(self._get_blob(result.output).decode("utf-8", "replace"))

    def _review(self, event: ReviewResolved) -> str:
        chunk = self._chunk(event.chunk)
        chunk.changes_asked = event.verdict == "request_changes"
        return self._put(event.chunk, chunk_entry.review(event))

    def _undone(self, event: ChunkUndone) -> str:
        """Beneath the signal of a complete run it stands last otherwise: the log says that it is none now."""
        text = self._put(event.chunk, chunk_entry.undone(event))
        if not self._complete:
            return text
        self._complete, self._section = False, ""
        return f"{text}\nSTOPPED: chunk {event.chunk} was undone\n"

    # --- where lines go ----------------------------------------------------------------

    def _chunk(self, number: int) -> _Chunk:
        if number not in self._chunks:
            found = self._before.chunk_numbered(number) if self._before else None
            self._chunks[number] = _Chunk(written=found is not None and found.round > 0)
        return self._chunks[number]

    def _put(self, number: int, lines: list[str]) -> str:
        """Lines beneath a chunk's entry: held until it is written; named when others stand below it."""
        chunk = self._chunk(number)
        if not chunk.written:
            chunk.held += lines
            return ""
        if self._section == f"chunk {number}":
            return _text(lines)
        return self._under(CONTINUED, [f"- Chunk {number}, {lines[0].removeprefix('- ')}", *lines[1:]])

    def _under(self, heading: str, lines: list[str]) -> str:
        if self._section == heading:
            return _text(lines)
        self._section = heading
        return _section(heading, lines)

    # --- the end -----------------------------------------------------------------------

    def _finish(self, event: RunFinished) -> str:
        self._section, self._complete = "", event.outcome == "complete"
        heading, *lines = self._tokens.summary()
        summary = _section(heading, [*lines, "", self._signal(event)])
        return self._open_chunks() + self._steps_left_open() + summary

    def _open_chunks(self) -> str:
        """Chunks that were never closed leave no entry; what is known of them is said here."""
        lines: list[str] = []
        for number, chunk in self._chunks.items():
            if chunk.written or not (chunk.held or chunk.opening is not UNNAMED):
                continue
            name = one_line(chunk.opening.name) or "not opened"
            lines += [f"- Chunk {number}, not closed: {name}"]
            lines += chunk_entry.files("Changed", list(chunk.changed.values()), 2)
            lines += [f"  {line}" for line in chunk.held]
            chunk.held = []
        return _section("## Open when the run ended", lines) if lines else ""

    def _steps_left_open(self) -> str:
        lines = [
            line
            for step, why in self._left_open
            for line in item(f"Step {one_line(step)} — {one_line(why)}", 0)
        ]
        return _section("## Steps left open", lines) if lines else ""

    def _signal(self, event: RunFinished) -> str:
        if event.outcome == "complete":
            return one_line(self._worker.completion_signal)
        return f"{event.outcome.upper()}: {one_line(event.reason)}"


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _section(heading: str, lines: list[str]) -> str:
    return f"\n{heading}\n{_text(lines)}"
