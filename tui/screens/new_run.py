"""Starting a run of a story: which model, how much autonomy. Nothing begins before enter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple, get_args

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from core.home import HomeStory
from tui.dock.guard import Guard
from tui.line import Line
from tui.lines_view import LinesView
from tui.marks import NOW, WARN
from tui.safe_text import row
from tui.typed_line import TypedLine

if TYPE_CHECKING:
    from core.domain import AutonomyLevel

AS_CONFIGURED = "as the story and the settings say"
LEVEL = "level:"


class NewRun(NamedTuple):
    """`model` and `autonomy` None: as the settings and the story say."""

    model: str | None
    autonomy: AutonomyLevel | None


class NewRunScreen(ModalScreen[NewRun | None]):
    """Guarded like a prompt. `warnings` are said before anything is started."""

    DEFAULT_CSS = """
    NewRunScreen { align: center middle; background: $background 60%; }
    NewRunScreen > Vertical {
        width: 84; max-width: 100%; height: auto; max-height: 100%;
        border: heavy $primary; border-title-color: $text-primary; border-title-style: bold;
        padding: 0 1; background: $surface;
        & > LinesView { height: auto; max-height: 60vh; }
        & > Static { height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        *(Binding(str(n), f"pick({n})", show=False) for n in range(1, 5)),
    ]

    def __init__(self, story: HomeStory, warnings: Sequence[str], guard: Guard) -> None:
        super().__init__()
        self._story = story
        self._warnings = warnings
        self._guard = guard

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = row(f"Start a run of {self._story.found.id}")
            yield LinesView(id="new-run-lines", mark=NOW.sign)
            yield Static(Content(""), id="model-asked", markup=False)
            yield TypedLine(id="model")
            yield Static(Content(""), id="new-run-keys", markup=False)

    def on_mount(self) -> None:
        self._guard.appeared()
        self.query_one(LinesView).show(new_run_lines(self._story, self._warnings))
        self.query_one("#model-asked", Static).update(
            row(("Model", "bold"), "  anthropic, anthropic:NAME, scripted:FILE; empty: as the settings say")
        )
        self.query_one(TypedLine).placeholder = "as the settings say"
        self._choose_level()

    def admits(self, event: events.Key) -> bool:
        return self._guard.key_came(event)

    def action_pick(self, number: int) -> None:
        keys = [f"{LEVEL}{level}" for level in ("", *_levels())]
        self.query_one(LinesView).select(keys[number - 1])

    def action_back(self) -> None:
        if self.query_one(TypedLine).has_focus:
            self._choose_level()
        else:
            self.dismiss(None)

    @on(LinesView.Chosen)
    def _level_chosen(self, event: LinesView.Chosen) -> None:
        event.stop()
        if not self._guard.closed:
            self.query_one(TypedLine).focus()
            self._show_keys("start the run")

    @on(TypedLine.Submitted)
    def _model_given(self, event: TypedLine.Submitted) -> None:
        event.stop()
        chosen = self.query_one(LinesView).cursor_key.removeprefix(LEVEL)
        level = next((level for level in _levels() if level == chosen), None)
        self.dismiss(NewRun(model=event.value.strip() or None, autonomy=level))

    def _choose_level(self) -> None:
        self.query_one(LinesView).focus()
        self._show_keys("go on to the model")

    def _show_keys(self, enter: str) -> None:
        keys = row((" enter ", "$text-warning bold"), enter, ("    esc ", "$text-primary bold"), "back")
        self.query_one("#new-run-keys", Static).update(row(keys))


def _levels() -> tuple[AutonomyLevel, ...]:
    from core.domain import AutonomyLevel

    return get_args(AutonomyLevel)


def new_run_lines(story: HomeStory, warnings: Sequence[str]) -> list[Line]:
    levels = [("", AS_CONFIGURED), *((level, level) for level in _levels())]
    return [
        Line(row((story.title or story.found.id, "bold"))),
        Line(row((story.found.folder, "$text-muted"))),
        *(Line(row((f"{WARN.sign} {text}", WARN.style)), hang=2) for text in warnings),
        Line(row("")),
        Line(row(("Autonomy", "bold"), "  which decisions come to you")),
        *(
            Line(row((f" {number}  ", "$text-primary bold"), words), key=f"{LEVEL}{level}", hang=4)
            for number, (level, words) in enumerate(levels, start=1)
        ),
        Line(row("")),
    ]
