"""The lines of home's list: groups of runs, stories by stage, or what to do where there is nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from core.home import (
    GROUPS,
    Group,
    HomeRun,
    HomeStory,
    Selection,
    selected_runs,
    selected_stories,
)
from tui.home_lines import GROUP_WORDS, MUTED, RunLine, StoryLine, age_words
from tui.home_work import HomeWork
from tui.line import Laid, Line
from tui.safe_text import row

HomeLine: TypeAlias = RunLine | StoryLine

NOTHING_YET = (
    "There are no stories and no runs here yet.",
    "A story is a folder FEATURE/in-progress/STORY-1 with STORY-1.md in it, and a plan beside it in "
    "_implementation/IMPLEMENTATION-PLAN.md.",
    "To see one at work: signoff demo",
)
LOOKING = ("Looking for stories...",)
NO_STORIES = ("No stories: none of the folders FEATURE/{stage}/STORY-1 has a STORY-1.md in it.",)
NO_RUNS = ("No runs yet: enter on a story starts one.",)
NARROWED = ("Nothing here fits.", "esc shows everything again.")
NOBODY = ("Nothing needs you.", "esc shows everything again.")


def home_lines(
    work: HomeWork, selection: Selection, now: datetime, before: Mapping[str, HomeLine]
) -> tuple[dict[str, HomeLine], list[Laid]]:
    """The lines by their keys, and all in order. A line that says the same as one of `before` is that one."""
    stories = work.stories()
    stages = {story.found.id: story.found.stage for story in stories}
    runs = selected_runs(work.runs, selection, stages)
    shown = selected_stories(stories, selection)
    lines: list[Laid] = [*_run_lines(runs, now), *_story_lines(shown, bool(runs), now)]
    if not runs and not shown:
        return {}, [*_told(_why_empty(work, selection))]
    if not work.runs:
        lines = [*_told(NO_RUNS), *lines]
    if selection == Selection(order=selection.order) and not stories:
        lines += [Line(row("")), *_told(LOOKING if work.walking else NO_STORIES)]
    keyed: dict[str, HomeLine] = {}
    for index, line in enumerate(lines):
        if isinstance(line, RunLine | StoryLine):
            known = before.get(line.key)
            lines[index] = keyed[line.key] = known if known is not None and known == line else line
    return keyed, lines


def _run_lines(runs: list[tuple[Group | None, HomeRun]], now: datetime) -> Iterator[Laid]:
    for group in (*GROUPS, None):
        members = [run for named, run in runs if named == group]
        if group is not None and members:
            yield _heading(f"{GROUP_WORDS[group]}  {len(members)}", accent=group == "needs")
        yield from (RunLine(run, age_words(run.updated_at, now)) for run in members)


def _story_lines(stories: list[HomeStory], after_runs: bool, now: datetime) -> Iterator[Laid]:
    stage = None
    for story in stories:
        if story.found.stage != stage:
            stage = story.found.stage
            if after_runs:
                yield Line(row(""))
            number = sum(each.found.stage == stage for each in stories)
            yield _heading(f"Stories {stage}  {number}")
        yield StoryLine(story, age_words(story.run.updated_at, now) if story.run else "")


def _heading(words: str, *, accent: bool = False) -> Line:
    return Line(row((f" {words}", "$text-accent bold" if accent else "$text-primary bold")), wrap=False)


def _told(words: tuple[str, ...]) -> Iterator[Line]:
    for text in words:
        yield Line(row((f"  {text}", MUTED)), hang=2)


def _why_empty(work: HomeWork, selection: Selection) -> tuple[str, ...]:
    if selection.show == "needs" and not (selection.search or selection.stage):
        return NOBODY
    if selection != Selection(order=selection.order):
        return NARROWED
    return LOOKING if work.walking else NOTHING_YET
