"""A chunk's diff, and what is written on it: comments, hunks turned down, findings waived."""

from __future__ import annotations

from dataclasses import replace

from textual import on

from core.commands import WaiveFinding
from core.domain import ReviewComment
from tui.dock.composer import Composer, composer_title
from tui.keys import ComposerKind
from tui.review.commenting import on_file, on_hunk, on_rows, place_words
from tui.review.places import COMMENT_KEY, FINDING_KEY
from tui.review.rows import HeadRow, SplitRow, UnifiedRow
from tui.screens.search import SearchScreen


class RemarksScreen(SearchScreen):
    """Comments stay on the desk until they are sent. One thing is written at a time."""

    _subject: ReviewComment | None = None
    _rewritten: int | None = None
    """Which of the comments is written anew; None: it is a new one."""

    # --- comments -----------------------------------------------------------------------

    def action_select_lines(self) -> None:
        if not self.diff.select_lines():
            self.tell("Put the cursor on a line of the diff to select from there.")
        self.show_keys()

    async def action_comment(self) -> None:
        rows, row = self.diff.selected, self.diff.row
        self._rewritten = None
        if row is not None and row.key.startswith(COMMENT_KEY):
            await self._rewrite(int(row.key.removeprefix(COMMENT_KEY)))
            return
        if rows:
            self._subject = on_rows(rows)
        elif isinstance(row, HeadRow):
            self._subject = on_file(row.section.file.path)
        else:
            self.tell("Put the cursor on a line of the diff, or on a file's head, to comment on it.")
            return
        await self.write("comment", place_words(self._subject))

    async def _rewrite(self, index: int) -> None:
        """A comment that is not sent yet, with its text as the draft."""
        self._rewritten, self._subject = index, self.desk.comments[index]
        subject = f"{place_words(self._subject)}, changed"
        self.desk.drafts["comment", subject] = self._subject.text
        await self.write("comment", subject)

    def action_reject(self) -> None:
        row = self.diff.row
        if not isinstance(row, UnifiedRow | SplitRow):
            self.tell("Put the cursor on a line of the change that goes back.")
            return
        rejected = on_hunk(row.section.file.path, row.hunk)
        if rejected in self.desk.comments:
            self.tell("This change goes back already; backspace on its note takes that back.")
        else:
            self._add(rejected)

    def action_take_back(self) -> None:
        row = self.diff.row
        if row is not None and row.key.startswith(COMMENT_KEY):
            self.desk.remove(int(row.key.removeprefix(COMMENT_KEY)))
            self.draw()
        else:
            self.tell("Put the cursor on one of your comments to take it back.")

    def _add(self, comment: ReviewComment) -> None:
        self.desk.add(comment)
        self.diff.drop_selection()
        self.draw()
        self.diff.show_with_cursor(f"{COMMENT_KEY}{len(self.desk.comments) - 1}")

    # --- findings -----------------------------------------------------------------------

    async def action_waive(self) -> None:
        waiver = self._waiver()
        if waiver is None:
            self.tell("Put the cursor on a finding that stands to waive it.")
        else:
            place = waiver.path if waiver.line is None else f"{waiver.path}:{waiver.line}"
            await self.write("waive", f"{waiver.rule} at {place}")

    def _waiver(self) -> WaiveFinding | None:
        """For the finding under the cursor, without a reason yet."""
        chunk, row = self.chunk, self.diff.row
        if chunk is None or row is None or not row.key.startswith(FINDING_KEY):
            return None
        finding = chunk.findings[int(row.key.removeprefix(FINDING_KEY))]
        if finding not in chunk.standing_findings:
            return None
        return WaiveFinding(
            chunk=chunk.number, rule=finding.rule, path=finding.path, line=finding.line, reason=""
        )

    # --- writing ------------------------------------------------------------------------

    @property
    def composer(self) -> Composer | None:
        return next(iter(self.query(Composer)), None)

    @property
    def composing(self) -> ComposerKind:
        return self.composer.kind if self.composer is not None else ""

    async def write(self, kind: ComposerKind, subject: str = "") -> None:
        """Opens the composer; what is written comes back to `take`."""
        composer = self.composer
        if composer is None:
            composer = Composer(self.desk.drafts)
            await self.mount(composer, before="KeyBar")
        composer.display = True
        title = composer_title(kind, self.number, subject, len(self.desk.comments))
        composer.open(kind, title, subject)
        # At once: a key that was pressed meanwhile belongs to what is written.
        self.set_focus(composer.area)
        self.show_keys()
        self.call_after_refresh(self.diff.show_cursor)

    def close_composer(self) -> None:
        """The draft stays."""
        if self.composer is not None:
            self.composer.close()
            self.composer.display = False
        self.diff.focus()
        self.show_keys()

    @on(Composer.Done)
    def _written(self, event: Composer.Done) -> None:
        if self.take(event.kind, event.text) and self.composer is not None:
            self.composer.forget_draft()
            self.close_composer()

    def take(self, kind: ComposerKind, text: str) -> bool:
        """Whether what was written went where it belongs; if not the draft stays open."""
        if not self.under_review:
            self.tell("This review is over: what you wrote was not sent.")
            return False
        if not text:
            self.tell("Nothing is written yet. esc closes.")
            return False
        if kind == "waive":
            waiver = self._waiver()
            return waiver is not None and self.send(replace(waiver, reason=text))
        if self._subject is not None and self._rewritten is not None:
            self.desk.replace(self._rewritten, replace(self._subject, text=text))
            self.draw()
        elif self._subject is not None:
            self._add(replace(self._subject, text=text))
        return True
