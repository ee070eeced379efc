"""The timeline: where a recording stands, its marks, the record that is shown. A click, a drag goes there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.clock import span
from tui.marks import NOW, WARN
from tui.replay.marks import LEGEND, SIGNS, MarkIndex, cell_of, seq_of
from tui.safe_text import Part, fit, row, split_row

PLAYED, TO_COME, HERE = "━", "─", "╋"
GAP = 1
"""Cells that stay free at both ends of the line."""


@dataclass(frozen=True, slots=True)
class TimelineFacts:
    """`at` is the time of the record that is shown, `started` and `ends` those of the first and the last one:
    None where the source has no times. `said` is what the shown record says, `note` what is under way."""

    marks: MarkIndex
    position: int = 0
    length: int = 0
    title: str = ""
    playing: bool = False
    speed: int = 1
    indexed: float = 1.0
    damage: str = ""
    started: datetime | None = None
    at: datetime | None = None
    ends: datetime | None = None
    said: str = ""
    note: str = ""


def where_words(facts: TimelineFacts) -> str:
    """`123 of 325`, and the time where there is one: `0:02 / 0:08`."""
    words = f"{facts.position:,} of {facts.length:,}"
    if facts.started is None or facts.at is None or facts.ends is None:
        return words
    gone, total = ((moment - facts.started).total_seconds() for moment in (facts.at, facts.ends))
    return f"{span(gone)} / {span(total)}   {words}"


def facts_row(facts: TimelineFacts, width: int) -> Content:
    state = f"{NOW.sign} playing" if facts.playing else "‖ paused"
    left = row(
        (f" {state} {facts.speed}x ", "$text-primary bold"),
        ("  ", ""),
        (where_words(facts), "bold"),
        ("  ", ""),
        (facts.note, "$text-accent"),
    )
    reading = f"{facts.indexed:.0%} read so far  " if facts.indexed < 1 else ""
    right = row((reading, "$text-warning"), ("recorded ", "$text-warning"), (facts.title, "$text-muted"), " ")
    return split_row(left, right, width)


def line_row(facts: TimelineFacts, width: int) -> Content:
    """A cell a share of the records. What is behind is drawn heavy, so the position shows without colour."""
    width = max(1, width - 2 * GAP)
    here = cell_of(facts.position, width, facts.length)
    parts: list[Part] = [" " * GAP]
    for cell, group in enumerate(facts.marks.cells(width, facts.length)):
        line = PLAYED if cell <= here else TO_COME
        sign = SIGNS[group].sign if group is not None else HERE if cell == here else line
        style = (
            SIGNS[group].style if group is not None else "$text-primary" if cell <= here else "$text-muted"
        )
        parts.append((sign, "$background on $primary bold" if cell == here else style))
    return row(*parts)


def said_row(facts: TimelineFacts, width: int) -> Content:
    """What the record says, and what the marks mean; the legend gives way first."""
    said = row(" ", facts.said)
    legend = legend_row(facts.marks)
    if said.cell_length + legend.cell_length + 2 > width:
        return fit(said, width)
    return split_row(said, legend, width)


def legend_row(marks: MarkIndex) -> Content:
    parts: list[Part] = []
    for group in marks.groups():
        parts += [(SIGNS[group].sign, SIGNS[group].style), (f" {LEGEND[group]}  ", "$text-muted")]
    return row(*parts)


def damage_row(facts: TimelineFacts, width: int) -> Content:
    words = f"{WARN.sign} damaged: opens up to record {facts.length:,}. {facts.damage}"
    return fit(row((f" {words}", f"{WARN.style} bold")), width)


def timeline_rows(facts: TimelineFacts, width: int, height: int) -> list[Content]:
    """As many rows as there is room for; the line itself is always there."""
    if height < 2:
        place = row((f"{facts.position:,}/{facts.length:,}", "bold"))
        return [place.append(line_row(facts, width - place.cell_length))]
    rows = [facts_row(facts, width), line_row(facts, width)]
    if facts.damage and height > 2:
        rows.insert(0, damage_row(facts, width))
    return [*rows, said_row(facts, width)][:height]


class Timeline(Widget, can_focus=True):
    """Draws timeline_rows. Left and right go one record back and on while it has the focus."""

    ALLOW_SELECT = False
    DEFAULT_CSS: ClassVar[str] = """
    Timeline { height: 3; width: 1fr; background: $surface; }
    Timeline.damaged { height: 4; }
    Timeline:focus { background: $boost; }
    Screen.-short Timeline { height: 2; }
    Screen.-short Timeline.damaged { height: 3; }
    Screen.-tiny Timeline, Screen.-tiny Timeline.damaged { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.step(-1)", show=False),
        Binding("right", "screen.step(1)", show=False),
    ]

    class Sought(Message):
        """The reader pointed at record `seq`."""

        def __init__(self, seq: int) -> None:
            super().__init__()
            self.seq = seq

    def __init__(self, marks: MarkIndex) -> None:
        super().__init__(id="timeline")
        self.facts = TimelineFacts(marks)
        self._dragged = False

    def show(self, facts: TimelineFacts) -> None:
        self.facts = facts
        self.set_class(bool(facts.damage), "damaged")
        self.refresh()

    def render(self) -> Content:
        if not self.size.width:
            return Content("")
        return Content("\n").join(timeline_rows(self.facts, self.size.width, self.size.height))

    # --- the mouse ----------------------------------------------------------------------

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._dragged = True
        self.capture_mouse()
        self._point_at(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged:
            self._point_at(event.x)

    def on_mouse_up(self) -> None:
        self._dragged = False
        self.release_mouse()

    def _point_at(self, x: int) -> None:
        first, width = self._line()
        cell = min(max(x - first, 0), width - 1)
        self.post_message(self.Sought(seq_of(cell, width, self.facts.length)))

    def _line(self) -> tuple[int, int]:
        """The first cell of the line, and how many it has."""
        width, before = self.size.width, 0
        if self.size.height < 2:
            before = len(f"{self.facts.position:,}/{self.facts.length:,}")
        return before + GAP, max(1, width - before - 2 * GAP)
