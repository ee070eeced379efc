"""The header of the run screen: one status pill, what happens now and for how long, and the totals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget

from core.run_state import ChunkState, RunState
from tui.clock import span
from tui.live import Live
from tui.marks import PILLS
from tui.panels.tokens import cost_words
from tui.safe_text import Part, fit, row, split_row

SILENT_S = 10.0
"""After so many seconds without a byte from the model the header says so (UX)."""
WIDE = 100
PIECE_NAMES = {"text": "writing", "thinking": "thinking", "tool": "writing a tool call"}


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """`now` is the moment that is shown; `silent_s` the seconds since the model's last byte. `timed` False:
    a record without times, in which nothing lasts."""

    state: RunState
    live: Live
    now: datetime | None
    silent_s: float
    recorded: bool = False
    timed: bool = True


def pill_words(state: RunState) -> str:
    if state.pill != "Waiting for you":
        return state.pill.upper()
    kind = state.pending[0].kind
    return f"WAITING FOR YOU: {'input' if kind == 'budget' else kind}"


def pill(state: RunState, width: int) -> Content:
    """The pill, in a shorter form where `width` cells are too few."""
    look = PILLS[state.pill]
    text = f" {look.mark} {pill_words(state)} "
    if len(text) > width:
        text = text.replace("WAITING FOR YOU: ", "").strip() if width > 3 else look.mark
    return fit(row((text, f"{look.style} bold")), width)


def activity_words(facts: HeaderFacts) -> str:
    """What the run does now and for how long: `type check, 4 s`, `no answer for 12 s`."""
    state = facts.state
    if state.outcome is not None:
        return state.reason
    if state.pending:
        words = f"{state.pending[0].title}{_elapsed(state.pending[0].since, facts.now)}"
    elif state.paused:
        words = _paused(_doing(facts))
    else:
        words = _doing(facts)
    stops = "stops when the chunk is finished" if state.stopping == "boundary" else ""
    return "; ".join(part for part in (words, stops) if part)


def _paused(doing: str) -> str:
    """What was begun is finished first (a reply, a check): the pause is honest about it."""
    return f"after this: {doing}; p resumes" if doing else "p resumes"


def _doing(facts: HeaderFacts) -> str:
    activity = facts.state.activity
    if activity is None:
        return ""
    if facts.live.turn_open and facts.silent_s >= SILENT_S:
        return f"no answer for {facts.silent_s:.0f} s"
    text = PIECE_NAMES[facts.live.pieces[-1].kind] if facts.live.pieces else activity.text
    return f"{text}{_elapsed(activity.since, facts.now)}"


def _elapsed(since: datetime, now: datetime | None) -> str:
    if now is None:
        return ""
    seconds = max(0, int((now - since).total_seconds()))
    return f", {seconds} s" if seconds < 60 else f", {span(seconds)}"


def chunk_words(state: RunState) -> str:
    """`chunk 2/6`: a chunk is meant to do a step. After a revert there may be more chunks than steps."""
    chunk = last_chunk(state)
    number = chunk.number if chunk else 0
    return f"chunk {number}/{len(state.steps)}" if number <= len(state.steps) else f"chunk {number}"


def last_chunk(state: RunState) -> ChunkState | None:
    """The chunk under way; of a run that ended the last one that was opened."""
    if state.outcome is not None and state.opened_chunks:
        return state.opened_chunks[-1]
    return state.chunk


def run_clock(facts: HeaderFacts) -> str:
    if not facts.timed:
        return ""
    started = facts.state.started_at
    end = facts.state.updated_at if facts.state.outcome is not None else facts.now
    return span((end - started).total_seconds()) if started and end else "0:00"


def flags(facts: HeaderFacts) -> list[Part]:
    """What the engineer must know to trust it: a scripted model, no sandbox, a recorded run."""
    said = []
    if facts.recorded:
        said.append("recorded run")
    if facts.state.scripted:
        said.append("scripted model")
    if facts.timed and facts.state.started_at is not None and not facts.state.sandboxed:
        said.append("no sandbox")
    return [(f"! {text}  ", "$text-warning") for text in said]


def header_rows(facts: HeaderFacts, width: int, height: int) -> list[Content]:
    """One or two rows. The pill is never the part that gives way."""
    state = facts.state
    status = pill(state, width)
    if status.cell_length < width:
        status = status.append(row(f"  {activity_words(facts)}"))
    priced = facts.timed or state.cost_usd is not None
    cost = cost_words(state.cost_usd, state.budgets.max_cost_usd) if priced else ""
    totals = row((chunk_words(state), "bold"), f"   {cost}   ", (run_clock(facts), "bold"), " ")
    if height < 2:
        return [fit(status, width)]
    story = state.story
    name = row((story.id if story else "", "bold"), f"  {story.title if story else 'loading the story'}")
    if width < WIDE:
        return [fit(status, width), split_row(row(" ").append(name), totals, width)]
    first = row((" Signoff  ", "$text-primary bold")).append(name)
    autonomy = f"{state.autonomy} " if facts.timed else ""
    about = row(*flags(facts), (autonomy, "$text-muted"))
    return [split_row(first, about, width), _status_row(status, totals, width)]


def _status_row(status: Content, totals: Content, width: int) -> Content:
    return split_row(fit(status, width - totals.cell_length - 2), totals, width)


class RunHeader(Widget):
    """Draws header_rows; the screen gives it new facts each second and each frame."""

    ALLOW_SELECT = False
    DEFAULT_CSS: ClassVar[str] = """
    RunHeader { height: 2; width: 1fr; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__(id="header")
        self._facts: HeaderFacts | None = None

    def show(self, facts: HeaderFacts) -> None:
        self._facts = facts
        self.refresh()

    def render(self) -> Content:
        if self._facts is None or not self.size.width:
            return Content("")
        return Content("\n").join(header_rows(self._facts, self.size.width, self.size.height))
