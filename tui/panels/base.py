"""A panel: a titled frame around lines that are a pure function of a slice of what is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from core.run_state import ChunkState, RunState
from tui.line import Line
from tui.lines_view import LinesView
from tui.live import Live
from tui.safe_text import row

SCALARS = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panels show: the run, and one of its chunks (the latest unless the reader `pinned` one)."""

    state: RunState
    live: Live
    chunk: ChunkState | None
    pinned: bool = False


def same_slice(old: tuple[object, ...] | None, new: tuple[object, ...]) -> bool:
    """Whether nothing changed: by identity, and by value for plain scalars."""
    if old is None or len(old) != len(new):
        return False
    return all(a is b or (isinstance(a, SCALARS) and a == b) for a, b in zip(old, new, strict=True))


class Panel(Vertical):
    """Subclasses give `slice`, `title` and `lines`; the entries in `expanded` are open."""

    KEY: ClassVar[str] = ""
    NAME: ClassVar[str] = ""
    DEFAULT_CSS = """
    Panel {
        border: round $border-blurred;
        border-title-color: $foreground 80%;
        border-title-style: bold;
        padding: 0 0 0 1;
        height: 1fr;
        min-height: 3;
        background: $background;
        &:focus-within { border: round $border; border-title-color: $text-primary; }
        &.tint-primary { border-title-color: $text-primary; border: round $primary 60%; }
        &.tint-secondary { border-title-color: $text-secondary; border: round $secondary 60%; }
        &.tint-accent { border-title-color: $text-accent; border: round $accent 60%; }
        &.tint-warning { border-title-color: $text-warning; border: round $warning 60%; }
        &.tint-success { border-title-color: $text-success; border: round $success 60%; }
        &.tint-error { border-title-color: $text-error; border: round $error 60%; }
        &:focus-within { border: heavy $border; }
    }
    """

    def __init__(self, number: int) -> None:
        super().__init__(id=self.KEY, classes="panel")
        self.number = number
        self.expanded: set[str] = set()
        self._slice: tuple[object, ...] | None = None
        self._shown: Shown | None = None

    def compose(self) -> ComposeResult:
        yield LinesView(id=f"{self.KEY}-lines")

    @property
    def body(self) -> LinesView:
        return self.query_one(f"#{self.KEY}-lines", LinesView)

    def slice(self, shown: Shown) -> tuple[object, ...]:
        raise NotImplementedError

    def title(self, shown: Shown) -> Content:
        raise NotImplementedError

    def badge(self, shown: Shown) -> str:
        """How it stands, in a few cells, for its tab on a narrow terminal."""
        return ""

    def lines(self, shown: Shown) -> Iterable[Line]:
        raise NotImplementedError

    def show(self, shown: Shown) -> None:
        """Draws again only if the slice's identity changed."""
        new = self.slice(shown)
        self._shown = shown
        if same_slice(self._slice, new):
            return
        self._slice = new
        self.border_title = row((f"{self.number} ", "$text-muted"), self.title(shown))
        self.draw(shown)

    def draw(self, shown: Shown) -> None:
        self.body.show(self.lines(shown))

    def toggle(self, key: str) -> None:
        """Opens or closes the entry with `key`."""
        self.expanded ^= {key}
        if self._shown is not None:
            self.draw(self._shown)

    def focus_body(self) -> None:
        self.body.focus()
