"""The timeline's marks, where "go to" leads, and the search: everything of the replay that is no widget."""

from __future__ import annotations

from datetime import timedelta
from threading import Event as Flag

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import Answer
from core.events import DecisionResolved, Event, MessageSent, ReviewResolved
from core.log_recording import open_log
from core.recording import Mark, MarkKind
from tests.recorded_run import JOURNALS
from tests.tui import journal_of_a_run as journal
from tests.tui.recorded import HeldRecording
from tui.panels.timeline import TimelineFacts, line_row, timeline_rows
from tui.replay.finding import answer_words, answers, around, excerpt, first_after, holds, last_before
from tui.replay.going import NowhereToGo, goal
from tui.replay.marks import SIGNS, MarkIndex, cell_of, seq_of, span_of
from tui.replay.stops import ChunkStops

KINDS: tuple[MarkKind, ...] = ("chunk", "decision", "check", "failure", "review", "end")


def mark(seq: int, kind: MarkKind, *, chunk: int = 1, ok: bool = True) -> Mark:
    at = journal.START + timedelta(seconds=seq)
    return Mark(seq=seq, at=at, kind=kind, chunk=chunk, text="", ok=ok)


def index_of(*marks: Mark) -> MarkIndex:
    index = MarkIndex()
    index.take(marks)
    return index


# --- marks ------------------------------------------------------------------------------


def test_a_failure_is_whatever_went_wrong() -> None:
    index = index_of(
        mark(3, "check", ok=False),
        mark(5, "check"),
        mark(7, "review", ok=False),
        mark(9, "failure", ok=False),
        mark(20, "end", ok=False),
    )
    assert [index.after("failure", seq) for seq in (0, 3, 9, 20)] == [3, 9, 20, None]
    assert index.before("failure", 9) == 3 and index.before("failure", 3) is None
    assert index.after("review", 0) == 7 and index.after("check", 0) == 5


def test_one_chunk_on_and_back() -> None:
    index = index_of(mark(4, "chunk"), mark(30, "failure", ok=False), mark(40, "chunk", chunk=2))
    assert index.chunk_after(4) == 40
    assert index.chunk_before(41) == 40, "first to the beginning of the chunk itself"
    assert index.chunk_before(40) == 4
    assert index.chunk_start(2) == 40 and index.chunk_start(3) is None


def test_marks_that_come_later_are_taken_once() -> None:
    marks = [mark(1, "chunk"), mark(2, "decision")]
    index = MarkIndex()
    index.take(marks)
    index.take([*marks, mark(9, "end")])
    assert index.before("decision", 99) == 2 and index.before("decision", 2) is None
    assert index.completed


@given(
    st.integers(1, 400),
    st.integers(1, 3000),
    st.lists(st.tuples(st.integers(1, 3000), st.sampled_from(KINDS)), max_size=40),
)
def test_every_mark_is_in_the_cell_of_its_record(
    width: int, length: int, placed: list[tuple[int, MarkKind]]
) -> None:
    marks = [mark(seq, kind) for seq, kind in sorted(placed) if seq <= length]
    cells = index_of(*marks).cells(width, length)
    assert len(cells) == width
    order = list(SIGNS)
    for cell, shown in enumerate(cells):
        there = [m.kind for m in marks if cell_of(m.seq, width, length) == cell]
        assert shown == min(there, key=order.index, default=None)


@given(st.integers(1, 300), st.integers(1, 5000))
def test_the_cells_divide_the_records_and_a_click_goes_into_its_cell(width: int, length: int) -> None:
    spans = [span_of(cell, width, length) for cell in range(width)]
    held = [seq for first, last in spans for seq in range(first, last + 1)]
    assert held == list(range(1, length + 1))
    for cell, (first, last) in enumerate(spans):
        seq = seq_of(cell, width, length)
        assert 1 <= seq <= length
        if first <= last:
            assert cell_of(seq, width, length) == cell


def test_a_hundred_thousand_marks_are_still_a_line() -> None:
    index = index_of(*(mark(seq, KINDS[seq % 3]) for seq in range(1, 100_001)))
    row = line_row(TimelineFacts(index, position=50_000, length=100_000), 80)
    assert row.cell_length == 79
    assert set(row.plain) <= {" ", "?", "✓", "◆", "━", "─"}


@pytest.mark.parametrize("width", [1, 3, 20, 80, 160])
@pytest.mark.parametrize("height", [1, 2, 3, 4])
def test_the_position_shows_without_colour_and_no_row_is_too_wide(width: int, height: int) -> None:
    facts = TimelineFacts(index_of(mark(2, "decision")), position=60, length=100, damage="line 7: torn")
    rows = timeline_rows(facts, width, height)
    assert len(rows) == height or height == 4
    assert all(row.cell_length <= max(width, 12) for row in rows)
    line = line_row(facts, 80).plain
    assert "━╋─" in line and "━" not in line.partition("╋")[2] and "─" not in line.partition("╋")[0]


