"""What home shows of a workspace, and what becomes of a choice there. Pure; the screen draws it.

Plain dataclasses and no import of `core.domain` or `core.events` when it is loaded: home's first frame does
without them, and so without what each of their classes costs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from core.story_finder import FoundStory, stage_order

if TYPE_CHECKING:
    from core.domain import AutonomyLevel, RunOutcome
    from core.run_state import Pill, RunState
    from core.runs import RunSummary

RUN_ID_PARTS = 3  # what a run's id has behind its story's: date, time, chance

Status: TypeAlias = "Pill | Literal['Interrupted', 'Damaged', '']"
"""The run's pill; two more that only a run nobody drives can have; "" while its journal is not read yet."""
Show: TypeAlias = Literal["all", "needs", "live", "ended"]
Order: TypeAlias = Literal["needs", "newest", "story", "cost"]
Group: TypeAlias = Literal["needs", "live", "unread", "ended"]
Opening: TypeAlias = Literal["resume", "ask", "watch", "replay", "damage", "wait"]
SHOWS: tuple[Show, ...] = get_args(Show)
ORDERS: tuple[Order, ...] = get_args(Order)
GROUPS: tuple[Group, ...] = get_args(Group)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeRun:
    """A run's row. `held`: a process drives it. `needs` is what it waits for, the oldest first, as
    `decision: title`; `last` what happened last, in one line, or what is wrong with its journal."""

    run_id: str
    folder: Path
    story_id: str
    status: Status = ""
    held: bool = False
    outcome: RunOutcome | None = None
    updated_at: datetime
    title: str = ""
    story_folder: str = ""
    steps_done: int = 0
    steps_total: int = 0
    chunks: int = 0
    cost_usd: float | None = None
    needs: tuple[str, ...] = ()
    last: str = ""
    newest: bool = False

    @property
    def key(self) -> str:
        return f"run:{self.run_id}"

    @property
    def group(self) -> Group:
        """A run needs you when it asks; also when it broke off and no later run of its story goes on."""
        if not self.status:
            return "unread"
        if self.needs or (self.newest and self.status in ("Interrupted", "Blocked", "Failed", "Damaged")):
            return "needs"
        return "live" if self.held else "ended"

    @property
    def opens(self) -> Opening:
        """What Enter does. What would ask the model again at once is asked about first."""
        if self.status in ("", "Damaged"):
            return "damage" if self.status else "wait"
        if self.held:
            return "watch"
        if self.status == "Complete" or (self.outcome is not None and not self.needs):
            return "replay"
        return "resume" if self.needs else "ask"

    @property
    def resumable(self) -> bool:
        return self.status not in ("", "Damaged", "Complete") and not self.held

    @property
    def asks(self) -> str:
        """The kind of what it waits for; "" where it waits for nothing."""
        return self.needs[0].partition(":")[0] if self.needs else ""

    @property
    def text(self) -> str:
        return " ".join((self.run_id, self.title, self.status, *self.needs, self.last))


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeStory:
    """A story's row. `title` is "" until its file is read; `run` is its newest run."""

    found: FoundStory
    title: str = ""
    run: HomeRun | None = None

    @property
    def key(self) -> str:
        return f"story:{self.found.folder}"

    @property
    def text(self) -> str:
        return f"{self.found.id} {self.found.folder} {self.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was chosen at home: `key` is the row, where the cursor is again afterwards. `story`, `model` and
    `autonomy` (None: as the settings and the story say) are for a start. `trust` the workspace first."""

    kind: Literal["resume", "replay", "watch", "start", "export"]
    key: str
    run_id: str = ""
    story: FoundStory | None = None
    model: str | None = None
    autonomy: AutonomyLevel | None = None
    trust: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What of the workspace is listed, and in which order. `stage` "" is any of them."""

    show: Show = "all"
    stage: str = ""
    order: Order = "needs"
    search: str = ""


# --- rows -------------------------------------------------------------------------------


def unread_run(folder: Path, modified_s: float) -> HomeRun:
    """All that the names tell, before its journal is read."""
    return HomeRun(
        run_id=folder.name,
        folder=folder,
        story_id=folder.name.rsplit("-", RUN_ID_PARTS)[0],
        updated_at=datetime.fromtimestamp(modified_s, UTC),
    )


