from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from core.events import Delta, ModelTurnStarted, OutputDelta, Record, TextDelta
from tests.tui import journal_of_a_run as journal
from tui.bridge import Bridge, Frame
from tui.live import KEPT_CHARS, Live, Piece


def text(words: str) -> TextDelta:
    return TextDelta(chunk=2, kind="text", text=words)


def finished_turn() -> Record:
    return next(r for r in journal.at_review() if r.event.type == "model_turn_finished")


def test_deltas_of_one_kind_join_and_a_finished_turn_empties_them() -> None:
    live = Live()
    for item in (text("a"), text("b"), TextDelta(chunk=2, kind="tool", text="{")):
        live = live.after(item)
    assert live.pieces == (Piece("text", "ab"), Piece("tool", "{"))
    assert live.after(finished_turn()).pieces == ()


def test_only_the_end_of_a_long_reply_and_output_is_kept() -> None:
    live = Live()
    for _ in range(30):
        live = live.after(text("x" * 1000)).after(OutputDelta(chunk=2, source="check", text="y" * 1000))
    assert (len(live.pieces[0].text), len(live.output)) == (KEPT_CHARS, KEPT_CHARS)


class Burst(journal.RecordedView):
    """A thousand deltas that come without a pause."""

    async def watch(self) -> AsyncIterator[Record | Delta]:
        for _ in range(1000):
            yield text("w")
            await asyncio.sleep(0)


async def test_a_burst_of_deltas_reaches_the_screen_in_few_frames_and_whole() -> None:
    frames: list[Frame] = []
    await Bridge(Burst(journal.working()), frames.append, journal.SteppedClock().clock).read()
    assert frames[-1].live.pieces == (Piece("text", "w" * 1000),)
    assert len(frames) < 50


async def test_silence_is_counted_from_the_request_or_the_last_byte() -> None:
    clock = journal.SteppedClock()
    view = journal.RecordedView(journal.working())
    frames: list[Frame] = []
    reading = asyncio.create_task(Bridge(view, frames.append, clock.clock).read())
    clock.advance(5)
    view.say(text("hello"))
    view._items.put_nowait(None)
    await reading
    assert frames[-1].heard_at == 1005.0


def test_a_request_opens_a_turn() -> None:
    record = next(r for r in journal.at_review() if isinstance(r.event, ModelTurnStarted))
    assert Live().after(record).turn_open
    assert not Live().after(record).after(finished_turn()).turn_open