# --- go to ------------------------------------------------------------------------------

HISTORY = journal.at_review()
RECORDING = HeldRecording(HISTORY)


def stops_of(recording: HeldRecording) -> ChunkStops:
    return ChunkStops(recording, index_of(*recording.marks()))


def gone(text: str, here: int = 10) -> int:
    return goal(text, RECORDING, stops_of(RECORDING), here)


def test_go_to_a_time_a_share_a_record_a_chunk() -> None:
    step = journal.SECONDS_A_RECORD
    assert gone(f"{4 * step // 60}:{4 * step % 60:02}") == 5
    assert gone("0:00") == 1
    assert gone("+21s") == 13 and gone("-21s") == 7 and gone("-9h") == 1 and gone("+9h") == len(HISTORY)
    assert gone("+3") == 13 and gone("-300") == 1
    assert gone("50%") == round(len(HISTORY) / 2) and gone("0%") == 1 and gone("100%") == len(HISTORY)
    assert gone("12") == gone("# 12") == 12
    started = [r.seq for r in HISTORY if r.event.type == "chunk_started"]
    assert gone("chunk 2") == gone("c2") == started[1]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("99:00", "behind the end"),
        ("120%", "up to 100%"),
        ("0", "from 1 to"),
        ("9999", "from 1 to"),
        ("chunk 7", "no chunk 7"),
        ("tomorrow", "expected a time"),
        ("1:75", "expected a time"),
    ],
)
def test_what_leads_nowhere_says_why(text: str, why: str) -> None:
    with pytest.raises(NowhereToGo, match=why):
        gone(text)


def test_a_log_without_times_is_walked_by_number() -> None:
    untimed = HeldRecording(HISTORY, timed=False)
    stops = stops_of(untimed)
    assert goal("45%", untimed, stops, 1) > 1
    for text in ("0:10", "+5s"):
        with pytest.raises(NowhereToGo, match="no times"):
            goal(text, untimed, stops, 1)


def test_a_chunk_of_a_log_is_gone_to_as_a_whole() -> None:
    log = open_log(JOURNALS / "python" / "expected" / "BACKEND-LOG.md")
    index = MarkIndex()
    index.take(log.marks())
    stops = ChunkStops(log, index)
    there = [stops.of(number) for number in range(1, 6)]
    shown = [log.state_at(seq or 0).chunk for seq in there]
    assert [(chunk.number, chunk.status) for chunk in shown if chunk] == [
        (n, "approved") for n in range(1, 6)
    ]
    forwards, backwards = [stops.after(0)], [stops.before(log.length)]
    for _ in range(4):
        forwards.append(stops.after(forwards[-1] or 0))
        backwards.append(stops.before(backwards[-1] or 0))
    assert forwards == there and backwards == [*reversed(there[:-1]), None]
    assert stops.after(log.length) is None


# --- search -----------------------------------------------------------------------------


def test_a_text_is_found_forwards_backwards_and_from_the_other_end() -> None:
    said = [7, 300, 900]
    # The run's start, which names the story, is record 1 of every history.
    events: list[Event] = [
        MessageSent(text="see the BASKET" if seq in said else "x", by="user") for seq in range(2, 1001)
    ]
    recording = HeldRecording(journal.records(events))
    wanted = holds("basKet")
    forwards = [around(recording, here, 1, wanted, Flag()) for here in (0, 7, 300, 900)]
    backwards = [around(recording, here, -1, wanted, Flag()) for here in (1000, 900, 300, 7)]
    assert [r.seq for r in forwards if r] == [7, 300, 900, 7]
    assert [r.seq for r in backwards if r] == [900, 300, 7, 900]
    assert first_after(recording, 0, holds("nowhere"), Flag()) is None


def test_a_search_that_is_stopped_ends() -> None:
    stop = Flag()
    stop.set()
    assert first_after(RECORDING, 0, lambda record: True, stop) is None
    assert last_before(RECORDING, 20, lambda record: True, stop) is None


def test_an_excerpt_is_one_line_around_the_text() -> None:
    long = MessageSent(text="a" * 100 + "\nthen ÉTÉ and\tmore " + "b" * 500, by="user")
    record = journal.records([long])[-1]
    found = excerpt(record, "été")
    assert found.startswith("…") and "then ÉTÉ and more" in found and "\n" not in found and len(found) < 300


def test_the_answer_to_a_question_is_the_next_one_with_its_id() -> None:
    resolved = DecisionResolved(
        request_id="D-2", answer=Answer(decision="Id only", decided_by="user", note="small")
    )
    reviewed = ReviewResolved(
        request_id="R-1", chunk=1, round=1, verdict="request_changes", by="user", diff_hash="1", comment="no"
    )
    recording = HeldRecording(journal.records([reviewed, resolved]))
    found = first_after(recording, 0, answers("D-2"), Flag())
    assert found is not None and answer_words(found) == "user: Id only (small)"
    assert answer_words(recording.record(2)) == "user: request changes, no"
