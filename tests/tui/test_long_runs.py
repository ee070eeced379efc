"""Thousands of decisions and chunks: the panels draw what can be looked at, and say what they leave out."""

from __future__ import annotations

from dataclasses import replace

from core.events import DecisionRequested, Event, StepStarted
from core.fold import fold
from core.run_state import RunState
from tests.tui import journal_of_a_run as journal
from tests.tui.recorded import HeldRecording, replaying
from tui.live import Live
from tui.panels.base import Shown
from tui.panels.decisions import LATEST, DecisionsPanel
from tui.panels.plan import NAMED_CHUNKS, PlanPanel
from tui.panels.tokens import SHOWN_CHUNKS, TokensPanel
from tui.screens.ledger import LedgerScreen
from tui.screens.ledger_lines import MOST


def asked_often(times: int) -> list[Event]:
    asked = journal.AUTO_DECISION
    return [
        replace(asked, request=replace(asked.request, id=f"D-{n}", title=f"Question {n}"))
        for n in range(times)
    ]


def many_chunks(times: int) -> list[Event]:
    first = journal.first_chunk()
    events: list[Event] = []
    for n in range(1, times + 1):
        events += [
            replace(e, chunk=n) if hasattr(e, "chunk") and not isinstance(e, DecisionRequested) else e
            for e in first
        ]
        events.append(StepStarted(step="2", chunk=n))
    return events


def shown(state: RunState) -> Shown:
    return Shown(state, Live(), state.chunk)


def texts(panel: DecisionsPanel | PlanPanel | TokensPanel, state: RunState) -> list[str]:
    return [line.content.plain for line in panel.lines(shown(state))]


def test_the_decisions_panel_draws_the_latest_and_counts_the_others() -> None:
    state = fold(journal.records(asked_often(LATEST + 1_500)))
    lines = texts(DecisionsPanel(2), state)
    assert lines[0].endswith(f"Question {LATEST + 1_499}") and len(lines) <= 2 * LATEST + 1
    assert lines[-1] == "… 1,500 earlier ones: L shows the ledger"
    assert f"of the latest {LATEST}" in DecisionsPanel(2).title(shown(state)).plain


def test_plan_and_tokens_stay_short() -> None:
    state = fold(journal.records(many_chunks(NAMED_CHUNKS + SHOWN_CHUNKS)))
    words = "\n".join(texts(PlanPanel(1), state))
    assert f"{NAMED_CHUNKS + SHOWN_CHUNKS} chunks, the latest {NAMED_CHUNKS + SHOWN_CHUNKS}" in words
    bars = next(line for line in texts(TokensPanel(5), state) if line.startswith("by chunk"))
    assert len(bars.removeprefix("by chunk ")) == SHOWN_CHUNKS


async def test_the_ledger_draws_so_many_and_a_text_finds_any() -> None:
    recording = HeldRecording(journal.records(asked_often(MOST + 700)))
    async with replaying(recording) as replay:
        await replay.press("L", "end")
        screen = replay.app.screen
        assert isinstance(screen, LedgerScreen)
        assert f"{MOST + 700:,} decisions" in replay.text()
        assert "… 700 more: a filter (t, o, /) narrows them down" in replay.text()
        await replay.press("/", *f"Question {MOST + 650}", "enter")
        assert replay.text().count("Question ") == 2, "in the filter, and the one that was found"
        await replay.press("g")
        assert replay.seq == MOST + 652
