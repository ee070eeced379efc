"""What stands in a diff at its lines: findings, diagnostics, decisions, comments, what came of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.domain import Diagnostic, Finding, ReviewComment
from core.run_state import ChunkState, DecisionState, RunState
from tui.line import Line
from tui.marks import ASKS, BAD, OK, OPEN, WARN, Mark
from tui.review.places import COMMENT_KEY, FINDING_KEY, Place
from tui.safe_text import Part, row

if TYPE_CHECKING:
    from core.review_rounds import CommentOutcome

INDENT = 6
MOST_QUOTED = 6
BECAME: dict[str, tuple[Mark, str]] = {
    "changed": (OK, "changed"),
    "unchanged": (WARN, "not changed"),
    "gone": (OPEN, "gone: its file is not in the diff any more"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """`place` None: it is about the chunk as a whole, or about a file that the diff does not show. `about` is
    its place in words. A `problem` is a finding that stands, or a diagnostic."""

    place: Place | None
    lines: tuple[Line, ...]
    about: str = ""
    problem: bool = False


@dataclass(slots=True)
class Notes:
    """Notes by their place. What can't stand at a line stands at its file, else at the top."""

    by_path: dict[str, list[Note]] = field(default_factory=dict)
    elsewhere: list[Note] = field(default_factory=list)

    def of(self, path: str) -> Sequence[Note]:
        return self.by_path.get(path, ())


def gathered(notes: Iterable[Note], paths: Iterable[str]) -> Notes:
    """`paths` are those of the diff."""
    known, found = set(paths), Notes()
    for note in notes:
        if note.place is not None and note.place.path in known:
            found.by_path.setdefault(note.place.path, []).append(note)
        else:
            found.elsewhere.append(note)
    return found


def chunk_notes(
    chunk: ChunkState,
    state: RunState,
    comments: Sequence[ReviewComment],
    outcomes: Sequence[CommentOutcome],
    paths: Sequence[str],
) -> Iterator[Note]:
    """Everything that stands in the diff of `chunk`; `paths` are those of the diff."""
    for i, finding in enumerate(chunk.findings):
        yield _finding(finding, f"{FINDING_KEY}{i}", _waived(chunk, finding))
    result = chunk.attempts[-1].result if chunk.attempts else None
    for diagnostic in result.diagnostics if result is not None else ():
        yield _diagnostic(diagnostic)
    for outcome in outcomes:
        yield _outcome(outcome)
    for request_id in chunk.decisions:
        decision = state.decision(request_id)
        for path in paths if decision is not None else ():
            if decision is not None and names_file(decision, path):
                yield Note(Place(path), (decision_line(decision, indent=INDENT),))
    for i, comment in enumerate(comments):
        yield _comment(comment, f"{COMMENT_KEY}{i}")


# --- one of each kind -------------------------------------------------------------------


def _waived(chunk: ChunkState, finding: Finding) -> str:
    """Who waived it and why; empty for one that stands."""
    for waived in chunk.waived:
        other = waived.finding
        if (other.rule, other.path, other.message) == (finding.rule, finding.path, finding.message):
            return f"waived by {waived.by}: {waived.reason}"
    return ""


def _finding(finding: Finding, key: str, waived: str) -> Note:
    mark = OK if waived else BAD if finding.severity == "block" else WARN
    style = "$text-muted" if waived else mark.style
    said: list[Part] = [
        (f"{' ' * INDENT}{mark.sign} {finding.severity} ", style),
        (finding.rule, f"{style} bold"),
    ]
    said += [(f": {finding.message}", style)]
    if waived:
        said.append((f"  {waived}", "$text-muted"))
    place = Place(finding.path, finding.line)
    return Note(place, (Line(row(*said), key=key, hang=INDENT + 2),), _where(place), not waived)


def _diagnostic(diagnostic: Diagnostic) -> Note:
    mark = BAD if diagnostic.severity == "error" else WARN
    first, *rest = diagnostic.message.split("\n")
    code = f" {diagnostic.code}" if diagnostic.code else ""
    lines = [
        Line(
            row((f"{' ' * INDENT}{mark.sign} check {diagnostic.severity}{code}: ", mark.style), first),
            hang=INDENT + 2,
        ),
        *(Line(row(" " * (INDENT + 2), text), hang=INDENT + 2) for text in rest),
    ]
    place = Place(diagnostic.path, diagnostic.line) if diagnostic.path else None
    return Note(place, tuple(lines), diagnostic.place, True)