def home_run(summary: RunSummary, before: HomeRun, *, held: bool) -> HomeRun:
    """The row of a run whose journal was read; `before` is what stood for it until now."""
    state = summary.state
    if state is None:
        return HomeRun(
            run_id=before.run_id,
            folder=before.folder,
            story_id=before.story_id,
            updated_at=before.updated_at,
            status="Damaged",
            # Its own folder is what the row is about.
            last=summary.problem.replace(f"{before.folder}/", ""),
        )
    story = state.story
    interrupted = state.outcome is None and not (held or state.pending)
    return HomeRun(
        run_id=before.run_id,
        folder=before.folder,
        story_id=story.id if story else before.story_id,
        status="Interrupted" if interrupted else state.pill,
        held=held,
        outcome=state.outcome,
        updated_at=state.updated_at or before.updated_at,
        title=story.title if story else "",
        story_folder=story.folder if story else "",
        steps_done=state.steps_done,
        steps_total=len(state.steps),
        chunks=len(state.opened_chunks),
        cost_usd=state.cost_usd,
        needs=tuple(f"{pending.kind}: {pending.title}" for pending in state.pending),
        last=f"broke off at: {_last_line(state)}" if interrupted else _last_line(state),
    )


def _last_line(state: RunState) -> str:
    """How it ended, else what it does, else the end of its last chunk's stream."""
    if state.outcome is not None:
        return state.reason
    if state.activity is not None:
        return state.activity.text
    entries = state.chunk.entries if state.chunk is not None else ()
    return entries[-1].text if entries else ""


def home_stories(
    found: Iterable[FoundStory], titles: Callable[[FoundStory], str], runs: Iterable[HomeRun]
) -> list[HomeStory]:
    newest = {run.story_id: run for run in runs if run.newest}
    return [HomeStory(found=s, title=titles(s), run=newest.get(s.id)) for s in found]


# --- what is listed ---------------------------------------------------------------------


def selected_runs(
    runs: Iterable[HomeRun], selection: Selection, stages: dict[str, str]
) -> list[tuple[Group | None, HomeRun]]:
    """The runs to list, each with its group; with None where the order knows no groups. `stages` gives the
    stage that a story, by its id, is in now."""
    words = selection.search.casefold().split()
    shown = [
        run
        for run in runs
        if _is_shown(run, selection.show)
        and (not selection.stage or selection.stage == _stage_of(run, stages))
        and _fits(run.text, words)
    ]
    shown.sort(key=lambda run: run.updated_at, reverse=True)
    if selection.order == "needs":
        shown.sort(key=lambda run: (GROUPS.index(run.group), not run.needs))
        return [(run.group, run) for run in shown]
    if selection.order == "story":
        shown.sort(key=lambda run: run.story_id)
    elif selection.order == "cost":
        shown.sort(key=lambda run: -(run.cost_usd or 0.0))
    return [(None, run) for run in shown]


def selected_stories(stories: Iterable[HomeStory], selection: Selection) -> list[HomeStory]:
    """By stage, in-progress first; only where everything is shown, since no story needs anybody."""
    if selection.show != "all":
        return []
    words = selection.search.casefold().split()
    shown = [
        story for story in stories if selection.stage in ("", story.found.stage) and _fits(story.text, words)
    ]
    return sorted(shown, key=lambda s: (stage_order(s.found.stage), s.found.feature, s.found.id))


def counts(runs: Sequence[HomeRun]) -> dict[Show, int]:
    """How many runs each filter lists."""
    return {show: sum(_is_shown(run, show) for run in runs) for show in SHOWS}


def stages_of(stories: Iterable[FoundStory]) -> list[str]:
    return sorted({story.stage for story in stories}, key=stage_order)


def with_newest(runs: Collection[HomeRun]) -> tuple[HomeRun, ...]:
    """The same runs, the newest one of each story marked: by when they began, which their ids tell."""
    newest: dict[str, str] = {}
    for run in runs:
        newest[run.story_id] = max(newest.get(run.story_id, ""), run.run_id)
    return tuple(
        run if run.newest == (run.run_id == newest[run.story_id]) else replace(run, newest=not run.newest)
        for run in runs
    )


def _is_shown(run: HomeRun, show: Show) -> bool:
    match show:
        case "needs":
            return run.group == "needs"
        case "live":
            return run.held
        case "ended":
            return run.outcome is not None
        case _:
            return True


def _stage_of(run: HomeRun, stages: dict[str, str]) -> str:
    """Where the story is now, else where it was when the run began."""
    parts = run.story_folder.split("/")
    return stages.get(run.story_id) or (parts[-2] if len(parts) > 1 else "")


def _fits(text: str, words: Sequence[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)
