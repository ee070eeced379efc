"""The chunk: its stream, its diff or its log entry. Hidden ones are mounted when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.content import Content

from core.domain import ReviewComment
from core.run_state import ChunkState, Entry, RunState
from tui.line import Line
from tui.lines_view import LinesView
from tui.marks import CHUNK_MARKS, NOW, OPEN, WARN
from tui.panels.base import Panel, Shown, same_slice
from tui.safe_text import row
from tui.stream_lines import entry_lines, live_lines
from tui.tab_strip import TabStrip

if TYPE_CHECKING:
    from core.diff import FileDiff

TABS = ("stream", "diff", "log")


class ChunkPanel(Panel):
    """`diff_of`, `log_of` and `entries_of` read the run's view: the first two only when their tab is open,
    the last for a chunk that is not the latest."""

    KEY: ClassVar[str] = "chunk"
    NAME: ClassVar[str] = "Chunk"
    DEFAULT_CSS = """
    ChunkPanel TabStrip { margin: 0 0 1 0; }
    ChunkPanel .hidden { display: none; }
    """

    def __init__(
        self,
        number: int,
        diff_of: Callable[[int], tuple[FileDiff, ...]],
        log_of: Callable[[int], str],
        entries_of: Callable[[int], Sequence[Entry]],
    ) -> None:
        super().__init__(number)
        self._diff_of = diff_of
        self._log_of = log_of
        self._entries_of = entries_of
        self.tab = "stream"
        self.comments: tuple[ReviewComment, ...] = ()
        self._entries: Sequence[Entry] = ()
        self._earlier: tuple[ChunkState | None, Sequence[Entry]] = (None, ())
        self._entry_ends: list[int] = []
        self._over = False
        self._drawn: dict[str, tuple[object, ...]] = {}

    def compose(self) -> ComposeResult:
        yield TabStrip(id="chunk-tabs")
        yield LinesView(id="chunk-stream", follow=True)

    @property
    def body(self) -> LinesView:
        return self.query_one(f"#chunk-{self.tab}", LinesView)

    def slice(self, shown: Shown) -> tuple[object, ...]:
        over = shown.state.outcome is not None
        return (shown.chunk, shown.live, shown.pinned, self.tab, self.comments, over)

    def title(self, shown: Shown) -> Content:
        if shown.chunk is None:
            return row("Chunk")
        mark = CHUNK_MARKS[shown.chunk.status]
        if shown.state.outcome is not None and mark in (NOW, OPEN):
            mark = WARN
        title = row(
            f"Chunk {shown.chunk.number} - {shown.chunk.name} ",
            (f"{mark.sign} {shown.chunk.status}", mark.style),
        )
        return title.append(row(("  esc: back to the latest", "$text-muted"))) if shown.pinned else title

    def draw(self, shown: Shown) -> None:
        chunk = shown.chunk
        count = len({c.path for c in chunk.changes}) if chunk else 0
        diff_label = f"Diff {count} file{'s' * (count != 1)}" if count else "Diff"
        if self.comments:
            diff_label += f" · {len(self.comments)} comment{'s' * (len(self.comments) != 1)}"
        labels = (("stream", "Stream"), ("diff", diff_label), ("log", "Log entry"))
        self.query_one("#chunk-tabs", TabStrip).show(labels, self.tab)
        if self.tab == "stream":
            self._draw_stream(shown)
        elif self.tab == "diff":
            self._draw_diff(chunk, shown.state)
        else:
            self._draw_log(chunk)

    async def open_tab(self, tab: str) -> None:
        """Shows `tab`, one of TABS, mounting it the first time."""
        had_focus = self.body.has_focus
        if not self.query(f"#chunk-{tab}"):
            await self.mount(LinesView(id=f"chunk-{tab}", follow=tab == "log"))
        self.tab = tab
        for name in TABS:
            for view in self.query(f"#chunk-{name}"):
                view.set_class(name != tab, "hidden")
        if self._shown is not None:
            self.show(self._shown)
        if had_focus:
            self.body.focus()

    # --- stream -------------------------------------------------------------------------

    def _draw_stream(self, shown: Shown) -> None:
        entries = self._stream_of(shown)
        over = shown.state.outcome is not None
        kept = _common(self._entries, entries) if over == self._over else 0
        self._over = over
        del self._entry_ends[kept:]
        start = self._entry_ends[-1] if self._entry_ends else 0
        lines: list[Line] = []
        for entry in entries[kept:]:
            lines += entry_lines(entry, over=over)
            self._entry_ends.append(start + len(lines))
        self._entries = entries
        is_live = shown.chunk is not None and shown.live.chunk == shown.chunk.number
        if is_live and not shown.pinned and not over:
            lines += live_lines(shown.live)
        if not entries and not lines:
            lines.append(Line(row((_nothing_yet(shown.chunk), "$text-muted"))))
        self.query_one("#chunk-stream", LinesView).replace_from(start, lines)

    def _stream_of(self, shown: Shown) -> Sequence[Entry]:
        """The state keeps the stream of its last chunk only."""
        chunk = shown.chunk
        if chunk is None or chunk.entries or chunk is shown.state.chunk:
            return chunk.entries if chunk is not None else ()
        if self._earlier[0] is not chunk:
            self._earlier = (chunk, self._entries_of(chunk.number))
        return self._earlier[1]

    # --- diff and log -------------------------------------------------------------------

    def _draw_diff(self, chunk: ChunkState | None, state: RunState) -> None:
        """The rows of the review screen; enter opens that."""
        key = (chunk.number, chunk.changes, chunk.findings, chunk.waived, self.comments) if chunk else ()
        if same_slice(self._drawn.get("diff"), key):
            return
        self._drawn["diff"] = key
        from tui.review.shown import tab_rows

        files = self._diff_of(chunk.number) if chunk else ()
        self.body.show(tab_rows(files, chunk, state, self.comments))

    def _draw_log(self, chunk: ChunkState | None) -> None:
        key = (chunk,)
        if same_slice(self._drawn.get("log"), key):
            return
        self._drawn["log"] = key
        self.body.show(log_lines(self._log_of(chunk.number) if chunk else ""))


def _common(old: Sequence[Entry], new: Sequence[Entry]) -> int:
    """How many entries at the beginning are the very same."""
    count = 0
    for a, b in zip(old, new, strict=False):
        if a is not b:
            break
        count += 1
    return count


def _nothing_yet(chunk: ChunkState | None) -> str:
    return "No chunk yet." if chunk is None else "Nothing said yet."


def log_lines(text: str) -> Iterator[Line]:
    if not text.strip():
        yield Line(row(("No entry yet: it is written when the worker closes the chunk.", "$text-muted")))
        return
    for part in text.rstrip("\n").split("\n"):
        indent = len(part) - len(part.lstrip(" "))
        style = "bold $text-primary" if part.startswith("#") else ""
        yield Line(row((part, style)), hang=indent + 2)
