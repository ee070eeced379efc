"""The keys of the replay, in words: for the key bar, the help and the command palette."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tui.keys import HELP, QUIT, HelpEntry, KeyHint

Typing = Literal["", "go", "search"]


@dataclass(frozen=True, slots=True)
class ReplaySituation:
    """`typing` is what the line is open for; `sought` whether a text was searched for."""

    playing: bool = False
    typing: Typing = ""
    sought: bool = False
    looking: bool = False
    pinned: bool = False
    decided: bool = False


def replay_keys(now: ReplaySituation) -> tuple[KeyHint, ...]:
    """The most needed first."""
    if now.typing:
        what = "go there" if now.typing == "go" else "find the next one"
        return (KeyHint("enter", what), KeyHint("esc", "close"))
    if now.looking:
        return (KeyHint("esc", "stop looking", "back"), HELP, QUIT)
    back = (KeyHint("esc", "latest chunk", "back"),) if now.pinned else ()
    again = (KeyHint("n", "find next", "search_again(1)"),) if now.sought else ()
    looked_into = (
        (KeyHint("L", "ledger", "ledger"), KeyHint("W", "what-if", "what_if")) if now.decided else ()
    )
    return (
        *back,
        KeyHint("space", "pause" if now.playing else "play", "play"),
        KeyHint(", .", "event", "step(1)"),
        KeyHint("< >", "chunk", "chunk(1)"),
        KeyHint("f", "next failure", "seek('failure', 1)", "failure"),
        KeyHint("d", "next decision", "seek('decision', 1)", "decision"),
        *again,
        KeyHint("g", "go to", "go_to", "go to"),
        KeyHint("/", "search", "search"),
        KeyHint("v", "diff", "diff"),
        KeyHint("1-5", "speed"),
        *looked_into,
        HELP,
        QUIT,
    )


REPLAY_HELP = (
    HelpEntry("space", "play, pause; long waits are shortened, and what came at once is drawn apart"),
    HelpEntry(", .", "one event back, on; left and right too while the timeline has the focus"),
    HelpEntry("< >", "to the beginning of the chunk, of the next one (columns: ctrl+left, ctrl+right)"),
    HelpEntry("f F", "the next, the previous failure: a failed check, a blocker, a reverted chunk"),
    HelpEntry("d D", "the next, the previous decision (the diff is v here)"),
    HelpEntry("1 - 5", "speed: 1x, 2x, 4x, 10x, 30x (panels: [ and ] here)"),
    HelpEntry("home, end", "the first, the last record"),
    HelpEntry("g", "go to a time since the start 12:41, +90s, 45%, a record 120, chunk 3"),
    HelpEntry("/  n N", "search in the texts of the records; the next, the previous one that has it"),
    HelpEntry("◆ ? ■ ✗ ✓ ●", "a chunk begins, a decision, a review, a failure, a passed check, the end"),
    HelpEntry("click, drag", "on the timeline: to that record; a cell of it stands for as many records"),
    HelpEntry("[ ]", "the previous, the next panel; tab and shift+tab too"),
    HelpEntry("up down j k", "move in a panel; page up, page down too"),
    HelpEntry("enter", "open: a step's chunk, a decision's reasons, a diagnostic"),
    HelpEntry("v", "the chunk's diff on the whole screen, to be read"),
    HelpEntry("e", "what the log says of the chunk, and back to its stream"),
    HelpEntry("L", "the ledger: every decision of the run, those to come too, with filters"),
    HelpEntry("W", "what-if: the decisions up to here under each autonomy level"),
    HelpEntry("c", "compare: the story's run before this one, beside it"),
    HelpEntry("0, o", "read what waited then; the next one, where several did"),
    HelpEntry("- +", "make the panel lower, higher in its column"),
    HelpEntry("esc", "one step back: out of a line, to the latest chunk, to the stream"),
    HelpEntry("ctrl+p", "every action by name; also the theme"),
    HelpEntry("q, ctrl+q", "quit; nothing was changed"),
)

REPLAY_PALETTE = (
    ("Play or pause", "space", "play"),
    ("Next event", ".", "step(1)"),
    ("Previous event", ",", "step(-1)"),
    ("Next chunk", ">", "chunk(1)"),
    ("Previous chunk", "<", "chunk(-1)"),
    ("Next failure", "f", "seek('failure', 1)"),
    ("Previous failure", "F", "seek('failure', -1)"),
    ("Next decision", "d", "seek('decision', 1)"),
    ("Previous decision", "D", "seek('decision', -1)"),
    ("Next review", "Where one was asked for", "seek('review', 1)"),
    ("Previous review", "Where one was asked for", "seek('review', -1)"),
    ("First record", "home", "edge(-1)"),
    ("Last record", "end", "edge(1)"),
    ("Go to", "A time, a share, a record, a chunk (g)", "go_to"),
    ("Search", "In the texts of the records (/)", "search"),
    ("Find next", "n", "search_again(1)"),
    ("Find previous", "N", "search_again(-1)"),
    ("Diff", "The chunk's, on the whole screen (v)", "diff"),
    ("Log entry", "What the log says of the chunk (e)", "log_entry"),
    ("Ledger", "Every decision of the run (L)", "ledger"),
    ("What-if", "The decisions under each autonomy level (W)", "what_if"),
    ("Compare", "The story's run before this one, beside it (c)", "compare"),
    ("Next panel", "]", "panel(1)"),
    ("Previous panel", "[", "panel(-1)"),
    ("Keys", "All of them (?)", "help"),
)
