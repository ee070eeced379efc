"""The supervisor's verdict on a chunk under review, from whichever screen it is given."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from core.domain import ReviewVerdict
from core.run_state import ReviewState
from tui.review.desk import ReviewDesk, unseen_words
from tui.screens.commanding import CommandScreen

Result = TypeVar("Result")


class VerdictScreen(CommandScreen[Result], Generic[Result]):
    """A verdict is of `review`, whose diff was shown: the run refuses it for any other."""

    desk: ReviewDesk

    def may_approve(self) -> bool:
        """Comments that are not sent say that something is not approved."""
        if self.desk.comments:
            self.tell("You have comments that are not sent: c sends them. Nothing was approved.")
        return not self.desk.comments and not self.guard.closed

    def approve(self, review: ReviewState | None, note: str = "") -> bool:
        """False also where it was not approved yet: what nobody has seen of it is asked about first."""
        approve = self.verdict(review, "approve", note)
        unseen = self.desk.unseen()
        if not unseen:
            return approve()
        lines = unseen_words(unseen, len(self.desk.files))
        self.ask("Approve", lines, "approve all the same", "look again", approve)
        return False

    def revert(self, review: ReviewState | None) -> None:
        if self.guard.closed:
            return
        files = len(self.desk.files)
        says = f"{files} file{'s' * (files != 1)} go back to the byte where chunk {self.desk.chunk} began."
        self.ask("Revert", [says], "revert", "keep", self.verdict(review, "revert"))

    def request_changes(self, review: ReviewState | None, text: str) -> bool:
        if not text and not self.desk.comments:
            self.tell("Write what to change, or comment on a line of the diff: d, then i.")
            return False
        return self.verdict(review, "request_changes", text)()

    def verdict(
        self, review: ReviewState | None, verdict: ReviewVerdict, comment: str = ""
    ) -> Callable[[], bool]:
        """What gives it, now or after a question."""
        return partial(self._give, review, verdict, comment)

    def _give(self, review: ReviewState | None, verdict: ReviewVerdict, comment: str) -> bool:
        taken = review is not None and self.send(self.desk.command(review, verdict, comment))
        if taken:
            self.given(verdict)
        return taken

    def given(self, verdict: ReviewVerdict) -> None:
        """The run has taken it."""
        raise NotImplementedError
