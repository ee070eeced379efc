"""The rows of home: a run or a story, laid out at the width that there is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from core.home import Group, HomeRun, HomeStory
from tui.marks import NOW, OK, OPEN, PILLS, WARN, PillLook
from tui.safe_text import Part, fit, row, split_row

WIDE = 110
"""From so many cells on a run is one row; below that its last line has a row of its own."""
TINY = 40
"""Below so many cells there is room for a status and an id only."""
PILL_WIDTH = 29
ID_WIDTH = 14
MUTED = "$text-muted"
UNREAD = PillLook("…", "$text-muted on $panel", "", "")
LOOKS: dict[str, PillLook] = {str(pill): look for pill, look in PILLS.items()} | {
    "Interrupted": PillLook("!", "$background on $warning", "", ""),
    "Damaged": PillLook("✗", "$background on $error", "", ""),
    "": UNREAD,
}
GROUP_WORDS: dict[Group, str] = {
    "needs": "Need you",
    "live": "Live",
    "unread": "Being read",
    "ended": "Ended",
}
UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))


def age_words(since: datetime, now: datetime) -> str:
    """`now`, `3 min`, `5 h`, `2 d`: how long ago, in the biggest unit."""
    seconds = (now - since).total_seconds()
    return next((f"{int(seconds // size)} {unit}" for unit, size in UNITS if seconds >= size), "now")


def status_words(run: HomeRun) -> str:
    if run.status == "Waiting for you":
        return f"WAITING FOR YOU: {'input' if run.asks == 'budget' else run.asks}"
    return run.status.upper() or "READING"


def cost_words(run: HomeRun) -> str:
    return "" if run.cost_usd is None else f"${run.cost_usd:.2f}"


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run, `age` after something last happened in it."""

    run: HomeRun
    age: str
    fill: str = ""

    @property
    def key(self) -> str:
        return self.run.key

    def count(self, width: int) -> int:
        return 2 if TINY <= width < WIDE and _said(self.run) else 1

    def rows(self, width: int) -> list[Content]:
        if width < TINY:
            return [_tiny(self.run, width)]
        if width < WIDE:
            said = row("    ", _said_part(self.run))
            rows = [_narrow(self.run, self.age, width), fit(said, width)]
            return rows[: self.count(width)]
        return [_wide(self.run, self.age, width)]


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A story; `age` is that of its newest run."""

    story: HomeStory
    age: str
    fill: str = ""

    @property
    def key(self) -> str:
        return self.story.key

    def count(self, width: int) -> int:
        return 1

    def rows(self, width: int) -> list[Content]:
        found, run = self.story.found, self.story.run
        sign = (LOOKS[run.status].mark, "bold") if run else (OPEN.sign, OPEN.style)
        named = row("  ", sign, " ").append(_cell((found.id, "bold"), ID_WIDTH)).append(" ")
        if width < TINY:
            return [fit(named, width)]
        about = _story_status(self.story, self.age)
        if width < WIDE:
            room = width - named.cell_length - about.cell_length - 2
            return [fit(named.append(_cell(self.story.title, room)).append(row("  ", about)), width)]
        title = _cell(self.story.title, (width - named.cell_length) * 2 // 5)
        return [split_row(row(named, title, "  ", about), row((found.feature, MUTED), " "), width)]


def _story_status(story: HomeStory, age: str) -> Content:
    if story.run is not None:
        words = story.run.status.lower() or "being read"
        return row((f"{words} {story.run.steps_done}/{story.run.steps_total}, {age}", MUTED))
    if not story.found.planned:
        return row((f"{WARN.sign} no plan yet", WARN.style))
    return row(("no run yet", MUTED))


# --- a run ------------------------------------------------------------------------------


def _pill(run: HomeRun) -> Content:
    look = LOOKS[run.status]
    return row((f" {look.mark} {status_words(run)} ", f"{look.style} bold"))


def _totals(run: HomeRun, age: str) -> Content:
    """Columns of one width each, so that those of all rows stand beneath each other."""
    steps = f"{run.steps_done}/{run.steps_total}" if run.status and run.steps_total else ""
    chunks = "" if not run.chunks else "1 chunk" if run.chunks == 1 else f"{run.chunks} chunks"
    return row((f"{steps:>6} {chunks:>9} {cost_words(run):>7} ", ""), (f"{age:>6} ", MUTED))


def _wide(run: HomeRun, age: str, width: int) -> Content:
    first = row("  ", _cell(_pill(run), PILL_WIDTH), " ", _cell((run.story_id, "bold"), ID_WIDTH), " ")
    totals = _totals(run, age)
    room = width - first.cell_length - totals.cell_length
    title = _cell(run.title, min(34, room * 2 // 5))
    return fit(row(first, title, totals, " ", _said_part(run)), width)


def _narrow(run: HomeRun, age: str, width: int) -> Content:
    first = row("  ", _pill(run), " ", (run.story_id, "bold"), " ", run.title)
    steps = f"{run.steps_done}/{run.steps_total}" if run.status and run.steps_total else ""
    totals = row(*_gaps(steps, cost_words(run)), (f"{age:>6} ", MUTED))
    return split_row(fit(first, width - totals.cell_length - 1), totals, width, gap=1)


def _gaps(*texts: str) -> list[Part]:
    return [f"{text}  " for text in texts if text]


def _tiny(run: HomeRun, width: int) -> Content:
    """The mark carries the status: it and the story are what is left of the row."""
    words = run.asks or run.status.lower() or "reading"
    look = LOOKS[run.status]
    return fit(row(" ", (look.mark, f"{look.style} bold"), " ", (run.story_id, "bold"), f" {words}"), width)


def _said(run: HomeRun) -> str:
    """What it needs, else what happened last."""
    more = f" (and {len(run.needs) - 1} more)" if len(run.needs) > 1 else ""
    return f"{run.needs[0]}{more}" if run.needs else run.last


def _said_part(run: HomeRun) -> Content:
    said = _said(run)
    if run.needs:
        return row((said, "$text-accent"))
    mark = OK if run.status == "Complete" else NOW if run.held else None
    return row((f"{mark.sign} " if mark and said else "", mark.style if mark else ""), (said, MUTED))


def _cell(part: Part, width: int) -> Content:
    """`part` in exactly `width` cells."""
    content = fit(row(part), width)
    return content.append(row(" " * max(0, width - content.cell_length)))
