"""A board that moves through a recording: by event, chunk and mark, by playing. What it shows is read in a
thread, so the keys work however long that takes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from core.blobs import BlobFault
from core.event_lines import line_for
from core.events import Record
from core.recorded_view import RecordedView
from core.replay_clock import SPEEDS
from tui.bridge import FRAME_S, Frame
from tui.clock import Clock
from tui.columns import Columns
from tui.dock.recorded import RecordedDock
from tui.header import HeaderFacts, RunHeader
from tui.key_bar import KeyBar
from tui.live import Live
from tui.panels.base import Shown
from tui.panels.timeline import Timeline, TimelineFacts
from tui.replay.marks import Group, MarkIndex
from tui.replay.player import Player
from tui.replay.seeker import Place, Seeker
from tui.replay.stops import ChunkStops
from tui.screens.board import RunBoard

if TYPE_CHECKING:
    from core.diff import FileDiff

NOTHING_LIVE = Live()
_FOLDER = re.compile(r"^\S*/(?=[^/\s]+:\d+)")


class MovingScreen(RunBoard):
    """`position` is the record that the reader is at or on the way to; `place` what is shown."""

    DEFAULT_CSS = """
    MovingScreen.-tiny RecordedDock { max-height: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"speed({n})", show=False) for n in range(1, len(SPEEDS) + 1)),
        Binding("space", "play", show=False),
        Binding("comma", "step(-1)", show=False),
        Binding("full_stop", "step(1)", show=False),
        Binding("less_than_sign", "chunk(-1)", show=False),
        Binding("greater_than_sign", "chunk(1)", show=False),
        Binding("f", "seek('failure', 1)", show=False),
        Binding("F", "seek('failure', -1)", show=False),
        Binding("d", "seek('decision', 1)", show=False),
        Binding("D", "seek('decision', -1)", show=False),
        # A panel that has the focus has these keys for itself: here they are the timeline's.
        Binding("home", "edge(-1)", show=False, priority=True),
        Binding("end", "edge(1)", show=False, priority=True),
    ]

    def __init__(self, view: RecordedView, clock: Clock) -> None:
        super().__init__(view, clock)
        self.recording = view.recording
        self.marks = MarkIndex()
        self.place: Place | None = None
        self.stops = ChunkStops(view.recording, self.marks)
        self.player = Player(view.recording, clock)
        self._seeker = Seeker(view, self.marks, self._arrived)
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield RunHeader()
        yield Columns(self.read_diff, self.view.log_entry, self.view.entries)
        yield RecordedDock(self.guard, self.view.would_absorb, self.after_the_end)
        yield Timeline(self.marks)
        yield KeyBar()

    def on_mount(self) -> None:
        self._timer = self.set_interval(FRAME_S, self._play_on, pause=True)
        self.go(max(self.position, self._first_stop()))

    def _first_stop(self) -> int:
        """A run begins at its first record; of a log the first chunk is shown."""
        if self.recording.timed:
            return 1
        self.marks.take(self.recording.marks())
        return self.stops.after(0) or 1

    def read_diff(self, chunk: int) -> tuple[FileDiff, ...]:
        """For the panel. A content that is lost is said, and the rest of the recording can be read."""
        try:
            return self.view.diff(chunk)
        except BlobFault as fault:
            self.tell(f"The diff of chunk {chunk} can't be shown: {fault}")
            return ()

    # --- where --------------------------------------------------------------------------

    @property
    def position(self) -> int:
        return self._seeker.wanted

    @property
    def settled(self) -> bool:
        """Whether what is shown is what the reader asked for."""
        return self._seeker.settled

    def go(self, seq: int) -> None:
        """To a record, within the recording. It comes when it was read; another `go` may come before that."""
        length = self.recording.length
        self._seeker.wanted = min(max(seq, min(1, length)), length)
        self._look()

    def jump(self, seq: int) -> None:
        """As `go`, by the reader's hand: playing goes on from there."""
        self.go(seq)
        self.player.put(self.position)
        self.show_timeline()

    def _look(self) -> None:
        self._seeker.pinned = self.pinned
        if not self._seeker.settled:
            self.run_worker(self._read_on(), group="seek")

    async def _read_on(self) -> None:
        try:
            await self._seeker.read_on()
        except OSError as fault:
            self.pause()
            self.tell(f"The recording can't be read on: {fault.strerror}")

    def _arrived(self, place: Place) -> None:
        self.place = place
        self.show_frame(Frame(state=place.state, live=NOTHING_LIVE, heard_at=0.0))

    # --- showing ------------------------------------------------------------------------

    def show_frame(self, frame: Frame) -> None:
        super().show_frame(frame)
        if self._ready:
            self.show_timeline()
            # The reader may have turned to another chunk: its stream may have to be read.
            self._look()

    def shown(self) -> Shown:
        shown, place = super().shown(), self.place
        whole = place.chunk if place is not None and place.state is shown.state else None
        if whole is None or shown.chunk is None or whole.number != shown.chunk.number:
            return shown
        return replace(shown, chunk=whole)

    def header_facts(self) -> HeaderFacts:
        facts, timed = super().header_facts(), self.recording.timed
        return replace(facts, timed=timed, now=facts.now if timed else None)

    def _tick(self) -> None:
        """Each second, and with each frame: the recording may have grown."""
        super()._tick()
        self._look()
        self.show_timeline()

    def show_timeline(self) -> None:
        place, recording = self.place, self.recording
        record = place.record if place is not None else None
        facts = TimelineFacts(
            marks=self.marks,
            position=self.position,
            length=place.length if place is not None else recording.length,
            title=recording.title,
            playing=self.player.playing,
            speed=self.player.speed,
            indexed=recording.indexed,
            damage=_FOLDER.sub("", recording.damage),
            started=place.started if place is not None else None,
            at=record.at if record is not None else None,
            ends=place.ends if place is not None else None,
            said=self.said(record) if record is not None else "",
            note=self.note,
        )
        self.query_one(Timeline).show(facts)

    @property
    def note(self) -> str:
        """What is under way, for the timeline."""
        return ""

    def said(self, record: Record) -> str:
        return record_words(record, timed=self.recording.timed)

    def after_the_end(self) -> str:
        """What can be done with a run that ended, in one line."""
        if not self.recording.timed or self.marks.completed:
            return ""
        return f"Go on with it: signoff resume {self.recording.run_id}"

    # --- moving -------------------------------------------------------------------------

    @on(Timeline.Sought)
    def _pointed(self, event: Timeline.Sought) -> None:
        self.jump(event.seq)

    def action_step(self, by: int) -> None:
        self.pause()
        self.jump(self.position + by)

    def action_edge(self, by: int) -> None:
        self.jump(1 if by < 0 else self.recording.length)

    def action_chunk(self, by: int) -> None:
        to = self.stops.after(self.position) if by > 0 else self.stops.before(self.position)
        if to is not None:
            self.jump(to)
        else:
            self.action_edge(by)

    def action_seek(self, group: Group, by: int) -> None:
        """To the next or the previous mark of a kind. It pauses: the reader wants to look at it."""
        to = self.marks.after(group, self.position) if by > 0 else self.marks.before(group, self.position)
        if to is not None:
            self.pause()
            self.jump(to)
        else:
            so_far = " that was read so far" if self.recording.indexed < 1 else ""
            self.tell(f"There is no {'later' if by > 0 else 'earlier'} {group}{so_far}.")

    # --- playing ------------------------------------------------------------------------

    def action_play(self) -> None:
        """At the end it begins anew."""
        if self.player.playing:
            self.pause()
            return
        if self._is_at_the_end:
            self.jump(1)
        self.player.start(self.position)
        if self._timer is not None:
            self._timer.resume()
        self._show_playing()

    def pause(self) -> None:
        self.player.playing = False
        if self._timer is not None:
            self._timer.pause()
        self._show_playing()

    def action_speed(self, level: int) -> None:
        self.player.level = level
        self._show_playing()

    def _show_playing(self) -> None:
        self.show_timeline()
        self.show_keys()

    @property
    def _is_at_the_end(self) -> bool:
        return self.position >= self.recording.length and self.recording.indexed >= 1

    def _play_on(self) -> None:
        if self.player.is_due():
            self.run_worker(self._play_a_step(), group="play")

    async def _play_a_step(self) -> None:
        reached = await self.player.step()
        if reached is not None:
            self.go(reached)
            if self._is_at_the_end:
                self.pause()


def record_words(record: Record, *, timed: bool) -> str:
    """`12:41:07  chunk 2  check failed: ...`; of an event that says nothing to a reader, what it is."""
    said = line_for(record)
    if said is None:
        chunk = getattr(record.event, "chunk", 0)
        place = f"chunk {chunk}" if chunk else "run"
        said = f"{record.at:%H:%M:%S}  {place:<9} {record.event.type.replace('_', ' ')}"
    return said if timed else said.partition("  ")[2]
