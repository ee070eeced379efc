"""The run over time as a picture: chunks as bars; decisions, checks and reviews as marks.

Horizontal places are in percent and sizes in pixels, so that it fits any width and its words keep their size.
Long waits are shortened.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from statistics import median

from core.domain import value
from core.exports.tag import Html, joined, tag
from core.exports.words import CHUNK_MARKS, TONES, took
from core.past_chunk import counted, lasted, shown_chunks, status_word
from core.recording import Mark, Recording
from core.run_state import ChunkState, RunState

LANES = (("decision", "Decisions"), ("check", "Checks"), ("review", "Reviews"), ("failure", "Failures"))
# As in page.css, whose names of the lanes stand beside the picture.
LANE_HEIGHT = 30
BAR_HEIGHT = 26
TOP = 24
EDGE = 1.5
"""Percent of the width that stay free on both sides."""
BINS = 120
"""Marks that fall into the same of so many places are drawn as one."""
LONG_GAP = timedelta(seconds=30)
NAMED_BAR = 4.0
"""A bar of less than so many percent has no room for its number."""


@value
class Span:
    """A stretch of the picture, in percent; `waited` where a gap was shortened."""

    start: float
    end: float
    waited: str = ""


class Scale:
    """From moments to percent. A gap that is far longer than the others counts as a short one."""

    def __init__(self, moments: Sequence[float], longest: float) -> None:
        self._moments = sorted(set(moments)) or [0.0]
        self._places = [0.0]
        self._gaps: list[tuple[int, float]] = []
        for n in range(1, len(self._moments)):
            gap = self._moments[n] - self._moments[n - 1]
            if gap > longest:
                self._gaps.append((n, gap))
            self._places.append(self._places[-1] + min(gap, longest))

    def at(self, moment: float) -> float:
        n = bisect_right(self._moments, moment) - 1
        if n < 0:
            return EDGE
        place = self._places[n]
        if n + 1 < len(self._moments):
            share = (moment - self._moments[n]) / (self._moments[n + 1] - self._moments[n])
            place += share * (self._places[n + 1] - place)
        return EDGE + (100 - 2 * EDGE) * place / (self._places[-1] or 1.0)

    def gaps(self) -> Iterator[tuple[float, float]]:
        """Where a gap was shortened, and how long it was."""
        for n, gap in self._gaps:
            yield (self.at(self._moments[n - 1]) + self.at(self._moments[n])) / 2, gap


def timeline(recording: Recording, state: RunState) -> Html:
    marks = recording.marks()
    if not marks:
        return Html("")
    scale, place_of = _scale(recording, state, marks)
    lanes = [lane for lane in LANES if any(mark.kind == lane[0] for mark in marks)]
    height = TOP + BAR_HEIGHT + LANE_HEIGHT * len(lanes) + 4
    gaps = list(scale.gaps()) if recording.timed else []
    drawn = [
        *(_gap(place, gap, height) for place, gap in gaps),
        *_bars(recording, state, marks, scale),
        *(
            part
            for n, (kind, _) in enumerate(lanes)
            for part in _lane(n, [mark for mark in marks if mark.kind == kind], place_of)
        ),
    ]
    told = _told(recording, state, marks)
    picture = tag("svg", *drawn, class_="pic", width="100%", height=height, role="img", aria_label=told)
    names = tag(
        "ul", *(tag("li", name) for name in ("Chunks", *(name for _, name in lanes))), aria_hidden="true"
    )
    body = tag("div", names, tag("div", picture), class_="lanes")
    how = "the log has no times: this is its order" if not recording.timed else ""
    key = _key(how or ("a dashed line is a long wait, shortened" if gaps else ""))
    return joined([tag("h2", "Timeline", id="timeline"), tag("div", body, key, class_="card")])


def _scale(recording: Recording, state: RunState, marks: Sequence[Mark]) -> tuple[Scale, dict[int, float]]:
    """The scale, and the place of each mark by its number."""
    if not recording.timed:
        scale = Scale([0.0, *(float(mark.seq) for mark in marks), float(recording.length)], float("inf"))
        return scale, {mark.seq: scale.at(mark.seq) for mark in marks}
    moments = [mark.at.timestamp() for mark in marks]
    moments += [at.timestamp() for at in (state.started_at, state.updated_at) if at is not None]
    for chunk in state.chunks:
        moments += [at.timestamp() for at in (chunk.started_at, chunk.finished_at) if at is not None]
    ordered = sorted(set(moments))
    gaps = [b - a for a, b in pairwise(ordered)]
    longest = max(LONG_GAP.total_seconds(), 10 * median(gaps)) if gaps else 1.0
    scale = Scale(ordered, longest)
    return scale, {mark.seq: scale.at(mark.at.timestamp()) for mark in marks}


# --- what is drawn ----------------------------------------------------------------------


def _bars(recording: Recording, state: RunState, marks: Sequence[Mark], scale: Scale) -> Iterator[Html]:
    for chunk in shown_chunks(state):
        span = _span(recording, state, chunk, marks)
        if span is None:
            continue
        left, right = (scale.at(moment) for moment in span)
        width = max(right - left - 0.25, 0.4)
        yield _bar(chunk, status_word(chunk, recording.timed), left, width)


def _bar(chunk: ChunkState, status: str, left: float, width: float) -> Html:
    tone = TONES[CHUNK_MARKS[status]]
    bar = tag(
        "rect",
        x=f"{left:.2f}%",
        y=TOP,
        width=f"{width:.2f}%",
        height=BAR_HEIGHT,
        rx=4,
        class_=f"bar s-{tone}",
    )
    middle = f"{left + width / 2:.2f}%"
    number = tag("text", str(chunk.number), x=middle, y=TOP + 17, text_anchor="middle", class_="on")
    told = tag("title", f"chunk {chunk.number} {chunk.name}: {status}")
    return tag("a", told, bar, *([number] if width > NAMED_BAR else []), href=f"#chunk-{chunk.number}")


def _span(
    recording: Recording, state: RunState, chunk: ChunkState, marks: Sequence[Mark]
) -> tuple[float, float] | None:
    if recording.timed:
        ended = chunk.finished_at or state.updated_at
        if chunk.started_at is None or ended is None:
            return None
        return chunk.started_at.timestamp(), ended.timestamp()
    starts = [mark.seq for mark in marks if mark.kind == "chunk"]
    own = next((mark.seq for mark in marks if mark.kind == "chunk" and mark.chunk == chunk.number), None)
    if own is None:
        return None
    return float(own), float(next((seq for seq in starts if seq > own), recording.length))


def _lane(n: int, marks: Sequence[Mark], place_of: dict[int, float]) -> Iterator[Html]:
    y = TOP + BAR_HEIGHT + LANE_HEIGHT * n + LANE_HEIGHT // 2
    yield tag("line", x1="0", x2="100%", y1=y, y2=y, class_="lane")
    together: dict[int, list[Mark]] = {}
    for mark in marks:
        together.setdefault(round(place_of[mark.seq] * BINS / 100), []).append(mark)
    for group in together.values():
        yield _sign(group, place_of[group[0].seq], y)


def _sign(group: list[Mark], place: float, y: int) -> Html:
    """A disc, or a cross where something was not right; a link to its chunk."""
    ok = all(mark.ok for mark in group)
    shape = (
        tag("circle", r="5.5")
        if ok
        else tag("path", d="M-6-3.5-3.5-6 0-2.5 3.5-6 6-3.5 2.5 0 6 3.5 3.5 6 0 2.5-3.5 6-6 3.5-2.5 0z")
    )
    words = "; ".join(mark.text for mark in group[:5]) + (
        f"; {len(group) - 5} more" if len(group) > 5 else ""
    )
    inner = tag(
        "svg",
        tag("title", words),
        shape,
        x=f"{place:.2f}%",
        y=y,
        overflow="visible",
        class_=f"s-{'ok' if ok else 'bad'}",
    )
    chunk = group[0].chunk
    return tag("a", inner, href=f"#chunk-{chunk}") if chunk else inner


def _gap(place: float, gap: float, height: int) -> Html:
    x = f"{place:.2f}%"
    line = tag("line", x1=x, x2=x, y1=TOP - 4, y2=height, class_="gap")
    return joined([line, tag("text", lasted(timedelta(seconds=gap)), x=x, y=TOP - 8, text_anchor="middle")])


def _key(how: str) -> Html:
    disc = tag(
        "svg", tag("circle", cx=6, cy=6, r="5.5"), width=12, height=12, class_="s-ok", aria_hidden="true"
    )
    shape = tag("path", d="M0 2.5 2.5 0 6 3.5 9.5 0 12 2.5 8.5 6 12 9.5 9.5 12 6 8.5 2.5 12 0 9.5 3.5 6z")
    cross = tag("svg", shape, width=12, height=12, class_="s-bad", aria_hidden="true")
    items = [tag("li", disc, "as it should be"), tag("li", cross, "failed, turned down or asked for changes")]
    return tag("ul", *items, *([tag("li", how)] if how else []), class_="key")


def _told(recording: Recording, state: RunState, marks: Sequence[Mark]) -> str:
    """The picture in words."""
    counts = ", ".join(
        f"{counted(len(found), name[:-1].lower())} ({sum(not mark.ok for mark in found)} not as it should be)"
        for kind, name in LANES
        if (found := [mark for mark in marks if mark.kind == kind])
    )
    over = f" over {took(state)}" if recording.timed and took(state) else ""
    return f"Timeline: {counted(len(shown_chunks(state)), 'chunk')}{over}; {counts or 'no other marks'}."
