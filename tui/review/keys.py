"""Which keys work in the review now, in words, for its key bar, its help and the palette."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tui.keys import COMPOSER_KEYS, HELP, ComposerKind, HelpEntry, KeyHint

Under = Literal["line", "file", "comment", "finding", "fold", ""]


@dataclass(frozen=True, slots=True)
class ReviewSituation:
    """All that the choice of keys depends on. `under` is what the cursor is on."""

    under_review: bool
    waits: str = ""
    composer: ComposerKind = ""
    under: Under = ""
    selecting: bool = False
    comments: int = 0
    split: bool = False
    searching: bool = False


BACK = KeyHint("esc", "back", "back")
SEARCH = KeyHint("/", "search", "search")
SEARCH_KEYS = (
    KeyHint("enter", "next line"),
    KeyHint("up", "previous line"),
    KeyHint("esc", "end the search, stay there", "back"),
)
UNDER_KEYS: dict[Under, tuple[KeyHint, ...]] = {
    "line": (
        KeyHint("i", "comment", "comment"),
        KeyHint("v", "select", "select_lines"),
        KeyHint("x", "not this", "reject"),
        KeyHint("e", "edit", "edit"),
    ),
    "file": (KeyHint("i", "comment", "comment"), KeyHint("e", "edit", "edit")),
    "comment": (
        KeyHint("i", "change the comment", "comment"),
        KeyHint("backspace", "take it back", "take_back"),
    ),
    "finding": (KeyHint("w", "waive", "waive"),),
    "fold": (KeyHint("enter", "unfold"),),
    "": (),
}


def review_keys(now: ReviewSituation) -> tuple[KeyHint, ...]:
    """The hints for the key bar, the most needed first."""
    if now.searching:
        return SEARCH_KEYS
    if now.composer:
        return COMPOSER_KEYS[now.composer]
    view = KeyHint("|", "unified" if now.split else "split", "split")
    moves = (KeyHint("n", "next change", "next_change(1)"), KeyHint("]", "next file", "next_file(1)"))
    if not now.under_review:
        back = KeyHint("esc", f"to the {now.waits} that waits", "back") if now.waits else BACK
        return (back, *moves, SEARCH, view, HELP)
    if now.selecting:
        return (
            KeyHint("i", "comment on these lines", "comment"),
            KeyHint("esc", "no selection", "back"),
            HELP,
        )
    send = f"send {now.comments} comments" if now.comments > 1 else "send 1 comment"
    return (
        KeyHint("a", "approve", "approve"),
        KeyHint(
            "c", send if now.comments else "request changes", "changes", "" if now.comments else "changes"
        ),
        BACK,
        *UNDER_KEYS[now.under],
        KeyHint("space", "reviewed", "reviewed"),
        KeyHint("r", "revert", "revert"),
        *moves,
        SEARCH,
        view,
        KeyHint("A", "approve with a note", "approve_with_note"),
        HELP,
    )


REVIEW_HELP = (
    HelpEntry("n N", "the next, the previous change"),
    HelpEntry("] [", "the next, the previous file"),
    HelpEntry("up down j k", "move; page up, page down, g and G for the ends"),
    HelpEntry("tab", "the list of files, and back; enter there goes to the file"),
    HelpEntry("/", "search all lines and paths, of folded files too; an upper-case letter makes case count"),
    HelpEntry("|", "before and after beside each other, or one under the other"),
    HelpEntry("enter", "on a folded file: open it, fold it again"),
    HelpEntry("space", "the file is reviewed; it is seen once its last line was on the screen"),
    HelpEntry("i", "comment on the line under the cursor, on the selection, on the file; change a comment"),
    HelpEntry("v", "select lines from here on; i comments on them, esc drops the selection"),
    HelpEntry("x", "not this: the change under the cursor goes back to the worker"),
    HelpEntry("backspace", "take the comment under the cursor back"),
    HelpEntry("w", "waive the finding under the cursor, with a reason that the log records"),
    HelpEntry("e", "edit the file in $VISUAL or $EDITOR; your edit becomes part of the chunk, as yours"),
    HelpEntry("a", "approve exactly the diff that is shown; asks if some of it was not seen"),
    HelpEntry("A", "the same, with a note for the log and the worker"),
    HelpEntry("c", "request changes: all comments and a general one, sent as one review"),
    HelpEntry("r", "revert the chunk, after one more question"),
    HelpEntry("esc, q", "one step back: out of writing, of a selection, to the run; nothing is lost"),
)

REVIEW_PALETTE = (
    ("Approve the chunk", "Exactly the diff that is shown (a)", "approve"),
    ("Approve with a note", "For the log and the worker (A)", "approve_with_note"),
    ("Request changes", "All comments go to the worker as one review (c)", "changes"),
    ("Revert the chunk", "Files back to where it began (r)", "revert"),
    ("Comment", "On the line under the cursor, or the selection (i)", "comment"),
    ("Select lines", "From the cursor on (v)", "select_lines"),
    ("Not this", "The change under the cursor goes back to the worker (x)", "reject"),
    ("Take the comment back", "The one under the cursor (backspace)", "take_back"),
    ("Waive the finding", "The one under the cursor, with a reason (w)", "waive"),
    ("Edit the file", "In your editor; the edit becomes part of the chunk (e)", "edit"),
    ("Reviewed", "The file under the cursor, or not any more (space)", "reviewed"),
    ("Split or unified", "Before and after beside each other (|)", "split"),
    ("Search the diff", "All lines and paths, of folded files too (/)", "search"),
    ("Next change", "n", "next_change(1)"),
    ("Previous change", "N", "next_change(-1)"),
    ("Next file", "]", "next_file(1)"),
    ("Previous file", "[", "next_file(-1)"),
    ("Back to the run", "Nothing is lost (esc)", "back"),
    ("Keys", "All of them (?)", "help"),
)
