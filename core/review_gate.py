"""The review of a chunk that passed its rules and its check (SPEC 4.5)."""

from __future__ import annotations

from collections.abc import Callable

from core import events as ev
from core.chunk_files import net_changes
from core.commands import FoldEdits
from core.diff import diff_hash
from core.domain import FileChange, ReviewComment, ReviewVerdict, value
from core.ending import STOPPED, RunEnding
from core.outside_edits import OutsideEdits
from core.review_rounds import place_words, with_ids
from core.run_state import ChunkState, ReviewState
from core.stream import Stream
from core.supervision import Supervision
from core.taking_back import OverlapError, Settled
from core.workspace import Workspace, WorkspaceError

MOST_QUOTED = 20


@value
class GateAnswer:
    """The answer to the closing call. `verdict` is set when the chunk is over."""

    text: str
    is_error: bool = False
    verdict: ReviewVerdict | None = None


class ReviewGate:
    def __init__(
        self,
        stream: Stream,
        supervision: Supervision,
        workspace: Workspace,
        outside: OutsideEdits,
        get_blob: Callable[[str], bytes],
    ) -> None:
        self._stream = stream
        self._supervision = supervision
        self._workspace = workspace
        self._outside = outside
        self._get_blob = get_blob

    async def review(self) -> GateAnswer | None:
        """Asks for a verdict, if the policy says so, and does what it says.

        None when the chunk's files were changed by somebody else meanwhile: the verdict is void, the edit
        is part of the chunk now, and it has to pass the gate again.
        """
        settled = self._standing()
        if settled is None:
            if self.adopt_outside_edits():
                return None
            settled = await self._ask()
        elif settled.verdict == "approve" and self.adopt_outside_edits():
            return None
        return None if settled is None else await self._apply(settled)

    async def _ask(self) -> ReviewState | None:
        """The verdict on the diff as it is now; None when it was not that any more when it came."""
        request = self._pending() or self._request()
        if not self._must_ask():
            self._resolve(request, "approve", f"policy (review: {self._stream.state.review})")
            return self._chunk.review
        command = await self._supervision.review(request)
        while isinstance(command, FoldEdits):
            if self.adopt_outside_edits():
                return None
            command = await self._supervision.review(request)
        if command.verdict in ("approve", "revert") and self.adopt_outside_edits():
            return None
        comments = with_ids(command.comments, self._chunk)
        self._resolve(request, command.verdict, command.by, command.comment, comments)
        return self._chunk.review

    def _standing(self) -> ReviewState | None:
        """A verdict given on this closing. A stop is asked again; an approval is of its diff alone."""
        review = self._chunk.review
        if review is None or review.round != self._chunk.round or review.verdict in (None, "stop"):
            return None
        if review.verdict == "approve" and review.diff_hash != diff_hash(self._net()):
            return None
        return review

    def adopt_outside_edits(self) -> bool:
        """Makes what somebody else changed part of the chunk; whether there was anything."""
        return bool(self._outside.adopt(self._net(), self._chunk.number))

    @property
    def _chunk(self) -> ChunkState:
        chunk = self._stream.state.chunk
        assert chunk is not None, "a review is of a chunk"
        return chunk

    def _net(self) -> tuple[FileChange, ...]:
        return net_changes(self._chunk.changes, self._get_blob)

    # --- asking -------------------------------------------------------------------------

    def _pending(self) -> ev.ReviewRequested | None:
        """The review that was asked before a crash, if the diff is still the one it named."""
        review = self._chunk.review
        if review is None or review.verdict is not None or review.round != self._chunk.round:
            return None
        if review.diff_hash != diff_hash(self._net()):
            return None
        return ev.ReviewRequested(
            request_id=review.request_id,
            chunk=self._chunk.number,
            round=review.round,
            diff_hash=review.diff_hash,
            files=review.files,
        )

    def _request(self) -> ev.ReviewRequested:
        chunk, files = self._chunk, self._net()
        request = ev.ReviewRequested(
            request_id=f"review:{chunk.number}:{chunk.round}:{len(chunk.reviews) + 1}",
            chunk=chunk.number,
            round=chunk.round,
            diff_hash=diff_hash(files),
            files=files,
        )
        self._stream.emit(request)
        return request

    def _must_ask(self) -> bool:
        policy = self._stream.state.review
        return policy == "each" or (policy == "findings" and bool(self._chunk.standing_findings))

    def _resolve(
        self,
        request: ev.ReviewRequested,
        verdict: ReviewVerdict,
        by: str,
        comment: str = "",
        comments: tuple[ReviewComment, ...] = (),
    ) -> None:
        self._stream.emit(
            ev.ReviewResolved(
                request_id=request.request_id,
                chunk=request.chunk,
                round=request.round,
                verdict=verdict,
                by=by,
                diff_hash=request.diff_hash,
                comment=comment,
                comments=comments,
            )
        )

    # --- doing what it says -------------------------------------------------------------

    async def _apply(self, review: ReviewState) -> GateAnswer:
        match review.verdict:
            case "approve":
                text = f"Approved by {review.by}. The chunk is finished."
                return GateAnswer(text="\n".join([text, *_remarks(review)]), verdict="approve")
            case "request_changes":
                head = f"Review by {review.by}: changes requested. The chunk stays open; "
                return GateAnswer(text="\n".join([f"{head}make them and close it again.", *_remarks(review)]))
            case "revert":
                await self.revert(review.by)
                return GateAnswer(text=f"Reverted by {review.by}.", verdict="revert")
            case _:
                raise RunEnding("stopped", f"stopped at the review by {review.by}", STOPPED)

    async def revert(self, by: str) -> None:
        """Takes the worker's changes back. What somebody else changed stays; where the two overlap, a person
        says what becomes of the file."""
        number = self._chunk.number
        if not self._chunk.changes:
            return
        while True:
            try:
                self.adopt_outside_edits()
                chunk = self._chunk
                files = self._workspace.revert(
                    chunk.changes, number, theirs=frozenset(chunk.their_changes), settled=self._settled()
                )
                break
            except OverlapError as overlap:
                if not await self._settle(overlap):
                    raise self._not_reverted(overlap) from None
            except WorkspaceError as fault:
                raise self._not_reverted(fault) from None
        self._stream.emit(ev.ChunkReverted(chunk=number, files=files, by=by))

    def _not_reverted(self, fault: WorkspaceError) -> RunEnding:
        return RunEnding("stopped", f"not reverted: {fault}; nothing was touched", STOPPED)

    async def _settle(self, overlap: OverlapError) -> bool:
        answer = await self._supervision.ask(
            "conflict",
            self._conflict_id(overlap.path),
            f"Revert of chunk {self._chunk.number}: {overlap.path}",
            f"{overlap.message}. What is not in the file afterwards stays in the run's blobs.",
            (
                ("keep", "Leave the file as it is now"),
                ("back", "Put it back as it was before the chunk"),
                ("stop", "Touch no file, and stop the run"),
            ),
            chunk=self._chunk.number,
        )
        return answer is not None and answer.option != "stop"

    def _settled(self) -> dict[str, Settled]:
        """What was chosen for the files of this chunk, also by an earlier process."""
        paths = {self._conflict_id(c.path): c.path for c in self._chunk.changes}
        chosen: dict[str, Settled] = {}
        for event in (record.event for record in self._stream.records):
            if isinstance(event, ev.InputResolved) and event.request_id in paths and event.option != "stop":
                chosen[paths[event.request_id]] = "back" if event.option == "back" else "keep"
        return chosen

    def _conflict_id(self, path: str) -> str:
        return f"conflict:{self._chunk.number}:{path}"


def _remarks(review: ReviewState) -> list[str]:
    """A review as the worker gets it: the general comment, then each comment at its place."""
    lines = [review.comment] if review.comment else []
    for comment in review.comments:
        lines.append(f"- {' '.join(filter(None, (comment.id, place_words(comment))))}: {_said(comment)}")
        lines += [f"    > {quoted}" for quoted in comment.quote.split("\n")[:MOST_QUOTED] if comment.quote]
    if review.verdict == "request_changes" and review.comments:
        lines.append("Say what you did about each, by its id, in `answers` of close_chunk.")
    return lines


def _said(comment: ReviewComment) -> str:
    if comment.kind == "comment":
        return comment.text
    return f"not this: take these lines back. {comment.text}".rstrip()
