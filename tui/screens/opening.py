"""Opening what the cursor of home is on: asked about first where it costs, runs something, or is damaged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from core.home import Choice, HomeRun, HomeStory
from core.trust import is_trusted
from tui.clock import Clock
from tui.dock.guard import Guard
from tui.home_work import HomeWork

if TYPE_CHECKING:
    from textual.screen import Screen

    from core.story_finder import FoundStory
    from tui.screens.new_run import NewRun

    Base = Screen[None]
else:
    Base = object

NO_PLAN = "It has no plan yet: a run needs IMPLEMENTATION-PLAN.md or PLAN.yaml in _implementation/."


class Opening(Base):
    """A part of HomeScreen: what Enter and the letters do to a row. `choose` is told the result."""

    work: HomeWork
    clock: Clock
    choose: Callable[[Choice], object]

    @property
    def row(self) -> HomeRun | HomeStory | None:
        raise NotImplementedError

    def tell(self, text: str) -> None:
        raise NotImplementedError

    def run_of(self, row: HomeRun | HomeStory | None) -> HomeRun | None:
        """The run itself, or the newest one of the story."""
        return row if isinstance(row, HomeRun) else row.run if row is not None else None

    def story_of(self, row: HomeRun | HomeStory | None) -> HomeStory | None:
        """The story itself, or the one that the run is of, if it stands in the workspace still."""
        if row is None or isinstance(row, HomeStory):
            return row
        stories = [s for s in self.work.stories() if s.found.id == row.story_id]
        same = [s for s in stories if s.found.folder == row.story_folder]
        return next(iter(same or stories), None)

    # --- actions ------------------------------------------------------------------------

    def action_open(self) -> None:
        run = self.run_of(self.row)
        if run is None:
            self.action_new_run()
            return
        match run.opens:
            case "resume":
                self.action_resume()
            case "ask":
                self._ask_to_go_on(run)
            case "watch":
                self._chosen_run("watch", run)
            case "replay":
                self._chosen_run("replay", run)
            case "damage":
                self._tell_damage(run)
            case "wait":
                self.tell("Its journal is being read: try again in a moment.")

    def action_resume(self) -> None:
        run = self.run_of(self.row)
        if run is None:
            return
        if run.needs:
            self._resume(run)
        else:
            self._ask_to_go_on(run)

    def action_replay(self) -> None:
        run = self.run_of(self.row)
        if run is not None:
            self._chosen_run("replay", run)

    def action_watch(self) -> None:
        run = self.run_of(self.row)
        if run is not None:
            self._chosen_run("watch", run)

    def action_export(self) -> None:
        run = self.run_of(self.row)
        if run is not None:
            self._chosen_run("export", run)

    def action_new_run(self) -> None:
        story = self.story_of(self.row)
        if story is None:
            return
        if not story.found.planned:
            self.tell(f"{story.found.id}: {NO_PLAN}")
            return
        from tui.screens.new_run import NewRunScreen

        key = self.row.key if self.row is not None else ""

        def given(new: NewRun | None) -> None:
            if new is not None:
                self._when_trusted(lambda trust: self._start(key, story.found, new, trust))

        self.app.push_screen(NewRunScreen(story, _earlier(story.run), self._guard()), given)

    # --- steps --------------------------------------------------------------------------

    def _start(self, key: str, story: FoundStory, new: NewRun, trust: bool) -> None:
        self.choose(
            Choice(kind="start", key=key, story=story, model=new.model, autonomy=new.autonomy, trust=trust)
        )

    def _ask_to_go_on(self, run: HomeRun) -> None:
        lines = [
            f"{run.run_id} is {run.status.lower()}: {run.last or 'it ended before anything happened'}",
            "It goes on where its journal ends: the worker is asked again, which may cost.",
        ]
        self._ask("Go on with the run", lines, "go on", lambda: self._resume(run))

    def _resume(self, run: HomeRun) -> None:
        key = self.row.key if self.row is not None else run.key
        self._when_trusted(
            lambda trust: self.choose(Choice(kind="resume", key=key, run_id=run.run_id, trust=trust))
        )

    def _chosen_run(self, kind: Literal["replay", "watch", "export"], run: HomeRun) -> None:
        key = self.row.key if self.row is not None else run.key
        self.choose(Choice(kind=kind, key=key, run_id=run.run_id))

    def _tell_damage(self, run: HomeRun) -> None:
        lines = [
            run.last,
            "What stands before the damage can be replayed. Nothing is changed by that.",
            f"What can be mended, and how: signoff journal repair {run.run_id}",
        ]
        self._ask("A damaged journal", lines, "replay", lambda: self._chosen_run("replay", run))

    def _when_trusted(self, act: Callable[[bool], object]) -> None:
        """`act` is told whether the workspace is to be trusted first: a run's own programs come from it."""
        if is_trusted(self.work.root):
            act(False)
            return
        lines = [
            f"{self.work.root} is not trusted yet.",
            "In a run its own programs (type checker, tests) run with your rights, without a sandbox, "
            "and its settings are used.",
        ]
        self._ask("Trust this workspace?", lines, "trust it and go on", lambda: act(True))

    def _ask(self, title: str, lines: Sequence[str], yes: str, act: Callable[[], object]) -> None:
        def answered(agreed: bool | None) -> None:
            if agreed:
                act()

        from tui.screens.confirm import Confirm

        self.app.push_screen(Confirm(title, lines, yes, "back", self._guard()), answered)

    def _guard(self) -> Guard:
        return Guard(self.clock.monotonic)


def _earlier(run: HomeRun | None) -> list[str]:
    """What to know before another run of the story is started."""
    if run is None or run.status in ("", "Complete", "Damaged"):
        return []
    return [f"{run.run_id} is not complete ({run.status.lower()}): this would be another run beside it."]
