"""The review screen: a chunk's diff, and all that a supervisor can say to it (UX, "Review").

A chunk that is not under review can be read here and nothing else.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widgets import Input, TextArea

from core.commands import FoldEdits
from core.domain import ReviewVerdict
from tui.key_bar import KeyBar
from tui.keys import ComposerKind
from tui.review.editor import edit, editor_argv
from tui.review.keys import REVIEW_HELP, REVIEW_PALETTE, ReviewSituation, Under, review_keys
from tui.review.places import COMMENT_KEY, FINDING_KEY, FOLD_KEY
from tui.review.rows import HeadRow, SplitRow, UnifiedRow
from tui.screens.help import HelpScreen
from tui.screens.remarks import RemarksScreen
from tui.screens.verdict import VerdictScreen

ANSWERS = frozenset(
    {"approve", "approve_with_note", "changes", "revert", "comment", "select_lines", "reject", "take_back"}
    | {"waive", "edit", "reviewed"}
)
GUARDED_KEYS = frozenset("aAcrixwev") | {"space", "backspace", "delete"}
KINDS: dict[str, Under] = {COMMENT_KEY: "comment", FINDING_KEY: "finding", FOLD_KEY: "fold"}
ONLY_ON: dict[str, Under] = {
    "take_back": "comment",
    "waive": "finding",
    "reject": "line",
    "select_lines": "line",
}


class ReviewScreen(RemarksScreen, VerdictScreen[ReviewVerdict | None]):
    """Turns keys into Commands. It is dismissed with the verdict, or with None: then nothing is lost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", show=False),
        Binding("A", "approve_with_note", show=False),
        Binding("c", "changes", show=False),
        Binding("r", "revert", show=False),
        Binding("i", "comment", show=False),
        Binding("v", "select_lines", show=False),
        Binding("x", "reject", show=False),
        Binding("w", "waive", show=False),
        Binding("e", "edit", show=False),
        Binding("space", "reviewed", show=False),
        Binding("backspace,delete", "take_back", show=False),
        Binding("escape,q", "back", show=False),
        Binding("question_mark", "help", show=False),
    ]

    PALETTE = REVIEW_PALETTE

    # --- keys ---------------------------------------------------------------------------

    def admits(self, event: events.Key) -> bool:
        """Whether a key may act: one that came while a diff had just appeared may say nothing about it."""
        if self.guard.key_came(event) or isinstance(self.focused, Input | TextArea):
            return True
        return event.key not in GUARDED_KEYS

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While something is written nothing else is answered, wherever the focus is."""
        return self.under_review and not self.composing if action in ANSWERS else True

    def offers(self, action: str) -> bool:
        """Whether `action` would do something now: the palette lists only such ones."""
        return bool(self.check_action(action, ())) and ONLY_ON.get(action, self._under()) == self._under()

    def show_keys(self) -> None:
        pending = self.frame.state.pending
        situation = ReviewSituation(
            under_review=self.under_review,
            waits=pending[0].kind if pending else "",
            composer=self.composing,
            under=self._under(),
            selecting=self.diff.selecting,
            comments=len(self.desk.comments),
            split=self.split,
            searching=self.searching,
        )
        self.query_one(KeyBar).show(review_keys(situation))

    def _under(self) -> Under:
        row = self.diff.row
        if isinstance(row, UnifiedRow | SplitRow):
            return "line"
        if isinstance(row, HeadRow):
            return "file"
        key = row.key if row is not None else ""
        return next((kind for start, kind in KINDS.items() if key.startswith(start)), "")

    @on(KeyBar.Pressed)
    async def _pressed(self, event: KeyBar.Pressed) -> None:
        await self.run_action(event.action)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(REVIEW_HELP))

    def action_back(self) -> None:
        """One step back: out of the search, of the composer, of a selection, to the run."""
        if self.searching:
            self.close_search()
        elif self.composing:
            self.close_composer()
        elif self.search is not None:
            self.close_search()
        elif self.diff.selecting:
            self.diff.drop_selection()
            self.show_keys()
        else:
            self.dismiss(None)

    def action_reviewed(self) -> None:
        if self.diff.section is not None and not self.guard.closed:
            self.desk.toggle_reviewed(self.diff.section.file.path)
            self.draw_marks()

    # --- the verdict --------------------------------------------------------------------

    def action_approve(self) -> None:
        if self.may_approve():
            self.approve(self.shown.review)

    async def action_approve_with_note(self) -> None:
        if self.may_approve():
            await self.write("approve")

    def action_revert(self) -> None:
        self.revert(self.shown.review)

    async def action_changes(self) -> None:
        if not self.guard.closed:
            await self.write("changes")

    def given(self, verdict: ReviewVerdict) -> None:
        """Later: the dialog that asked may be on top of this screen still."""
        self.call_later(self._leave, verdict)

    def _leave(self, verdict: ReviewVerdict) -> None:
        self.dismiss(verdict)

    def take(self, kind: ComposerKind, text: str) -> bool:
        if kind == "changes" and self.under_review:
            return self.request_changes(self.shown.review, text)
        if kind == "approve" and self.under_review and text:
            return self.approve(self.shown.review, text)
        return super().take(kind, text)

    # --- the engineer's own edit --------------------------------------------------------

    def action_edit(self) -> None:
        """It becomes part of the chunk, as theirs; rules, check and review come again."""
        section, review = self.diff.section, self.shown.review
        if section is None or review is None or self.guard.closed:
            return
        path = self.view.root / section.file.path
        before = _bytes(path)
        if before is None:
            self.tell(f"{section.file.path} is not there: it can't be edited.")
            return
        try:
            argv = editor_argv(os.environ, path, self._line_to_edit())
        except ValueError as fault:
            self.tell(f"VISUAL or EDITOR can't be read as a command: {fault}")
            return
        fault_words = edit(self.app, argv, self.view.root)
        if _bytes(path) != before:
            if self.send(FoldEdits(request_id=review.request_id)):
                self.tell("Your edit becomes part of the chunk: its rules and its check run again.")
        else:
            self.tell(fault_words or "Nothing was changed.")

    def _line_to_edit(self) -> int | None:
        row = self.diff.row
        if not isinstance(row, UnifiedRow | SplitRow):
            return None
        return row.place.line if row.place.side == "new" else row.hunk.new_start or 1


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (OSError, ValueError):  # a path that no file can have
        return None