def _comment(comment: ReviewComment, key: str) -> Note:
    if comment.kind == "reject":
        head = row(
            (f"{' ' * INDENT}» not this: ", "$text-accent bold"),
            (f"{_span(comment)} go back to the worker  not sent yet", "$text-accent"),
        )
        texts = comment.text.split("\n") if comment.text else []
    else:
        head = row(
            (f"{' ' * INDENT}» your comment on {_span(comment)}", "$text-accent bold"), "  not sent yet"
        )
        texts = comment.text.split("\n")
    body = (Line(row(" " * (INDENT + 2), text), key=key, hang=INDENT + 2) for text in texts)
    return Note(_end(comment), (Line(head, key=key, hang=INDENT + 2), *body), _where(_end(comment)))


def _outcome(outcome: CommentOutcome) -> Note:
    """An earlier comment in the round after it: what it said, what became of its lines, the answer."""
    comment = outcome.comment
    mark, became = BECAME[outcome.became]
    moved = outcome.line is not None and outcome.line != comment.line
    stale = f"  stale: it was on {_span(comment)}" if moved else "  stale" if outcome.stale else ""
    what = "you turned this down" if comment.kind == "reject" else "you said"
    pad = " " * (INDENT + 2)
    lines = [
        Line(
            row(
                (f"{' ' * INDENT}{mark.sign} {comment.id} {became}", f"{mark.style} bold"),
                (stale, "$text-muted"),
            ),
            hang=INDENT + 2,
        ),
        *_said(pad, f"{what}: ", comment.text),
    ]
    quoted = comment.quote.split("\n") if comment.quote and outcome.became != "unchanged" else []
    lines += [Line(row((f"{pad}> {text}", "$text-muted")), hang=INDENT + 4) for text in quoted[:MOST_QUOTED]]
    if len(quoted) > MOST_QUOTED:
        lines.append(Line(row((f"{pad}> … {len(quoted) - MOST_QUOTED} more lines", "$text-muted"))))
    if outcome.answer:
        lines += _said(pad, "worker: ", outcome.answer)
    else:
        lines.append(Line(row((f"{pad}the worker says nothing to it", "$text-muted"))))
    place = _end(comment, outcome.line) if comment.path is not None else None
    return Note(place, tuple(lines), _where(_end(comment)))


def _said(pad: str, who: str, text: str) -> Iterator[Line]:
    first, *rest = text.split("\n")
    yield Line(row((f"{pad}{who}", "$text-muted"), first), hang=len(pad))
    for more in rest:
        yield Line(row(pad, more), hang=len(pad))


def decision_line(decision: DecisionState, *, indent: int = 0) -> Line:
    """What was decided, by whom, and where it is recorded."""
    tier = f"T{decision.policy.tier}" if decision.policy.tier is not None else "T?"
    held = decision.holds
    mark = OK if held is not None and decision.overturned is None else WARN if held is not None else ASKS
    said: list[Part] = [
        (f"{' ' * indent}{mark.sign} {tier} ", mark.style),
        decision.request.title,
        (": ", "$text-muted"),
        (held.decision if held is not None else "not decided yet", "bold"),
    ]
    if held is not None:
        by = "overturned by" if decision.overturned is not None else "by"
        recorded = f", {decision.recorded_as}" if decision.recorded_as else ""
        said.append((f"  {by} {held.decided_by}{recorded}", "$text-muted"))
    return Line(row(*said), hang=indent + 2)


def names_file(decision: DecisionState, path: str) -> bool:
    """Whether it is about exactly this file: an act on it, or its whole path in the question."""
    request = decision.request
    if any(act.path == path for act in request.acts):
        return True
    exact = re.compile(rf"(?<![\w./-]){re.escape(path)}(?![\w/-]|\.\w)")
    return any(exact.search(text) for text in (request.title, request.context))


# --- places -----------------------------------------------------------------------------


def _end(comment: ReviewComment, line: int | None = None) -> Place | None:
    """Under which line it stands: the last one of its own, or `line` where it is now."""
    if comment.path is None:
        return None
    return Place(comment.path, line or comment.end_line or comment.line, comment.side)


def _span(comment: ReviewComment) -> str:
    if comment.line is None:
        return "the file"
    many = comment.end_line is not None and comment.end_line != comment.line
    words = f"lines {comment.line}-{comment.end_line}" if many else f"line {comment.line}"
    return f"{words} as before" if comment.side == "old" else words


def _where(place: Place | None) -> str:
    if place is None:
        return ""
    return place.path if place.line is None else f"{place.path}:{place.line}"
