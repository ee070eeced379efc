"""The bell, the title and the notification, as the terminal would get them."""

from __future__ import annotations

import pytest

from tests.tui import journal_of_a_run as journal
from tests.tui.on_screen import OnScreen, on_screen


def listen(shown: OnScreen, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    written: list[str] = []
    monkeypatch.setattr(shown.app, "_write", written.append)
    monkeypatch.setattr(shown.app, "bell", lambda: written.append("bell"))
    return written


async def test_a_request_rings_and_notifies_only_when_unfocused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_screen(journal.working()) as shown:
        written = listen(shown, monkeypatch)
        await shown.go_to(journal.at_decision())
        assert "bell" in written
        assert any("WAITING FOR YOU: decision" in w for w in written)
        assert not any(w.startswith("\x1b]9;") for w in written)
        shown.app.app_focus = False
        await shown.go_to(journal.at_review())
        assert sum(w.startswith("\x1b]9;") for w in written) == 1


async def test_it_is_switched_off_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_NOTIFY", "0")
    async with on_screen(journal.working()) as shown:
        written = listen(shown, monkeypatch)
        shown.app.app_focus = False
        await shown.go_to(journal.at_decision())
        assert "bell" not in written
        assert not any(w.startswith("\x1b]9;") for w in written)
