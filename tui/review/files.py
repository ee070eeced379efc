"""The files of the diff: a list at the left; on a narrow terminal one line that says where the reader is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from core.untrusted import visible
from tui.line import Line
from tui.lines_view import LinesView
from tui.marks import NOW, OK, OPEN, WARN
from tui.marks import Mark as Look
from tui.review.desk import Mark
from tui.safe_text import ELLIPSIS, Part, fit, row, split_row

MARKS: dict[Mark, Look] = {"": OPEN, "seen": Look("●", "$text-primary"), "reviewed": OK}


@dataclass(frozen=True, slots=True)
class FileEntry:
    """`mark` None: the diff is not under review. `problems` are findings and diagnostics at it."""

    path: str
    added: int
    removed: int
    problems: int = 0
    comments: int = 0
    mark: Mark | None = None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file in one row; its path loses its beginning, never its name."""

    entry: FileEntry

    @property
    def key(self) -> str:
        return self.entry.path

    @property
    def fill(self) -> str:
        return ""

    def count(self, width: int) -> int:
        return 1

    def rows(self, width: int) -> list[Content]:
        counts = row(*_counts(self.entry))
        look = MARKS[self.entry.mark] if self.entry.mark is not None else Look(" ", "")
        room = max(8, width - counts.cell_length - 6)
        left = row(" ", (f"{look.sign} ", look.style), tail(self.entry.path, room))
        return [split_row(left, counts, width, gap=1)]


def _counts(entry: FileEntry) -> list[Part]:
    parts: list[Part] = [(f"{WARN.sign}{entry.problems} ", WARN.style)] if entry.problems else []
    if entry.comments:
        parts.append((f"»{entry.comments} ", "$text-accent"))
    if entry.folded:
        parts.append(("▸ ", "$text-muted"))
    return [*parts, (f"+{entry.added}", "$text-success"), (f" -{entry.removed}", "$text-error")]


def tail(path: str, cells: int) -> str:
    """The end of a path in so many cells."""
    shown = visible(path, keep_newlines=False)
    if cell_len(shown) <= cells:
        return shown
    while shown and cell_len(shown) > cells - 1:
        shown = shown[1:]
    return f"{ELLIPSIS}{shown}"


class FileList(LinesView):
    """The cursor is on the file that the reader is in."""

    DEFAULT_CSS = """
    FileList { width: 1fr; height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__(id="review-files", mark=NOW.sign)

    def show_entries(self, entries: Sequence[FileEntry]) -> None:
        nothing = Line(row(("No files.", "$text-muted")))
        self.replace_from(0, [FileRow(entry) for entry in entries] or [nothing])


class FileStrip(Widget):
    """What FileList says of the file under the cursor, and how many are not seen."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    FileStrip { height: 1; width: 1fr; background: $surface; }
    """

    def __init__(self) -> None:
        super().__init__(id="review-strip")
        self._entries: Sequence[FileEntry] = ()
        self._current = 0

    def show(self, entries: Sequence[FileEntry], current: int) -> None:
        self._entries, self._current = entries, current
        self.refresh()

    def render(self) -> Content:
        width = self.size.width
        if not self._entries or not width:
            return Content("")
        entry = self._entries[self._current]
        place = row((f" {self._current + 1}/{len(self._entries)} ", "$text-muted"))
        (line,) = FileRow(entry).rows(max(1, width - place.cell_length - 1))
        return fit(place.append(line), width)
