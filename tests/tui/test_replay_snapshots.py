"""Pictures of the replay and the ledger, from the recorded journals. See tests/tui/test_snapshots.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core.log_recording import open_log
from core.recording import Recording
from tests.recorded_run import JOURNALS
from tests.tui.journal_of_a_run import SteppedClock
from tests.tui.on_screen import NARROW, TINY, WIDE, Size
from tests.tui.recorded import HeldRecording, of_journal, settle
from tests.tui.shots import Compare
from tui.replay_app import ReplayApp

DAMAGE = "/home/me/shop/.signoff/runs/WISH-001-20261124-123947-f2f9/journal.jsonl:104: not a JSON line"


def python() -> HeldRecording:
    return of_journal("python")


def blocked() -> HeldRecording:
    return of_journal("python-blocked")


def damaged() -> HeldRecording:
    whole = of_journal("python")
    return HeldRecording(list(whole.records(last=102)), blobs=whole.blob, damage=DAMAGE)


def being_read() -> HeldRecording:
    growing = of_journal("python")
    growing.shown, growing.indexed = 210, 0.64
    return growing


def bare_log() -> Recording:
    return open_log(JOURNALS / "python" / "expected" / "BACKEND-LOG.md")


class Shot(NamedTuple):
    name: str
    recording: Callable[[], Recording]
    keys: tuple[str, ...] = ()
    size: Size = WIDE
    theme: str = "signoff-dark"


SHOTS = (
    Shot("start", python),
    Shot("failed-check", blocked, ("f", "f")),
    Shot("failed-check-narrow", blocked, ("f", "f"), NARROW),
    Shot("failed-check-light", blocked, ("f", "f"), theme="signoff-light"),
    Shot("decision", python, ("d", "d", "d")),
    Shot("decision-narrow", python, ("d", "d", "d"), NARROW),
    Shot("decision-tiny", python, ("d", "d", "d"), TINY),
    Shot("review", python, ("g", *"50", "enter")),
    Shot("end", python, ("end",)),
    Shot("end-blocked-narrow", blocked, ("end",), NARROW),
    Shot("bare-log", bare_log, (">", ">")),
    Shot("bare-log-narrow-light", bare_log, (">",), NARROW, "signoff-light"),
    Shot("damaged", damaged, ("end",)),
    Shot("damaged-narrow", damaged, ("end",), NARROW),
    Shot("being-read", being_read, ("end", "g")),
    Shot("searched-narrow", python, ("/", *"priority", "enter", "n"), NARROW),
    Shot("searched", python, ("/", *"priority", "enter", "n", "n"), theme="high-contrast"),
    Shot("help", python, ("?",)),
    Shot("ledger", python, ("d", "d", "L", "enter")),
    Shot("ledger-filtered-narrow", python, ("L", "o", "o", "down", "enter"), NARROW),
    Shot("ledger-tiny", python, ("L", "/", *"wish"), TINY),
)


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_replay(snap_compare: Compare, shot: Shot) -> None:
    clock = SteppedClock()
    app = ReplayApp(shot.recording(), clock=clock.clock, theme=shot.theme)

    async def press(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        for key in shot.keys:
            clock.advance(1.0)
            await pilot.press(key)
            await settle(app, pilot)
        for typed in app.screen.query(Input):
            typed.cursor_blink = False
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=shot.size, run_before=press)
