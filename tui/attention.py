"""Calling the engineer back: terminal title, bell, and a desktop notification when the terminal is unfocused.

`SIGNOFF_NOTIFY=0` switches the bell and the notification off.
"""

from __future__ import annotations

import os

from core.run_state import RunState
from tui.header import pill_words
from tui.marks import PILLS
from tui.safe_text import one_line

LONGEST = 120


def wanted() -> bool:
    return os.environ.get("SIGNOFF_NOTIFY", "1") != "0"


def title_words(state: RunState) -> str:
    """`? WAITING FOR YOU: review - WISH-001 - signoff`."""
    story = f" - {one_line(state.story.id)}" if state.story is not None else ""
    return f"{PILLS[state.pill].mark} {pill_words(state)}{story} - signoff"[:LONGEST]


def title_sequence(words: str) -> str:
    return f"\x1b]2;{words}\x07"


def notice_sequences(title: str, body: str) -> str:
    """A notification in the two forms that terminals know, OSC 9 and OSC 777. `;` would end a field."""
    title, body = (one_line(text).replace(";", ",")[:LONGEST] for text in (title, body))
    return f"\x1b]9;{title}: {body}\x07\x1b]777;notify;{title};{body}\x07"


def calls(state: RunState) -> tuple[str, ...]:
    """What the engineer is called for: the ids of all that waits, and the end of the run."""
    ended = (f"ended:{state.outcome}",) if state.outcome is not None else ()
    return (*(p.request_id for p in state.pending), *ended)


def body_words(state: RunState) -> str:
    return state.pending[0].title if state.pending else state.reason or state.pill
