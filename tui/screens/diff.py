"""A chunk on one screen: what it is for, what it has passed, and all its diffs in one scroller.

The review screen adds what a supervisor can say to it.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from core.domain import ReviewVerdict
from core.run_state import ChunkState, ReviewState
from tui.bridge import Frame, RunView
from tui.clock import Clock
from tui.key_bar import KeyBar
from tui.lines_view import LinesView
from tui.review.desk import ReviewDesk, chunk_under_review
from tui.review.diff_view import DiffView
from tui.review.files import FileEntry, FileList, FileStrip
from tui.review.head import HeadFacts, ReviewHead
from tui.review.places import Place, place_key, place_of
from tui.review.shown import Reading, ShownDiff
from tui.screens.commanding import CommandScreen

READ_AT_ONCE = 2_000
"""So many changed lines are read before the next frame; more of them off the event loop."""
SPLIT_WIDTH = 100
"""Below so many cells two sides beside each other can't be read."""


class DiffScreen(CommandScreen[ReviewVerdict | None]):
    """Shows chunk `number`. `desk` keeps what the reviewer did; `place` is where the cursor begins."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (SPLIT_WIDTH, "-wide")]  # noqa: RUF012
    AUTO_FOCUS = "#review-diff"
    DEFAULT_CSS = """
    DiffScreen { layout: vertical; overflow: hidden; background: $background; }
    DiffScreen > Horizontal { height: 1fr; }
    DiffScreen #review-files { width: 40; border-right: vkey $border-blurred; }
    DiffScreen #review-strip { display: none; }
    DiffScreen.-narrow #review-files { display: none; }
    DiffScreen.-narrow #review-strip { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_change(1)", show=False),
        Binding("N", "next_change(-1)", show=False),
        Binding("right_square_bracket", "next_file(1)", show=False),
        Binding("left_square_bracket", "next_file(-1)", show=False),
        Binding("vertical_line", "split", show=False),
    ]

    def __init__(
        self,
        view: RunView,
        clock: Clock,
        desk: ReviewDesk,
        frame: Frame,
        *,
        number: int,
        place: Place | None = None,
    ) -> None:
        super().__init__(view, clock)
        self.desk = desk
        self.frame = frame
        self.number = number
        self.shown = ShownDiff(view, desk, number)
        self._place = place
        self._ready = False
        self._read_for: tuple[object, str] | None = None
        self._entries: list[FileEntry] | None = None

    def compose(self) -> ComposeResult:
        yield ReviewHead()
        yield FileStrip()
        with Horizontal():
            yield FileList()
            yield DiffView()
        yield KeyBar()

    def on_mount(self) -> None:
        self._ready = True
        self.show_frame(self.frame)

    @property
    def diff(self) -> DiffView:
        return self.query_one(DiffView)

    @property
    def files(self) -> FileList:
        return self.query_one(FileList)

    @property
    def chunk(self) -> ChunkState | None:
        return self.frame.state.chunk_numbered(self.number)

    @property
    def waiting_review(self) -> ReviewState | None:
        """The review of this chunk, if it waits for a verdict."""
        waiting = chunk_under_review(self.frame.state)
        return waiting.review if waiting is not None and waiting.number == self.number else None

    @property
    def under_review(self) -> bool:
        """Whether the diff that is shown is the one that waits for a verdict."""
        waiting, shown = self.waiting_review, self.shown.review
        if waiting is None or shown is None or not self.view.live:
            return False
        return waiting.request_id == shown.request_id

    # --- showing ------------------------------------------------------------------------

    def show_frame(self, frame: Frame) -> None:
        """Everything is brought up to `frame`; the diff is read again only if it is another one."""
        self.frame = frame
        chunk, review = self.chunk, self.waiting_review
        if not self._ready or chunk is None:
            return
        request_id = review.request_id if review is not None else ""
        read_for = self._read_for
        if read_for is None or read_for[0] is not chunk.changes or read_for[1] != request_id:
            self._read_for = (chunk.changes, request_id)
            self._load(chunk, review)
        self.draw()

    def _load(self, chunk: ChunkState, review: ReviewState | None) -> None:
        if sum(change.added + change.removed for change in chunk.changes) <= READ_AT_ONCE:
            self._take(self.shown.read(), review, chunk)
        else:
            self.run_worker(self._load_later(chunk, review), group="diff", exclusive=True)

    async def _load_later(self, chunk: ChunkState, review: ReviewState | None) -> None:
        self._take(await asyncio.to_thread(self.shown.read), review, chunk)
        self.draw()

    def _take(self, reading: Reading, review: ReviewState | None, chunk: ChunkState) -> None:
        """The guard closes: what is asked about is another diff from now on."""
        before, again = self.shown.review, self.shown.is_read
        self.shown.take(reading, review, chunk)
        self.guard.appeared()
        if again and review is not None and before is not None:
            self.tell("The chunk has changed: its review is asked anew. Unchanged files keep their marks.")
        elif again and review is not None:
            self.tell("The chunk waits for your review now.")

    def draw(self) -> None:
        """The rows again, if what stands at them has changed; head, list and marks always."""
        chunk = self.chunk
        if chunk is None or self._read_for is None:
            return
        rows = self.shown.rows(chunk, self.frame.state, split=self.split)
        if rows is not None:
            self.diff.show_built(rows, self.shown.sections)
            self._go_to_place()
        self.draw_marks()

    def _go_to_place(self) -> None:
        if self._place is not None and self.shown.sections:
            self.diff.select(place_key(self._place))
            self._place = None

    def draw_marks(self) -> None:
        """How far each file is reviewed: in its head, in the list, in the screen's head."""
        entries = self.shown.entries(under_review=self.under_review)
        if entries != self._entries:
            self._entries = entries
            self.diff.redraw()
            self.files.show_entries(entries)
        self._show_where()
        if self.chunk is not None:
            facts = HeadFacts(
                chunk=self.chunk,
                state=self.frame.state,
                files=tuple(entries),
                comments=len(self.desk.comments),
                under_review=self.under_review,
            )
            self.query_one(ReviewHead).show(facts)
        self.show_keys()

    def _show_where(self) -> None:
        entries = self._entries
        self.query_one(FileStrip).show(entries or (), self.diff.file_index)
        if entries and not self.files.has_focus:
            self.files.select(entries[self.diff.file_index].path)

    def show_keys(self) -> None:
        """The review screen says which keys work."""

    # --- colours and marks --------------------------------------------------------------

    @on(DiffView.ColoursWanted)
    def _colours_wanted(self, event: DiffView.ColoursWanted) -> None:
        self.run_worker(self._colour(event), group="colours", exit_on_error=False)

    async def _colour(self, event: DiffView.ColoursWanted) -> None:
        event.section.colours = await asyncio.to_thread(self.shown.colours, event.section)
        self.diff.redraw(event.section)

    @on(DiffView.FileSeen)
    def _file_seen(self, event: DiffView.FileSeen) -> None:
        """Only of the diff that waits for a verdict, and that is shown still."""
        if self.under_review and event.section in self.shown.sections:
            self.desk.saw(event.section.file.path)
            self.draw_marks()

    # --- moving -------------------------------------------------------------------------

    @property
    def split(self) -> bool:
        return self.desk.split and self.size.width >= SPLIT_WIDTH

    def on_resize(self) -> None:
        self.draw()

    def action_split(self) -> None:
        if self.size.width < SPLIT_WIDTH:
            self.tell(f"Two sides beside each other need {SPLIT_WIDTH} columns.")
        else:
            self.desk.split = not self.desk.split
            self.draw()

    def action_next_change(self, by: int) -> None:
        self.diff.next_change(by)

    def action_next_file(self, by: int) -> None:
        self.diff.next_file(by)

    @on(LinesView.Moved, "#review-diff")
    def _reader_moved(self) -> None:
        self._show_where()
        self.show_keys()

    @on(LinesView.Moved, "#review-files")
    def _list_moved(self) -> None:
        if self.files.has_focus:
            self.diff.go_to_file(self.files.cursor_key)

    @on(LinesView.Chosen, "#review-files")
    def _file_chosen(self, event: LinesView.Chosen) -> None:
        self.diff.go_to_file(event.key)
        self.diff.focus()

    @on(LinesView.Chosen, "#review-diff")
    def _row_chosen(self, event: LinesView.Chosen) -> None:
        """A folded file opens; at its head it is folded again."""
        place = place_of(event.key)
        if place is not None and place.line is None and self.shown.toggle_fold(place.path):
            self.draw()
            self.diff.select(place_key(Place(place.path)))
