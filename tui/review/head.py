"""The head of the review: which chunk, how far it is reviewed, and what it has passed, in two rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.content import Content
from textual.widget import Widget

from core.run_state import ChunkState, RunState
from tui.header import pill
from tui.marks import CHUNK_MARKS, OK, WARN
from tui.panels.check import attempts_line
from tui.panels.rules import finding_mark
from tui.panels.tokens import cost_words, short_count
from tui.review.files import FileEntry
from tui.safe_text import Part, fit, row, split_row

BAR: Part = (" │ ", "$text-muted")


@dataclass(frozen=True, slots=True)
class HeadFacts:
    """`comments` counts those that are not sent; `under_review` False: it can be read only."""

    chunk: ChunkState
    state: RunState
    files: tuple[FileEntry, ...]
    comments: int
    under_review: bool


def head_rows(facts: HeadFacts, width: int) -> list[Content]:
    chunk = facts.chunk
    rounds = f", round {chunk.round}" if chunk.round > 1 else ""
    status = pill(facts.state, width)
    name = row("  ", (f"Chunk {chunk.number} - {chunk.name}{rounds}", "bold"))
    counts = row(
        f"{_many(len(facts.files), 'file')} ",
        (f"+{sum(file.added for file in facts.files)}", "$text-success"),
        (f" -{sum(file.removed for file in facts.files)}", "$text-error"),
        BAR,
        _progress(facts),
        " ",
    )
    room = width - status.cell_length - counts.cell_length - 2
    first = split_row(status.append(fit(name, room)), counts, width) if room > 0 else fit(status, width)
    return [first, fit(row(" ", *_passed(facts)), width)]


def _progress(facts: HeadFacts) -> Part:
    """How much was seen; what is written and not sent yet."""
    if not facts.under_review:
        mark = CHUNK_MARKS[facts.chunk.status]
        return (f"{mark.sign} {facts.chunk.status}: read only", mark.style)
    unseen = sum(not file.mark for file in facts.files)
    comments = f", {_many(facts.comments, 'comment')} not sent" if facts.comments else ""
    if unseen:
        return (f"{WARN.sign} {unseen} not seen{comments}", WARN.style)
    return (f"{OK.sign} all seen{comments}", OK.style)


def _passed(facts: HeadFacts) -> Iterator[Part]:
    chunk = facts.chunk
    yield ("check ", "$text-muted")
    yield attempts_line(chunk.attempts).content if chunk.attempts else ("not run", "$text-muted")
    yield BAR
    standing, waived = len(chunk.standing_findings), len(chunk.findings) - len(chunk.standing_findings)
    mark = finding_mark(chunk.standing_findings)
    yield (f"{mark.sign} {_many(standing, 'finding') if standing else 'no findings'}", mark.style)
    if waived:
        yield (f" ({waived} waived)", "$text-muted")
    yield BAR
    yield _many(len(chunk.decisions), "decision")
    yield BAR
    usage = chunk.usage
    yield f"in {short_count(usage.total_input)} out {short_count(usage.output)} "
    yield cost_words(chunk.cost_usd, None)
    if chunk.opening is not None and chunk.opening.steps:
        yield BAR
        yield f"step{'s' * (len(chunk.opening.steps) != 1)} {', '.join(chunk.opening.steps)}"
    if chunk.opening is not None and chunk.opening.criteria:
        yield BAR
        yield " ".join(chunk.opening.criteria)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


class ReviewHead(Widget):
    """Draws head_rows of the facts that the screen gives it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ReviewHead { height: 2; width: 1fr; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__(id="review-head")
        self._facts: HeadFacts | None = None

    def show(self, facts: HeadFacts) -> None:
        self._facts = facts
        self.refresh()

    def render(self) -> Content:
        if self._facts is None or not self.size.width:
            return Content("")
        return Content("\n").join(head_rows(self._facts, self.size.width))
